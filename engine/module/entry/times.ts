import { strptime } from '../../language/jinja/python/strftime.js'
import { Fail, FRESH, type Ask, type PathState, type View, type Wished } from '../contract.js'
import { Script, sh } from '../quote.js'
import { stateWanted, type Entry } from './params.js'

const TIMES = [
  { attribute: 'atime', param: 'access_time', format: 'access_time_format', flag: '-a' },
  { attribute: 'mtime', param: 'modification_time', format: 'modification_time_format', flag: '-m' },
] as const
type Time = (typeof TIMES)[number]

/** A time as the host's clock shows it: `2020-01-02 03:04:05`; undefined for `now` and `preserve`. */
function written(given: Entry, { param, format }: Time): string | undefined {
  const text = given[param]
  if (text === undefined || text === 'now' || text === 'preserve') return undefined
  try {
    return new Date(strptime(text, given[format]).micros / 1000).toISOString().slice(0, 19).replace('T', ' ')
  } catch {
    throw new Fail(
      `${param} is "${text}", which is no time as "${given[format]}" writes it`,
      [],
      'write it so, or say preserve or now',
    )
  }
}

/** Asks which moments the written times are on the host, whose time zone counts. */
export function timeAsks(given: Entry): readonly Ask[] {
  return TIMES.flatMap((time): Ask[] => {
    const text = written(given, time)
    if (text === undefined) return []
    return [
      {
        kind: 'own',
        key: `time:${text}`,
        script: sh`date -d ${text} +%s`,
        read: ({ stdout }) => ({ seconds: Number(stdout.trim()) }),
      },
    ]
  })
}

/** The times that an entry should have. */
export function timesWish(given: Entry, found: PathState, before: View): Wished<PathState> {
  const isNew = found.type === 'absent'
  const usual = stateWanted(given) === 'touch' ? 'now' : 'preserve'
  return Object.fromEntries(
    TIMES.flatMap((time): [string, unknown][] => {
      const text = written(given, time)
      if (text !== undefined) return [[time.attribute, before.own(`time:${text}`)['seconds']]]
      return isNew || (given[time.param] ?? usual) === 'preserve' ? [] : [[time.attribute, FRESH]]
    }),
  ) as Wished<PathState>
}

/** Sets the times that differ. `path` may be a link: it is followed unless `link`. */
export function timesScript(path: Script, given: Entry, names: readonly string[], link: boolean): Script {
  const steps = TIMES.filter(({ attribute }) => names.includes(attribute)).map((time) => {
    const text = written(given, time)
    const when =
      text === undefined
        ? []
        : [
            '-t',
            text
              .replace(/[- ]/g, '')
              .replace(/:(\d\d)$/, '.$1')
              .replace(':', ''),
          ]
    return sh`touch -c ${link ? ['-h'] : []} ${time.flag} ${when} -- ${path}`
  })
  return Script.trusted(steps.length === 0 ? ':' : steps.map(String).join('\n'))
}
