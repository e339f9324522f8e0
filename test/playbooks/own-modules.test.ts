import { expect } from 'chai'
import { foretells } from '../support/foretell.js'
import { useLab } from '../support/lab.js'
import { tinyBinary } from '../support/tiny-binary.js'
import { useWorkplace } from '../support/workplace.js'

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
      [1, 2, 3].map((host) => lab().run(host, ['sh', '-c', `rm -rf /tmp/own-note "/tmp/own 'modules'"`])),
    )

  it('change what they say, dry runs foretell it, and nothing else is left', async () => {
    const hosts = await lab().hosts()
    const lines = hosts.map(({ name, address }) => `${name} ansible_host=${address}\n`)
    const inventory = workplace.write('hosts', lines.join(''))
    workplace.write('library/note', NOTE)
    workplace.write('library/colour.sh', FACTS)
    workplace.write('library/folder.js', FOLDER)
    workplace.write('library/native', tinyBinary('{"from": "machine code"}\n'))
    const play = workplace.write('play.yml', PLAY)
    const listed = (): Promise<string[]> =>
      Promise.all(
        [1, 2, 3].map(async (host) => (await lab().run(host, ['sh', '-c', 'ls -A /tmp /dev/shm ~'])).stdout),
      )
    const before = await listed()
    const { tasks, foretold } = await foretells({
      workplace,
      lab: lab(),
      hosts: [1, 2, 3],
      argv: [play, '-i', inventory, '-e', `native=${process.arch === 'x64'}`],
    })
    expect(foretold).to.equal(tasks)
    await clean()
    expect(await listed()).to.deep.equal(before)
  })
})
