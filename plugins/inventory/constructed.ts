import { fail, FplayError, suggest } from '../../engine/errors.js'
import type { Place } from '../../engine/errors.js'
import type { Builder } from '../../engine/inventory/build.js'
import { inventoryVars } from '../../engine/inventory/host-vars.js'
import { shortHostName } from '../../engine/inventory/hosts.js'
import type { Host } from '../../engine/inventory/hosts.js'
import { defineInventoryPlugin } from '../../engine/inventory/plugin.js'
import type { PluginSource } from '../../engine/inventory/plugin.js'
import { groupsOf } from '../../engine/inventory/relations.js'
import { createVarsFiles } from '../../engine/inventory/vars-files.js'
import type { VarsFiles } from '../../engine/inventory/vars-files.js'
import { keyPlaceOf, placeOf } from '../../engine/language/place.js'
import {
  evaluateExpression,
  evaluateTemplate,
  valueText,
  renderValue,
} from '../../engine/language/template.js'
import { isDict, keyText } from '../../engine/language/value.js'
import type { Dict, Value } from '../../engine/language/value.js'
import { createScope, dictLayer, orderLayers } from '../../engine/language/variables.js'
import type { VariableScope } from '../../engine/language/variables.js'

const OPTIONS = {
  plugin: 'constructed, or ansible.builtin.constructed.',
  strict: 'Whether an expression that fails is an error; otherwise its entry is passed over. Default false.',
  compose: 'Variables of hosts by name, each an expression.',
  groups: 'Groups by name, each with a condition: hosts for which it holds become members.',
  keyed_groups:
    'Groups named after the value of an expression: key, prefix, separator, parent_group, default_value, trailing_separator.',
  leading_separator: 'False: a keyed group without a prefix has no separator before its name. Default true.',
  use_vars_plugins: 'Whether group_vars/ and host_vars/ are read for the expressions. Default false.',
} as const

const KEYED = ['key', 'prefix', 'separator', 'parent_group', 'default_value', 'trailing_separator']

/** Variables and groups made from the variables that hosts of earlier sources have, as Ansible's plugin does. */
export default defineInventoryPlugin({
  summary: 'Variables and groups that follow from the variables of hosts',
  options: OPTIONS,
  examples: `
plugin: constructed
compose:
  address: ansible_host | default(inventory_hostname)
groups:
  big: cores | int > 8
keyed_groups:
  - {prefix: os, key: os_family}
`,
  read(file, builder, source) {
    const work = readFile(file, builder, source)
    for (const host of [...builder.inventory.hosts.values()]) {
      compose(host, work)
      const scope = scopeOf(host, work)
      addToGroups(host, scope, work)
      for (const entry of work.keyed) addToKeyedGroups(host, entry, scope, work)
    }
  },
})

/** A checked file, and what its hosts are looked at with. */
interface Work {
  readonly file: Dict
  readonly builder: Builder
  readonly files: VarsFiles
  readonly strict: boolean
  readonly leading: boolean
  readonly keyed: readonly Dict[]
}

function readFile(file: Dict, builder: Builder, { vault }: PluginSource): Work {
  for (const key of file.keys())
    if (!Object.hasOwn(OPTIONS, keyText(key))) refuseKey(file, key, Object.keys(OPTIONS))
  for (const name of ['compose', 'groups']) {
    const value = file.get(name) ?? null
    if (value !== null && !isDict(value)) refuseKind(file, name, 'a dictionary of expressions by name')
  }
  const keyed = file.get('keyed_groups') ?? []
  if (!Array.isArray(keyed)) refuseKind(file, 'keyed_groups', 'a list of dictionaries')
  const wanted = truth(file, 'use_vars_plugins', false)
  const real = createVarsFiles(vault, builder.warn)
  return {
    file,
    builder,
    files: wanted ? real : { layers: () => [] },
    strict: truth(file, 'strict', false),
    leading: truth(file, 'leading_separator', true),
    keyed: keyed.map((entry, at) => checkKeyed(entry, keyed, at, file)),
  }
}

function checkKeyed(entry: Value, list: readonly Value[], at: number, file: Dict): Dict {
  if (!isDict(entry)) {
    return fail({
      code: 'bad-inventory',
      place: placeOf(list as Value[], at) ?? placeOf(file, 'keyed_groups'),
      message: 'an entry of keyed_groups is no dictionary',
      allowed: `allowed: ${KEYED.join(', ')}`,
    })
  }
  for (const key of entry.keys()) if (!KEYED.includes(keyText(key))) refuseKey(entry, key, KEYED)
  if (typeof entry.get('key') !== 'string') {
    fail({
      code: 'bad-inventory',
      place: placeOf(entry, 'key') ?? placeOf(entry),
      message: 'an entry of keyed_groups has no key',
      cure: 'name the expression whose value becomes the name of the group: key: os_family',
    })
  }
  if ((entry.get('default_value') ?? null) !== null && (entry.get('trailing_separator') ?? null) !== null) {
    fail({
      code: 'bad-inventory',
      place: keyPlaceOf(entry, 'default_value') ?? placeOf(entry),
      message: 'default_value and trailing_separator exclude each other',
      cure: 'leave one of them out',
    })
  }
  return entry
}

function scopeOf(host: Host, { builder, files }: Work): VariableScope {
  const { inventory } = builder
  const names = groupsOf(inventory, host).map(({ name }) => name)
  const magic: Dict = new Map<string, Value>([
    ['inventory_hostname', host.name],
    ['inventory_hostname_short', shortHostName(host.name)],
    ['group_names', names.filter((name) => name !== 'all').sort()],
  ])
  const own = { 'magic variables': [dictLayer('magic variables', magic)] }
  return createScope(orderLayers(inventoryVars(inventory, host, files), own), renderValue)
}

