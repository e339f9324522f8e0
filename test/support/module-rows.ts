import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toPlain, type Value } from '../../engine/language/value.js'
import { parseYaml } from '../../engine/language/yaml.js'
import type { Module } from '../../engine/module/contract.js'
import type { ParamSpec, ParamTable } from '../../engine/module/params.js'
import { sh } from '../../engine/module/quote.js'

type Task = Readonly<Record<string, unknown>>

/** How a module is tried on hosts of the lab: a row of the files of a folder. */
export interface Row {
  /** On which hosts; each of them unless told. */
  readonly hosts?: readonly string[]
  /** Shell text that makes a host ready. */
  readonly before?: string
  /** Each changes something the first time, and nothing after that. */
  readonly tasks?: readonly Task[]
  /** Each changes something every time. */
  readonly always?: readonly Task[]
  /** None changes anything. */
  readonly looks?: readonly Task[]
  /** Shell text that prints what is on the host then, and that very text. */
  readonly found?: string
  readonly is?: string
  /** Shell text that takes away what is outside of the row's folder. */
  readonly after?: string
  /** Why the change of a task has no diff. */
  readonly diffless?: string
  /** Calls that the module refuses before it asks the host anything, and what it says. */
  readonly refuses?: readonly { readonly with: Readonly<Record<string, unknown>>; readonly says: string }[]
  /** Parameters that cannot hold a free text, and why. */
  readonly narrow?: Readonly<Record<string, string>>
  /** Which test sees what the module changes, where this one cannot. */
  readonly elsewhere?: string
  /** Why it cannot be run on a host of the lab, and which tests it has. */
  readonly nowhere?: string
}

/** Of every module a line `NAME: …` of a file of the folder. */
export function readRows(folder: string): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>()
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .sort()) {
    const path = join(folder, file)
    for (const [name, row] of parseYaml(readFileSync(path, 'utf8'), path).value as Map<string, Value>) {
      if (rows.has(name)) throw new Error(`${name} stands twice`)
      rows.set(name, toPlain(row) as Row)
    }
  }
  return rows
}

/**
 * Values that shells, templates, YAML and terminals could take for something else. `canary` is a program of the hosts
 * that leaves a mark when it runs.
 */
const LINE = `it's "q" \\$(canary) \`canary\` \${HOME} $1 %s \\n ; & | > # ! * ~ 漢字 é 😀 {{ canary }} {a,b}`
export const HOSTILE = {
  /** On one line. */
  line: LINE,
  /** With what many strip at both ends. */
  word: `  ${LINE}\t `,
  /** What an option could be. */
  dash: `-e $(canary) '"`,
  /** Of a file. */
  name: `-rf it's "\$(canary)" \`canary\`\n*漢 😀 \\`,
  text: `-n ${LINE}\n\n\t$(canary)\n'\\\n"EOF\n. \n`,
  big: `${LINE}\n`.repeat(Math.ceil((1 << 20) / Buffer.byteLength(`${LINE}\n`))),
}

/** The values as variables of a shell: `$LINE`, and `$AT` for the row's folder. */
export function shellValues(at: string): string {
  const names = Object.entries(HOSTILE).filter(([name]) => name !== 'big')
  return [['at', at] as const, ...names]
    .map(([name, value]) => `${name.toUpperCase()}=${sh`${value}`.text}\n`)
    .join('')
}

/** A text of a row with values in place of `<<line>>`; `<<big|sha1>>` is a checksum, `<<big|size+1>>` bytes and one more. */
export function filledIn(text: string): string {
  return text.replaceAll(
    /<<(\w+)(?:\|(sha1|size)(?:\+(\d+))?)?>>/g,
    (_, name: string, kind?: string, more = '0') => {
      const value = HOSTILE[name as keyof typeof HOSTILE]
      if (kind === 'sha1') return createHash('sha1').update(value).digest('hex')
      return kind === 'size' ? String(Buffer.byteLength(value) + Number(more)) : value
    },
  )
}

/** The values as a file of variables that are never taken for templates. */
export function hostileVars(): string {
  return Object.entries(HOSTILE)
    .map(([name, value]) => `${name}: !unsafe ${JSON.stringify(value)}\n`)
    .join('')
}

/**
 * Parameters of a module that can hold a text and that no task of its row, and no call that is refused, has a hostile value
 * for; nor does the row say why not.
 */
export function untried(name: string, module: Module, row: Row): string[] {
  if (row.nowhere !== undefined) return []
  const calls = [...(row.tasks ?? []), ...(row.always ?? []), ...(row.looks ?? [])]
    .flatMap((task) => (name in task ? [task[name], task['args']] : []))
    .concat((row.refuses ?? []).map((each) => each.with))
    .map((call) =>
      typeof call === 'object' || call === undefined ? call : { [module.freeForm ?? '']: call },
    )
  return texts(module.params, []).filter((path) => {
    const keys = path.split('.')
    const narrow = row.narrow ?? {}
    if (keys.some((_, i) => keys.slice(0, i + 1).join('.') in narrow || keys[i]! in COMMON)) return false
    return !calls.some((call) => isHostile(inside(call, keys, module.params)))
  })
}

/** What parameters of many modules are. */
const COMMON: Readonly<Record<string, string>> = {
  owner: 'an account of the host',
  group: 'a group of the host',
  attributes: 'letters of chattr, anything else is refused; test/engine/module/chattr.test.ts',
  seuser: 'needs a host with SELinux; test/hosts/labels.test.ts',
  serole: 'likewise',
  setype: 'likewise',
  selevel: 'likewise',
}

function texts(table: ParamTable, at: readonly string[]): string[] {
  return Object.entries(table).flatMap(([name, spec]) => {
    if (spec.options) return texts(spec.options, [...at, name])
    return holdsText(spec) ? [[...at, name].join('.')] : []
  })
}

function holdsText({ type, choices, elements }: ParamSpec): boolean {
  if (choices) return false
  return type === 'list'
    ? ['str', 'path', 'raw'].includes(elements ?? 'raw')
    : ['str', 'path', 'raw', 'dict'].includes(type)
}

/** The values at the end of the keys, in lists too; a parameter may be called by an alias. */
function inside(value: unknown, [key, ...rest]: readonly string[], table: ParamTable): unknown {
  if (key === undefined) return value
  if (Array.isArray(value)) return value.map((item) => inside(item, [key, ...rest], table))
  if (typeof value !== 'object' || value === null) return undefined
  const names = [key, ...(table[key]?.aliases ?? [])]
  const found = Object.entries(value).find(([own]) => names.includes(own))
  return inside(found?.[1], rest, table[key]?.options ?? {})
}

function isHostile(value: unknown): boolean {
  return /\b(?:line|word|dash|name|text|big)\b.*\}\}|[(`]canary[)`]|<<\w+>>/.test(JSON.stringify(value) ?? '')
}
