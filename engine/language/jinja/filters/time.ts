import type { Entries } from '../entry.js'
import type { Item } from '../item.js'
import { EvalError, isNumeric, isUnset, truthy } from '../item.js'
import { wantText } from '../python/convert.js'
import { DateTime } from '../python/datetime.js'
import { readFloat } from '../python/numbers.js'
import { str } from '../python/render.js'
import { strftime, strptime } from '../python/strftime.js'

function formatTime(value: Item, [second, utc]: Item[]): Item {
  const inUtc = truthy(utc!)
  const moment = (inUtc ? DateTime.utc : DateTime.local)(isUnset(second) ? new Date() : dateOf(second))
  const offset = inUtc ? 0 : -new Date(moment.micros / 1000).getTimezoneOffset()
  return strftime(wantText(value, 'the format of strftime'), { ...moment.fields(), offset })
}

function dateOf(second: Item): Date {
  const seconds = typeof second === 'string' ? readFloat(second) : isNumeric(second) ? second : undefined
  if (seconds === undefined) throw new EvalError(`strftime needs seconds since 1970, not "${str(second)}"`)
  return new Date(Math.floor(Number(seconds)) * 1000)
}

/** Filters of times. */
export const TIME_FILTERS: Entries = [
  {
    name: 'strftime',
    summary: 'A time (seconds since 1970, or now) in this format.',
    signature: 'second=None, utc=False',
    run: formatTime,
  },
  {
    name: 'to_datetime',
    summary: 'The moment that a text in this format names; moments can be subtracted and compared.',
    signature: "format='%Y-%m-%d %H:%M:%S'",
    run: (value, [format]) => {
      const { micros, offset } = strptime(
        wantText(value, 'the value of to_datetime'),
        wantText(format, 'format'),
      )
      return new DateTime(micros, offset)
    },
  },
]