function compose(host: Host, work: Work): void {
  const scope = scopeOf(host, work)
  const table = work.file.get('compose')
  if (!isDict(table ?? null)) return
  const values = [...(table as Dict)].flatMap(([name, text]) => {
    const place = placeOf(table as Dict, name)
    const what = `the variable "${keyText(name)}" of ${host.name}`
    const found = attempt(work, what, place, () => expression(text, scope, place))
    return found ? [{ name, value: found.value, place }] : []
  })
  for (const { name, value, place } of values) work.builder.setVar(host, name, value, place)
}

function addToGroups(host: Host, scope: VariableScope, work: Work): void {
  const table = work.file.get('groups')
  if (!isDict(table ?? null)) return
  for (const [name, text] of table as Dict) {
    const place = placeOf(table as Dict, name)
    const what = `whether ${host.name} is in "${keyText(name)}"`
    const found = attempt(work, what, place, () =>
      evaluateTemplate(`{{ true if ${String(text)} else false }}`, scope, place),
    )
    if (found?.value !== true) continue
    const group = groupName(keyText(name))
    work.builder.addGroup(group, place)
    work.builder.addHost(host.name, group)
  }
}

function addToKeyedGroups(host: Host, entry: Dict, scope: VariableScope, work: Work): void {
  const place = placeOf(entry, 'key')
  const text = entry.get('key') as string
  const key = attempt(work, `the key "${text}" for ${host.name}`, place, () => expression(text, scope, place))
  if (!key) return
  const names = namesOf(key.value, entry, work)
  if (names.length === 0) {
    const isEmpty = Array.isArray(key.value) || isDict(key.value)
    if (work.strict && !isEmpty)
      fail({ code: 'bad-inventory', place, message: `the key "${text}" is empty for ${host.name}` })
    return
  }
  const parent = attempt(work, 'parent_group', placeOf(entry, 'parent_group'), () => {
    const written = entry.get('parent_group') ?? ''
    return typeof written === 'string'
      ? evaluateTemplate(written, scope, placeOf(entry, 'parent_group'))
      : written
  })
  if (!parent) return
  const above = parent.value === '' || parent.value === null ? undefined : groupName(String(parent.value))
  for (const name of names.map(groupName)) {
    work.builder.addGroup(name, place)
    work.builder.addHost(host.name, name)
    if (above === undefined) continue
    work.builder.addGroup(above, place)
    work.builder.addChild(above, name, place)
  }
}

/** Made groups have names that could be variables: everything else becomes `_`, a digit at the beginning too. */
function groupName(text: string): string {
  return text.replace(/^\d|[^\p{L}\p{N}\p{M}_]/gu, '_')
}

/** Names of the groups that a key stands for. */
function namesOf(key: Value, entry: Dict, { leading }: Work): string[] {
  const prefix = String(entry.get('prefix') ?? '')
  const separator = String(entry.get('separator') ?? '_')
  const otherwise = entry.get('default_value') ?? null
  const start = prefix === '' && !leading ? '' : prefix + separator
  const bare = (value: Value): string =>
    value === '' && otherwise !== null ? String(otherwise) : valueText(value)
  if (isDict(key)) {
    const trailing = entry.get('trailing_separator') !== false
    return [...key].map(([name, value]) => {
      const last = bare(value)
      return start + (last === '' && !trailing ? keyText(name) : `${keyText(name)}${separator}${last}`)
    })
  }
  if (Array.isArray(key)) return key.map((value) => start + bare(value))
  if (key === null || key === false || (key === '' && otherwise === null)) return []
  return [start + bare(key)]
}

function expression(text: Value, scope: VariableScope, place: Place | undefined): Value {
  return typeof text === 'string' ? evaluateExpression(text, scope, place) : text
}

/** The value, or undefined when it cannot be made and nobody is strict about it. */
function attempt(
  work: Work,
  what: string,
  place: Place | undefined,
  make: () => Value,
): { value: Value } | undefined {
  try {
    return { value: make() }
  } catch (error) {
    if (!(error instanceof FplayError)) throw error
    // What cannot be parsed is wrong for every host.
    if (
      !work.strict &&
      !error.problems.some(({ code }) => code === 'template-syntax' || code === 'unknown-filter')
    )
      return undefined
    const [first] = error.problems
    throw new FplayError([{ ...first!, place: first!.place ?? place, message: `${what}: ${first!.message}` }])
  }
}

function truth(file: Dict, name: string, otherwise: boolean): boolean {
  const value = file.get(name) ?? otherwise
  if (typeof value === 'boolean') return value
  return refuseKind(file, name, 'true or false')
}

function refuseKey(dict: Dict, key: Value, allowed: readonly string[]): never {
  return fail({
    code: 'bad-inventory',
    place: keyPlaceOf(dict, keyText(key)) ?? placeOf(dict),
    message: `the plugin constructed has no key "${keyText(key)}"`,
    allowed: suggest(keyText(key), allowed),
  })
}

function refuseKind(file: Dict, name: string, allowed: string): never {
  return fail({
    code: 'bad-inventory',
    place: placeOf(file, name) ?? keyPlaceOf(file, name),
    message: `${name} has a value of the wrong kind`,
    allowed: `allowed: ${allowed}`,
  })
}
