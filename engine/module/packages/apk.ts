import {
  Fail,
  type Converge,
  type Difference,
  FRESH,
  type Key,
  type OwnAsk,
  type OwnState,
  type Ran,
  type Returned,
  type ScriptOutput,
  type View,
  type Wish,
} from '../contract.js'
import { join, sh, type Script } from '../quote.js'
import { PACKAGES, versionIn } from './installed.js'

/** Packages of Alpine. What would be done is what apk itself says when it simulates. */

/** What a task asks of apk. */
export interface ApkParams {
  readonly names: readonly string[]
  readonly state: 'present' | 'latest' | 'absent'
  readonly updates: boolean
  /** Words for each call. */
  readonly flags: readonly string[]
}

/** What apk said. */
interface ApkAnswer {
  readonly lacking: boolean
  /** By the name that was asked for. */
  readonly installed: ReadonlyMap<string, string>
  /** The version that would be installed, by the name that was asked for. */
  readonly available: ReadonlyMap<string, string>
}

const ANSWER = '(answer)'

/** Everything apk is asked. */
export function apkAsk(params: ApkParams): OwnAsk {
  return {
    kind: 'own',
    key: PACKAGES,
    script: askScript(params),
    read: (output) => {
      const answer = readAnswer(output)
      return { ...Object.fromEntries(answer.installed), [ANSWER]: answer }
    },
  }
}

function askScript({ names, state, flags, updates }: ApkParams): Script {
  const each = names.map((name) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name))
      throw new Fail(`${JSON.stringify(name)} is no name of a package`, [], 'name packages, without versions')
    const simulate =
      state === 'absent'
        ? sh`:`
        : sh`apk add -s ${state === 'latest' ? ['-u'] : []} ${flags} ${name} 2>/dev/null | grep -E '^\\([0-9/]+\\) '`
    return sh`printf 'name %s\\n' ${name}; apk list -I ${name} 2>/dev/null | sed 's/^/is /'; ${simulate}`
  })
  return join([
    sh`command -v apk >/dev/null 2>&1 || { echo lacking; exit 0; }`,
    ...(updates && names.length > 0 ? [sh`[ "$(id -u)" != 0 ] || apk update -q >/dev/null 2>&1 || :`] : []),
    ...each,
    sh`:`,
  ])
}

function readAnswer({ stdout }: ScriptOutput): ApkAnswer {
  const [installed, available] = [new Map<string, string>(), new Map<string, string>()]
  let name = ''
  for (const line of stdout.split('\n')) {
    if (line.startsWith('name ')) name = line.slice(5)
    const [, title, version] = /^is (\S+?)-(\d[^\s-]*-r\d+) /.exec(line) ?? []
    if (version !== undefined && title === name) installed.set(name, version)
    const [, one, fresh] =
      /^\(\d+\/\d+\) (?:Installing|Upgrading|Reinstalling|Downgrading) (\S+) \((?:\S+ -> )?(\S+)\)/.exec(
        line,
      ) ?? []
    if (fresh !== undefined && one === name) available.set(name, fresh)
  }
  return { lacking: stdout.startsWith('lacking'), installed, available }
}

/** The wish; fails where the host has no apk, or no such package is to be had. */
export function apkWish(params: ApkParams, before: View): Wish {
  const state = before.own(PACKAGES)
  if ((state[ANSWER] as ApkAnswer).lacking)
    throw new Fail('the host has no apk', [], 'use the module package, which takes what the host has')
  const wished = Object.assign({}, ...params.names.map((name) => wishOf(name, params, before))) as Record<
    string,
    unknown
  >
  const differs = Object.entries(wished).some(
    ([name, value]) => (versionIn(state, name) ?? 'absent') !== value,
  )
  const updates = params.updates && params.names.length === 0
  if ((differs || updates) && before.session.uid !== 0) {
    throw new Fail(`packages are changed by root, and this is ${before.session.user}`, [], 'use become: true')
  }
  return new Map<Key, OwnState>([
    [PACKAGES, wished],
    ...(updates ? ([['run:index', { index: FRESH }]] as const) : []),
    // Other packages, files and scripts that come along are not foretold.
    ...(differs ? ([['run:scripts', { scripts: FRESH }]] as const) : []),
  ])
}

function wishOf(name: string, { state: wanted }: ApkParams, before: View): Record<string, unknown> {
  const state = before.own(PACKAGES)
  const { available } = state[ANSWER] as ApkAnswer
  const present = versionIn(state, name)
  if (wanted === 'absent') return present === undefined ? {} : { [name]: 'absent' }
  const best = available.get(name)
  if (present !== undefined) return wanted === 'latest' && best !== undefined ? { [name]: best } : {}
  if (best !== undefined) return { [name]: best }
  throw new Fail(
    `no package ${name} is available`,
    ['index:packages'],
    'mind the spelling, or the repositories of the host',
  )
}

/** Makes the difference. */
export function apkConverge({ state, flags }: ApkParams, differing: ReadonlyMap<Key, Difference>): Converge {
  const names = differing.get(PACKAGES)?.names ?? []
  const script =
    names.length === 0
      ? sh`apk update`
      : state === 'absent'
        ? sh`apk del ${flags} ${names}`
        : sh`apk add ${state === 'latest' ? ['-u'] : []} ${flags} ${names}`
  return { script, stream: true }
}

/** What apk printed. */
export function apkResult(ran: Ran): Returned {
  return {
    values:
      ran.kind === 'ran'
        ? { rc: ran.code, results: ran.stdout.split('\n').filter(Boolean) }
        : { rc: 0, results: [] },
  }
}
