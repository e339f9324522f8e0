import { expect } from 'chai'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isUnknown } from '../../engine/unknown.js'
import command from '../../modules/command.js'
import copy from '../../modules/copy.js'
import file from '../../modules/file.js'
import find from '../../modules/find.js'
import shell from '../../modules/shell.js'
import { call, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }
const HOSTILE = ['-e', '$(id)', '`id`', 'a b', "'", '"', '\\', 'a\nb', 'ü', '*', '', ';', 'a~', '$1']

for (const program of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`command and shell, on ${program.join(' ')}`, () => {
    it('run a program with its words as they are', async () => {
      const host = testHost(program)
      const ran = await call(host, command, { argv: ['printf', '<%s>', ...HOSTILE] })
      expect(ran, ran.message).to.include({ status: 'changed' })
      expect(ran.values).to.include({
        rc: 0,
        stdout: HOSTILE.map((word) => `<${word}>`).join(''),
        stderr: '',
      })
    })

    it('go on after a command that ends its own shell', async () => {
      const host = testHost(program)
      const ended = await call(host, shell, { cmd: 'kill -9 $$' })
      expect(ended, ended.message).to.include({ status: 'failed' })
      expect(ended.values).to.include({ rc: 137, msg: 'non-zero return code' })
      expect((await call(host, shell, { cmd: 'echo on' })).values).to.include({ stdout: 'on' })
      const told = await call(host, shell, {
        cmd: `tr '\\0' ' ' </proc/$$/cmdline; cat; [ ! -e /proc/$$/fd/9 ] && : s3cret 'it''s' && cat <<E\nlast\nE\n`,
        stdin: 'input',
      })
      expect(told.values['stdout']).to.match(/^\/bin\/sh -c [^]*input\nlast$/)
      expect(told.values['stdout']).to.not.contain('s3cret')
    })

    it('split a line into words, and replace only names that are set', async () => {
      const host = testHost(program)
      const cmd = `printf '<%s>' "a b" c\\ d $PARTY \${PARTY}x $NOT_SET ~/x 'it''s' ; | > $(id)`
      const ran = await call(host, command, { cmd }, { environment: { PARTY: '1 2', HOME: '/h' } })
      expect(ran.values['stdout']).to.equal('<a b><c d><1 2><1 2x><$NOT_SET></h/x><its><;><|><>><$(id)>')
    })

    it('give standard input, a folder, and the status of a program that fails', async () => {
      const host = testHost(program)
      const read = await call(host, command, {
        cmd: 'cat',
        stdin: HOSTILE.join('\n'),
        strip_empty_ends: false,
      })
      expect(read.values['stdout']).to.equal(`${HOSTILE.join('\n')}\n`)
      expect((await call(host, command, { cmd: 'pwd', chdir: host.folder })).values['stdout']).to.equal(
        host.folder,
      )
      const failed = await call(host, shell, { cmd: 'echo out; echo why >&2; exit 3' })
      expect(failed).to.include({ status: 'failed', message: 'ended with status 3: why' })
      expect(failed.values).to.deep.include({
        rc: 3,
        stdout_lines: ['out'],
        stderr: 'why',
        msg: 'non-zero return code',
      })
    })

    it('run programs, not the shell’s own commands, and say what cannot be run', async () => {
      const host = testHost(program)
      const echo = await call(host, command, { argv: ['echo', 'a\\nb'] })
      expect(echo.values['stdout']).to.equal('a\\nb')
      const missing = await call(host, command, { cmd: 'no-such-program "a b"' })
      expect(missing).to.include({ status: 'failed' })
      expect(missing.values).to.include({ rc: 2, stderr: '' })
      expect(missing.values['msg']).to.equal("[Errno 2] No such file or directory: b'no-such-program'")
      expect((await call(host, command, { cmd: './missing' })).values['rc']).to.equal(2)
      expect((await call(host, command, { argv: [host.folder] })).values['rc']).to.equal(13)
    })

    it('run text in a shell, of their own or a named one', async () => {
      const host = testHost(program)
      const ran = await call(host, shell, {
        cmd: 'A="x y"; printf "%s\\n" "$A" | tr x z; set -e; false; echo no || :',
        chdir: host.folder,
      })
      expect(ran.values).to.include({ rc: 1, stdout: 'z y' })
      const own = await call(host, shell, { cmd: 'echo $((1 + 1)) "$0"', executable: '/bin/sh' })
      expect(own.values['stdout']).to.match(/^2 .*sh$/)
      expect(
        (await call(host, shell, { cmd: 'printf \'%s\' "$A"; cat', stdin: 'in', stdin_add_newline: false }))
          .values['stdout'],
      ).to.equal('in')
    })

    it('are not run when what they create is there, or what they remove is not', async () => {
      const host = testHost(program)
      const path = `${host.folder}/made by`
      const given = { argv: ['touch', path], creates: path }
      expect(await call(host, command, given, DRY)).to.include({ status: 'changed' })
      expect(existsSync(path)).to.equal(false)
      expect(await call(host, command, given, DRY)).to.include({ status: 'ok' })
      host.forecast.states.clear()
      expect(await call(host, command, given)).to.include({ status: 'changed' })
      const second = await call(host, command, given)
      expect(second).to.include({ status: 'ok' })
      expect(second.values['stdout']).to.equal(`skipped, since ${path} exists`)
      const nowhere = { cmd: 'false', creates: path, chdir: `${host.folder}/nowhere` }
      expect((await call(host, command, nowhere)).message).to.contain('Unable to change directory')
      expect(await call(host, command, { cmd: 'false', creates: `${host.folder}/made*` })).to.include({
        status: 'ok',
      })
      expect(await call(host, command, { cmd: 'false', removes: `${host.folder}/none` })).to.include({
        status: 'ok',
      })
      expect(await call(host, command, { cmd: 'true', removes: path })).to.include({ status: 'changed' })
    })

    it('are foreseen but not run in a dry run, with values that only the run can tell', async () => {
      const host = testHost(program)
      const dry = await call(host, shell, { cmd: `echo x >${host.folder}/f` }, DRY)
      expect(dry).to.include({ status: 'changed' })
      expect(isUnknown(dry.values['stdout'])).to.equal(true)
      expect(existsSync(`${host.folder}/f`)).to.equal(false)
      expect(host.forecast.assuming).to.deep.equal(['tested'])
      // What the command may have made cannot be said to be missing.
      const after = await call(host, file, { path: `${host.folder}/f`, mode: '0600' }, DRY)
      expect(after).to.include({ status: 'undecided' })
    })

    it('may have filled the folder that they would make, also when its mode was set since', async () => {
      const host = testHost(program)
      const at = `${host.folder}/made`
      await call(host, command, { cmd: `mkdir ${at}`, creates: at }, DRY)
      const mode = await call(host, file, { path: at, mode: '0700' }, DRY)
      expect(isUnknown(mode.values['owner']) && isUnknown(mode.values['gid'])).to.equal(true)
      for (const params of [{}, { state: 'directory', mode: '0750' }]) {
        await call(host, file, { path: at, ...params }, DRY)
        const found = await call(host, find, { paths: [host.folder], recurse: true }, DRY)
        if ('mode' in params) expect(isUnknown(found.values['files'])).to.equal(true)
        const below = await call(host, find, { paths: [at] }, DRY)
        expect(isUnknown(below.values['matched']) && isUnknown(below.values['examined'])).to.equal(true)
        const inner = { cmd: 'false', creates: `${at}/inner` }
        expect(await call(host, command, inner, DRY)).to.include({ status: 'undecided' })
        const took = await call(
          host,
          copy,
          { src: `${at}/x`, dest: `${host.folder}/x`, remote_src: true },
          DRY,
        )
        expect(took, took.message).to.include({ status: 'changed' })
        host.forecast.states.delete(`path:${host.folder}/x`)
      }
    })

    it('write a megabyte out and read one in', async () => {
      const host = testHost(program)
      const text = 'line of text\n'.repeat(80_000)
      writeFileSync(`${host.folder}/big`, text)
      const out = await call(host, command, { argv: ['cat', `${host.folder}/big`], strip_empty_ends: false })
      expect(out.values['stdout'] === text).to.equal(true)
      const back = await call(host, shell, { cmd: `cat >${host.folder}/back`, stdin: text })
      expect(back, back.message).to.include({ status: 'changed' })
      expect(readFileSync(`${host.folder}/back`, 'utf8') === text).to.equal(true)
    })
  })
}
