import type { Dict, Value } from '../../language/value.js'
import { option, refuse } from './terms.js'

/** `start-end/stride:format`, each part but the end optional; numbers in decimal, hexadecimal or octal. */
const SHORT = /^(?:(0x[0-9a-f]+|-?\d+)-)?(0x[0-9a-f]+|-?\d+)(?:\/(0x[0-9a-f]+|-?\d+))?(?::(.+))?$/i

/** The numbers of `with_sequence` as text. */
export function sequence(terms: readonly string[], options: Dict): Value[] {
  const given = terms.length ? terms : ['']
  return given.flatMap((term) => numbers(parse(term, options)))
}

interface Range {
  readonly start: number
  readonly end: number
  readonly stride: number
  readonly format: string
}

function parse(term: string, options: Dict): Range {
  const short = SHORT.exec(term.trim())
  if (short) {
    const [, start, end, stride, format] = short
    return complete({ start, end, stride, format })
  }
  const named: Record<string, string | undefined> = {}
  for (const name of ['start', 'end', 'count', 'stride', 'format']) named[name] = option(options, name)
  for (const word of term.split(/\s+/).filter(Boolean)) {
    const [, name, value] = /^(start|end|count|stride|format)=(.+)$/.exec(word) ?? []
    if (name === undefined)
      return refuse('sequence', `"${word}" is not understood`, 'write start=1 end=5 or 1-5')
    named[name] = value
  }
  return complete(named)
}

function complete(named: Partial<Record<string, string | undefined>>): Range {
  const number = (name: string): number | undefined => {
    const text = named[name]
    if (text === undefined) return undefined
    const value = /^-?0\d+$/.test(text) ? Number.parseInt(text, 8) : Number(text)
    return Number.isInteger(value)
      ? value
      : refuse('sequence', `${name} is "${text}", which is no whole number`)
  }
  const start = number('start') ?? 1
  const stride = number('stride') ?? 1
  const count = number('count')
  const end = number('end') ?? (count === undefined ? undefined : start + (count - 1) * stride)
  if (end === undefined) return refuse('sequence', 'it needs an end or a count')
  if (count === 0) return { start: 1, end: 0, stride: 1, format: '%d' }
  if (stride === 0 || (end < start && stride > 0))
    return refuse('sequence', 'the end is before the start', 'give a negative stride')
  return { start, end, stride, format: named['format'] ?? '%d' }
}

function numbers({ start, end, stride, format }: Range): string[] {
  const list: string[] = []
  for (let n = start; stride > 0 ? n <= end : n >= end; n += stride) list.push(formatNumber(format, n))
  return list
}

/** `%d`, `%04x` and the like. */
function formatNumber(format: string, n: number): string {
  return format.replace(/%(0?)(\d*)([dxXou])/g, (_, zero: string, width: string, kind: string) => {
    const base = kind === 'o' ? 8 : kind === 'd' || kind === 'u' ? 10 : 16
    const digits = n.toString(base)
    const text = kind === 'X' ? digits.toUpperCase() : digits
    return text.padStart(Number(width || 0), zero ? '0' : ' ')
  })
}
