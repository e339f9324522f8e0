import type { ParamTable } from '../module/params.js'
import { sh } from '../module/quote.js'
import type { Session } from '../module/contract.js'
import { askHost, questionsOf, sessionName } from './ask.js'
import { normalize } from './forecast.js'
import type { Call, Target } from './target.js'

/**
 * Parameters with the paths of the host made absolute: `~` is the home of the user the task runs as, `~name` that
 * of another, and a relative path starts where the shell does. In lists of paths only `~` is replaced, since a module
 * may have another folder for the rest. Asks the host only when there is such a path.
 */
export async function homePaths(call: Call, target: Target): Promise<Readonly<Record<string, unknown>>> {
  const { params: table } = call.module
  const given = Object.entries(call.params).filter(([name, value]) =>
    isRelative(table[name], value, call.params),
  )
  if (given.length === 0) return call.params
  const session = await sessionOf(call, target)
  const one = (path: unknown, folder = session.folder): Promise<string> =>
    absolute(String(path), { ...session, folder }, call, target)
  const folderOf = async (name: string): Promise<string | undefined> => {
    const within = call.params[table[name]?.within ?? '']
    return typeof within === 'string' ? one(within) : undefined
  }
  const made = await Promise.all(
    given.map(async ([name, value]): Promise<[string, unknown]> => {
      if (!Array.isArray(value)) return [name, await one(value, await folderOf(name))]
      const paths = value.map((path) => (String(path).startsWith('~') ? one(path) : (path as string)))
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
  if (spec?.type === 'path') return typeof value === 'string' && !value.startsWith('/')
  if (spec?.type !== 'list' || spec.elements !== 'path' || !Array.isArray(value)) return false
  return value.some((path) => typeof path === 'string' && path.startsWith('~'))
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
  const script = sh`getent passwd ${user} 2>/dev/null || grep -e ${`^${user}:`} /etc/passwd`
  const reply = await target.connection.run(script.text, { become: call.become, signal: call.signal })
  return (reply.stdout.toString('utf8').split('\n')[0]?.split(':')[5] ?? path) + rest!
}

/** A slash at the end of `dest` says "a directory". */
function keepSlash(written: string, path: string): string {
  return written.endsWith('/') ? `${path}/` : path
}
