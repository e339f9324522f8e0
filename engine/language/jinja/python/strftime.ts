import { EvalError } from '../item.js'

/** The fields of a moment, as its own clock shows them. */
export interface Fields {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly microsecond: number
  /** 0 is Monday. */
  readonly weekday: number
  /** 1 is the first of January. */
  readonly yearday: number
  /** Minutes east of UTC; undefined for a moment without a time zone. */
  readonly offset: number | undefined
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

function pad(n: number, width = 2): string {
  return String(n).padStart(width, '0')
}

function zone(f: Fields): string {
  if (f.offset === undefined) return ''
  const minutes = Math.abs(f.offset)
  return `${f.offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}${pad(minutes % 60)}`
}

/** Year and week of ISO 8601: weeks begin on Monday, the first is the one with the fourth of January. */
function isoWeek(f: Fields): { year: number; week: number } {
  const thursday = new Date(Date.UTC(f.year, f.month - 1, f.day - f.weekday + 3))
  const year = thursday.getUTCFullYear()
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 604_800_000) + 1 }
}

function epoch(f: Fields): number {
  const local = new Date(f.year, f.month - 1, f.day, f.hour, f.minute, f.second)
  const utc = Date.UTC(f.year, f.month - 1, f.day, f.hour, f.minute, f.second)
  return Math.floor((f.offset === undefined ? local.getTime() : utc - f.offset * 60_000) / 1000)
}

const DIRECTIVES: Readonly<Record<string, (f: Fields) => string>> = {
  a: (f) => DAYS[f.weekday]!.slice(0, 3),
  A: (f) => DAYS[f.weekday]!,
  b: (f) => MONTHS[f.month - 1]!.slice(0, 3),
  B: (f) => MONTHS[f.month - 1]!,
  c: (f) => strftime('%a %b %e %H:%M:%S %Y', f),
  C: (f) => pad(Math.floor(f.year / 100)),
  d: (f) => pad(f.day),
  D: (f) => strftime('%m/%d/%y', f),
  e: (f) => String(f.day).padStart(2),
  f: (f) => pad(f.microsecond, 6),
  F: (f) => strftime('%Y-%m-%d', f),
  g: (f) => pad(isoWeek(f).year % 100),
  G: (f) => String(isoWeek(f).year),
  h: (f) => MONTHS[f.month - 1]!.slice(0, 3),
  H: (f) => pad(f.hour),
  I: (f) => pad(f.hour % 12 || 12),
  j: (f) => pad(f.yearday, 3),
  k: (f) => String(f.hour).padStart(2),
  l: (f) => String(f.hour % 12 || 12).padStart(2),
  m: (f) => pad(f.month),
  M: (f) => pad(f.minute),
  n: () => '\n',
  p: (f) => (f.hour < 12 ? 'AM' : 'PM'),
  P: (f) => (f.hour < 12 ? 'am' : 'pm'),
  r: (f) => strftime('%I:%M:%S %p', f),
  R: (f) => strftime('%H:%M', f),
  s: (f) => String(epoch(f)),
  S: (f) => pad(f.second),
  t: () => '\t',
  T: (f) => strftime('%H:%M:%S', f),
  u: (f) => String(f.weekday + 1),
  U: (f) => pad(Math.floor((f.yearday + 6 - ((f.weekday + 1) % 7)) / 7)),
  V: (f) => pad(isoWeek(f).week),
  w: (f) => String((f.weekday + 1) % 7),
  W: (f) => pad(Math.floor((f.yearday + 6 - f.weekday) / 7)),
  x: (f) => strftime('%m/%d/%y', f),
  X: (f) => strftime('%H:%M:%S', f),
  y: (f) => pad(f.year % 100),
  Y: (f) => String(f.year),
  z: zone,
  Z: (f) =>
    f.offset === undefined ? '' : f.offset === 0 ? 'UTC' : `UTC${zone(f).replace(/(\d\d)$/, ':$1')}`,
  '%': () => '%',
}

