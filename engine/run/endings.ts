import { canChange, Unknown, type Fail, type NotYet, type Ran, type Returned } from '../module/contract.js'
import { bringsPackages, bringsProgram } from './forecast.js'
import type { Pass } from './look.js'
import type { Call, Converged, Target } from './target.js'

/** As Ansible says it of what is done on the controller. */
export function notInBackground(): Converged {
  const message = 'async is not supported for this task.'
  return { status: 'failed', changed: false, message, values: { msg: message }, diffs: [] }
}

/** An error in a module of the user's own is no defect of fplay: it is told with the place in that file. */
export function brokenModule(error: unknown, file: string): Converged {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const place = /:\d+:\d+(?=\)?$)/m.exec(
    (error instanceof Error ? (error.stack ?? '') : '').split('\n').find((line) => line.includes(file)) ?? '',
  )
  const message = `${file}${place?.[0] ?? ''}: ${said}`
  return { status: 'failed', changed: false, message, values: { msg: message }, diffs: [] }
}

/** What a module returned, as a call ends that changed nothing. */
export function returned(own: Returned): Converged {
  const { values, failed, skipped, facts, cacheable, addHost, groupBy, job } = own
  return {
    status: failed !== undefined ? 'failed' : skipped !== undefined ? 'skipped' : 'ok',
    changed: false,
    message: failed ?? skipped,
    values,
    diffs: [],
    facts,
    cacheable,
    addHost,
    groupBy,
    job,
  }
}

/** The script of a module ended with another status than 0. */
export function scriptFailed(ran: Extract<Ran, { kind: 'ran' }>): Converged {
  const said = (ran.stderr.trim() || ran.stdout.trim()).split('\n').slice(-5).join('\n')
  const message = said === '' ? `ended with status ${ran.code} and said nothing` : said
  const { code: rc, stdout, stderr } = ran
  return returned({ values: { rc, stdout, stderr }, failed: message })
}

/** A dry run does not wait: the state may come of an earlier task, and the values with it. */
export function foreseenWait(pass: Pass, error: NotYet): Converged {
  const { returns, alsoReturns } = pass.call.module
  const names = alsoReturns === undefined ? Object.keys(returns) : []
  const late = names.map((name) => [name, new Unknown(`${name}, once ${error.message}`)])
  return {
    ...returned({ values: Object.fromEntries(late) as object as Returned['values'] }),
    rest: alsoReturns === undefined ? undefined : new Unknown(`${alsoReturns}, once ${error.message}`),
    unproven: `waits in the run: ${error.message}`,
  }
}

/**
 * In a dry run a failure that may rest on a task that was not run is not a failure yet: the run may well mend it.
 */
export function foreseenFailure(error: Fail, call: Call, target: Target): Converged {
  const { assuming } = target.forecast
  const message = error.cure ? `${error.message}; ${error.cure}` : error.message
  // What playbooks compare is Ansible's; the cure is for people.
  const base = { changed: false, values: { msg: error.message, ...error.values }, diffs: [] }
  const tasks = assuming.map((task) => `"${task}"`).join(', ')
  const rests =
    tasks !== ''
      ? `${tasks}, not run`
      : startsLater(error, target)
        ? 'what earlier tasks start or install'
        : ''
  if (!call.checkMode || rests === '') return { ...base, status: 'failed', message }
  const because = `depends on ${rests}: ${message}`
  return { ...base, status: 'undecided', changed: canChange(call.module), message: because }
}

/** A server does not answer as it should, or a program is missing, and earlier tasks would have started or installed something. */
function startsLater({ because }: Fail, { forecast }: Target): boolean {
  const starts = (): boolean => [...forecast.states.keys()].some((key) => STARTS.test(key))
  return because.some((key) => {
    if (key.startsWith('http:')) return starts() || bringsPackages(forecast)
    return key.startsWith('program:') && (bringsProgram(forecast, key.slice(8)) || bringsPackages(forecast))
  })
}

/** Keys of what lets servers answer. */
const STARTS = /^(?:boot|compose|container|service):/
