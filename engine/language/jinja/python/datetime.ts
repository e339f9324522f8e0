import { float } from '../../value.js'
import type { Item } from '../item.js'
import { EvalError, Func, Opaque } from '../item.js'
import { strftime, type Fields } from './strftime.js'

const DAY = 86_400_000_000

/** Python's datetime: a wall clock, with or without an offset from UTC. It leaves an expression as text. */
export class DateTime extends Opaque {
  readonly typeName = 'datetime'
  /** @param micros microseconds from 1970-01-01 00:00:00 to what the wall clock shows */
  constructor(
    readonly micros: number,
    readonly offset?: number,
    readonly dateOnly = false,
  ) {
    super()
  }

  /** What a machine in this time zone shows at `when`. */
  static local(when: Date): DateTime {
    return new DateTime((when.getTime() - when.getTimezoneOffset() * 60_000) * 1000)
  }

  /** The same moment on a UTC clock. */
  static utc(when: Date): DateTime {
    return new DateTime(when.getTime() * 1000)
  }

  plus(delta: TimeDelta): DateTime {
    return new DateTime(this.micros + delta.micros, this.offset, this.dateOnly)
  }

  fields(): Fields {
    const date = new Date(Math.floor(this.micros / 1000))
    const newYear = Date.UTC(date.getUTCFullYear(), 0, 1)
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      microsecond: ((this.micros % 1_000_000) + 1_000_000) % 1_000_000,
      weekday: (date.getUTCDay() + 6) % 7,
      yearday: Math.floor((date.getTime() - newYear) / 86_400_000) + 1,
      offset: this.offset,
    }
  }

  /** Seconds since 1970 in UTC; a moment without a time zone is taken as local time. */
  timestamp(): number {
    if (this.offset !== undefined) return this.micros / 1e6 - this.offset * 60
    const f = this.fields()
    return (
      new Date(f.year, f.month - 1, f.day, f.hour, f.minute, f.second).getTime() / 1000 + f.microsecond / 1e6
    )
  }

  isoformat(separator = 'T'): string {
    const date = strftime('%Y-%m-%d', this.fields())
    if (this.dateOnly) return date
    const { microsecond, offset } = this.fields()
    const fraction = microsecond ? `.${String(microsecond).padStart(6, '0')}` : ''
    const zone = offset === undefined ? '' : strftime('%z', this.fields()).replace(/(\d\d)(\d\d)$/, '$1:$2')
    return `${date}${separator}${strftime('%H:%M:%S', this.fields())}${fraction}${zone}`
  }

  override get(name: string): Item | undefined {
    const fields = this.fields()
    const numbers: ReadonlyMap<string, number> = new Map([
      ['year', fields.year],
      ['month', fields.month],
      ['day', fields.day],
      ['hour', fields.hour],
      ['minute', fields.minute],
      ['second', fields.second],
      ['microsecond', fields.microsecond],
    ])
    return numbers.get(name) ?? this.method(name)
  }

  private method(name: string): Item | undefined {
    switch (name) {
      case 'strftime':
        return new Func(name, ({ positional: [format] }) => {
          if (typeof format !== 'string') throw new EvalError('strftime() needs a format text')
          return strftime(format, this.fields())
        })
      case 'isoformat':
        return new Func(name, ({ positional: [sep] }) => this.isoformat(typeof sep === 'string' ? sep : 'T'))
      case 'timestamp':
        return new Func(name, () => float(this.timestamp()))
      case 'weekday':
        return new Func(name, () => this.fields().weekday)
      case 'isoweekday':
        return new Func(name, () => this.fields().weekday + 1)
      case 'date':
        return new Func(name, () => new DateTime(Math.floor(this.micros / DAY) * DAY, undefined, true))
      default:
        return undefined
    }
  }

  repr(): string {
    return this.isoformat(' ')
  }
}

/** Python's timedelta: the time between two moments. It leaves an expression as text. */
export class TimeDelta extends Opaque {
  readonly typeName = 'timedelta'
  constructor(readonly micros: number) {
    super()
  }

  override get(name: string): Item | undefined {
    const days = Math.floor(this.micros / DAY)
    if (name === 'days') return days
    if (name === 'seconds') return Math.floor((this.micros - days * DAY) / 1e6)
    if (name === 'microseconds') return ((this.micros % 1e6) + 1e6) % 1e6
    if (name === 'total_seconds') return new Func(name, () => float(this.micros / 1e6))
    return undefined
  }

  override truthy(): boolean {
    return this.micros !== 0
  }

  repr(): string {
    const days = Math.floor(this.micros / DAY)
    const rest = this.micros - days * DAY
    const seconds = Math.floor(rest / 1e6)
    const two = (n: number) => String(n).padStart(2, '0')
    const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
    const fraction = rest % 1e6 ? `.${String(rest % 1e6).padStart(6, '0')}` : ''
    const prefix = days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `
    return prefix + clock + fraction
  }
}
