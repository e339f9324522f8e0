import type { ParamTable } from '../module/params.js'
import { join, Script, sh } from '../module/quote.js'
import type { Session } from '../module/contract.js'
import { askHost, environmentScript, questionsOf, sessionName } from './ask.js'
import { normalize } from './forecast.js'
import { makesAccounts } from './resting.js'
import type { Call, Target } from './target.js'

/**
 * Parameters with the paths of the host made absolute: `~` is the home of the user the task runs as, `~name` that
 * of another, `$NAME` a variable of the task's environment there, and a relative path starts where the shell does. In
 * lists of paths only `~` and variables are replaced, since a module may have another folder for the rest. Asks the host
 * only when there is such a path.
 */
export async function homePaths(call: Call, target: Target): Promise<Readonly<Record<string, unknown>>> {
  const { params: table } = call.module
  const given = Object.entries(call.params).filter(([name, value]) =>
    isRelative(table[name], value, call.params),
  )
  if (given.length === 0) return call.params
  const session = await sessionOf(call, target)
  const texts = given.flatMap(([, value]) => value as string | readonly string[])
  const variables = await variablesIn(texts, session, call, target)
  const one = (path: unknown, folder = session.folder): Promise<string> =>
    absolute(expanded(String(path), variables), { ...session, folder }, call, target)
  const folderOf = async (name: string): Promise<string | undefined> => {
    const within = call.params[table[name]?.within ?? '']
    return typeof within === 'string' ? one(within) : undefined
  }
  const made = await Promise.all(
    given.map(async ([name, value]): Promise<[string, unknown]> => {
      if (!Array.isArray(value)) return [name, await one(value, await folderOf(name))]
      const paths = value.map((path) => (isOpen(path) ? one(path) : (path as string)))
      return [name, await Promise.all(paths)]
    }),
  )
  return { ...call.params, ...Object.fromEntries(made) }
}

/** A parameter that holds a path of the host which does not start at the root. */
function isRelative(spec: ParamTable[string] | undefined, value: unknown, params: Call['params']): boolean {
  const { searched } = spec ?? {}
  // It names a file of the controller, unless another parameter says otherwise.
  if (searched && !(searched.unless !== undefined && params[searched.unless] === true)) return false
  if (spec?.type === 'path' || searched)
    return typeof value === 'string' && (!value.startsWith('/') || isOpen(value))
  if (spec?.type !== 'list' || spec.elements !== 'path' || !Array.isArray(value)) return false
  return value.some(isOpen)
}

/** `$NAME` or `${NAME}`. */
const VARIABLE = /\$(?:(\w+)|\{(\w+)\})/g

/** Whether a path begins at a home, or has variables of the host in it. */
function isOpen(path: unknown): boolean {
  return typeof path === 'string' && (path.startsWith('~') || path.search(VARIABLE) >= 0)
}

/** Values of the variables that the paths name, as far as there are such; the host is asked for all but HOME. */
async function variablesIn(
  paths: readonly string[],
  { home }: Session,
  call: Call,
  target: Target,
): Promise<ReadonlyMap<string, string>> {
  const named = paths.flatMap((path) =>
    [...path.matchAll(VARIABLE)].map(([, bare, braced]) => bare ?? braced!),
  )
  const own = call.environment['HOME'] ?? home
  const asked = [...new Set(named)].filter((name) => name !== 'HOME' && /^[A-Za-z_]/.test(name))
  if (asked.length === 0) return new Map([['HOME', own]])
  const prints = asked.map((name) => {
    const variable = Script.trusted(name)
    return sh`[ -z "\${${variable}+set}" ] || printf '%s=%s\\0' ${name} "$${variable}"`
  })
  const script = join([environmentScript(call), ...prints])
  const reply = await target.connection.run(script.text, { become: call.become, signal: call.signal })
  const told = reply.stdout.toString('utf8').split('\0').slice(0, -1)
  const values = told.map((text): [string, string] => [
    text.split('=', 1)[0]!,
    text.slice(text.indexOf('=') + 1),
  ])
  return new Map([['HOME', own], ...values])
}

/** A path with its variables replaced; what is none stays, as in Python. */
function expanded(path: string, variables: ReadonlyMap<string, string>): string {
  return path.replace(
    VARIABLE,
    (whole, bare?: string, braced?: string) => variables.get(bare ?? braced!) ?? whole,
  )
}

/** Who the shell of the call is, asked for when no probe has told yet. */
async function sessionOf(call: Call, target: Target): Promise<Session> {
  const name = sessionName(call.become)
  if (!target.sessions.has(name)) await askHost(questionsOf([], call, target), call, target)
  return target.sessions.get(name)!
}

async function absolute(path: string, session: Session, call: Call, target: Target): Promise<string> {
  if (path.startsWith('/')) return path
  const [, user, rest] = /^~([^/]*)(.*)$/s.exec(path) ?? []
  if (user === undefined) return keepSlash(path, normalize(`${session.folder}/${path}`))
  if (user === '') return session.home + rest!
  if (call.speculation && makesAccounts(call.speculation.forecast))
    call.speculation.refuse('an account may be made')
  const script = sh`getent passwd ${user} 2>/dev/null || grep -e ${`^${user}:`} /etc/passwd`
  const reply = await target.connection.run(script.text, { become: call.become, signal: call.signal })
  return (reply.stdout.toString('utf8').split('\n')[0]?.split(':')[5] ?? path) + rest!
}

/** A slash at the end of `dest` says "a directory". */
function keepSlash(written: string, path: string): string {
  return written.endsWith('/') ? `${path}/` : path
}
