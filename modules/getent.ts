import {
  defineModule,
  Fail,
  fromPlain,
  isUnknown,
  Unknown,
  type Ask,
  type Dict,
  type Key,
  type View,
} from '../engine/module/contract.js'
import type { InferParams } from '../engine/module/params.js'
import { sh } from '../engine/module/quote.js'

const params = {
  database: {
    type: 'str',
    required: true,
    description: 'The database, such as passwd, group, hosts or services.',
  },
  key: { type: 'str', description: 'What to look for. Default: all of it.' },
  fail_key: {
    type: 'bool',
    default: true,
    description: 'Fail when there is no such key; otherwise it is none.',
  },
  split: {
    type: 'str',
    description:
      'What separates the fields. Default: a colon in passwd, group, shadow and gshadow, otherwise blanks.',
  },
  service: { type: 'str', description: 'The service to ask in place of those of nsswitch.conf.' },
} as const
type Params = InferParams<typeof params>

const ANSWER: Key = 'getent:answer'
/** Status of a script that found no getent. */
const NO_GETENT = 96
/** Status of a script that printed the file in place of an answer. */
const BY_HAND = 97
const COLONS = ['passwd', 'shadow', 'group', 'gshadow']
const WHY: Readonly<Record<number, string>> = {
  1: 'Missing arguments, or database unknown.',
  2: 'One or more supplied key could not be found in the database.',
  3: 'Enumeration not supported on this database.',
}

function probe({ database, key, service }: Params): readonly Ask[] {
  const words = [database, ...(key === undefined ? [] : [key])]
  const guarded = words.some((word) => word.startsWith('-')) ? ['--', ...words] : words
  const from = service === undefined ? [] : ['-s', service]
  const answer: Ask = {
    kind: 'own',
    key: ANSWER,
    script: sh`if command -v getent >/dev/null 2>&1; then getent ${from} ${guarded}
elif F=/etc/${database}; [ -r "$F" ] && ${COLONS.includes(database) ? sh`:` : sh`false`}; then cat -- "$F"; exit ${BY_HAND}
else exit ${NO_GETENT}; fi`,
    read: ({ stdout, code }) => (code === BY_HAND ? pickedByHand(stdout, key) : { stdout, code }),
  }
  return [answer, ...accountAsks(database, key)]
}

/** Lines of a file such as /etc/passwd that have the key as name or as id. */
function pickedByHand(text: string, key: string | undefined): { stdout: string; code: number } {
  const lines = text.split('\n').filter(Boolean)
  const found = lines.filter((line) => {
    const [name, , id] = line.split(':')
    return key === undefined || name === key || (/^\d+$/.test(key) && id === key)
  })
  return { stdout: found.join('\n'), code: found.length > 0 || key === undefined ? 0 : 2 }
}

/** An account or group by its name may be one that an earlier task of a dry run makes. */
function accountAsks(database: string, key: string | undefined): readonly Ask[] {
  if (key === undefined || /^\d+$/.test(key)) return []
  if (database === 'passwd') return [{ kind: 'user', name: key }]
  return database === 'group' ? [{ kind: 'group', name: key }] : []
}

type Fields = readonly unknown[]

/** The fields behind each first field; where it is there more than once, a list of them. */
function recordsIn({ database, split }: Params, text: string): Readonly<Record<string, unknown>> {
  const separator = split ?? (COLONS.includes(database) ? ':' : undefined)
  const records = new Map<string, string[][]>()
  for (const line of text.split('\n').filter(Boolean)) {
    const [first = '', ...rest] = separator === undefined ? line.trim().split(/\s+/) : line.split(separator)
    records.set(first, [...(records.get(first) ?? []), rest])
  }
  return Object.fromEntries([...records].map(([first, all]) => [first, all.length === 1 ? all[0] : all]))
}

/** What an account or group will be, in the order of its file. Undefined when the host's own answer holds. */
function foreseen(
  { database, key }: Params,
  before: View,
  found: Fields | undefined,
): Fields | null | undefined {
  if (key === undefined || accountAsks(database, key).length === 0) return undefined
  const state = database === 'passwd' ? before.user(key) : before.group(key)
  if (state.exists === false) return found === undefined ? undefined : null
  const id = (value: unknown): unknown => (isUnknown(value) ? value : String(value))
  if (database === 'passwd') {
    const { uid, gid, comment = '', home, shell } = before.user(key)
    return [
      found?.[0] ?? 'x',
      id(uid),
      id(gid),
      comment,
      home ?? late('home', key),
      shell ?? late('shell', key),
    ]
  }
  const { gid, members = [] } = before.group(key)
  const names = isUnknown(members) ? members : [...members].join(',')
  const same = !isUnknown(names) && String(found?.[2]).split(',').sort().join(',') === names
  return [found?.[0] ?? 'x', id(gid), same ? found![2] : names]
}

function late(name: string, key: string): Unknown {
  return new Unknown(`${name} of ${key}`)
}

/** The records, or why there are none. */
function answerOf(given: Params, before: View): Readonly<Record<string, unknown>> | string {
  const { stdout, code } = before.own(ANSWER) as { stdout: string; code: number }
  if (code === NO_GETENT) {
    throw new Fail('the host has no getent', ['program:getent'], 'install it (Alpine: musl-utils)')
  }
  const records = code === 0 ? recordsIn(given, stdout) : {}
  const { key } = given
  const made = foreseen(given, before, key === undefined ? undefined : (records[key] as Fields | undefined))
  if (made === null) return WHY[2]!
  if (made !== undefined && (code === 0 || code === 2) && given.split === undefined) return { [key!]: made }
  return code === 0 ? records : (WHY[code] ?? 'Unexpected failure!')
}

/** Looks something up in a database of the system. */
export default defineModule({
  summary: 'Look up accounts, groups, hosts and more in the databases of the system',
  description:
    'A host without the program getent is asked for passwd, group, shadow and gshadow only, as they are in /etc.',
  params,
  returns: { ansible_facts: 'The fact getent_DATABASE: fields by name.', msg: 'That the key is not there.' },
  examples: `
- getent: {database: passwd, key: fate}
- debug: {msg: "{{ getent_passwd.fate[4] }} is the home"}
`,
  probe,
  wanted: (given, before) => {
    const answer = answerOf(given, before)
    const missing = answer === WHY[2] && !given.fail_key
    if (typeof answer !== 'string' || missing) return new Map()
    const kind = given.database === 'group' ? 'group' : 'user'
    throw new Fail(answer, given.key === undefined ? [] : [`${kind}:${given.key}`])
  },
  result: (given, before) => {
    const answer = answerOf(given, before)
    const records = typeof answer === 'string' ? { [given.key ?? '']: null } : answer
    const facts = { [`getent_${given.database}`]: records }
    const msg = typeof answer === 'string' ? { msg: answer } : {}
    return { values: { ansible_facts: facts, ...msg }, facts: fromPlain(facts) as Dict }
  },
})
