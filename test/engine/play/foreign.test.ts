import { expect } from 'chai'
import { fplay } from '../../support/caller.js'
import { useWorkplace } from '../../support/workplace.js'
import { cleanUp, load, refusals } from './playbooks.js'

const tasks = (text: string): string => `- hosts: all\n  tasks:\n${text.replace(/^/gm, '    ')}\n`

describe('modules that are not here', () => {
  const workplace = useWorkplace()
  after(cleanUp)

  it('are refused where their task is reached', async () => {
    for (const name of ['community.general.ufw', 'ufw', 'ansible.builtin.apt_key', 'my.own.thing']) {
      expect(await refusals(tasks(`- ${name}: {rule: allow}`)), name).to.deep.equal([
        `site.yml:3:7: fplay has no module "${name}"; do it with other modules or a command, or add a module of your own in library/ (docs/own-modules.md) (unknown-module)`,
      ])
    }
  })

  it('are told once where their task may not be reached', async () => {
    const { warnings } = await load(
      tasks(
        `- ufw: rule=allow
  when: x is defined
- block: [{ufw: {rule: deny}}, {a.b.c: }]
  when: x is defined
- block: [{debug: }]
  rescue: [{mount: {path: /x}}]`,
      ) + '  handlers: [{name: h, pip: {name: x}}]\n',
    )
    expect(warnings.map(({ message }) => message)).to.deep.equal(
      ['ufw', 'a.b.c', 'mount', 'pip'].map(
        (name) => `fplay has no module "${name}"; the task fails if it is reached`,
      ),
    )
  })

  it('may have module_defaults', async () => {
    const book = (name: string): string =>
      `- hosts: all\n  module_defaults: {${name}: {state: enabled}}\n  tasks: [{debug: }]\n`
    for (const name of ['ufw', 'community.general.ufw', 'my.own.thing'])
      expect((await load(book(name))).warnings, name).to.deep.equal([])
    expect(await refusals(book('community.docker.copi'))).to.deep.equal([
      'site.yml:2:21: there is no module "community.docker.copi"; did you mean "copy"? (unknown-module)',
    ])
  })

  it('have no page', async () => {
    for (const name of ['ufw', 'community.general.ufw']) {
      const { out, err, code } = await fplay(['doc', name])
      expect([out, err, code], name).to.deep.equal([
        '',
        `ERROR: fplay has no module "${name}"; do it with other modules or a command, or add a module of your own in library/ (docs/own-modules.md) (unknown-module)\n`,
        1,
      ])
    }
  })

  it('are mistakes where nobody has them', async () => {
    expect((await refusals(tasks('- ansible.builtin.copi: {}\n  when: false'))).join()).to.match(
      /did you mean "copy"/,
    )
    expect((await refusals(tasks('- community.docker.copi: {}\n  when: false'))).join()).to.match(
      /did you mean "copy"/,
    )
    expect((await refusals(tasks('- ufv: {}\n  when: false'))).join()).to.match(
      /there is no module or keyword "ufv"/,
    )
  })

  it('fail where they are reached, and let the play go on where they are not', async () => {
    const book = workplace.write(
      'site.yml',
      '- hosts: localhost\n  gather_facts: false\n  tasks:\n' +
        '    - {name: skipped, ufw: {rule: allow}, when: false}\n' +
        '    - {name: reached, ufw: {rule: allow}, when: true, ignore_errors: true}\n' +
        '    - {name: after, debug: {msg: x}}\n',
    )
    for (const dry of [[], ['--check']]) {
      const { code, out } = await workplace.run([book, '-i', 'localhost,', '-c', 'local', ...dry])
      expect(code).to.equal(0)
      expect(out).to.match(/failed, ignored: \[localhost\]: fplay has no module "ufw"; do it with/)
      expect(out).to.match(/ok=2 .* skipped=1 .* ignored=1/)
    }
  })
})
