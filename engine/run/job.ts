import { FplayError } from '../errors.js'
import type { Converge } from '../module/contract.js'
import { jobAsk, jobValues, lostMessage, removeJob, startJob, type JobState } from '../module/job.js'
import { join, Script } from '../module/quote.js'
import { Unknown } from '../unknown.js'
import { environmentScript } from './ask.js'
import { pause } from './interrupt.js'
import type { Background, Call, Conclude, Converged, Jobs, Target } from './target.js'

/** Milliseconds before the first look at a job; each later one waits twice as long, up to `poll`. */
const FIRST_LOOK = 100

/** Starts the script of a task as a job, and waits for its end unless `poll` is 0. */
export async function runAsJob(
  call: Call,
  target: Target,
  background: Background,
  step: Pick<Converge, 'script' | 'inputs'> | undefined,
  conclude: Conclude,
): Promise<Converged> {
  const id = newId()
  const inputs = step?.inputs ?? []
  const script = step?.script ?? Script.trusted(':')
  const start = startJob(id, script, inputs.length, background.seconds)
  const { stdout, stderr, code } = await send(call, target, start, inputs)
  if (code !== 0) return failed(`the job could not be started: ${stderr.trim()}`, {})
  const values = { ...jobValues(id, false), results_file: stdout.trim() }
  if (background.poll > 0) return await waitFor(id, values, call, target, background, conclude)
  background.jobs.set(id, conclude)
  return { status: 'changed', changed: true, values, diffs: [] }
}

/** Looks at a job until it has ended or its time is over. A connection that breaks meanwhile is made again. */
async function waitFor(
  id: string,
  values: Converged['values'],
  call: Call,
  target: Target,
  { seconds, poll }: Background,
  conclude: Conclude,
): Promise<Converged> {
  const deadline = Date.now() + seconds * 1000
  for (let wait = FIRST_LOOK; ; wait = Math.min(wait * 2, poll * 1000)) {
    await pause(Math.min(wait, poll * 1000), call.signal ?? new AbortController().signal)
    const state = await lookAt(id, call, target, Date.now() < deadline)
    const ended = { ...values, finished: 1 }
    if (state?.kind === 'ended' && !state.lost) {
      const result = await conclude(state.ran)
      await send(call, target, removeJob(id))
      return { ...result, values: { ...result.values, ...ended } }
    }
    if (state?.kind === 'ended') {
      await send(call, target, removeJob(id))
      return failed(`${lostMessage(state.lost!)} - ${seconds}s`, values)
    }
    if (Date.now() > deadline + 2000) return failed(`${lostMessage('late')} - ${seconds}s`, values)
  }
}

/** How a job is; undefined when the host does not answer, which may pass. */
async function lookAt(
  id: string,
  call: Call,
  target: Target,
  patient: boolean,
): Promise<JobState | undefined> {
  const ask = jobAsk(id)
  try {
    const output = await send(call, target, ask.script)
    return ask.read(output)['state'] as JobState
  } catch (error) {
    if (patient && error instanceof FplayError && !call.signal?.aborted) return undefined
    throw error
  }
}

async function send(
  call: Call,
  target: Target,
  script: Script,
  inputs: Converge['inputs'] = [],
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number }> {
  const whole = join([environmentScript(call), script])
  const { stdout, stderr, code } = await target.connection.run(whole.text, {
    become: call.become,
    inputs,
    signal: call.signal,
  })
  return { stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8'), code }
}

/** A result of a dry run, with what only starting the job could tell. */
export function foreseenJob(converged: Converged, { background, task }: Call): Converged {
  if (!background) return converged
  const waits = background.poll > 0
  const names = ['ansible_job_id', 'results_file', ...(waits ? [] : ['started', 'finished'])]
  const late = names.map((name) => [name, new Unknown(`${name} of "${task}", which was not started`)])
  const ended = waits ? { started: 1, finished: 1 } : {}
  return { ...converged, values: { ...converged.values, ...ended, ...Object.fromEntries(late) } }
}

function failed(message: string, values: Converged['values']): Converged {
  return { status: 'failed', changed: false, message, values, diffs: [] }
}

/** As Ansible's look. */
function newId(): string {
  const number = (digits: number): string =>
    String(Math.floor(Math.random() * 10 ** digits)).padStart(digits, '0')
  return `j${number(12)}.${process.pid}${number(4)}`
}

/** The result of `async_status` for a job of this run that has ended: that of its task. */
export async function withJob(converged: Converged, jobs: Jobs): Promise<Converged> {
  const { job } = converged
  const conclude = job && jobs.get(job.id)
  if (!conclude) return converged
  const result = await conclude(job.ran)
  const { ansible_job_id, started, finished, results_file } = converged.values
  return { ...result, values: { ...result.values, ansible_job_id, started, finished, results_file } }
}
