import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { FplayError, formatProblem, suggest, type Problem } from '../../engine/errors.js'
import { isDict, toPlain, type Dict, type Value } from '../../engine/language/value.js'
import { parseYaml } from '../../engine/language/yaml.js'
import { TYPE_WORDS } from '../../engine/module/convert.js'
import type { Module } from '../../engine/module/contract.js'
import type { ParamSpec, ParamTable, ParamType } from '../../engine/module/params.js'
import { createRegistry } from '../../engine/module/registry.js'
import { loadPlaybook } from '../../engine/play/load.js'

type Params = Readonly<Record<string, unknown>>
type Keys = readonly (string | number)[]

/** Parameters that are wrong in one way, and what is said about it. */
interface Mistake {
  readonly params: Params
  /** What in their JSON text is meant (of a text, what is between the quotes); without it the name of the module. */
  readonly at?: string
  readonly said: Pick<Problem, 'code' | 'message' | 'allowed' | 'cure'>
}

/** A table of parameters: of the module, or of the options of one. */
interface Level {
  readonly name: string
  /** Parameters that are right. */
  readonly base: Params
  readonly table: ParamTable
  /** Keys that lead to the table. */
  readonly keys: Keys
  readonly open?: boolean | undefined
}

/** A value that is of no such type, and how it is shown. */
const WRONG: Readonly<Record<ParamType, readonly [unknown, string] | undefined>> = {
  str: [['?'], 'a list'],
  path: [{ '?': 1 }, 'a dictionary'],
  int: ['1.5?', '"1.5?"'],
  float: ['much?', '"much?"'],
  bool: ['perhaps?', '"perhaps?"'],
  list: [{ '?': 1 }, 'a dictionary'],
  dict: ['text?', '"text?"'],
  mode: ['u~rw?', '"u~rw?"'],
  raw: undefined,
}
/** Of more problems than a screen holds the rest is only counted. */
const AT_ONCE = 6
const OUTSIDE = 'none of them?'

const registry = createRegistry()
await registry.load(registry.names)

