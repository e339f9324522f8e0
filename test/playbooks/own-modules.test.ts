import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { foretells } from '../support/foretell.js'
import { useLab } from '../support/lab.js'
import { tinyBinary } from '../support/tiny-binary.js'
import { useWorkplace } from '../support/workplace.js'

const run = promisify(execFile)

/** Old style, knows of check mode, has nothing to do when the file says so already. */
const NOTE = `#!/bin/sh
. "$1"
if [ "$(cat "$path" 2>/dev/null)" = "$text" ]; then echo '{"changed": false}'; exit; fi
[ "$_ansible_check_mode" = True ] || printf '%s\\n' "$text" >"$path"
printf '{"changed": true, "path": "%s", "diff": {"before": "", "after": "%s"}}\\n' "$path" "$text"
`
const FACTS = `#!/bin/sh
# WANT_JSON, and _ansible_check_mode makes no difference
grep -q '"_ansible_module_name": "colour"' "$1" || exit 1
echo '{"ansible_facts": {"colour": "red"}}'
`
const FOLDER = `import { defineModule } from 'fplay/module/contract.js'
import { sh } from 'fplay/module/quote.js'
export default defineModule({
  summary: 'Make a folder',
  params: { path: { type: 'path', required: true, description: 'Where.' } },
  returns: { path: 'Where.' },
  probe: ({ path }) => [{ kind: 'path', path, need: 'stat' }],
  wanted: ({ path }) => new Map([['path:' + path, { type: 'directory' }]]),
  converge: ({ path }) => ({ script: sh\`mkdir -- \${path}\` }),
  result: ({ path }) => ({ values: { path } }),
})
`
/** Perl reads a script named /dev/fd/N from where the descriptor stands. */
const PERL = `#!/usr/bin/perl
# WANT_JSON, and _ansible_check_mode makes no difference
open(my $f, '<', $ARGV[0]) or die; local $/; print '{"told": ', (<$f> =~ /a{9000}/ ? 'true' : 'false'), '}'
`
const WARNS = `#!/bin/sh
. "$1" # _ansible_check_mode makes no difference
echo '{"warnings": ["mind the '$what'"]}'
`
const PLAY = `
- hosts: all
  gather_facts: false
  tasks:
    - folder: {path: "/tmp/own 'modules'"}
      register: made
    - file: {path: "{{ made.path }}/in", state: directory}
    - note: {path: "/tmp/own-note", text: "it's $HOME"}
      register: noted
      notify: told
    - colour:
    - native:
      when: native | bool
      register: machine
      changed_when: false
      failed_when: machine.from != 'machine code'
    - assert: {that: colour == 'red'}
    - pearl: {text: "{{ 'a' * 9000 }}"}
      when: perl is defined
      register: pearl
      failed_when: not pearl.told
    - warns: {what: "{{ item }}"}
      loop: [gap, gap, step]
    - warns: {what: clock}
      async: 600
      poll: 1
  handlers:
    - name: told
      assert: {that: noted.path == '/tmp/own-note'}
`

describe('modules of a user on hosts', function () {
  this.timeout(120_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)
  const clean = () =>
    Promise.all(
      [1, 2, 3].map((host) =>
        lab().run(host, ['sh', '-c', `rm -rf /tmp/own-note "/tmp/own 'modules'"; rmdir ~/.ansible_async`]),
      ),
    )

  it('change what they say, dry runs foretell it, and nothing else is left', async () => {
    const hosts = await lab().hosts()
    const lines = hosts.map(
      ({ name, address, kind }) => `${name} ansible_host=${address}${kind === 'debian' ? ' perl=yes' : ''}\n`,
    )
    const inventory = workplace.write('hosts', lines.join(''))
    workplace.write('library/note', NOTE)
    workplace.write('library/colour.sh', FACTS)
    workplace.write('library/folder.js', FOLDER)
    workplace.write('library/pearl', PERL)
    workplace.write('library/warns', WARNS)
    workplace.write('library/native', tinyBinary('{"from": "machine code"}\n'))
    const play = workplace.write('play.yml', PLAY)
    const listed = (): Promise<string[]> =>
      Promise.all(
        [1, 2, 3].map(async (host) => (await lab().run(host, ['sh', '-c', 'ls -A /tmp /dev/shm ~'])).stdout),
      )
    const before = await listed()
    const { tasks, foretold, ran } = await foretells({
      workplace,
      lab: lab(),
      hosts: [1, 2, 3],
      argv: [play, '-i', inventory, '-e', `native=${process.arch === 'x64'}`],
    })
    expect(foretold).to.equal(tasks)
    const warnings = ran.err.split('\n').filter((line) => line.includes(hosts[0]!.name))
    expect(warnings.map((line) => line.replace(/^.*: /, ''))).to.deep.equal([
      'mind the gap',
      'mind the step',
      'mind the clock',
    ])
    await clean()
    expect(await listed()).to.deep.equal(before)
  })
  it('import the contract from the built package too', async () => {
    const root = join(import.meta.dirname, '../..')
    await run('sh', [join(root, 'lab/bootstrap.sh')])
    workplace.write('library/folder.js', FOLDER)
    const play = workplace.write(
      'built.yml',
      `- hosts: all\n  gather_facts: false\n  tasks:\n    - folder: {path: "${workplace.path('made')}"}\n`,
    )
    const built = join(root, 'dist/engine/cli/main.js')
    const { stdout } = await run(process.execPath, [built, play, '-i', 'localhost,', '-c', 'local'], {
      env: { PATH: process.env['PATH'], XDG_STATE_HOME: workplace.folder, FPLAY_CONFIG: '/dev/null' },
    })
    expect(stdout).to.match(/changed=1 /)
    expect(existsSync(workplace.path('made'))).to.equal(true)
  })
})
