import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ADHOC_OPTIONS } from '../../../engine/cli/adhoc-options.js'
import type { OptionSpec } from '../../../engine/cli/option.js'
import { fplay } from '../../support/caller.js'

/** What `ansible` of ansible-core 2.14.18 printed for the same words, without the interpreter it found. */
const RECORDED: readonly (readonly [readonly string[], number, string])[] = [
  [['-m', 'ping'], 0, 'one | SUCCESS => {\n    "changed": false,\n    "ping": "pong"\n}\n'],
  [['-a', 'echo hi'], 0, 'one | CHANGED | rc=0 >>\nhi\n'],
  [
    ['-a', 'sh -c "echo out; echo err >&2; exit 3"'],
    2,
    'one | FAILED | rc=3 >>\nouterrnon-zero return code\n',
  ],
  [['-m', 'shell', '-a', 'echo a; echo b >&2'], 0, 'one | CHANGED | rc=0 >>\nab\n'],
  [['-m', 'debug', '-a', 'msg=hi'], 0, 'one | SUCCESS => {\n    "msg": "hi"\n}\n'],
  [['-m', 'debug', '-a', 'var=nope'], 0, 'one | SUCCESS => {\n    "nope": "VARIABLE IS NOT DEFINED!"\n}\n'],
  [['-m', 'fail', '-a', 'msg=no'], 2, 'one | FAILED! => {\n    "changed": false,\n    "msg": "no"\n}\n'],
  [['-m', 'raw', '-a', 'echo raw'], 0, 'one | CHANGED | rc=0 >>\nraw\n\n'],
  [
    ['-m', 'set_fact', '-a', 'a=1'],
    0,
    'one | SUCCESS => {\n    "ansible_facts": {\n        "a": "1"\n    },\n    "changed": false\n}\n',
  ],
  [['-o', '-m', 'ping'], 0, 'one | SUCCESS => {"changed": false,"ping": "pong"}\n'],
  [
    ['-o', '-a', 'sh -c "echo a; echo b; echo c >&2"'],
    0,
    'one | CHANGED | rc=0 | (stdout) a\\nb (stderr) c\n',
  ],
  [['-o', '-m', 'fail'], 2, 'one | FAILED! => {"changed": false,"msg": "Failed as requested from task"}\n'],
  [['--list-hosts'], 0, '  hosts (1):\n    one\n'],
]

describe('fplay adhoc', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-adhoc-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const run = (words: readonly string[], pattern = 'one') =>
    fplay(['adhoc', '-i', 'one,', pattern, '-c', 'local', ...words], { HOME: folder })

  for (const [words, code, out] of RECORDED) {
    it(`tells ${words.join(' ')} as ansible does`, async () => {
      expect(await run(words)).to.deep.equal({ code, out, err: '' })
    })
  }

  it('has the options that ansible has', () => {
    const flags = new Set(Object.values(ADHOC_OPTIONS).flatMap((spec: OptionSpec) => spec.flags))
    const theirs =
      '-h --version -v -b --become --become-method --become-user -K --become-password-file -i --list-hosts -l -P -B -o -t ' +
      '--private-key -u -c -T --ssh-common-args --ssh-extra-args -k --connection-password-file -C -D -e --vault-id ' +
      '--ask-vault-password --vault-password-file -f -M --playbook-dir --task-timeout -a -m'
    expect(theirs.split(' ').filter((flag) => !flags.has(flag))).to.deep.equal([])
  })

  it('takes parameters as JSON, shows differences, and changes nothing with -C', async () => {
    const file = join(folder, 'made')
    const { out } = await run(['-m', 'copy', '-a', JSON.stringify({ dest: file, content: 'x\n' }), '-D'])
    expect(out).to.match(
      /^--- before: [^]*\n\+x\n\none \| CHANGED => \{\n {4}"changed": true,\n {4}"checksum"/,
    )
    expect(out).to.not.match(/"diff"|"failed"/)
    await run(['-m', 'copy', '-a', JSON.stringify({ dest: file, content: 'y\n' }), '-C'])
    expect(readFileSync(file, 'utf8')).to.equal('x\n')
  })

  it('finds files beside the playbook folder, and writes results into a tree', async () => {
    writeFileSync(join(folder, 'source'), 'text')
    const dest = join(folder, 'copied')
    const words = [
      '-m',
      'copy',
      '-a',
      `src=source dest=${dest}`,
      '--playbook-dir',
      folder,
      '-t',
      join(folder, 'tree'),
    ]
    expect(await run(words)).to.include({ code: 0 })
    expect(readFileSync(dest, 'utf8')).to.equal('text')
    expect(JSON.parse(readFileSync(join(folder, 'tree', 'one'), 'utf8'))).to.include({ changed: true, dest })
  })

  it('refuses what cannot be, before any host is contacted', async () => {
    expect(await run([])).to.deep.equal({
      code: 5,
      out: '',
      err: "ERROR: command needs something to run; give it with -a, as in -a 'uptime' (bad-option)\n",
    })
    expect((await run([], 'site.yml')).err).to.match(/a playbook is run with: fplay site\.yml/)
    expect((await run(['-m', 'pnig'])).err).to.equal(
      'ERROR: there is no module or keyword "pnig"; did you mean "ping"? (unknown-module)\n',
    )
    expect((await run(['-m', 'copy', '-a', 'dst=/x src=y'])).err).to.match(
      /^ERROR: copy has no parameter "dst"/m,
    )
    expect((await run(['-m', 'ping', 'two'])).err).to.match(/too many: two; put the pattern/)
  })

  it('says when nobody is meant', async () => {
    const { code, err } = await run(['-m', 'ping'], 'two')
    expect(code).to.equal(0)
    expect(err).to.match(/no host matches two, nothing to do/)
  })

  it('tells of hosts that cannot be reached', async () => {
    const words = [
      'adhoc',
      '-i',
      'one,',
      'all',
      '-m',
      'ping',
      '-T',
      '2',
      '-e',
      'ansible_host=127.0.0.1 ansible_port=1',
    ]
    const { code, out } = await fplay(words, { HOME: folder })
    expect(code).to.equal(4)
    expect(out).to.match(
      /^one \| UNREACHABLE! => \{\n {4}"changed": false,\n {4}"msg": [^\n]+,\n {4}"unreachable": true\n\}\n$/,
    )
  })
})
