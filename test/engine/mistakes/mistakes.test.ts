import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { FplayError } from '../../../engine/errors.js'
import { inventoryVars } from '../../../engine/inventory/host-vars.js'
import { loadInventory } from '../../../engine/inventory/load.js'
import { createVarsFiles } from '../../../engine/inventory/vars-files.js'
import { createRegistry } from '../../../engine/module/registry.js'
import { loadPlaybook } from '../../../engine/play/load.js'
import { fplay } from '../../support/caller.js'

/** A mistake that a user can make, and every line that fplay says about it before any host is contacted. */
interface Mistake {
  readonly kind: string
  /** Files by name; `site.yml` is a playbook, without it the first is an inventory. */
  readonly files: Readonly<Record<string, string>>
  readonly told: readonly string[]
}

const MISTAKES = JSON.parse(
  readFileSync(new URL('mistakes.json', import.meta.url), 'utf8'),
) as readonly Mistake[]

/** A task that would leave a mark if its script were sent, and what is said instead. */
const LATER: readonly (readonly [string, RegExp])[] = [
  ['command: touch MARK{{ nope }}', /^site\.yml:\d+:\d+: "nope" is undefined/],
  [
    'command: touch MARK{{ known.deeper }}',
    /site\.yml:\d+:\d+: "known\.deeper" is undefined: the dictionary has no key "deeper"/,
  ],
  ['{command: touch MARK, when: nope}', /site\.yml:\d+:\d+: "nope" is undefined/],
  ['{command: touch MARK, when: "word > 3"}', /site\.yml:\d+:\d+: /],
  ['{command: touch MARK, loop: "{{ word }}"}', /site\.yml:\d+:\d+: .*list/],
  ['{command: touch MARK, with_items: "{{ nope }}"}', /"nope" is undefined/],
  ['{command: touch MARK, environment: "{{ word }}"}', /site\.yml:\d+:\d+: .*dictionary/],
  ['{command: touch MARK, become: "{{ word }}"}', /become.*allowed: true or false|true or false/],
  [
    '{command: touch MARK, become: true, become_method: "{{ word }}"}',
    /become_method is "word"; allowed: sudo, su/,
  ],
  [
    '{command: {cmd: touch MARK, strip_empty_ends: "{{ word }}"}}',
    /"strip_empty_ends" is "word"; allowed: true or false/,
  ],
  ["{command: \"{{ {'cmd': 'touch MARK', 'creats': 1} }}\"}", /creats|text/],
  ['{file: {path: MARK, state: "{{ word }}"}}', /"state" is "word"; allowed: absent, directory, file/],
  ['{file: {path: MARK, state: touch, mode: "{{ word }}"}}', /"mode" is "word"; allowed: a mode such as/],
  [
    '{copy: {src: "{{ word }}.txt", dest: MARK}}',
    /Could not find or access .word\.txt. on the controller; looked for/,
  ],
  ['{template: {src: "{{ word }}.j2", dest: MARK}}', /word\.j2/],
  ['{include_tasks: "{{ word }}.yml"}', /word\.yml/],
  ['{include_role: {name: "{{ word }}"}}', /there is no role "word"/],
  ['{command: touch MARK, delegate_to: "{{ nope }}"}', /"nope" is undefined/],
]

describe('mistakes', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-mistakes-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  }
  const read = async (name: string): Promise<void> => {
    if (name === 'site.yml')
      return void (await loadPlaybook(join(folder, name), { registry: createRegistry() }))
    const { inventory } = await loadInventory(['h,', join(folder, name)])
    const files = createVarsFiles(undefined, () => undefined)
    for (const host of inventory.hosts.values())
      for (const layers of Object.values(inventoryVars(inventory, host, files)))
        for (const layer of layers) [...layer.names()]
  }
  const told = async (name: string): Promise<string[]> => {
    try {
      await read(name)
      return []
    } catch (error) {
      if (!(error instanceof FplayError)) throw error
      return error.message.replaceAll(`${folder}/`, '').replaceAll(folder, '.').split('\n')
    }
  }

  it('are many, of many kinds', () => {
    expect(MISTAKES.length).to.be.at.least(100)
    expect(new Set(MISTAKES.map(({ kind }) => kind)).size).to.be.at.least(24)
  })

  describe('are told before any host is contacted, with their place', () => {
    for (const [index, mistake] of MISTAKES.entries()) {
      it(`${index + 1} ${mistake.kind}: ${mistake.told[0]!}`, async () => {
        write(mistake.files)
        const lines = await told('site.yml' in mistake.files ? 'site.yml' : Object.keys(mistake.files)[0]!)
        expect(lines).to.deep.equal(mistake.told)
        for (const line of lines) expect(line).to.match(/^[\w./]+:\d+:\d+[: ].*\([a-z-]+\)$/)
      })
    }
  })

  it('that depend on values are told before the script of their task is sent', async () => {
    const tasks = LATER.map(([task]) => `    - ${task.replaceAll('MARK', join(folder, 'mark'))}\n`)
    for (const [index, [task, message]] of LATER.entries()) {
      const text = `- hosts: all\n  gather_facts: false\n  vars: {word: word, known: {}}\n  tasks:\n${tasks[index]}`
      write({ 'site.yml': text })
      const { code, out, err } = await fplay([join(folder, 'site.yml'), '-i', 'a,', '-c', 'local'], {
        HOME: folder,
      })
      const all = (out + err).replaceAll(`${folder}/`, '').replaceAll('mark', 'MARK')
      expect(code, `${task}\n${all}`).to.be.oneOf([1, 2, 4])
      expect(
        all.split('\n').some((line) => message.test(line.replace(/^.*?\[a\]: /, ''))),
        `${task}\n${all}`,
      ).to.equal(true)
      expect(existsSync(join(folder, 'mark')), task).to.equal(false)
    }
  })
})
