import { defineModule, Fail, type Key } from '../engine/module/contract.js'
import { runResult } from '../engine/module/free-command.js'
import { isJobId, jobAsk, jobValues, lostMessage, removeJob, type JobState } from '../engine/module/job.js'

/** What is known of a job that another run has started. */
const PRINTED = ['rc', 'stdout', 'stdout_lines', 'stderr', 'stderr_lines', 'msg']
const NO_OUTPUT = { stdout: '', stdout_lines: [], stderr: '', stderr_lines: [] }

/** Tells how a job in the background is. */
export default defineModule({
  summary: 'Tell how a task that runs in the background is',
  description:
    'For tasks with async and poll: 0. The result is that of the task once it has ended; in another run of fplay it is what its script printed.',
  params: {
    jid: { type: 'str', required: true, description: 'Its `ansible_job_id`.' },
    mode: {
      type: 'str',
      choices: ['status', 'cleanup'],
      default: 'status',
      description: '`cleanup` removes what the job has left on the host.',
    },
  },
  returns: {
    ansible_job_id: 'The id.',
    started: '1 once it has started.',
    finished: '1 once it has ended.',
    results_file: 'Folder of the job on the host.',
    erased: 'The folder that was removed.',
    rc: 'Exit status of its script.',
    stdout: 'What it printed.',
    stdout_lines: 'The same as lines.',
    stderr: 'What it complained.',
    stderr_lines: 'The same as lines.',
  },
  examples: `
- name: Compress in the background
  command: xz -9 /srv/dump
  async: 3600
  poll: 0
  register: compressing
- name: Wait for it
  async_status:
    jid: "{{ compressing.ansible_job_id }}"
  register: job
  until: job.finished
  retries: 360
  delay: 10
`,
  probe: ({ jid }) => (isJobId(jid) ? [jobAsk(jid)] : []),
  wanted: ({ jid, mode }, before) => {
    if (!isJobId(jid)) throw new Fail(`"${jid}" is no id of a job`)
    const state = stateOf(before, jid)
    if (state.kind === 'none')
      throw new Fail('could not find job', [], undefined, { ...jobValues(jid, true), ...NO_OUTPUT })
    return mode === 'cleanup' ? new Map([[keyOf(jid), { state: { kind: 'none' } }]]) : new Map()
  },
  converge: ({ jid }) => ({ script: removeJob(jid) }),
  result: ({ jid, mode }, before) => {
    const state = stateOf(before, jid)
    if (state.kind === 'none') return { values: {} }
    const { folder } = state
    if (mode === 'cleanup') {
      const values = { ansible_job_id: jid, started: 0, finished: 0, erased: folder, ...NO_OUTPUT }
      return { values, changed: false }
    }
    const own = { ...jobValues(jid, state.kind === 'ended'), results_file: folder }
    if (state.kind === 'running') return { values: { ...own, ...NO_OUTPUT } }
    if (state.lost) return { values: { ...own, ...NO_OUTPUT }, failed: lostMessage(state.lost) }
    const { values, ...ended } = runResult({}, '', state.ran)
    const printed = Object.fromEntries(PRINTED.map((name) => [name, values[name]]))
    return { ...ended, values: { ...printed, ...own }, changed: true, job: { id: jid, ran: state.ran } }
  },
})

function keyOf(jid: string): Key {
  return `job:${jid}` as Key
}

function stateOf(view: { own(key: Key): Readonly<Record<string, unknown>> }, jid: string): JobState {
  return view.own(keyOf(jid))['state'] as JobState
}
