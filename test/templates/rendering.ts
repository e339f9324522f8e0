import { createBuilder, createInventory } from '../../engine/inventory/build.js'
import { toPlain } from '../../engine/language/value.js'
import type { Dict, Value } from '../../engine/language/value.js'
import { parseYaml } from '../../engine/language/yaml.js'
import plugin from '../../plugins/inventory/fate_parties.js'
import { javaValue, renderTemplate, worked } from '../support/fate-templates.js'

/** Variables of a host, as the playbook has them when it renders. */
export async function varsOf(parties: string, host: string): Promise<Map<string, Value>> {
  const inventory = createInventory()
  const file = parseYaml(parties, 'parties.yml').value as Dict
  await plugin.read(file, createBuilder(inventory, {}, []), { path: 'parties.yml' })
  return new Map([...inventory.groups.get('fate')!.vars, ...inventory.hosts.get(host)!.vars, ...worked] as [
    string,
    Value,
  ][])
}

export interface Compose {
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly volumes: object
}

export async function composeOf(parties: string): Promise<Compose> {
  const text = render('docker-compose.yml', await varsOf(parties, 'party-10000'))
  return toPlain(parseYaml(text, 'c').value) as Compose
}

/** Two parties that run these engines. */
export const engines = (combination: string, more = ''): string => {
  const [computing, federation, storage] = combination.split(', ')
  return `{computing: ${computing}, federation: ${federation}, storage: ${storage}, compute_core: 12, ${more}${TWO}}`
}

export const render = (template: string, vars: ReadonlyMap<string, Value>): string =>
  renderTemplate(`templates/${template}.hbs`, vars)

export const TWO = 'parties: [{id: 10000, address: 192.168.7.1}, {id: 9999, address: 192.168.7.2}]'

/** Java's reading of a line `key=value`. */
export function property(text: string, key: string): string {
  const line = text.split('\n').find((one) => one.startsWith(`${key}=`))!
  return javaValue(line.slice(key.length + 1))
}

/** MySQL's reading of a string in double quotes, in SQL and in option files. */
export function mysqlString(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(/\\(.)/g, (_, char: string) => ({ t: '\t', n: '\n', r: '\r' })[char] ?? char)
}

/** The files of the compose file that these engines use. */
export function serviceFiles(vars: ReadonlyMap<string, Value>): string[] {
  const files: Record<string, string> = {
    clustermanager: 'eggroll',
    namenode: 'hadoop',
    'spark-master': 'spark',
  }
  return (toPlain(vars.get('services')!) as string[]).map((name) => `compose/${files[name] ?? name}`)
}
