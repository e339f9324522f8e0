import { existsSync, readFileSync, statSync } from 'node:fs'
import { fail, nearest } from '../errors.js'
import type { Place, Problem } from '../errors.js'
import { readAddress } from './address.js'
import type { Host, Inventory } from './hosts.js'
import { globToRegExp, regExpOf } from './pattern-regexp.js'
import { membersOf } from './relations.js'

/** Hosts that a pattern selects, in order, and patterns that matched nothing. */
export interface Selection {
  readonly hosts: readonly Host[]
  readonly warnings: readonly Problem[]
}

/** How a pattern is read. */
export interface SelectOptions {
  /** Patterns of --limit, as {@link readLimit} gives them; only hosts that they select remain. */
  readonly limit?: readonly string[] | undefined
  /** Where the pattern stands. */
  readonly place?: Place | undefined
}

/** Names that mean the controller itself when the inventory does not have them. */
const LOCALHOST = ['localhost', '127.0.0.1', '::1']

/**
 * The hosts that patterns select: groups and hosts by name, glob or `~regular expression`, with `&` (only those), `!`
 * (not those) and subscripts. A part that matches nothing is a warning. Fails with `bad-pattern`.
 */
export function selectHosts(
  inventory: Inventory,
  pattern: string | readonly string[],
  options: SelectOptions = {},
): Selection {
  const warnings: Problem[] = []
  const warn = (problem: Problem): void => void warnings.push(problem)
  let names = evaluate({ inventory, place: options.place, warn }, splitPatterns(pattern))
  if (options.limit) {
    const limit = new Set(evaluate({ inventory, place: undefined, warn }, options.limit))
    names = names.filter((name) => limit.has(name))
  }
  return { hosts: names.map((name) => findHost(inventory, name)!), warnings }
}

/** The host of this name; `localhost` exists also where no source has it, and is connected to locally. */
export function findHost(inventory: Inventory, name: string): Host | undefined {
  const host = inventory.hosts.get(name)
  if (host || !LOCALHOST.includes(name)) return host
  const declared = LOCALHOST.map((other) => inventory.hosts.get(other)).find(Boolean)
  return declared ?? implicitLocalhost(inventory, name)
}

const implicit = new WeakMap<Inventory, Host>()

function implicitLocalhost(inventory: Inventory, name: string): Host {
  let host = implicit.get(inventory)
  if (!host) {
    host = { name, vars: new Map([['ansible_connection', 'local']]), groups: new Set() }
    implicit.set(inventory, host)
  }
  return host
}

/** The patterns of --limit, with those of `@file` in their place. Fails with `file-not-found` or `bad-pattern`. */
export function readLimit(limit: string | readonly string[]): string[] {
  return splitPatterns(limit).flatMap((pattern) => {
    if (!pattern.startsWith('@')) return [pattern]
    const file = pattern.slice(1)
    if (!existsSync(file)) return fail({ code: 'file-not-found', message: `there is no limit file ${file}` })
    if (!statSync(file).isFile()) {
      return fail({ code: 'bad-pattern', message: `the limit file ${file} is a directory` })
    }
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.map((line) => line.trim()).filter(Boolean)
  })
}

/** Single patterns: split at commas, or at colons where the whole is no address with a port or range. */
export function splitPatterns(pattern: string | readonly string[]): string[] {
  if (typeof pattern !== 'string') return pattern.flatMap(splitPatterns)
  const parts = pattern.includes(',')
    ? pattern.split(',')
    : readAddress(pattern)
      ? [pattern]
      : (pattern.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? [])
  return parts.map((part) => part.trim()).filter(Boolean)
}

interface Context {
  readonly inventory: Inventory
  readonly place: Place | undefined
  warn(problem: Problem): void
}

/** Selecting patterns first, then `&`, then `!`, whatever their order: so Ansible does it. */
function evaluate(context: Context, patterns: readonly string[]): string[] {
  const excluding = patterns.filter((pattern) => pattern.startsWith('!'))
  const limiting = patterns.filter((pattern) => pattern.startsWith('&'))
  const selecting = patterns.filter((pattern) => !/^[!&]/.test(pattern))
  const hosts = new Set(
    (selecting.length ? selecting : ['all']).flatMap((pattern) => matchOne(context, pattern)),
  )
  for (const pattern of limiting) {
    const wanted = new Set(matchOne(context, pattern.slice(1)))
    for (const host of hosts) if (!wanted.has(host)) hosts.delete(host)
  }
  for (const pattern of excluding) for (const host of matchOne(context, pattern.slice(1))) hosts.delete(host)
  return [...hosts]
}

function matchOne(context: Context, pattern: string): readonly string[] {
  if (context.inventory.hosts.has(pattern)) return [pattern]
  const subscript = pattern.startsWith('~')
    ? null
    : /^(.+)\[(?:(-?[0-9]+)|([0-9]+)[:-]([0-9]*))\]$/.exec(pattern)
  if (!subscript) return enumerate(context, pattern)
  const [, base, single, from, to] = subscript as unknown as [string, string, string?, string?, string?]
  const hosts = enumerate(context, base)
  if (single === undefined) return hosts.slice(Number(from), to ? Number(to) + 1 : undefined)
  const host = hosts.at(Number(single))
  if (host !== undefined || hosts.length === 0) return host === undefined ? [] : [host]
  return fail({
    code: 'bad-pattern',
    place: context.place,
    message: `the pattern "${pattern}" asks for host number ${single}, and "${base}" has ${hosts.length}`,
    allowed: `allowed: [0] to [${hosts.length - 1}], or [-1] for the last`,
  })
}

/** Groups that match; hosts too when no group does, or when the pattern is more than a name. */
function enumerate(context: Context, pattern: string): readonly string[] {
  const { inventory } = context
  const plain = inventory.groups.get(pattern)
  if (plain && !/[.?*[]/.test(pattern)) return membersOf(inventory, pattern)
  const matcher = pattern.startsWith('~') ? regExpOf(pattern.slice(1), context.place) : globToRegExp(pattern)
  const groups = [...inventory.groups.keys()].filter((name) => matcher.test(name))
  const hosts = new Set(groups.flatMap((name) => membersOf(inventory, name)))
  if (groups.length === 0 || /^~|[.?*[]/.test(pattern)) {
    for (const name of inventory.hosts.keys()) if (matcher.test(name)) hosts.add(name)
  }
  if (hosts.size === 0 && LOCALHOST.includes(pattern)) return [findHost(inventory, pattern)!.name]
  if (hosts.size === 0 && groups.length === 0 && pattern !== 'all') context.warn(unmatched(context, pattern))
  return [...hosts]
}

function unmatched({ inventory, place }: Context, pattern: string): Problem {
  const near = nearest(pattern, [...inventory.groups.keys(), ...inventory.hosts.keys()])
  return {
    code: 'unknown-host',
    place,
    message: `no host or group matches "${pattern}"`,
    allowed: near && `did you mean "${near}"?`,
  }
}
