import {
  accountFacts,
  accountsAsk,
  ACCOUNTS_PATH,
  factsKey,
  isDifferent,
  refuseChange,
  refuseName,
} from '../engine/module/accounts.js'
import { octal } from '../engine/module/attributes.js'
import {
  defineModule,
  Fail,
  isUnknown,
  Unknown,
  type Ask,
  type Content,
  type Converge,
  type Difference,
  type Key,
  type OwnState,
  type PathState,
  type UserState,
  type View,
  type Wish,
  type Wished,
} from '../engine/module/contract.js'
import { contentOf } from '../engine/content.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { input } from '../engine/module/write.js'

const params = {
  name: { type: 'str', required: true, aliases: ['user'], description: 'The account.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['present', 'absent'],
    description: 'Whether it should be there.',
  },
  uid: { type: 'int', description: 'Its id. Default: what it has, or what the system chooses.' },
  non_unique: { type: 'bool', default: false, description: 'Allow a uid that another account has.' },
  group: {
    type: 'str',
    description: 'Primary group. A new account without it gets a group of its own name.',
  },
  groups: { type: 'list', elements: 'str', description: 'Other groups; an empty list for none.' },
  append: {
    type: 'bool',
    default: false,
    description: 'Keep the groups that it has and groups does not name.',
  },
  comment: { type: 'str', description: 'Full name or purpose.' },
  home: { type: 'path', description: 'Home folder.' },
  create_home: { type: 'bool', default: true, description: 'Make the home folder if it is not there.' },
  skeleton: { type: 'path', description: 'Folder whose content a new home gets; with create_home.' },
  shell: { type: 'str', description: 'Login shell.' },
  password: {
    type: 'str',
    secret: true,
    description: 'Hash of the password as /etc/shadow has it, never the password itself.',
  },
  update_password: {
    type: 'str',
    default: 'always',
    choices: ['always', 'on_create'],
    description: 'Whether the password of an account that is there is changed.',
  },
  password_lock: {
    type: 'bool',
    description: 'Whether the password is locked. Other ways to log in are not.',
  },
  expires: {
    type: 'float',
    description: 'When the account ends, in seconds since 1970; negative for never.',
  },
  system: {
    type: 'bool',
    default: false,
    description: 'Choose the id of a new account among those of the system.',
  },
  remove: { type: 'bool', default: false, description: 'With state absent: remove the home folder too.' },
  force: {
    type: 'bool',
    default: false,
    description: 'With state absent: remove it although somebody is logged in.',
  },
} as const
type Params = InferParams<typeof params>

/** Where the home is most likely, so that it can be asked for together with everything else. */
function likelyHome({ name, home }: Params): string {
  return home ?? `/home/${name}`
}

function probe(given: Params): readonly Ask[] {
  const { name, uid, group, groups = [] } = given
  refuseName('user', name)
  const named = [name, ...(group === undefined ? [] : [group]), ...groups.filter(Boolean)]
  return [
    { kind: 'user', name },
    ...[...new Set(named)].map((one): Ask => ({ kind: 'group', name: one })),
    ...homeAsks(likelyHome(given)),
    accountsAsk('user', name, uid),
  ]
}

function homeAsks(home: string): readonly Ask[] {
  return [home, ...ancestors(home)].map((path) => ({ kind: 'path', path, need: 'stat', follow: true }))
}

