import type { GroupState, UserState } from '../module/contract.js'
import type { Script } from '../module/quote.js'
import { constant, join, sh } from '../module/quote.js'
import type { Questions } from './questions.js'
import type { Section, SectionOutput } from './sections.js'

/**
 * What a real run and a dry run ask of single accounts and groups. One `grep` finds the lines of all of them in the files of
 * accounts; the name service is asked only for what these do not settle (engine/connection/account-script.ts).
 */

/** What the host said of the accounts and groups that were asked about. */
export interface AccountAnswers {
  readonly users: ReadonlyMap<string, UserState>
  readonly groups: ReadonlyMap<string, GroupState>
  /** Who has an id, by {@link idKey}; null for nobody. */
  readonly holders: ReadonlyMap<string, string | null>
  /** Settings for new accounts by name, where an account was asked about. */
  readonly settings?: Readonly<Record<string, string>> | undefined
}

type Asked = Pick<Questions, 'users' | 'groups' | 'memberships' | 'owners' | 'ownerGroups' | 'ids' | 'paths'>

/** Name of an id in {@link AccountAnswers.holders}. */
export function idKey(kind: 'user' | 'group', id: number): string {
  return `${kind} ${id}`
}

/**
 * Where the name service looks into the files first, and takes what it finds there: nothing in brackets says otherwise.
 * Who is not in the files is asked of it unless there is no other source.
 */
const SERVICE = '^(passwd|group):[[:space:]]*files([[:space:]]+[^[:space:][].*)?[[:space:]]*$'
const SETTINGS = '^[[:space:]]*(USERGROUPS_ENAB|UMASK|HOME_MODE|SHELL|HOME|SKEL)[[:space:]=]'
const FILES = constant`/etc/nsswitch.conf /etc/passwd /etc/group`
/** What the settings for new accounts come from. */
export const SETTINGS_FILES = ['/etc/login.defs', '/etc/default/useradd']
const USER_FILES = sh`/etc/shadow ${SETTINGS_FILES}`

/** The parts of the probe that tell of accounts. They follow the one that keeps the paths' attributes in `$S`. */
export function accountSections(questions: Asked): readonly Section[] {
  const { users, groups, memberships } = questions
  const owners = ownerSections(questions)
  const full = users.length + groups.length > 0
  if (!full && owners.length === 0) return []
  const files = users.length > 0 ? sh`${FILES} ${USER_FILES}` : FILES
  const lines = full ? sh`fplay_lines ${files}; printf '%s' "$fplay_a"` : sh`:`
  return [
    { name: 'account lines', body: sh`fplay_a= fplay_i= fplay_g=${pattern(questions)}; ${lines}` },
    ...owners,
    ...groups.map((name) => ({ name: `group ${name}`, body: groupScript(name) })),
    ...users.map((name) => ({ name: `user ${name}`, body: userScript(name, memberships.includes(name)) })),
  ]
}

function pattern({ users, groups, owners, ownerGroups, ids }: Asked): string {
  const names = [...new Set([...users, ...groups, ...owners, ...ownerGroups])].map(literal)
  return [
    SERVICE,
    `^(${names.join('|')}):[^:]*:[0-9]*:`,
    ...ids.map(({ id }) => `^[^:]*:[^:]*:${id}:`),
    ...(users.length > 0 ? [SETTINGS] : []),
  ].join('|')
}

/** Text as it stands, in an extended regular expression. */
function literal(text: string): string {
  return text.replace(/[.[\]{}()*+?^$|\\]/g, '\\$&')
}

/** Whether accounts and groups exist: those that own one of the paths do, the others are looked up. */
function ownerSections({ owners, ownerGroups, paths }: Asked): readonly Section[] {
  const look = (file: 'passwd' | 'group', name: string, owns: Script): Script => {
    const found = sh`fplay_lines ${FILES}; fplay_entry ${file} ${name}; [ -z "$E" ] || echo y`
    const known = paths.length > 0 && name !== NOBODY
    return known ? sh`case $S in ${owns}) echo y ;; *) ${found} ;; esac` : found
  }
  return [
    ...owners.map((name) => ({
      name: `owner ${name}`,
      body: look('passwd', name, sh`*${` ${name} `}*`),
    })),
    ...ownerGroups.map((name) => ({
      name: `owner group ${name}`,
      body: look('group', name, sh`*${` ${name}`}|*${` ${name}\n`}*`),
    })),
  ]
}

/** What `stat` writes for an id without a name. */
const NOBODY = 'UNKNOWN'

/** The entry; the ids of all groups asked about are kept in `$fplay_i`. */
function groupScript(name: string): Script {
  return sh`fplay_entry group ${name}; printf '%s\\n' "$E"
[ -z "$E" ] || { fplay_gid "$E"; fplay_i="$fplay_i $X "; }`
}

