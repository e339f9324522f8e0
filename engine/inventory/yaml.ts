import { fail, suggest } from '../errors.js'
import type { Place } from '../errors.js'
import { keyPlaceOf, placeOf } from '../language/place.js'
import { isDict } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { expandHosts } from './address.js'
import type { Builder } from './build.js'
import type { Group } from './hosts.js'

const SECTIONS = ['hosts', 'vars', 'children']

/**
 * Reads an inventory in Ansible's YAML format: a dictionary of groups, each with `hosts`, `vars` and `children`.
 * Fails with `bad-inventory`.
 */
export function readYamlInventory(value: Value, file: string, builder: Builder): void {
  const place = placeOf(value) ?? { file, line: 1, column: 1 }
  if (!isDict(value)) {
    return refuse(
      place,
      `a YAML inventory is a dictionary of groups, and this is ${kind(value)}`,
      'begin with "all:"',
    )
  }
  for (const [name, group] of value)
    readGroup(builder, name, group, keyPlaceOf(value, name), placeOf(value, name))
}

function readGroup(
  builder: Builder,
  name: Value,
  value: Value,
  keyPlace: Place | undefined,
  place: Place | undefined,
): Group {
  const group = builder.addGroup(name, keyPlace)
  if (value === null) return group
  if (!isDict(value)) {
    return refuse(
      place,
      `the group "${group.name}" must have hosts, vars or children, and is ${kind(value)}`,
      `write the hosts below "hosts:", each as a key`,
    )
  }
  for (const [key, section] of value) {
    if (typeof key === 'string' && SECTIONS.includes(key)) readSection(builder, group, key, section, value)
    else refuseKey(group, key, keyPlaceOf(value, key))
  }
  return group
}

function readSection(builder: Builder, group: Group, key: string, section: Value, within: Dict): void {
  const entries = sectionEntries(group, key, section, placeOf(within, key))
  for (const [name, value] of entries) {
    const keyPlace = keyPlaceOf(entries, name) ?? placeOf(within, key)
    const place = placeOf(entries, name) ?? keyPlace
    if (key === 'vars') builder.setVar(group, name, value, place, keyPlace)
    else if (key === 'hosts') readHosts(builder, group, name, value, keyPlace, place)
    else {
      const child = readGroup(builder, name, value, keyPlace, place)
      builder.addChild(group.name, child.name, keyPlace)
    }
  }
}

/** A section's dictionary; a single name may stand for it, as in Ansible. */
function sectionEntries(group: Group, key: string, section: Value, place: Place | undefined): Dict {
  if (section === null) return new Map()
  if (isDict(section)) return section
  if (typeof section === 'string') return new Map([[section, null]])
  const cure = key === 'vars' ? 'write each variable as "name: value"' : 'write each name as a key: "web1:"'
  return refuse(
    place,
    `"${key}" of the group "${group.name}" must be a dictionary, and is ${kind(section)}`,
    cure,
  )
}

function readHosts(
  builder: Builder,
  group: Group,
  written: Value,
  value: Value,
  keyPlace: Place | undefined,
  place: Place | undefined,
): void {
  if (typeof written !== 'string') {
    return refuse(
      keyPlace,
      `the name of a host must be text, and this is ${String(written)}`,
      `quote it: "${String(written)}"`,
    )
  }
  if (value !== null && !isDict(value)) {
    return refuse(place, `the host "${written}" must have a dictionary of variables, and has ${kind(value)}`)
  }
  const { names, port } = expandHosts(written, keyPlace)
  for (const name of names) {
    const isNew = !builder.inventory.hosts.has(name)
    const host = builder.addHost(name, group.name, keyPlace)
    if (isNew && port !== undefined) builder.setVar(host, 'ansible_port', port, keyPlace)
    for (const [key, item] of value ?? []) {
      builder.setVar(host, key, item, placeOf(value, key), keyPlaceOf(value, key))
    }
  }
}

/** Ansible warns and leaves the key out; here a mistyped `host:` does not silently lose the hosts. */
function refuseKey(group: Group, key: Value, place: Place | undefined): never {
  return fail({
    code: 'bad-inventory',
    place,
    message: `the group "${group.name}" has no section "${String(key)}"`,
    allowed: suggest(String(key), SECTIONS),
    cure: 'variables of the group belong below "vars:", groups below "children:"',
  })
}

function kind(value: Value): string {
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  if (isDict(value)) return 'a dictionary'
  return typeof value === 'string' ? 'text' : `the value ${String(value)}`
}

function refuse(place: Place | undefined, message: string, cure?: string): never {
  return fail({ code: 'bad-inventory', place, message, cure })
}