function ancestors(path: string): string[] {
  const parts = path.split('/').filter(Boolean).slice(0, -1)
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`)
}

function more(given: Params, before: View): readonly Ask[] {
  const home = homeOf(given, before)
  return home === undefined || home === likelyHome(given) ? [] : homeAsks(home)
}

/** The home that the account has, or is to have; undefined when there is none, or only the run can tell. */
function homeOf(given: Params, before: View): string | undefined {
  const found = before.user(given.name)
  if (given.home !== undefined && given.state === 'present') return given.home
  if (found.exists === true)
    return typeof found.home === 'string' && found.home !== '' ? found.home : undefined
  if (given.state === 'absent') return undefined
  return `${accountFacts(given.name, before).defaults['HOME'] || '/home'}/${given.name}`
}

function wanted(given: Params, before: View): Wish {
  const wish = given.state === 'absent' ? absentWish(given, before) : presentWish(given, before)
  const differing = [...wish].some(([key, wished]) => isDifferent(foundUnder(key, given, before), wished))
  if (differing) refuseImpossible(given, before)
  return wish
}

function foundUnder(key: Key, { name }: Params, before: View): object {
  const what = key.slice(key.indexOf(':') + 1)
  if (key.startsWith('path:')) return before.path(what)
  if (key.startsWith('group:')) return before.group(what)
  return key === factsKey(name) ? before.own(key) : before.user(what)
}

function absentWish({ name, remove }: Params, before: View): Wish {
  const found = before.user(name)
  const wish = new Map<Key, Wished<UserState> | Wished<PathState>>([[`user:${name}`, { exists: false }]])
  if (found.exists !== true) return wish
  const home = homeOf({ name, state: 'absent' } as Params, before)
  if (remove && home !== undefined) wish.set(`path:${home}`, { type: 'absent' })
  if (losesGroup(name, found, before)) wish.set(`group:${name}`, { exists: false })
  return wish
}

/** Its own group goes with an account unless others are in it. */
function losesGroup(name: string, found: UserState, before: View): boolean {
  const { exists, members } = before.group(name)
  const { defaults, primaries } = accountFacts(name, before)
  const others = Array.isArray(members) ? (members as string[]).filter((member) => member !== name) : []
  const own = exists === true && found.group === name && others.length === 0 && primaries.length === 0
  return own && defaults['USERGROUPS_ENAB'] === 'yes'
}

function presentWish(given: Params, before: View): Wish {
  const { name, expires } = given
  const found = before.user(name)
  const isNew = found.exists !== true
  const ownGroup = isNew && given.group === undefined && before.group(name).exists !== true
  const group = given.group ?? (ownGroup ? name : undefined)
  refuseMissingGroups(given, before)
  return new Map<Key, Wished<UserState> | Wished<PathState> | OwnState>([
    ...(ownGroup ? [[`group:${name}`, { exists: true }] as const] : []),
    [`user:${name}`, userWish(given, found, group, before)],
    ...(expires === undefined ? [] : [[factsKey(name), { expires: dayOf(expires) }] as const]),
    ...homeWishes(given, group, found, before),
  ])
}

function userWish(
  given: Params,
  found: UserState,
  group: string | undefined,
  before: View,
): Wished<UserState> {
  const isNew = found.exists !== true
  const { defaults } = accountFacts(given.name, before)
  const shell = given.shell ?? (isNew ? defaults['SHELL'] : undefined)
  const home = given.home ?? (isNew ? homeOf(given, before) : undefined)
  const password = passwordWish(given, found)
  return {
    exists: true,
    ...(given.uid === undefined ? {} : { uid: given.uid }),
    ...(group === undefined ? {} : { group }),
    ...(given.groups === undefined ? {} : { groups: groupsWish(given, found, group) }),
    ...(given.comment === undefined ? {} : { comment: given.comment }),
    ...(home === undefined ? {} : { home }),
    ...(shell === undefined ? {} : { shell }),
    ...(password === undefined ? {} : { password }),
  }
}

function groupsWish(given: Params, found: UserState, group: string | undefined): readonly string[] {
  const old = given.append && Array.isArray(found.groups) ? (found.groups as readonly string[]) : []
  const primary = group ?? found.group
  const all = [...old, ...given.groups!].filter((name) => name !== '' && name !== primary)
  return [...new Set(all)].sort()
}

/** A locked password is one with `!` before it; unlocking takes that away. */
function passwordWish(given: Params, found: UserState): string | undefined {
  const isNew = found.exists !== true
  const old = typeof found.password === 'string' ? found.password : undefined
  const set = given.password !== undefined && (isNew || given.update_password === 'always')
  const base = set ? given.password : isNew ? '!' : old
  if (given.password_lock === undefined) return set ? base : undefined
  if (base === undefined) return given.password_lock ? '!' : undefined
  const bare = base.replace(/^!+/, '')
  if (given.password_lock) return base.startsWith('!') ? base : `!${base}`
  return bare === '' ? base : bare
}

function dayOf(expires: number): string {
  return expires < 0 ? '' : String(Math.floor(expires / 86400))
}

function homeWishes(
  given: Params,
  group: string | undefined,
  found: UserState,
  before: View,
): readonly [Key, Wished<PathState>][] {
  const home = homeOf(given, before)
  if (!given.create_home || home === undefined || before.path(home).type !== 'absent') return []
  const above = ancestors(home).filter((path) => before.path(path).type === 'absent')
  const whose = group ?? found.group ?? new Unknown(`primary group of ${given.name}`)
  return [
    ...above.map((path): [Key, Wished<PathState>] => [`path:${path}`, { type: 'directory' }]),
    [
      `path:${home}`,
      { type: 'directory', mode: homeMode(given, before), owner: given.name, group: whose, below: 'unknown' },
    ],
  ]
}

/** What useradd gives to a home. */
function homeMode({ name }: Params, before: View): number {
  const { HOME_MODE: mode, UMASK: umask = '022' } = accountFacts(name, before).defaults
  return mode === undefined ? 0o777 & ~parseInt(umask, 8) : parseInt(mode, 8) & 0o7777
}

function refuseMissingGroups({ group, groups = [] }: Params, before: View): void {
  for (const name of [...(group === undefined ? [] : [group]), ...groups.filter(Boolean)]) {
    if (before.group(name).exists === false) {
      throw new Fail(`there is no group ${name}`, [`group:${name}`], 'create it with the module group')
    }
  }
}

function refuseImpossible(given: Params, before: View): void {
  const { name, uid, state } = given
  const facts = accountFacts(name, before)
  const isNew = before.user(name).exists !== true
  refuseChange(state === 'absent' ? 'userdel' : isNew ? 'useradd' : 'usermod', facts, before)
  if (given.password !== undefined || given.password_lock !== undefined)
    refuseChange('chpasswd', facts, before)
  if (uid !== undefined && facts.holder !== undefined && facts.holder !== name && !given.non_unique) {
    throw new Fail(
      `the uid ${uid} belongs to ${facts.holder}`,
      [`user:${facts.holder}`],
      'choose another, or use non_unique',
    )
  }
  for (const field of ['comment', 'home', 'shell', 'password'] as const) {
    if (/[:\n]/.test(given[field] ?? ''))
      throw new Fail(`${field} has a colon or a line end, which /etc/passwd cannot hold`)
  }
}

function converge(given: Params, before: View, differing: ReadonlyMap<Key, Difference>): Converge {
  const { name, state, force, remove } = given
  if (state === 'absent') {
    const options = [...(force ? ['-f'] : []), ...(remove ? ['-r'] : [])]
    return { script: join([ACCOUNTS_PATH, sh`userdel ${options} -- ${name}`]) }
  }
  const account = differing.get(`user:${name}`)
  const isNew = before.user(name).exists !== true
  const home = homeOf(given, before)
  const homeChange = home === undefined ? undefined : differing.get(`path:${home}`)
  const parents = [...differing.values()].filter(
    (one) => one !== homeChange && one.wished['type'] === 'directory',
  )
  const password = passwordStep(name, account)
  return {
    script: join([
      ACCOUNTS_PATH,
      ...parents.map(({ before: found }) => sh`mkdir -- ${String(found['real'])}`),
      ...(isNew
        ? [createScript(given, before, account!, homeChange !== undefined)]
        : [modifyScript(given, account)]),
      ...(homeChange && !isNew ? [homeScript(given, home!, before)] : []),
      ...(homeChange ? [sh`chmod ${octal(homeChange.wished['mode'] as number)} -- ${home!}`] : []),
      ...(differing.has(factsKey(name)) ? [sh`usermod -e ${expiryDate(given.expires!)} -- ${name}`] : []),
      password.script,
    ]),
    inputs: password.inputs,
  }
}

function createScript(given: Params, before: View, { wished }: Difference, makesHome: boolean): Script {
  const { name, group, system, skeleton } = given
  const own = before.group(name).exists !== true ? ['-U'] : ['-N']
  const options = [
    ...(system ? ['-r'] : []),
    ...(group === undefined ? own : ['-g', group]),
    ...(makesHome ? ['-m', ...(skeleton === undefined ? [] : ['-k', skeleton])] : ['-M']),
    ...fieldOptions(given, wished, ['uid', 'groups', 'comment', 'home', 'shell']),
  ]
  return sh`useradd ${options} -- ${name}`
}

function modifyScript(given: Params, account: Difference | undefined): Script {
  if (!account) return sh`:`
  const options = fieldOptions(given, account.wished, account.names)
  const group = account.names.includes('group') ? ['-g', String(account.wished['group'])] : []
  return options.length + group.length === 0 ? sh`:` : sh`usermod ${group} ${options} -- ${given.name}`
}

/** Options that useradd and usermod share. */
function fieldOptions(
  given: Params,
  wished: Readonly<Record<string, unknown>>,
  names: readonly string[],
): readonly string[] {
  const flags: Readonly<Record<string, string>> = {
    uid: '-u',
    groups: '-G',
    comment: '-c',
    home: '-d',
    shell: '-s',
  }
  return names.flatMap((name) => {
    const flag = flags[name]
    const value = wished[name]
    if (flag === undefined || value === undefined) return []
    const text = Array.isArray(value) ? value.join(',') : String(value as string | number)
    return [flag, text, ...(name === 'uid' && given.non_unique ? ['-o'] : [])]
  })
}

/** A home for an account that was there before, as useradd would have made it. */
function homeScript({ name, skeleton }: Params, home: string, before: View): Script {
  const from = skeleton ?? (accountFacts(name, before).defaults['SKEL'] || '/etc/skel')
  return sh`mkdir -- ${home}; if [ -d ${from} ]; then cp -RP -- ${from}/. ${home}/; fi
chown -R ${name}:"$(id -gn -- ${name})" -- ${home}`
}

function expiryDate(expires: number): string {
  return expires < 0 ? '' : new Date(expires * 1000).toISOString().slice(0, 10)
}

/** The hash travels by standard input: arguments can be seen by everybody on the host. */
function passwordStep(
  name: string,
  account: Difference | undefined,
): { script: Script; inputs: readonly Content[] } {
  const password = account?.wished['password']
  if (!account?.names.includes('password') || typeof password !== 'string')
    return { script: sh`:`, inputs: [] }
  const line = contentOf(`${name}:${password}\n`)
  return { script: sh`${input(0, line)} | chpasswd -e`, inputs: [line] }
}

/** Accounts. */
export default defineModule({
  summary: 'Manage accounts',
  description:
    'Needs the shadow tools (useradd, usermod, userdel, chpasswd) on the host, and root, only where something is to change. Without root, /etc/shadow cannot be read: then a password counts as different.',
  params,
  returns: {
    name: 'The account.',
    state: 'present or absent.',
    uid: 'Its id.',
    group: 'Id of the primary group.',
    groups: 'Names of the other groups, with commas between.',
    home: 'Home folder.',
    shell: 'Login shell.',
    comment: 'Full name or purpose.',
    append: 'As given.',
    create_home: 'As given.',
    system: 'As given.',
    remove: 'As given, with state absent.',
    force: 'As given, with state absent.',
  },
  examples: `
- name: Make the user of the deployment
  user: {name: fate, group: docker, shell: /bin/bash}
- name: Let the user of the deployment use Docker
  user: {name: fate, groups: docker, append: true}
`,
  probe,
  more,
  wanted,
  converge,
  result: (given, _before, after) => {
    const { name, state, remove, force, append, system, create_home } = given
    if (state === 'absent') return { values: { name, state, remove, force } }
    const { uid, gid, groups, home, shell, comment } = after.user(name)
    const text = groups === undefined || isUnknown(groups) ? (groups ?? '') : groups.join(',')
    return {
      values: {
        name,
        state,
        uid,
        group: gid,
        groups: text,
        home,
        shell,
        comment,
        append,
        system,
        create_home,
      },
    }
  },
})
