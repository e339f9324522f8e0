import { FplayError } from '../../../engine/errors.js'
import { toPlain } from '../../../engine/language/value.js'
import { createBuilder, createInventory } from '../../../engine/inventory/build.js'
import type { Dict } from '../../../engine/language/value.js'
import { parseYaml } from '../../../engine/language/yaml.js'
import plugin from '../../../plugins/inventory/fate_parties.js'

/** A file of two parties, 10000 and 9999. */
export const TWO = `
plugin: fate_parties
parties:
  - id: 10000
    address: 192.168.7.1
  - id: "9999"
    address: 192.168.7.2
`

/** Variables as plain objects. */
export type Vars = Record<string, unknown>

/** Variables of the deployment and of each host, as plain objects. */
export async function read(text: string): Promise<{ vars: Vars; hosts: Record<string, Vars> }> {
  const inventory = createInventory()
  const file = parseYaml(text, 'parties.yml').value as Dict
  await plugin.read(file, createBuilder(inventory, {}, []), { path: 'parties.yml' })
  return {
    vars: toPlain(inventory.groups.get('fate')!.vars) as Vars,
    hosts: Object.fromEntries([...inventory.hosts].map(([name, { vars }]) => [name, toPlain(vars) as Vars])),
  }
}

/** The problems a file is refused with, one line each; empty when it is accepted. */
export async function problemsOf(text: string): Promise<string[]> {
  try {
    await read(text)
    return []
  } catch (error) {
    if (error instanceof FplayError) return error.message.split('\n')
    throw error
  }
}

/** A file of two parties with more lines at the top. */
export const deployment = (lines: string): string => TWO.replace('parties:\n', `${lines}\nparties:\n`)
