import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { FplayError } from '../../../engine/errors.js'
import { inventoryVars } from '../../../engine/inventory/host-vars.js'
import type { Inventory } from '../../../engine/inventory/hosts.js'
import { loadInventory } from '../../../engine/inventory/load.js'
import { selectHosts } from '../../../engine/inventory/pattern.js'
import { membersOf } from '../../../engine/inventory/relations.js'
import { createVarsFiles } from '../../../engine/inventory/vars-files.js'
import { findVariable, orderLayers, variableNames } from '../../../engine/language/variables.js'

/** What record.py wrote there for one of the two inventories, which say the same. */
interface Answers {
  readonly selected: Readonly<Record<string, readonly string[] | null>>
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly known: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const FOLDER = fileURLToPath(new URL('recorded/patterns/', import.meta.url))
const { ansible, ...recorded } = JSON.parse(readFileSync(`${FOLDER}answers.json`, 'utf8')) as {
  ansible: string
} & Record<string, Answers>

for (const [source, answers] of Object.entries(recorded)) {
  describe(`${source}, as Ansible ${ansible} reads it`, () => {
    let inventory: Inventory
    before(async () => void ({ inventory } = await loadInventory([FOLDER + source])))

    for (const [pattern, hosts] of Object.entries(answers.selected)) {
      it(`the pattern "${pattern}" selects the same hosts in the same order`, () => {
        expect(select(inventory, pattern)).to.deep.equal(hosts)
      })
    }

    it('groups have the same hosts', () => {
      const members = [...inventory.groups.keys()].map((name) => [
        name,
        [...membersOf(inventory, name)].sort(),
      ])
      expect(Object.fromEntries(members)).to.deep.equal(answers.groups)
    })

    it('hosts have the same variables', () => {
      expect([...inventory.hosts.keys()]).to.have.members(Object.keys(answers.known))
      for (const [name, known] of Object.entries(answers.known))
        expect(variables(inventory, name), name).to.deep.equal(known)
    })
  })
}

function select(inventory: Inventory, pattern: string): string[] | null {
  try {
    return selectHosts(inventory, pattern).hosts.map(({ name }) => name)
  } catch (error) {
    if (error instanceof FplayError) return null
    throw error
  }
}

function variables(inventory: Inventory, name: string): Record<string, unknown> {
  const files = createVarsFiles(undefined, () => undefined)
  const layers = orderLayers(inventoryVars(inventory, inventory.hosts.get(name)!, files))
  const names = [...variableNames(layers)].filter((one) => !one.startsWith('inventory_'))
  return Object.fromEntries(names.map((one) => [one, findVariable(layers, one)!.value]))
}
