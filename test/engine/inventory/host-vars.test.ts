import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { FplayError } from '../../../engine/errors.js'
import type { Problem } from '../../../engine/errors.js'
import { inventoryVars } from '../../../engine/inventory/host-vars.js'
import { loadInventory } from '../../../engine/inventory/load.js'
import { createVarsFiles } from '../../../engine/inventory/vars-files.js'
import { findVariable, orderLayers } from '../../../engine/language/variables.js'
import type { Found } from '../../../engine/language/variables.js'

/** Looks `name` up for `host`, with `inv/` as the inventory and `play/` as the playbook's folder. */
async function look(
  files: Readonly<Record<string, string>>,
  host: string,
  name: string,
  warnings: Problem[] = [],
): Promise<Found | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'fplay-vars-'))
  for (const [path, text] of Object.entries({ 'play/x.yml': '', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const { inventory } = await loadInventory([join(folder, 'inv')])
  const varsFiles = createVarsFiles(undefined, (problem) => warnings.push(problem))
  const sources = inventoryVars(inventory, inventory.hosts.get(host)!, varsFiles, [join(folder, 'play')])
  return findVariable(orderLayers(sources), name)
}

describe('variables of the inventory', () => {
  // the weaker first, as ansible-core orders them
  const levels: readonly (readonly [string, string])[] = [
    ['inv/hosts', '[web]\nh\n[all:vars]\nv=1\n'],
    ['inv/hosts', '[web]\nh\n[all:vars]\nv=1\n[web:vars]\nv=2\n'],
    ['inv/group_vars/all.yml', 'v: 3'],
    ['play/group_vars/all/x.yml', 'v: 4'],
    ['inv/group_vars/web', 'v: 5'],
    ['play/group_vars/web.yaml', 'v: 6'],
    ['inv/hosts', '[web]\nh v=7\n[all:vars]\nv=1\n[web:vars]\nv=2\n'],
    ['inv/host_vars/h.json', '{"v": 8}'],
    ['play/host_vars/h/x', 'v: 9'],
  ]
  for (const [index] of levels.entries()) {
    it(`level ${index + 1}: ${levels[index]![0]} wins over all before it`, async () => {
      const files = Object.fromEntries(levels.slice(0, index + 1).map(([path, text]) => [path, text]))
      expect((await look(files, 'h', 'v'))?.value).to.equal(index + 1)
    })
  }

  const groups: readonly (readonly [string, string, string])[] = [
    ['a child over its parent', '[p:children]\nc\n[c]\nh\n[p:vars]\nv="p"\n[c:vars]\nv="c"\n', 'c'],
    ['the later name at the same depth', '[a]\nh\n[b]\nh\n[b:vars]\nv="b"\n[a:vars]\nv="a"\n', 'b'],
    [
      'a priority over the name',
      '[a]\nh\n[b]\nh\n[b:vars]\nv="b"\n[a:vars]\nv="a"\nansible_group_priority=2\n',
      'a',
    ],
    [
      'the depth over a priority',
      '[p:children]\nc\n[c]\nh\n[p:vars]\nv="p"\nansible_group_priority=9\n[c:vars]\nv="c"\n',
      'c',
    ],
    [
      'the longest way down',
      '[x]\nh\n[p:children]\nq\n[q:children]\na\n[a]\nh\n[x:vars]\nv="x"\n[a:vars]\nv="a"\n',
      'a',
    ],
  ]
  for (const [what, text, winner] of groups) {
    it(`prefer ${what}`, async () =>
      expect((await look({ 'inv/hosts': text }, 'h', 'v'))?.value).to.equal(winner))
  }

  const found: readonly (readonly [string, Readonly<Record<string, string>>, unknown])[] = [
    ['a folder is read whole, the later file wins', { 'a.yml': 'v: 1', 'b.yml': 'v: 2', 'c.txt': 'v: 3' }, 2],
    [
      'folders in it too, not hidden ones or backups',
      { 'sub/a.yml': 'v: 1', '.h.yml': 'v: 2', 'x.yml~': 'v: 3' },
      1,
    ],
    ['an empty file says nothing', { 'a.yml': 'v: 1', 'b.yml': '# nothing' }, 1],
  ]
  for (const [what, files, value] of found) {
    it(what, async () => {
      const all = Object.entries(files).map(([path, text]) => [`inv/group_vars/web/${path}`, text])
      expect((await look({ 'inv/hosts': '[web]\nh', ...Object.fromEntries(all) }, 'h', 'v'))?.value).to.equal(
        value,
      )
    })
  }

  it('a folder counts before a file of the same name, as in Ansible', async () => {
    const files = { 'inv/hosts': 'h', 'inv/host_vars/h/a.yml': 'v: 1', 'inv/host_vars/h.yml': 'v: 2' }
    expect((await look(files, 'h', 'v'))?.value).to.equal(1)
  })

  it('know their file and place', async () => {
    const variable = await look({ 'inv/hosts': 'h', 'inv/host_vars/h.yml': 'a: 1\nv: 2' }, 'h', 'v')
    expect(variable?.source).to.match(/inv\/host_vars\/h\.yml$/)
    expect(variable?.place).to.include({ line: 2, column: 4 })
  })

  it('warn of duplicate keys', async () => {
    const warnings: Problem[] = []
    await look({ 'inv/hosts': 'h', 'inv/host_vars/h.yml': 'v: 1\nv: 2' }, 'h', 'v', warnings)
    expect(warnings.map(({ message }) => message)).to.match(/the key "v" is here a second time/)
  })

  it('must be a dictionary', async () => {
    const refused = await look({ 'inv/hosts': 'h', 'inv/host_vars/h.yml': '- v' }, 'h', 'v').catch(
      (error: unknown) => error,
    )
    expect(refused).to.be.instanceOf(FplayError)
    expect((refused as Error).message).to.match(/h\.yml:1:1: a file of variables must be a dictionary/)
  })
})
