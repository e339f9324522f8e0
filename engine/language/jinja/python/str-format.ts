import type { Item, ItemDict } from '../item.js'
import { EvalError, isFloat, isInt, isItemDict, isList, isNumeric, typeName } from '../item.js'
import { dictGet } from './compare.js'
import { fixed, formatFloat, groupDigits } from './number-format.js'
import { repr, reprFloat, str } from './render.js'

interface Spec {
  readonly fill: string
  readonly align: string | undefined
  readonly sign: string
  readonly alternate: boolean
  readonly width: number
  readonly grouping: string
  readonly precision: number | undefined
  readonly kind: string
}

const SPEC =
  /^(?:(?<fill>[\s\S])?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<alternate>#)?(?<zero>0)?(?<width>\d+)?(?<grouping>[,_])?(?:\.(?<precision>\d+))?(?<kind>[a-zA-Z%])?$/u

/** Python's `text.format(*args, **named)`. */
export function formatText(template: string, args: readonly Item[], named: ItemDict): string {
  let automatic = 0
  const field = (body: string): string => {
    const [, name, conversion, spec] = /^([^!:]*)(?:!([rsa]))?(?::([\s\S]*))?$/.exec(body) ?? []
    if (name === undefined) throw new EvalError(`"{${body}}" is not a field of format()`)
    const value = reach(name, args, named, () => automatic++)
    const inner = (spec ?? '').replace(/\{([^{}]*)\}/g, (_, nested: string) => field(nested))
    const item = conversion === undefined ? value : conversion === 's' ? str(value) : repr(value)
    return formatItem(item, inner)
  }
  return template.replace(
    /\{\{|\}\}|\{((?:[^{}]|\{[^{}]*\})*)\}|[{}]/g,
    (whole, body: string | undefined) => {
      if (whole === '{{' || whole === '}}') return whole[0]!
      if (body === undefined) throw new EvalError(`a single "${whole}" in the text of format()`)
      return field(body)
    },
  )
}

function reach(path: string, args: readonly Item[], named: ItemDict, next: () => number): Item {
  const [, first = '', rest = ''] = /^([^.[]*)([\s\S]*)$/.exec(path) ?? []
  const byPlace = first === '' || /^\d+$/.test(first)
  let value = byPlace ? args[first === '' ? next() : Number(first)] : dictGet(named, first)
  if (value === undefined) {
    throw new EvalError(byPlace ? 'format() has too few arguments' : `format() has no argument "${first}"`)
  }
  for (const [step, attribute, key] of rest.matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
    const name = attribute ?? key!
    const index = /^\d+$/.test(name) ? Number(name) : undefined
    if (isItemDict(value)) value = keyed(value, name, index)
    else value = isList(value) && index !== undefined ? value[index] : undefined
    if (value === undefined) throw new EvalError(`format() finds no "${step}" in "${path}"`)
  }
  return value
}

function keyed(dict: ItemDict, name: string, index: number | undefined): Item | undefined {
  const found = dictGet(dict, name)
  return found === undefined && index !== undefined ? dictGet(dict, index) : found
}

/** One value as a format specification says (`>10`, `.2f`, `,`, `x`). */
export function formatItem(item: Item, specification: string): string {
  if (specification === '') return str(item)
  const groups = SPEC.exec(specification)?.groups
  if (!groups) throw new EvalError(`"${specification}" is not a format specification`)
  const spec: Spec = {
    fill: groups['fill'] ?? (groups['zero'] ? '0' : ' '),
    align: groups['align'] ?? (groups['zero'] ? '=' : undefined),
    sign: groups['sign'] ?? '-',
    alternate: groups['alternate'] !== undefined,
    width: Number(groups['width'] ?? 0),
    grouping: groups['grouping'] ?? '',
    precision: groups['precision'] === undefined ? undefined : Number(groups['precision']),
    kind: groups['kind'] ?? '',
  }
  if (spec.width > 1_000_000) throw new EvalError('the width of a format is too large')
  if (isNumeric(item) && (typeof item !== 'boolean' || spec.kind !== '')) return formatNumber(item, spec)
  if (spec.kind !== '' && spec.kind !== 's') {
    throw new EvalError(`the format code "${spec.kind}" is not for '${typeName(item)}'`)
  }
  const text = str(item)
  return aligned(spec.precision === undefined ? text : text.slice(0, spec.precision), '', spec, '<')
}

function formatNumber(item: Item, spec: Spec): string {
  const negative = Number(item as number) < 0 || Object.is(Number(item as number), -0)
  const body = numberBody(item, spec)
  const digits = body.startsWith('-') ? body.slice(1) : body
  const sign = negative && body.startsWith('-') ? '-' : spec.sign === '-' ? '' : spec.sign
  return aligned(groupDigits(digits, spec.grouping), sign, spec, '>')
}

function numberBody(item: Item, spec: Spec): string {
  const { kind, precision } = spec
  if (isInt(item) && /^[bodxXnc]?$/.test(kind)) return intBody(BigInt(item), spec)
  const n = Number(item as number)
  if (kind === '%') return `${fixed(n * 100, precision ?? 6)}%`
  if (/^[eEfFgG]$/.test(kind)) return formatFloat(n, kind, precision ?? 6)
  if (kind === '' && isFloat(item))
    return precision === undefined ? reprFloat(n) : formatFloat(n, 'g', precision)
  throw new EvalError(`the format code "${kind}" is not for '${typeName(item)}'`)
}

function intBody(n: bigint, spec: Spec): string {
  if (spec.kind === 'c') return String.fromCodePoint(Number(n))
  const base = { b: 2, o: 8, x: 16, X: 16 }[spec.kind] ?? 10
  const text = n.toString(base)
  const prefix = spec.alternate && base !== 10 ? `0${spec.kind}` : ''
  const signed = text.startsWith('-') ? `-${prefix}${text.slice(1)}` : prefix + text
  return spec.kind === 'X' ? signed.toUpperCase() : signed
}

function aligned(body: string, sign: string, spec: Spec, fallback: string): string {
  const missing = Math.max(0, spec.width - [...body].length - sign.length)
  const align = spec.align ?? fallback
  if (align === '=') return sign + spec.fill.repeat(missing) + body
  if (align === '<') return sign + body + spec.fill.repeat(missing)
  if (align === '>') return spec.fill.repeat(missing) + sign + body
  const left = Math.floor(missing / 2)
  return spec.fill.repeat(left) + sign + body + spec.fill.repeat(missing - left)
}
