import type { ScriptOutput } from '../contract.js'
import { readContents, type Contents } from './contents.js'

/** A package of a transaction. */
export interface Row {
  readonly name: string
  readonly architecture: string
  /** `2:1.0-1.el9`, without an epoch of 0. */
  readonly version: string
  readonly removed: boolean
  /** It would replace a newer one. */
  readonly older: boolean
  /** Nobody asked for it: it comes or goes because of others. */
  readonly along: boolean
}

/** What dnf or yum would do. */
export interface Plan {
  readonly rows: readonly Row[]
  /** Why it can do nothing. */
  readonly failed: string | undefined
}

/** What the host answered. */
export interface DnfAnswer {
  readonly lacking: boolean
  /** Another program held the lock for all the time. */
  readonly locked: boolean
  /** Names of the task that are there, or that something there provides. */
  readonly there: ReadonlySet<string>
  /** By package: of those asked for, and of all where something may have to be done. */
  readonly installed: ReadonlyMap<string, string>
  readonly install: Plan
  readonly upgrade: Plan
  readonly contents: Contents
}

/** Reads what the question has printed. */
export function readDnf({ stdout }: ScriptOutput): DnfAnswer {
  const lines = stdout.split('\n')
  const parts = partsOf(lines)
  const there = lines.filter((line) => line.startsWith('has ')).map((line) => line.slice(4))
  return {
    lacking: lines[0] === 'lacking',
    locked: lines.includes('locked'),
    there: new Set(there),
    installed: new Map(
      lines.flatMap((line): [string, string][] => {
        const [word, name, version] = line.split('\t')
        return word === 'rpm' && version !== undefined ? [[name!, withoutZero(version)]] : []
      }),
    ),
    install: planOf(parts.get('install')),
    upgrade: planOf(parts.get('upgrade')),
    contents: readContents(lines),
  }
}

/** `plan install`, what dnf printed, `status 1`. */
function partsOf(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const parts = new Map<string, string[]>()
  let part: string[] | undefined
  for (const line of lines) {
    if (line.startsWith('plan ')) parts.set(line.slice(5), (part = []))
    else part?.push(line)
    if (line.startsWith('status ')) part = undefined
  }
  return parts
}

/** Headings of a transaction's table, of dnf and of yum; groups and modules have no rows of packages. */
const HEADING = /^(Installing|Upgrading|Updating|Reinstalling|Downgrading|Removing|Erasing)( .*)?:$/
const NO_PACKAGES = /Groups|Environment|Streams|Profiles/i
const ALONG = / for dependencies|dependencies| dependent /

function planOf(lines: readonly string[] = []): Plan {
  const rows: Row[] = []
  let heading: RegExpExecArray | null = null
  let words: string[] = []
  for (const line of lines) {
    const replaced = /^ +replacing +(\S+)\.(\S+) +(\S+)/.exec(line)
    if (replaced) rows.push({ ...row(replaced[1]!, replaced[2]!, replaced[3]!), removed: true, along: true })
    else if (!line.startsWith(' ')) [heading, words] = [HEADING.exec(line), []]
    else if (heading && !NO_PACKAGES.test(heading[0])) {
      // A name that is too long for its column has a line of its own.
      words.push(...line.trim().split(/ +/))
      if (words.length < 5) continue
      const [name, architecture, version] = words as [string, string, string]
      const [title, what = ''] = [heading[1]!, heading[2] ?? '']
      const removed = title === 'Removing' || title === 'Erasing'
      rows.push({ ...row(name, architecture, version), removed, older: title === 'Downgrading', along: ALONG.test(what) }) // prettier-ignore
      words = []
    }
  }
  const status = Number(/^status (\d+)$/.exec(lines.at(-1) ?? '')?.[1] ?? 0)
  // A group whose packages are all there is a transaction too, of nothing.
  const possible = status === 0 || lines.some((line) => line.startsWith('Transaction Summary'))
  return { rows, failed: possible ? undefined : complaintsOf(lines) }
}

function row(name: string, architecture: string, version: string): Row {
  return { name, architecture, version: withoutZero(version), removed: false, older: false, along: false }
}

function withoutZero(version: string): string {
  return version.replace(/^0:/, '')
}

/** What dnf or yum gives as reasons, in its own words; what it says of its own progress is left out. */
function complaintsOf(lines: readonly string[]): string {
  const missing = lines.flatMap((line) => {
    const [, group] = /^Module or Group '(.*)' is not available\.$/.exec(line) ?? []
    if (group !== undefined) return [`No group ${group} available.`]
    const [, name] = /^(?:No match for argument: |No package )(.*?)(?: available\.)?$/.exec(line) ?? []
    return name === undefined ? [] : [`No package ${name} available.`]
  })
  if (missing.length > 0) return missing.join(' ')
  const from = lines.findIndex((line) => /^(?:Error|Failed|Cannot|Can not|Could not|usage:)/.test(line))
  const told = lines.slice(Math.max(0, from), -1).map((line) => line.trim())
  return told
    .filter((line) => line !== '' && !/^\(try to |^Error:$/.test(line))
    .slice(0, 12)
    .join('\n')
}
