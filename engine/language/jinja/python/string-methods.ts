import type { Item } from '../item.js'
import { EvalError, isList, iterate, tuple, typeName } from '../item.js'
import { restOf } from '../signature.js'
import { Bytes } from './bytes.js'
import { optionalInt, optionalText, wantInt, wantText } from './convert.js'
import type { Method, Methods } from './methods.js'
import { methodOf } from './methods.js'
import { formatText } from './str-format.js'

type TextMethod = Method<string>

/** Where a slice of `length` items begins and ends, with negative bounds counted from the end. */
export function window(
  length: number,
  start: number | undefined,
  stop: number | undefined,
): [number, number] {
  const clip = (n: number) => Math.min(length, Math.max(0, n < 0 ? n + length : n))
  return [clip(start ?? 0), clip(stop ?? length)]
}

/** Python's strip: spaces, or any of `chars`, off one end or both. */
export function strip(text: string, chars: string | undefined, left: boolean, right: boolean): string {
  const unwanted = (char: string) => (chars === undefined ? /\s/.test(char) : chars.includes(char))
  const items = [...text]
  let [from, to] = [0, items.length]
  while (left && from < to && unwanted(items[from]!)) from++
  while (right && to > from && unwanted(items[to - 1]!)) to--
  return items.slice(from, to).join('')
}

/** Python's split: by runs of spaces without a separator, at most `limit` times when it is not negative. */
export function split(text: string, separator: string | undefined, limit: number): string[] {
  if (separator === '') throw new EvalError('empty separator')
  const parts: string[] = []
  let rest = separator === undefined ? text.trimStart() : text
  while (limit < 0 || parts.length < limit) {
    const found = separator === undefined ? /\s+/.exec(rest)?.index : rest.indexOf(separator)
    if (found === undefined || found < 0) break
    parts.push(rest.slice(0, found))
    rest = separator === undefined ? rest.slice(found).trimStart() : rest.slice(found + separator.length)
  }
  if (separator !== undefined) return [...parts, rest]
  const last = limit < 0 || parts.length < limit ? rest.trimEnd() : rest
  return last === '' ? parts : [...parts, last]
}

function rsplit(text: string, separator: string | undefined, limit: number): string[] {
  const flip = (s: string) => [...s].reverse().join('')
  return split(flip(text), separator && flip(separator), limit)
    .map(flip)
    .reverse()
}

/** Python's splitlines. */
export function splitLines(text: string, keepEnds: boolean): string[] {
  const lines =
    text.match(/[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]|$)/g) ?? []
  const full = lines.filter((line, index) => line !== '' || index < lines.length - 1)
  return keepEnds
    ? full
    : full.map((line) => line.replace(/(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])$/, ''))
}

/** Python's title: every run of letters begins with a capital. */
export function titleCase(text: string): string {
  return text.replace(/\p{L}+/gu, (word) => capitalize(word))
}

/** First character up, the rest down. */
export function capitalize(text: string): string {
  const [first = '', ...rest] = text
  return first.toUpperCase() + rest.join('').toLowerCase()
}

function every(pattern: RegExp): TextMethod {
  return ['', (text) => text !== '' && pattern.test(text)]
}

function cased(upper: boolean): TextMethod {
  return [
    '',
    (text) =>
      /\p{L}/u.test(text) &&
      text === (upper ? text.toUpperCase() : text.toLowerCase()) &&
      text.toUpperCase() !== text.toLowerCase(),
  ]
}

function affix(name: string, test: (text: string, affix: string) => boolean): TextMethod {
  return [
    'prefix, start=None, end=None',
    (text, [wanted, start, end]) => {
      const [from, to] = window(text.length, optionalInt(start, 'start'), optionalInt(end, 'end'))
      const part = text.slice(from, to)
      const list = isList(wanted) ? wanted : [wanted]
      return list.some((one) => test(part, wantText(one, `the argument of ${name}()`)))
    },
  ]
}

