import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { FplayError } from '../../../../engine/errors.js'
import { evaluateExpression, evaluateTemplate, renderFile } from '../../../../engine/language/template.js'
import { scopeOf } from '../../../../engine/language/jinja/scope.js'
import { isFloat } from '../../../../engine/language/jinja/item.js'
import { reprFloat } from '../../../../engine/language/jinja/python/render.js'
import { filters, tests } from '../../../../engine/language/jinja/registry.js'
import { float, fromPlain, isDict, type Dict, type Value } from '../../../../engine/language/value.js'

interface Answer {
  readonly value?: unknown
  readonly error?: true
}
interface Recorded {
  readonly ansible: string
  readonly expressions: readonly (Answer & { readonly source: string })[]
  readonly values: readonly { readonly value: unknown; readonly written: Readonly<Record<string, string>> }[]
  readonly templates: readonly { readonly source: string; readonly file: Answer; readonly string: Answer }[]
}

const folder = new URL('./cases/', import.meta.url)
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
const recorded = read('recorded.json') as Recorded
const differences = read('differences.json') as Readonly<Record<string, { why: string; answer: Answer }>>

/** The variables of the cases; JSON has no floats, so `whole` is made one here. */
function scope() {
  const variables = fromPlain(read('variables.json')) as Dict
  variables.set('whole', float(4))
  return scopeOf(variables as Map<string, Value>)
}

/** A value as the recorder writes it. */
function tagged(value: Value): unknown {
  if (isFloat(value)) return { float: reprFloat(Number(value)) }
  if (typeof value === 'bigint') return { int: String(value) }
  if (Array.isArray(value)) return value.map(tagged)
  if (isDict(value)) return { dict: [...value].map(([key, item]) => [tagged(key), tagged(item)]) }
  return value
}

function answer(evaluate: () => Value): Answer {
  try {
    return { value: tagged(evaluate()) }
  } catch (error) {
    if (error instanceof FplayError && error.problems[0]!.code !== 'internal') return { error: true }
    throw error
  }
}

/** The opposite of {@link tagged}. */
function untagged(value: unknown): Value {
  if (Array.isArray(value)) return value.map(untagged)
  if (value === null || typeof value !== 'object') return value as Value
  if ('float' in value) return float(Number(value.float))
  const { dict } = value as { dict: [unknown, unknown][] }
  return new Map(dict.map(([key, item]) => [untagged(key), untagged(item)]))
}

/** Dates and the like leave an expression as text. */
function expected(source: string, given: Answer): Answer {
  const known = differences[source]?.answer ?? given
  const { value } = known
  if (value !== null && typeof value === 'object' && 'text' in value) return { value: value.text }
  return known.error ? { error: true } : { value }
}

describe(`expressions, as Ansible ${recorded.ansible} answers them`, () => {
  for (const { source, ...given } of recorded.expressions) {
    it(source, () => {
      expect(answer(() => evaluateExpression(source, scope()))).to.deep.equal(expected(source, given))
    })
  }

  it('lists as differences only what differs', () => {
    const known = new Map<string, Answer>([
      ...recorded.expressions.map(({ source, ...given }) => [source, given] as const),
      ...recorded.templates.flatMap(({ source, file, string }) => [
        [`file: ${source}`, file] as const,
        [`string: ${source}`, string] as const,
      ]),
    ])
    for (const [source, { answer: ours }] of Object.entries(differences)) {
      expect(known.get(source), source).to.not.equal(undefined)
      expect(ours, source).to.not.deep.equal(known.get(source))
    }
  })
})

describe(`templates, as Ansible ${recorded.ansible} renders them`, () => {
  for (const { source, file, string } of recorded.templates) {
    const title = JSON.stringify(source.slice(0, 80))
    it(`file ${title}`, () => {
      const ours = answer(() => renderFile(source, scope(), 'case.j2') as Value)
      expect(ours).to.deep.equal(expected(`file: ${source}`, file))
    })
    it(`string ${title}`, () => {
      // A letter before it keeps a lone expression, and what writes out a value, from being more than text.
      const ours = answer(() => {
        const value = evaluateTemplate(source, scope())
        return typeof value === 'string' ? value : String(evaluateTemplate(`x${source}`, scope())).slice(1)
      })
      expect(ours).to.deep.equal(expected(`string: ${source}`, string))
    })
  }
})

/** What this Ansible does not have. */
const OURS_ALONE = {
  filters: ['normpath', 'commonpath'],
  tests: ['unsafe'],
  // refused: what they ask for is not built
  params: ['password_hash ident', 'vault wrap_object'],
}

describe(`random values, as Ansible ${recorded.ansible} writes them`, () => {
  recorded.values.forEach(({ value, written }, index) => {
    it(`value ${index}: ${JSON.stringify(value).slice(0, 60)}`, () => {
      const variables = scopeOf(new Map([['v', untagged(value)]]))
      for (const [source, text] of Object.entries(written)) {
        expect(evaluateExpression(source, variables), source).to.equal(text)
      }
    })
  })
})

describe('the registry', () => {
  const sources = recorded.expressions.map(({ source }) => source)
  const all = sources.join('\n')
  const namesOf = ({ name, aliases = [] }: Named): string[] => [name, ...aliases]
  const isUsed = (one: Named, use: (name: string) => RegExp): boolean =>
    namesOf(one).some((name) => use(name.replace(/[.=<>!]/g, '\\$&')).test(all))

  it('has a recorded case for every filter', () => {
    const use = (name: string): RegExp => new RegExp(`\\|\\s*${name}(?!\\w)|\\('${name}'`)
    const without = [...new Set(filters.values())].filter((filter) => !isUsed(filter, use))
    expect(without.map(({ name }) => name)).to.deep.equal(OURS_ALONE.filters)
  })

  it('has a recorded case for every test', () => {
    const use = (name: string): RegExp => new RegExp(`is (?:not )?${name}(?!\\w)|'${name}'`)
    const without = [...new Set(tests.values())].filter((one) => !isUsed(one, use))
    expect(without.map(({ name }) => name)).to.deep.equal(OURS_ALONE.tests)
  })

  it('has a recorded case that names each parameter of each filter', () => {
    const without = [...new Set(filters.values())].flatMap((filter) => {
      const using = sources.filter((source) => namesOf(filter).some((name) => source.includes(name)))
      const given = (param: string): boolean => using.some((source) => source.includes(`${param}=`))
      return paramsOf(filter.signature).flatMap((param) => (given(param) ? [] : [`${filter.name} ${param}`]))
    })
    expect(without).to.deep.equal(OURS_ALONE.params)
  })
})

interface Named {
  readonly name: string
  readonly aliases?: readonly string[] | undefined
}

/** Names of the parameters of a signature that may be given by name. */
function paramsOf(signature: string): string[] {
  return signature
    .split(/,(?![^(]*\))/)
    .map((param) => param.trim().split('=')[0]!)
    .filter((name) => /^\w+$/.test(name))
}
