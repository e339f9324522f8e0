import { defineScalarTag, dump, DUMP_SCHEMA, floatYaml11Tag, realMapTag } from 'js-yaml'
import type { ScalarTagDefinition } from 'js-yaml'
import { Float, isDict, keyText, Unsafe } from '../language/value.js'
import type { Value } from '../language/value.js'

/**
 * JSON as ansible-inventory prints it: keys sorted, four spaces, floats with their `.0`; vault values stay encrypted
 * and text of `!unsafe` is marked.
 */
export function formatJson(value: Value, indent = ''): string {
  const inner = `${indent}    `
  const wrap = (open: string, items: readonly string[], close: string): string =>
    items.length ? `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}` : `${open}${close}`
  if (Array.isArray(value)) {
    const items = value.map((item) => formatJson(item, inner))
    return wrap('[', items, ']')
  }
  if (isDict(value)) {
    const entries = [...value].map(([key, item]) => [keyText(key), item] as const)
    entries.sort(([a], [b]) => (a < b ? -1 : 1))
    const items = entries.map(([key, item]) => `${JSON.stringify(key)}: ${formatJson(item, inner)}`)
    return wrap('{', items, '}')
  }
  if (value instanceof Unsafe) return formatJson(markUnsafe(value), indent)
  return formatScalar(value)
}

/** YAML that reads back as the same value, with keys sorted or as they come; vault values stay encrypted. */
export function formatYaml(value: Value, sortKeys = true): string {
  return dump(value, { schema: SCHEMA, sortKeys, lineWidth: -1, seqNoIndent: true, noRefs: true })
}

/** `1.0` stays a float and a large integer exact. */
const NUMBER = defineScalarTag<unknown>('tag:yaml.org,2002:float', {
  implicit: true,
  resolve: floatYaml11Tag.resolve,
  identify: (data: unknown) =>
    data instanceof Float || typeof data === 'bigint' || floatYaml11Tag.identify(data),
  represent: (data: unknown) =>
    data instanceof Float || typeof data === 'bigint' ? formatScalar(data) : floatYaml11Tag.represent(data),
})
const UNSAFE = writeOnly('!unsafe', (value) => (value.ciphertext === undefined ? value.text : undefined))
const VAULT = writeOnly('!vault', (value) => value.ciphertext)
const SCHEMA = DUMP_SCHEMA.withTags(realMapTag, NUMBER, UNSAFE, VAULT)

function writeOnly(tag: string, text: (value: Unsafe) => string | undefined): ScalarTagDefinition<unknown> {
  return defineScalarTag<unknown>(tag, {
    resolve: (source) => source,
    identify: (data: unknown) => data instanceof Unsafe && text(data) !== undefined,
    represent: (data: unknown) => text(data as Unsafe)!,
  })
}

function formatScalar(value: Value): string {
  if (value instanceof Float) return `${value.value}.0`
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  }
  return JSON.stringify(value)
}

function markUnsafe(value: Unsafe): Value {
  return value.ciphertext === undefined
    ? new Map([['__ansible_unsafe', value.text]])
    : new Map([['__ansible_vault', value.ciphertext]])
}