function finding(last: boolean, strict: boolean): TextMethod {
  return [
    'sub, start=None, end=None',
    (text, [sub, start, end]) => {
      const [from, to] = window(text.length, optionalInt(start, 'start'), optionalInt(end, 'end'))
      const part = text.slice(from, to)
      const wanted = wantText(sub, 'the text to find')
      const at = last ? part.lastIndexOf(wanted) : part.indexOf(wanted)
      if (at >= 0) return at + from
      if (strict) throw new EvalError('substring not found')
      return -1
    },
  ]
}

function stripping(left: boolean, right: boolean): TextMethod {
  return ['chars=None', (text, [chars]) => strip(text, optionalText(chars, 'chars'), left, right)]
}

function splitting(how: typeof split): TextMethod {
  return [
    'sep=None, maxsplit=-1',
    (text, [sep, limit]) => how(text, optionalText(sep, 'the separator'), wantInt(limit, 'maxsplit')),
  ]
}

function justify(place: (text: string, missing: number, fill: string) => string): TextMethod {
  return [
    "width, fillchar=' '",
    (text, [width, fill]) => {
      const missing = wantInt(width, 'the width') - [...text].length
      if (missing > 1_000_000) throw new EvalError('the width is too large')
      return missing > 0 ? place(text, missing, wantText(fill, 'the fill character')) : text
    },
  ]
}

/** Text in the middle of `width`, as `str.center` does it. */
export function center(text: string, missing: number, fill: string, width: number): string {
  const left = Math.floor(missing / 2) + (missing & width & 1)
  return fill.repeat(left) + text + fill.repeat(missing - left)
}

function partition(last: boolean): TextMethod {
  return [
    'sep',
    (text, [sep]) => {
      const separator = wantText(sep, 'the separator')
      if (separator === '') throw new EvalError('empty separator')
      const at = last ? text.lastIndexOf(separator) : text.indexOf(separator)
      if (at < 0) return tuple(last ? ['', '', text] : [text, '', ''])
      return tuple([text.slice(0, at), separator, text.slice(at + separator.length)])
    },
  ]
}

/** `text.replace(old, new, count)`. */
export function replaceText(text: string, old: string, fresh: string, count: number): string {
  if (count < 0) return spread(text, old, fresh)
  const parts = old === '' ? ['', ...text, ''] : text.split(old)
  const head = parts.slice(0, count + 1)
  const tail = parts.slice(count + 1)
  return head.join(fresh) + tail.map((part) => old + part).join('')
}

function spread(text: string, old: string, fresh: string): string {
  return old === '' ? ['', ...text, ''].join(fresh) : text.split(old).join(fresh)
}

function encode(text: string, encoding: Item | undefined): Item {
  const name = wantText(encoding, 'the encoding').toLowerCase().replace(/_/g, '-')
  if (!['utf-8', 'utf8', 'ascii', 'latin-1', 'latin1'].includes(name))
    throw new EvalError(`unknown encoding "${name}"`)
  return new Bytes(Buffer.from(text, name.startsWith('latin') ? 'latin1' : 'utf8'))
}

