import { expect } from 'chai'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { FplayError } from '../../../engine/errors.js'
import { createRegistry } from '../../../engine/module/registry.js'
import { loadPlaybook } from '../../../engine/play/load.js'
import { tasksOfPlay } from '../../../engine/play/names.js'

const PROGRAM = '#!/bin/sh\necho "{}"\n'
const FILES = { 'library/copy': PROGRAM, 'library/stat': PROGRAM }
const OURS = 'collections: [ansible.builtin]'

describe('collections', () => {
  let folder = ''
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-collections-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  async function load(play: string, files: Readonly<Record<string, string>> = {}) {
    for (const [name, text] of Object.entries({ ...FILES, ...files, 'play.yml': `- hosts: all\n${play}` })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    const { plays, warnings } = await loadPlaybook(join(folder, 'play.yml'), { registry: createRegistry() })
    const modules = plays.flatMap(tasksOfPlay).map(({ module }) => module)
    return { modules: modules.filter((module) => module !== 'meta'), told: warnings }
  }

  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['without them a module of the user wins', '  tasks: [{copy: }]', ['copy']],
    ['of a play', `  ${OURS}\n  tasks: [{copy: {dest: /x, content: y}}]`, ['ansible.builtin.copy']],
    [
      'of a block, for what stands in it',
      `  tasks: [{block: [{copy: {dest: /x, content: y}}], ${OURS}}, {copy: }]`,
      ['ansible.builtin.copy', 'copy'],
    ],
    ['of a task', `  tasks: [{copy: {dest: /x, content: y}, ${OURS}}]`, ['ansible.builtin.copy']],
    [
      'of a handler',
      `  handlers: [{name: h, copy: {dest: /x, content: y}, ${OURS}}]`,
      ['ansible.builtin.copy'],
    ],
    [
      'ansible.legacy first: the user again',
      '  collections: [ansible.legacy, ansible.builtin]\n  tasks: [{copy: }]',
      ['copy'],
    ],
    [
      'another collection changes nothing',
      '  collections: [community.docker]\n  tasks: [{copy: }]',
      ['copy'],
    ],
  ]
  for (const [what, text, modules] of cases) {
    it(what, async () => expect((await load(text)).modules).to.deep.equal(modules))
  }

  it('of a play are not those of its roles, which have their own in meta/main.yml', async () => {
    const task = '- copy: {dest: /x, content: y}\n'
    const roles = {
      'roles/a/tasks/main.yml': task,
      'roles/b/tasks/main.yml': task,
      'roles/b/meta/main.yml': OURS,
    }
    const { modules } = await load(`  ${OURS}\n  roles: [a, b]\n  tasks: [{stat: {path: /x}}]`, roles)
    expect(modules).to.deep.equal(['copy', 'ansible.builtin.copy', 'ansible.builtin.stat'])
  })

  it('that fplay has nothing of are told with their place, and so are those at an entry of roles', async () => {
    const { told } = await load(
      `  collections: [kubernetes.core, community.genral]\n  roles: [{role: r, ${OURS}}]`,
      { 'roles/r/tasks/main.yml': '- debug:' },
    )
    const lines = told.map(({ place, message, allowed, cure }) => [
      place?.line,
      place?.column,
      message,
      allowed ?? cure,
    ])
    expect(lines).to.deep.equal([
      [
        2,
        17,
        'fplay has no modules of the collection "kubernetes.core"',
        'it has modules of ansible.builtin, ansible.legacy, ansible.netcommon, ansible.posix, ansible.utils, community.crypto, community.docker, community.general, community.mysql',
      ],
      [
        2,
        34,
        'fplay has no modules of the collection "community.genral"',
        'did you mean "community.general"?',
      ],
      [3, 34, '"collections" says nothing to a role', "name them in the role's meta/main.yml"],
    ])
  })

  it('are names', async () => {
    const error = await load('  collections: {a: b}').catch((refused: FplayError) => refused)
    expect((error as FplayError).message).to.match(/"collections" is a dictionary; allowed: text or a list/)
  })
})
