import { fail, suggest } from '../errors.js'
import type { Place, Problem } from '../errors.js'
import { readPythonLiteral } from '../language/python-literal.js'
import type { Value } from '../language/value.js'
import { expandHosts } from './address.js'
import type { Builder } from './build.js'
import type { Group } from './hosts.js'
import { splitWords } from './words.js'

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/
const KINDS = ['hosts', 'children', 'vars']

/**
 * Reads an inventory in Ansible's INI format: sections of hosts, `[group:children]` and `[group:vars]`. Values are
 * Python literals where they can be. Fails with `bad-inventory`.
 */
export function readIni(text: string, file: string, builder: Builder): void {
  const reader: Reader = { file, builder, group: 'ungrouped', kind: 'hosts', pending: new Map() }
  for (const [index, line] of text.split(/\r\n|[\n\r]/).entries()) {
    const trimmed = line.trim()
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue
    readLine(reader, trimmed, { file, line: index + 1, column: line.length - line.trimStart().length + 1 })
  }
  for (const [name, { place, why }] of reader.pending) refuseUndeclared(reader, name, place, why)
}

interface Reader {
  readonly file: string
  readonly builder: Builder
  group: string
  kind: string
  /** Groups that were named before they were declared. */
  readonly pending: Map<string, Pending>
}

interface Pending {
  readonly place: Place
  readonly why: 'vars' | 'child'
  /** Groups whose children it shall be. */
  readonly parents: { readonly name: string; readonly place: Place }[]
}

function readLine(reader: Reader, line: string, place: Place): void {
  const section = SECTION.exec(line)
  if (section) return beginSection(reader, section[1]!, section[2] ?? 'hosts', place)
  if (line.startsWith('[') && line.endsWith(']')) {
    refuse(
      place,
      `${line} is no section`,
      'a section is [group], [group:vars] or [group:children], without blanks',
    )
  }
  if (reader.kind === 'hosts') readHosts(reader, line, place)
  else if (reader.kind === 'vars') readVariable(reader, line, place)
  else readChild(reader, line, place)
}

function beginSection(reader: Reader, name: string, kind: string, place: Place): void {
  const { builder, pending } = reader
  if (!KINDS.includes(kind)) {
    refuse(place, `the section [${name}:${kind}] is of an unknown kind`, undefined, suggest(kind, KINDS))
  }
  reader.group = name
  reader.kind = kind
  const known = builder.inventory.groups.has(name)
  const waiting = pending.get(name)
  if (kind === 'vars') {
    if (!known && !waiting) pending.set(name, { place, why: 'vars', parents: [] })
    if (!known) builder.addGroup(name, place)
    return
  }
  builder.addGroup(name, place)
  pending.delete(name)
  for (const parent of waiting?.parents ?? []) builder.addChild(parent.name, name, parent.place)
}

function readHosts(reader: Reader, line: string, place: Place): void {
  const { builder, group } = reader
  const words = splitWords(line)
  if (typeof words === 'string') return refuse(place, `the line cannot be split into words: ${words}`)
  const [first, ...rest] = words
  if (!first) return
  if (first.text === '---') {
    refuse(place, 'a line "---" begins a YAML file, not an INI file', 'give the file the ending .yml')
  }
  const { names, port } = expandHosts(first.text, place)
  if (port === undefined && first.text.endsWith(':')) {
    refuse(place, `the host "${first.text}" ends with a colon and has no port`, looksLikeYaml(line))
  }
  const variables = rest.map((word) => readAssignment(word.text, at(place, word.column)))
  for (const name of names) {
    const isNew = !builder.inventory.hosts.has(name)
    const host = builder.addHost(name, group, place)
    if (isNew && port !== undefined) builder.setVar(host, 'ansible_port', port, place)
    for (const each of variables) builder.setVar(host, each.name, each.value, each.place, each.keyPlace)
  }
}

interface Assignment {
  readonly name: string
  readonly value: Value
  readonly place: Place
  readonly keyPlace: Place
}

function readAssignment(text: string, place: Place): Assignment {
  const equals = text.indexOf('=')
  if (equals < 0) {
    refuse(
      place,
      `"${text}" follows the host and is no variable`,
      'write name=value; one host stands in each line',
    )
  }
  const name = text.slice(0, equals)
  return { name, value: readValue(text.slice(equals + 1)), place: at(place, equals + 2), keyPlace: place }
}

function readVariable(reader: Reader, line: string, place: Place): void {
  const equals = line.indexOf('=')
  if (equals < 0)
    refuse(place, `"${line}" is no variable`, `the section [${reader.group}:vars] holds name=value`)
  const written = line.slice(equals + 1)
  const column = equals + 2 + written.length - written.trimStart().length
  const group = reader.builder.inventory.groups.get(reader.group)!
  const name = line.slice(0, equals).trim()
  reader.builder.setVar(group, name, readValue(written.trim()), at(place, column), place)
}

function readChild(reader: Reader, line: string, place: Place): void {
  const { builder, pending, group } = reader
  const name = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(line)?.[1]
  if (!name)
    return refuse(place, `"${line}" is no name of a group`, `[${group}:children] holds one name in each line`)
  const waiting = pending.get(name)
  if (waiting) waiting.parents.push({ name: group, place })
  else if (builder.inventory.groups.has(name)) builder.addChild(group, name, place)
  else pending.set(name, { place, why: 'child', parents: [{ name: group, place }] })
}

function refuseUndeclared(reader: Reader, name: string, place: Place, why: Pending['why']): never {
  const declared = [...reader.builder.inventory.groups.values()].filter(
    (group: Group) => !reader.pending.has(group.name),
  )
  refuse(
    place,
    why === 'vars' ? `[${name}:vars] belongs to no group` : `there is no group "${name}" to be a child`,
    `declare it with [${name}]`,
    suggest(
      name,
      declared.map((group) => group.name),
    ),
  )
}

/** A Python literal where it is one, text otherwise. */
function readValue(text: string): Value {
  const literal = readPythonLiteral(text)
  return literal === undefined ? text : literal
}

function looksLikeYaml(line: string): string | undefined {
  return /^\w+:$/.test(line) ? 'if this is a YAML inventory, give the file the ending .yml' : undefined
}

/** The place of a column of a line that begins at `place`. */
function at(place: Place, column: number): Place {
  return { ...place, column: place.column + column - 1 }
}

function refuse(place: Place, message: string, cure?: string, allowed?: string): never {
  const problem: Problem = { code: 'bad-inventory', place, message, allowed, cure }
  return fail(problem)
}