/** The entry, and what `id` tells where supplementary groups are wanted, or the primary one is none of those asked about. */
function userScript(name: string, withGroups: boolean): Script {
  const groups = sh`id -- ${name} 2>/dev/null || echo`
  const told = join([sh`fplay_gid "\${E#*:}"`, sh`case $fplay_i in *" $X "*) ;; *) ${groups} ;; esac`])
  return sh`fplay_entry passwd ${name}; printf '%s\\n' "$E"
if [ -n "$E" ]; then ${withGroups ? groups : told}; fi`
}

/** Reads what {@link accountSections} printed. */
export function readAccountAnswers(
  { users, groups, owners, ownerGroups, ids }: Asked,
  sections: ReadonlyMap<string, SectionOutput>,
): AccountAnswers {
  const text = (name: string): string => sections.get(name)?.stdout.toString('utf8') ?? ''
  const lines = linesByFile(text('account lines'))
  const foundGroups = groups.map((name) => [name, readGroup(text(`group ${name}`))] as const)
  return {
    users: new Map([
      ...users.map((name) => [name, readUser(text(`user ${name}`), foundGroups, lines)] as const),
      ...owners.map((name) => [name, { exists: text(`owner ${name}`) !== '' }] as const),
    ]),
    groups: new Map([
      ...foundGroups,
      ...ownerGroups.map((name) => [name, { exists: text(`owner group ${name}`) !== '' }] as const),
    ]),
    holders: new Map(ids.map(({ kind, id }) => [idKey(kind, id), holderIn(lines, kind, id)])),
    settings: users.length > 0 ? settingsIn(lines) : undefined,
  }
}

type Lines = ReadonlyMap<string, readonly string[]>

/** Lines by the name of their file. */
function linesByFile(text: string): Lines {
  const lines = new Map<string, string[]>()
  for (const line of text.split('\n').filter(Boolean)) {
    const end = line.indexOf(':')
    const file = line.slice(0, end)
    lines.set(file, [...(lines.get(file) ?? []), line.slice(end + 1)])
  }
  return lines
}

function readUser(text: string, groups: readonly (readonly [string, GroupState])[], lines: Lines): UserState {
  const [entry = '', ids] = text.split('\n').filter((line, n) => n === 0 || line !== '')
  if (entry === '') return { exists: false }
  const [name, , uid, gid, comment = '', home = '', shell = ''] = entry.split(':')
  const base = { exists: true, uid: Number(uid), gid: Number(gid), comment, home, shell }
  const shadow = shadowIn(lines, name!)
  if (ids === undefined) {
    const [group = ''] = groups.find(([, state]) => state.gid === base.gid) ?? []
    return { ...base, group, ...shadow }
  }
  const [group = ''] = namesOf(/ gid=(\d+(?:\([^)]*\))?)/.exec(ids)?.[1])
  const all = namesOf(/ groups=(.*?)(?: context=.*)?$/.exec(ids)?.[1])
  return { ...base, group, groups: all.filter((one) => one !== group).sort(), ...shadow }
}

/** What /etc/shadow has of an account, where the shell may read it. */
function shadowIn(lines: Lines, name: string): Partial<UserState> {
  const line = lines.get('/etc/shadow')?.find((one) => one.startsWith(`${name}:`))
  if (line === undefined) return {}
  const [, password = '', , least = '', most = '', , , expires = ''] = line.split(':')
  return {
    password,
    expires,
    ...(least === '' ? {} : { minimum: Number(least) }),
    ...(most === '' ? {} : { maximum: Number(most) }),
  }
}

/** Names as `id` writes them, an id where it has none: `27(sudo),1000`. */
function namesOf(text = ''): string[] {
  return [...text.matchAll(/(\d+)(?:\(([^)]*)\))?/g)].map(([, id, name]) => name ?? id!)
}

function readGroup(text: string): GroupState {
  const [entry = ''] = text.split('\n')
  if (entry === '') return { exists: false }
  const [, , gid, members = ''] = entry.split(':')
  return { exists: true, gid: Number(gid), members: members.split(',').filter(Boolean).sort() }
}

function holderIn(lines: Lines, kind: 'user' | 'group', id: number): string | null {
  const fields = (lines.get(kind === 'user' ? '/etc/passwd' : '/etc/group') ?? []).map((line) =>
    line.split(':'),
  )
  return fields.find(([, , one]) => one === String(id))?.[0] ?? null
}

function settingsIn(lines: Lines): Readonly<Record<string, string>> {
  const logins = (lines.get('/etc/login.defs') ?? []).map((line) => line.trim().split(/\s+/))
  const useradd = (lines.get('/etc/default/useradd') ?? [])
    .filter((line) => line.includes('='))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  return Object.fromEntries(
    [...logins, ...useradd].map(([name = '', value = '']) => [name, value.replace(/^"|"$/g, '')]),
  )
}
