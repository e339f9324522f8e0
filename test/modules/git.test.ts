import { expect } from 'chai'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { isUnknown } from '../../engine/unknown.js'
import git from '../../modules/git.js'
import stat from '../../modules/stat.js'
import copy from '../../modules/copy.js'
import { call, testHost, type TestHost } from '../support/envelope.js'
import { itInFull } from '../support/long.js'

const SETTINGS = {
  GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'protocol.file.allow', GIT_CONFIG_VALUE_0: 'always',
  GIT_CONFIG_KEY_1: 'init.defaultBranch', GIT_CONFIG_VALUE_1: 'main',
  GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b',
} // prettier-ignore

/** Runs git in a folder and gives what it prints. */
function run(folder: string, ...words: readonly string[]): string {
  return execFileSync('git', words, {
    cwd: folder,
    env: { ...process.env, ...SETTINGS },
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()
}

/** Commits a file and gives the hash. */
function commit(folder: string, file: string, text: string): string {
  writeFileSync(`${folder}/${file}`, text)
  run(folder, 'add', '--', file)
  run(folder, 'commit', '-qm', text)
  return run(folder, 'rev-parse', 'HEAD')
}

for (const shell of [['dash'], ['busybox', 'sh']]) {
  // What git does is the same in each; of its scripts some are enough.
  const itsLike = shell[0] === 'dash' ? it : itInFull
  describe(`git in ${shell[0]}`, function () {
    let host: TestHost
    let repo: string
    let dest: string
    let first: string
    let second: string
    let side: string
    let made: string
    before(function () {
      if (spawnSync('git', ['--version']).error) this.skip()
      made = testHost().folder
      run(made, 'init', '-q')
      first = commit(made, 'file', 'one')
      run(made, 'tag', '-a', 'v1', '-m', 'first')
      run(made, 'checkout', '-q', '-b', 'side')
      side = commit(made, 'other', 'aside')
      run(made, 'checkout', '-q', 'main')
      second = commit(made, 'ü $(id)', 'two')
    })
    beforeEach(() => {
      host = testHost(shell)
      repo = `${host.folder}/it's a repo`
      dest = `${host.folder}/a/-b $(id)`
      cpSync(made, repo, { recursive: true, preserveTimestamps: true })
    })
    const asked = (params: object, options: object = {}) =>
      call(host, git, { repo, dest, ...params }, { environment: SETTINGS, ...options })
    const dry = { checkMode: true }

    /** A dry run, the run and another run: the first two say the same, the last has nothing to do. */
    async function settles(params: object = {}): Promise<Readonly<Record<string, unknown>>> {
      const before = existsSync(dest) ? readdirSync(dest) : undefined
      const foreseen = await asked(params, dry)
      expect(existsSync(dest) ? readdirSync(dest) : undefined, 'a dry run changes nothing').to.deep.equal(
        before,
      )
      host.forecast.states.clear()
      const done = await asked(params)
      expect(done, done.message).to.include({ status: 'changed' })
      expect(foreseen, foreseen.message).to.include({ status: 'changed' })
      expect(foreseen.values).to.deep.equal(done.values)
      const again = await asked(params)
      expect(again, again.message).to.include({ status: 'ok' })
      expect(again.values).to.deep.include({ before: done.values['after'], after: done.values['after'] })
      return done.values
    }

    it('clones, follows its branch, and goes to branches, tags and hashes', async () => {
      expect(await settles()).to.deep.equal({ before: null, after: second })
      const third = commit(repo, 'file', 'three')
      expect(await settles()).to.deep.equal({ before: second, after: third, remote_url_changed: false })
      expect(readFileSync(`${dest}/file`, 'utf8')).to.equal('three')
      expect(await settles({ version: 'side' })).to.include({ before: third, after: side })
      expect(run(dest, 'symbolic-ref', 'HEAD')).to.equal('refs/heads/side')
      expect(await settles({ version: 'v1' })).to.include({ before: side, after: first })
      expect(await settles({ version: second })).to.include({ after: second })
      expect(await settles({ version: side.slice(0, 9) })).to.include({ after: side })
      run(repo, 'reset', '-q', '--hard', first)
      expect(await settles({ version: 'main' })).to.include({ after: first })
    })

    it('lets later tasks of a dry run see what it would have cloned', async () => {
      await asked({}, dry)
      const look = async (path: string): Promise<object> =>
        (await call(host, stat, { path: `${dest}/${path}` }, dry)).values['stat'] as object
      expect(await look('file')).to.include({ exists: true, size: 3, mode: '0644' })
      expect(await look('.git')).to.include({ exists: true, isdir: true })
      expect(await look('none')).to.include({ exists: false })
      const copied = await call(host, copy, { dest: `${dest}/file`, content: 'one' }, dry)
      expect(copied).to.include({ status: 'ok' })
      expect(await asked({}, dry)).to.include({ status: 'ok' })
      const other = { version: 'side' }
      expect((await asked(other, dry)).values).to.include({ before: second, after: side })
      const later = await call(host, copy, { dest: `${dest}/file`, content: 'one' }, dry)
      expect(later.status).to.not.equal('ok')
    })

    it('refuses what was changed there, or discards it', async () => {
      await asked({})
      writeFileSync(`${dest}/file`, 'mine')
      writeFileSync(`${dest}/untracked`, 'mine')
      for (const options of [dry, {}]) {
        const got = await asked({}, options)
        expect(got).to.include({ status: 'failed' })
        expect(got.message).to.include(`Local modifications exist in the destination: ${dest} (force=no).`)
        expect(got.values['before']).to.equal(second)
      }
      expect((await settles({ force: true }))['msg']).to.match(/^Local modifications exist/)
      expect(readFileSync(`${dest}/file`, 'utf8')).to.equal('one')
      expect(readFileSync(`${dest}/untracked`, 'utf8')).to.equal('mine')
    })

    // What follows rests on git, not on the shell.
    if (shell[0] !== 'dash') return
    itsLike('clones shallow, bare, with another name of the remote and umask', async () => {
      await settles({ depth: 1, version: 'side', umask: '0077', remote: 'up stream'.replace(' ', '') })
      expect(run(dest, 'rev-list', '--count', 'HEAD')).to.equal('1')
      expect(statSync(`${dest}/file`).mode & 0o777).to.equal(0o600)
      expect(run(dest, 'remote')).to.equal('upstream')
      await settles({ depth: 1, version: 'main', remote: 'upstream' })
      dest = `${host.folder}/single`
      await settles({ single_branch: true, version: 'v1' })
      expect(run(dest, 'branch', '-r')).to.equal('')
      dest = `${host.folder}/bare`
      await settles({ bare: true })
      const third = commit(repo, 'file', 'three')
      run(repo, 'branch', 'new')
      expect(await settles({ bare: true })).to.include({ before: second, after: third })
      expect(run(dest, 'rev-parse', 'new')).to.equal(third)
    })

    itsLike('brings submodules along, at their commits or at the newest', async () => {
      const part = `${host.folder}/part`
      mkdirSync(part)
      run(part, 'init', '-q')
      const old = commit(part, 'inner', 'old')
      run(repo, 'submodule', '--quiet', 'add', `file://${part}`, 'sub')
      run(repo, 'commit', '-qm', 'sub')
      await settles()
      expect(run(`${dest}/sub`, 'rev-parse', 'HEAD')).to.equal(old)
      const fresh = commit(part, 'inner', 'new')
      expect((await asked({})).status).to.equal('ok')
      expect(await settles({ track_submodules: true })).to.include({ submodules_changed: true })
      expect(run(`${dest}/sub`, 'rev-parse', 'HEAD')).to.equal(fresh)
      dest = `${host.folder}/without`
      await settles({ recursive: false })
      expect(readdirSync(`${dest}/sub`)).to.deep.equal([])
    })

    itsLike(
      'changes the address of the remote, tells without clone, leaves alone without update',
      async () => {
        await asked({})
        const moved = `${host.folder}/moved`
        run(host.folder, 'clone', '-q', '--', repo, moved)
        const third = commit(moved, 'file', 'three')
        repo = `file://${moved}`
        expect(await settles({ version: 'main' })).to.include({ remote_url_changed: true, after: third })
        commit(moved, 'file', 'four')
        expect((await asked({ update: false })).values).to.deep.equal({ before: third, after: third })
        const told = await asked({ clone: false, dest: undefined, version: 'v1' })
        expect(told.values).to.deep.equal({ before: null, after: first })
        expect(await asked({ clone: false, dest: `${host.folder}/none`, version: 'none' })).to.include({
          status: 'failed',
        })
      },
    )

    it('says what is wrong before anything is done', async () => {
      mkdirSync(`${host.folder}/full`)
      writeFileSync(`${host.folder}/full/x`, '')
      for (const options of [dry, {}]) {
        const wrong = async (params: object): Promise<string | undefined> => {
          const got = await asked(params, options)
          expect(got).to.include({ status: 'failed', changed: false })
          return got.message
        }
        expect(await wrong({ repo: `${host.folder}/none` })).to.match(/cannot be read: fatal: .*none/)
        expect(await wrong({ version: 'none' })).to.match(/has no branch, tag or commit none/)
        expect(await wrong({ dest: `${host.folder}/full` })).to.match(
          /full is a folder with other things in it/,
        )
        expect(await wrong({ executable: '/none/git' })).to.match(
          /^Failed to find required executable "git"; install it/,
        )
        expect(await wrong({ version: '--upload-pack=x' })).to.match(/version "--upload-pack=x" cannot be/)
        expect(await wrong({ dest: undefined })).to.match(/dest is missing/)
        expect(await wrong({ depth: 0 })).to.match(/depth 0 is less than 1/)
        expect(await wrong({ umask: 'u=rwx' })).to.match(/umask u=rwx is no octal mask; write it as "0022"/)
      }
      const lost = await asked({ version: '0'.repeat(40) })
      expect(lost.message).to.match(/has no commit 0{40} that a branch or tag leads to/)
      const late = await asked({ version: 'abcdef01', dest: `${host.folder}/other` }, dry)
      expect(isUnknown(late.values['after'])).to.equal(true)
    })

    itsLike('refuses what a git before 2.3 would not tell to ssh', async () => {
      const executable = `${host.folder}/old git`
      const told = async (version: string, params: object): Promise<string | undefined> => {
        writeFileSync(executable, `#!/bin/sh\necho git version ${version}\n`, { mode: 0o755 })
        return (await asked({ repo: 'git@127.0.0.1:none', executable, ...params })).message
      }
      const refusal = /older than 2\.3 .*; install a newer one/
      for (const version of ['1.8.3.1', '2.0.0', '2.2.10']) {
        expect(await told(version, { key_file: '/k' }), version).to.match(refusal)
      }
      expect(await told('1.8.3.1', { ssh_opts: '-p 2222' })).to.match(refusal)
      expect(await told('1.8.3.1', {})).to.not.match(refusal)
      expect(await told('1.8.3.1', { key_file: '/k', repo: 'https://127.0.0.1/none' })).to.not.match(refusal)
      for (const version of ['2.3.0', '2.20.1', '2.47.3']) {
        expect(await told(version, { key_file: '/k' }), version).to.not.match(refusal)
      }
    })

    itsLike('clones into an empty folder and through a link', async () => {
      mkdirSync(`${host.folder}/empty`)
      symlinkSync(`${host.folder}/empty`, `${host.folder}/link`)
      dest = `${host.folder}/link`
      expect(await settles()).to.include({ after: second })
      expect(existsSync(`${host.folder}/empty/.git`)).to.equal(true)
    })
  })
}