describe('wrong parameters, of every module as it is declared', () => {
  let folder: string
  before(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-refusals-'))))
  after(() => rmSync(folder, { recursive: true, force: true }))

  for (const name of registry.names) {
    it(`${name}: each is told with its place, what is allowed and the cure, before any host`, async () => {
      const module = registry.get(name)
      const mistakes = mistakesOf(name, module)
      const file = join(folder, `${name}.yml`)
      for (let first = 0; first < mistakes.length; first += AT_ONCE) {
        const some = mistakes.slice(first, first + AT_ONCE)
        const tasks = some.map(({ params }) => `    - ${name}: ${JSON.stringify(params)}\n`)
        writeFileSync(file, `- hosts: all\n  tasks:\n${tasks.join('')}`)
        const lines = await told(file)
        const expected = some.map((mistake, i) => saidOf(mistake, name, file, i + 3))
        expect(
          expected.filter((line) => !lines.includes(line)),
          lines.join('\n'),
        ).to.deep.equal([])
      }
    })
  }
})

/** All that is said about a playbook before any host is contacted. */
async function told(file: string): Promise<string[]> {
  try {
    await loadPlaybook(file, { registry })
    return []
  } catch (error) {
    if (error instanceof FplayError) return error.message.split('\n')
    throw error
  }
}

/** What is said about a mistake of a task in this line. */
function saidOf({ params, at, said }: Mistake, name: string, file: string, line: number): string {
  const text = JSON.stringify(params)
  const start = `    - ${name}: `.length + 1
  const column = at === undefined ? 7 : start + text.indexOf(at) + (at.startsWith('"') ? 1 : 0)
  return formatProblem({ ...said, place: { file, line, column } })
}

/** Every way in which parameters can be wrong by the declaration. */
function mistakesOf(name: string, module: Module): Mistake[] {
  const base = exampleOf(name, module)
  const level = { name, base, table: module.params, keys: [], open: module.open }
  return [...tableMistakes(level), ...ruleMistakes(name, base, module)]
}

/** The parameters of the first example that are a dictionary, or what is needed. */
function exampleOf(name: string, module: Module): Params {
  const calls = (parseYaml(module.examples, 'examples').value as Value[])
    .map((task) => (task as Dict).get(name))
    .filter((value): value is Dict => isDict(value as Value))
  const names = new Map(
    Object.entries(module.params).flatMap(([own, { aliases = [] }]) => aliases.map((alias) => [alias, own])),
  )
  if (calls[0])
    return Object.fromEntries(
      Object.entries(toPlain(calls[0]) as Params).map(([key, value]) => [names.get(key) ?? key, value]),
    )
  const needed = Object.keys(module.params).find((param) => module.params[param]!.required)
  const given = needed ?? module.freeForm ?? module.rules?.oneOf?.[0]?.[0]
  return given === undefined ? {} : { [given]: 'x' }
}

function tableMistakes(level: Level): Mistake[] {
  const { table, open, keys } = level
  const specs = Object.entries(table)
  const needed = specs.filter(([, { required }]) => required)
  return [
    ...(open ? [] : unknownNames(level)),
    ...needed.map(([name, spec]) => missing(level, name, spec)),
    ...specs.flatMap(([name, spec]) => wrongValues(level, [...keys, name], spec)),
  ]
}

function unknownNames(level: Level): Mistake[] {
  const { name, base, table, keys } = level
  const names = Object.entries(table).flatMap(([own, { aliases = [] }]) => [own, ...aliases])
  const misspelt = names.filter((one) => one.length > 5).map((one) => `${one.slice(0, -1)}Z`)
  return ['Zzzzzzzzzzzz', ...misspelt.slice(0, 1)].map((unknown) => ({
    params: put(base, [...keys, unknown], 1),
    at: `"${unknown}"`,
    said: {
      code: 'unknown-param',
      message: `${name} has no parameter "${unknown}"${inside(keys)}`,
      allowed: suggest(unknown, names),
    },
  }))
}

function missing({ name, base, keys }: Level, lacking: string, spec: ParamSpec): Mistake {
  const names = [lacking, ...(spec.aliases ?? [])]
  const rest = Object.fromEntries(Object.entries(base).filter(([own]) => !names.includes(own)))
  const nested = { params: put(base, keys, { '?': 1 }), at: '{"?":1}' }
  return {
    ...(keys.length > 0 ? nested : { params: rest }),
    said: {
      code: 'missing-param',
      message: `${name} needs the parameter "${lacking}"${inside(keys)}`,
      cure: `give it: ${spec.description.replace(/\.$/, '')}`,
    },
  }
}

/** Values that are of another type, or none of the choices; the same of items, and of what is inside. */
function wrongValues(level: Level, keys: Keys, spec: ParamSpec): Mistake[] {
  const { options } = spec
  const item: Keys = spec.type === 'list' ? [...keys, 0] : keys
  return [
    ...wrongType(level, keys, spec, spec.type),
    ...(spec.type === 'list'
      ? wrongType(level, item, spec, options ? 'dict' : (spec.elements ?? 'raw'))
      : []),
    ...(options ? tableMistakes({ ...level, table: options, keys: item, open: false }) : []),
  ]
}

function wrongType({ name, base }: Level, keys: Keys, spec: ParamSpec, type: ParamType): Mistake[] {
  const { choices, secret } = spec
  const chosen = choices !== undefined && type !== 'list'
  const wrong = chosen ? ([OUTSIDE, JSON.stringify(OUTSIDE)] as const) : WRONG[type]
  if (wrong === undefined) return []
  const [value, shown] = wrong
  return [
    {
      params: put(base, keys, value),
      at: JSON.stringify(value),
      said: {
        code: 'bad-param',
        message: `${name}: "${text(keys)}" is ${secret ? 'not such a value' : shown}`,
        allowed: chosen ? suggest(OUTSIDE, new Set(choices.map(onOneLine))) : `allowed: ${TYPE_WORDS[type]}`,
      },
    },
  ]
}

/** The rules across parameters, each broken. */
function ruleMistakes(name: string, base: Params, { rules = {}, params: table }: Module): Mistake[] {
  const { exclusive = [], together = [], oneOf = [], requiredIf = [], requiredBy = {} } = rules
  const without = (names: readonly string[]): Params => {
    const all = names.flatMap((own) => [own, ...(table[own]!.aliases ?? [])])
    return Object.fromEntries(Object.entries(base).filter(([own]) => !all.includes(own)))
  }
  const given = (names: readonly string[]): Params =>
    Object.fromEntries(names.map((own) => [own, right(table[own]!)]))
  const quoted = (names: readonly string[]): string => names.map((own) => `"${own}"`).join(', ')
  const lacks = (params: Params, message: string, cure?: string): Mistake => ({
    params,
    said: { code: 'missing-param', message: `${name}: ${message}`, cure },
  })
  const needs = ([lacking]: readonly string[]): string =>
    `give "${lacking}": ${table[lacking!]!.description.replace(/\.$/, '')}`
  return [
    ...exclusive.map((names): Mistake => {
      const two = names.slice(0, 2)
      const message = `${name}: ${quoted(two)} exclude each other`
      const params = { ...without(names), ...given(two) }
      return { params, said: { code: 'bad-param', message, cure: 'keep one of them' } }
    }),
    ...together.map(([first, ...rest]) =>
      lacks(
        { ...without(rest), ...given([first!]) },
        `${quoted([first!, ...rest])} belong together and ${quoted(rest)} is missing`,
        needs(rest),
      ),
    ),
    ...oneOf.map((names) => lacks(without(names), `one of ${quoted(names)} is needed`)),
    ...requiredIf.map(([own, value, names]) => {
      const message = `"${own}: ${String(value)}" needs ${quoted(names)}`
      return lacks({ ...without(names), [own]: value }, message, needs(names))
    }),
    ...Object.entries(requiredBy).map(([own, names]) =>
      lacks({ ...without(names), ...given([own]) }, `"${own}" needs ${quoted(names)}`, needs(names)),
    ),
  ]
}

/** A value that is right. */
function right({ type, choices }: ParamSpec): unknown {
  const values = {
    str: 'x',
    path: '/x',
    int: 1,
    float: 1,
    bool: true,
    list: ['x'],
    dict: {},
    mode: '0644',
    raw: 'x',
  }
  return choices?.[0] ?? values[type]
}

/** The base with this value at the end of the keys, and nothing beside it below the first. */
function put(base: Params, [first, ...rest]: Keys, value: unknown): Params {
  const made = rest.reduceRight<unknown>(
    (all, key) => (typeof key === 'number' ? [all] : { [key]: all }),
    value,
  )
  return { ...base, [first!]: made }
}

function onOneLine(choice: string | number): string {
  return JSON.stringify(String(choice)).slice(1, -1).replaceAll('\\\\', '\\')
}

function text(keys: Keys): string {
  return keys.map((key, i) => (typeof key === 'number' ? `[${key}]` : i > 0 ? `.${key}` : key)).join('')
}

function inside(keys: Keys): string {
  return keys.length > 0 ? ` in "${text(keys)}"` : ''
}
