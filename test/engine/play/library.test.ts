import { expect } from 'chai'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FplayError } from '../../../engine/errors.js'
import { createRegistry, type Registry } from '../../../engine/module/registry.js'
import { loadPlaybook } from '../../../engine/play/load.js'
import { tasksOfPlay } from '../../../engine/play/names.js'

/** A module with the contract, as a user writes one. */
const GREET = `
import { defineModule, FRESH } from 'fplay/module/contract.js'
import { sh } from 'fplay/module/quote.js'
export default defineModule({
  summary: 'Greet',
  params: { who: { type: 'str', required: true, description: 'Whom.' } },
  returns: { who: 'Whom.' },
  probe: () => [],
  wanted: () => new Map([['run:greet', { run: FRESH }]]),
  converge: ({ who }) => ({ script: sh\`echo \${who}\` }),
})
`
const PROGRAM = '#!/bin/sh\necho "{}"\n'

describe('modules of a user', () => {
  let folder = ''
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-library-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  function write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  }
  async function load(files: Readonly<Record<string, string>>, registry: Registry = createRegistry()) {
    write(files)
    const { plays } = await loadPlaybook(join(folder, 'play.yml'), { registry })
    return { registry, modules: plays.flatMap(tasksOfPlay).map(({ module }) => module) }
  }
  const refused = (files: Readonly<Record<string, string>>): Promise<string[]> =>
    load(files).then(
      () => [],
      (error: FplayError) => error.problems.map(({ message }) => message),
    )
  const play = (tasks: string): string => `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`

  it('are found beside the playbook and in roles, with the contract or as programs', async () => {
    const { registry } = await load({
      'play.yml': play(
        '    - greet: {who: you}\n    - sing: loud=yes\n    - hum:\n    - wave:\n    - import_role: {name: choir}\n',
      ),
      'library/greet.js': GREET,
      'library/sing': PROGRAM,
      'library/hum.sh': PROGRAM,
      'library/wave.ts': `const summary: string = 'Wave'\nexport default { summary, params: {}, returns: {} }`,
      'library/package.json': '{"type": "module"}',
      'library/notes.md': 'no module',
      'roles/choir/library/conduct.py': PROGRAM,
      'roles/choir/tasks/main.yml': '- conduct: {tempo: 60}\n- greet: {who: all}\n',
    })
    expect(registry.get('greet').params).to.have.property('who')
    for (const name of ['sing', 'hum', 'conduct'])
      expect(registry.get(name).program, name).to.include({ style: 'old' })
    expect(registry.get('wave').summary).to.equal('Wave')
    expect(registry.has('notes')).to.equal(false)
    expect(registry.ownFile('conduct')).to.equal(join(folder, 'roles/choir/library/conduct.py'))
    expect(registry.ownFile('copy')).to.equal(undefined)
  })

  it('are checked before the run as any other is', async () => {
    const library = { 'library/greet.js': GREET }
    expect(await refused({ ...library, 'play.yml': play('    - greet: {whom: you}\n') })).to.deep.equal([
      'greet needs the parameter "who"',
      'greet has no parameter "whom"',
    ])
    expect(await refused({ ...library, 'play.yml': play('    - greet: you\n') })).to.deep.equal([
      'greet takes no text, and "you" is no key=value',
    ])
  })

  it('replace those of their name, which stay under the full name; the first found counts, configured folders last', async () => {
    const registry = createRegistry()
    write({ 'configured/greet': PROGRAM, 'configured/sing': PROGRAM })
    await registry.add(join(folder, 'configured'), 'configured')
    await registry.add(join(folder, 'nowhere'), 'configured')
    const { modules } = await load(
      {
        'play.yml': play(
          '    - ping: {data: 1}\n    - ansible.builtin.ping:\n    - ansible.legacy.ping:\n    - greet: {who: x}\n    - sing:\n',
        ),
        'library/ping.sh': PROGRAM,
        'library/greet.js': GREET,
      },
      registry,
    )
    expect(modules).to.deep.equal(['ping', 'ansible.builtin.ping', 'ping', 'greet', 'sing'])
    expect(registry.get('ping').program).to.not.equal(undefined)
    expect(registry.get('ansible.builtin.ping').program).to.equal(undefined)
    expect(registry.ownFile('greet')).to.equal(join(folder, 'library/greet.js'))
    expect(registry.ownFile('sing')).to.equal(join(folder, 'configured/sing'))
    expect(registry.names).to.include('ping').and.not.include('ansible.builtin.ping')
  })

  it('that cannot be used are refused with their file', async () => {
    const one = (name: string, text: string) =>
      refused({ 'play.yml': play(`    - ${name}:\n`), [`library/${name}.js`]: text })
    const file = join(folder, 'library/')
    expect((await one('a', 'export default {'))[0]).to.match(/^\S+\/library\/a\.js cannot be loaded: /)
    expect((await one('b', 'import "./none.js"'))[0]).to.match(/^\S+\/library\/b\.js cannot be loaded: /)
    expect(await one('c', 'export const x = 1')).to.deep.equal([`${file}c.js exports no module`])
    expect(await one('d', 'export default { params: {} }')).to.deep.equal([
      `${file}d.js says nothing of its summary, returns`,
    ])
    expect((await one('e', '#!/usr/bin/env node\n'))[0], 'a program').to.equal(undefined)
  })
})
