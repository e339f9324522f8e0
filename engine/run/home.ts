import type { ParamTable } from '../module/params.js'
import { sh } from '../module/quote.js'
import type { Session } from '../module/contract.js'
import { askHost, questionsOf, sessionName } from './ask.js'
import { normalize } from './forecast.js'
import type { Call, Target } from './target.js'

/**
 * Parameters with the paths of the host made absolute: `~` is the home of the user the task runs as, `~name` that
 * of another, and a relative path starts at home, where a login starts. Asks the host only when there is such a path.
 */
export async function homePaths(call: Call, target: Target): Promise<Readonly<Record<string, unknown>>> {
  const names = pathParams(call.module.params, call.params)
  if (names.every((name) => String(call.params[name]).startsWith('/'))) return call.params
  const session = await sessionOf(call, target)
  const made = await Promise.all(
    names.map(
      async (name) => [name, await absolute(String(call.params[name]), session, call, target)] as const,
    ),
  )
  return { ...call.params, ...Object.fromEntries(made) }
}

/** Who the shell of the call is, asked for when no probe has told yet. */
async function sessionOf(call: Call, target: Target): Promise<Session> {
  const name = sessionName(call.become)
  if (!target.sessions.has(name)) await askHost(questionsOf([], call, target), call, target)
  return target.sessions.get(name)!
}

function pathParams(table: ParamTable, params: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(table).filter((name) => table[name]!.type === 'path' && typeof params[name] === 'string')
}

async function absolute(path: string, session: Session, call: Call, target: Target): Promise<string> {
  if (path.startsWith('/')) return path
  const [, user, rest] = /^~([^/]*)(.*)$/s.exec(path) ?? []
  if (user === undefined) return keepSlash(path, normalize(`${session.home}/${path}`))
  if (user === '') return session.home + rest!
  const script = sh`getent passwd ${user} 2>/dev/null || grep -e ${`^${user}:`} /etc/passwd`
  const reply = await target.connection.run(script.text, { become: call.become, signal: call.signal })
  return (reply.stdout.toString('utf8').split('\n')[0]?.split(':')[5] ?? path) + rest!
}

/** A slash at the end of `dest` says "a directory". */
function keepSlash(written: string, path: string): string {
  return written.endsWith('/') ? `${path}/` : path
}