/** A moment as text, in the C locale: `%Y-%m-%d %H:%M:%S` and the other directives of strftime(3). */
export function strftime(format: string, fields: Fields): string {
  return format.replace(/%([-_0^#]?)(.)/gs, (whole, flag: string, letter: string) => {
    const write = Object.hasOwn(DIRECTIVES, letter) ? DIRECTIVES[letter] : undefined
    if (!write) return whole
    const text = write(fields)
    if (flag === '-') return text.replace(/^[0 ]+(?=\d)/, '')
    if (flag === '_') return text.replace(/^0+(?=\d)/, (zeros) => ' '.repeat(zeros.length))
    return flag === '^' ? text.toUpperCase() : text
  })
}

interface Parsed {
  year?: number
  month?: number
  day?: number
  hour?: number
  minute?: number
  second?: number
  microsecond?: number
  afternoon?: boolean
  yearday?: number
  offset?: number
}

function names(list: readonly string[]): string {
  return list.map((name) => `${name}|${name.slice(0, 3)}`).join('|')
}

function indexOf(list: readonly string[], name: string): number {
  return list.findIndex((full) => full.slice(0, 3).toLowerCase() === name.slice(0, 3).toLowerCase())
}

const READERS: Readonly<Record<string, readonly [string, (text: string, into: Parsed) => void]>> = {
  Y: ['\\d{4}', (t, p) => (p.year = Number(t))],
  y: ['\\d{2}', (t, p) => (p.year = Number(t) + (Number(t) < 69 ? 2000 : 1900))],
  m: ['1[0-2]|0?[1-9]', (t, p) => (p.month = Number(t))],
  d: ['3[01]|[12]\\d|0?[1-9]| [1-9]', (t, p) => (p.day = Number(t))],
  H: ['2[0-3]|[01]\\d|\\d', (t, p) => (p.hour = Number(t))],
  I: ['1[0-2]|0?[1-9]', (t, p) => (p.hour = Number(t))],
  p: ['[AaPp][Mm]', (t, p) => (p.afternoon = t.toLowerCase() === 'pm')],
  M: ['[0-5]\\d|\\d', (t, p) => (p.minute = Number(t))],
  S: ['6[01]|[0-5]\\d|\\d', (t, p) => (p.second = Number(t))],
  f: ['\\d{1,6}', (t, p) => (p.microsecond = Number(t.padEnd(6, '0')))],
  j: ['\\d{1,3}', (t, p) => (p.yearday = Number(t))],
  b: [names(MONTHS), (t, p) => (p.month = indexOf(MONTHS, t) + 1)],
  B: [names(MONTHS), (t, p) => (p.month = indexOf(MONTHS, t) + 1)],
  a: [names(DAYS), () => undefined],
  A: [names(DAYS), () => undefined],
  z: ['[+-]\\d\\d:?[0-5]\\d|Z', (t, p) => (p.offset = readOffset(t))],
  Z: ['UTC|GMT|utc|gmt', () => undefined],
  '%': ['%', () => undefined],
}

function readOffset(text: string): number {
  if (text === 'Z') return 0
  const digits = text.replace(':', '')
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3))
  return text.startsWith('-') ? -minutes : minutes
}

/** Reads `text` as `format` says. Returns microseconds since 1970 on that clock, and its offset from UTC if written. */
export function strptime(text: string, format: string): { micros: number; offset: number | undefined } {
  const expanded = format
    .replace(/%D/g, '%m/%d/%y')
    .replace(/%T/g, '%H:%M:%S')
    .replace(/%R/g, '%H:%M')
    .replace(/%F/g, '%Y-%m-%d')
  const parsed: Parsed = {}
  const readers: ((text: string, into: Parsed) => void)[] = []
  const pattern = expanded.replace(/%(.)|\s+|[\\^$.*+?()[\]{}|]/gs, (part, letter: string | undefined) => {
    if (letter === undefined) return /^\s/.test(part) ? '\\s+' : `\\${part}`
    const reader = Object.hasOwn(READERS, letter) ? READERS[letter] : undefined
    if (!reader) throw new EvalError(`"%${letter}" cannot be read by to_datetime`)
    readers.push(reader[1])
    return `(${reader[0]})`
  })
  const match = new RegExp(`^${pattern}$`, 'i').exec(text)
  if (!match) throw new EvalError(`the time "${text}" does not match the format "${format}"`)
  readers.forEach((read, index) => read(match[index + 1]!, parsed))
  return { micros: microsOf(parsed, text), offset: parsed.offset }
}

function microsOf(p: Parsed, text: string): number {
  const hour = p.afternoon === undefined ? (p.hour ?? 0) : ((p.hour ?? 0) % 12) + (p.afternoon ? 12 : 0)
  const [month, day] = p.yearday === undefined ? [p.month ?? 1, p.day ?? 1] : [1, p.yearday]
  const date = new Date(0)
  date.setUTCFullYear(p.year ?? 1900, month - 1, day)
  date.setUTCHours(hour, p.minute ?? 0, p.second ?? 0)
  if (p.yearday === undefined && date.getUTCDate() !== day) {
    throw new EvalError(`the time "${text}" has a day that its month does not have`)
  }
  return date.getTime() * 1000 + (p.microsecond ?? 0)
}