const METHODS: Methods<string> = new Map<string, TextMethod>([
  ['upper', ['', (text) => text.toUpperCase()]],
  ['lower', ['', (text) => text.toLowerCase()]],
  ['casefold', ['', (text) => text.toLowerCase().replace(/ß/g, 'ss')]],
  ['title', ['', (text) => titleCase(text)]],
  ['capitalize', ['', (text) => capitalize(text)]],
  [
    'swapcase',
    [
      '',
      (text) => [...text].map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join(''),
    ],
  ],
  ['strip', stripping(true, true)],
  ['lstrip', stripping(true, false)],
  ['rstrip', stripping(false, true)],
  ['split', splitting(split)],
  ['rsplit', splitting(rsplit)],
  ['splitlines', ['keepends=False', (text, [keep]) => splitLines(text, keep === true)]],
  [
    'join',
    [
      'iterable',
      (text, [items]) =>
        iterate(items!)
          .map((item, index) => joinable(item, index))
          .join(text),
    ],
  ],
  ['startswith', affix('startswith', (text, part) => text.startsWith(part))],
  ['endswith', affix('endswith', (text, part) => text.endsWith(part))],
  [
    'removeprefix',
    [
      'prefix',
      (text, [p]) => (text.startsWith(wantText(p, 'prefix')) ? text.slice((p as string).length) : text),
    ],
  ],
  [
    'removesuffix',
    [
      'suffix',
      (text, [s]) =>
        s !== '' && text.endsWith(wantText(s, 'suffix')) ? text.slice(0, -(s as string).length) : text,
    ],
  ],
  [
    'replace',
    [
      'old, new, count=-1',
      (text, [old, fresh, count]) =>
        replaceText(
          text,
          wantText(old, 'the old text'),
          wantText(fresh, 'the new text'),
          wantInt(count, 'count'),
        ),
    ],
  ],
  ['find', finding(false, false)],
  ['rfind', finding(true, false)],
  ['index', finding(false, true)],
  ['rindex', finding(true, true)],
  ['count', ['sub', (text, [sub]) => countOf(text, wantText(sub, 'the text'))]],
  ['partition', partition(false)],
  ['rpartition', partition(true)],
  [
    'format',
    ['*args, **kwargs', (text, [args, named]) => formatText(text, restOf(args), named as Map<Item, Item>)],
  ],
  ['format_map', ['mapping', (text, [named]) => formatText(text, [], named as Map<Item, Item>)]],
  ['isdigit', every(/^[\p{Nd}\p{No}]+$/u)],
  ['isdecimal', every(/^\p{Nd}+$/u)],
  ['isnumeric', every(/^\p{N}+$/u)],
  ['isalpha', every(/^\p{L}+$/u)],
  ['isalnum', every(/^[\p{L}\p{N}]+$/u)],
  ['isspace', every(/^\s+$/)],
  ['isidentifier', every(/^[\p{L}_][\p{L}\p{N}_]*$/u)],
  ['isupper', cased(true)],
  ['islower', cased(false)],
  ['istitle', ['', (text) => /\p{L}/u.test(text) && titleCase(text) === text]],
  ['isascii', ['', (text) => /^[\x00-\x7f]*$/.test(text)]],
  ['zfill', ['width', (text, [width]) => zfill(text, wantInt(width, 'the width'))]],
  ['ljust', justify((text, missing, fill) => text + fill.repeat(missing))],
  ['rjust', justify((text, missing, fill) => fill.repeat(missing) + text)],
  ['center', justify((text, missing, fill) => center(text, missing, fill, missing + [...text].length))],
  ['expandtabs', ['tabsize=8', (text, [size]) => expandTabs(text, wantInt(size, 'tabsize'))]],
  ['encode', ["encoding='utf-8', errors='strict'", (text, [encoding]) => encode(text, encoding)]],
])

function joinable(item: Item, index: number): string {
  if (typeof item === 'string') return item
  throw new EvalError(`sequence item ${index}: expected str instance, ${typeName(item)} found`)
}

function countOf(text: string, sub: string): number {
  return sub === '' ? [...text].length + 1 : text.split(sub).length - 1
}

function zfill(text: string, width: number): string {
  if (width > 1_000_000) throw new EvalError('the width is too large')
  const sign = /^[-+]/.exec(text)?.[0] ?? ''
  return sign + text.slice(sign.length).padStart(width - sign.length, '0')
}

function expandTabs(text: string, size: number): string {
  let column = 0
  return [...text]
    .map((char) => {
      if (char === '\n' || char === '\r') column = -1
      const width = char === '\t' ? (size > 0 ? size - (column % size) : 0) : 1
      column += width
      return char === '\t' ? ' '.repeat(width) : char
    })
    .join('')
}

/** The method `name` of a text. */
export function textMethod(text: string, name: string): Item | undefined {
  return methodOf(METHODS, text, name)
}
