import { posix } from 'node:path'
import { contentOf } from '../../content.js'
import { ACCOUNTS_PATH } from '../accounts.js'
import { octal } from '../attributes.js'
import type { Content, Converge, Difference, Key, View } from '../contract.js'
import { join, sh, type Script } from '../quote.js'
import { input } from '../write.js'
import { homeOf, homeScript } from './home.js'
import { keyPath, keyScript } from './key.js'
import { movedFrom } from './move.js'
import type { User } from './params.js'

/** Makes the difference with the shadow tools. */
export function convergeUser(given: User, before: View, differing: ReadonlyMap<Key, Difference>): Converge {
  const { name, state, force, remove } = given
  if (state === 'absent') {
    const options = [...(force ? ['-f'] : []), ...(remove ? ['-r'] : [])]
    return { script: join([ACCOUNTS_PATH, sh`userdel ${options} -- ${name}`]) }
  }
  const account = differing.get(`user:${name}`)
  const isNew = before.user(name).exists !== true
  const home = homeOf(given, before)
  const homeChange = home === undefined ? undefined : differing.get(`path:${home}`)
  const key = keyPath(given, before)
  const keys = new Set(key === undefined ? [] : [differing.get(`path:${posix.dirname(key)}`)])
  const parents = [...differing.values()].filter(
    (one) => one !== homeChange && one.wished['type'] === 'directory' && !keys.has(one),
  )
  const moves = movedFrom(given, before) !== undefined
  const password = passwordStep(name, account)
  return {
    script: join([
      ACCOUNTS_PATH,
      ...parents.map(({ before: found }) => sh`mkdir -- ${String(found['real'])}`),
      ...(isNew
        ? [createScript(given, before, account!, homeChange !== undefined)]
        : [modifyScript(given, account, moves)]),
      ...(homeChange && !isNew && !moves ? [homeScript(given, home!, before)] : []),
      ...(homeChange && !moves ? [sh`chmod ${octal(homeChange.wished['mode'] as number)} -- ${home!}`] : []),
      shadowScript(given, account),
      password.script,
      keyScript(given, before, differing),
    ]),
    inputs: password.inputs,
  }
}

function createScript(given: User, before: View, { wished }: Difference, makesHome: boolean): Script {
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

function modifyScript(given: User, account: Difference | undefined, moves: boolean): Script {
  if (!account) return sh`:`
  const options = [...fieldOptions(given, account.wished, account.names), ...(moves ? ['-m'] : [])]
  const group = account.names.includes('group') ? ['-g', String(account.wished['group'])] : []
  return options.length + group.length === 0 ? sh`:` : sh`usermod ${group} ${options} -- ${given.name}`
}

/** Options that useradd and usermod share. */
function fieldOptions(
  given: User,
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

function shadowScript({ name, expires }: User, difference: Difference | undefined): Script {
  const has = (field: string): boolean => difference?.names.includes(field) === true
  const { minimum, maximum } = (difference?.wished ?? {}) as Readonly<Record<string, number>>
  const days = [...(has('minimum') ? ['-m', minimum!] : []), ...(has('maximum') ? ['-M', maximum!] : [])]
  return join([
    has('expires') ? sh`usermod -e ${expiryDate(expires!)} -- ${name}` : sh`:`,
    days.length === 0 ? sh`:` : sh`chage ${days} -- ${name}`,
  ])
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
