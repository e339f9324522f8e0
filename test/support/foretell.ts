import { expect } from 'chai'
import type { Lab } from '../../lab/lab.js'
import type { RunEvent } from '../../engine/events.js'
import type { Recap } from '../../engine/report/recap.js'
import { readFileSync } from 'node:fs'
import { countFidelity, noteLine, taskEnds, type TaskEnd } from './fidelity.js'
import { hostState } from './host-state.js'
import type { Calling, Ran, Workplace } from './workplace.js'

/** What is run, and on which hosts of the lab nothing may change in check mode. */
export interface Foretelling extends Calling {
  readonly workplace: Workplace
  readonly lab: Lab
  /** Numbers of the lab's hosts that the playbook touches. */
  readonly hosts: readonly number[]
  /** Playbook and inventory, as on the command line. */
  readonly argv: readonly string[]
  /** Exit status of the real run, which the dry run must foretell too; 0 unless told. */
  readonly code?: number
  /** Folders that a dry run may write to, as docs/differences.md says. */
  readonly apart?: readonly string[]
  /** False for playbooks that do something each time they run. */
  readonly settles?: boolean
}

/** How well a dry run foretold. */
export interface Fidelity {
  readonly checked: Ran
  readonly ran: Ran
  /** Entries of the recap: a task on a host. */
  readonly tasks: number
  /** Those whose status was foretold. */
  readonly foretold: number
}

/**
 * Holds `--check --diff` to its promise: it changes nothing on the hosts, and predicts exactly the tasks that the real
 * run then changes. A second real run changes nothing. How many statuses were foretold is told at the end of all tests.
 */
export async function foretells(what: Foretelling): Promise<Fidelity> {
  const { workplace, argv, env, input, code = 0, settles = true } = what
  const before = await states(what)
  const [foretold, was] = ['foretold.jsonl', 'was.jsonl'].map((name) => workplace.path(name)) as [
    string,
    string,
  ]
  const checked = await workplace.run([...argv, '--check', '--diff', ...reported(foretold)], { env, input })
  expect(differences(before, await states(what)), `changed by --check\n${checked.out}`).to.deep.equal([])
  const ran = await workplace.run([...argv, ...reported(was)], { env, input })
  expect(ran.code, ran.out + ran.err).to.equal(code)
  const wrong = countFidelity(endsIn(foretold), endsIn(was))
  expect(changes(checked.recap), `foretold:\n${checked.out}\nwas:\n${ran.out}`).to.deep.equal(
    changes(ran.recap),
  )
  expect(wrong, 'not foretold, or results of another shape').to.deep.equal([])
  expect(checked.code, checked.out + checked.err).to.equal(code)
  if (settles) {
    const again = await workplace.run(argv, { env, input })
    expect(again.code, again.out + again.err).to.equal(code)
    expect(changes(again.recap), again.out).to.deep.equal([])
  }
  return told(argv, checked, ran)
}

/** Options that tell of a run as before, and each event in a file. */
function reported(file: string): readonly string[] {
  return ['--report', 'plain', '--report', `json=${file}`]
}

/** How tasks ended, from the events in a file. */
function endsIn(file: string): TaskEnd[] {
  const events = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  return taskEnds(
    events.map((event) => ({ ...event, kind: event['event'], outcome: event }) as unknown as RunEvent),
  )
}

function told(argv: readonly string[], checked: Ran, ran: Ran): Fidelity {
  const was = statuses(ran.recap)
  const foretold = statuses(checked.recap)
  const same = [...was].filter(([key, status]) => foretold.get(key) === status).length
  const tasks = new Set([...was.keys(), ...foretold.keys()]).size
  const name = argv[0]!.split('/').pop()
  noteLine(`    foretold ${same} of ${tasks} statuses in ${name}, all ${changes(ran.recap).length} changes`)
  return { checked, ran, tasks, foretold: same }
}

/** Each host's state at the same moment. */
async function states({ lab, hosts, apart = [] }: Foretelling): Promise<string[]> {
  const all = await Promise.all(hosts.map((host) => hostState(lab, host)))
  const counts = (line: string): boolean =>
    !apart.some((folder) => new RegExp(`(^|  )${folder}[/|]`).test(line))
  return all.flatMap((lines, i) => lines.filter(counts).map((line) => `${hosts[i]}: ${line}`))
}

/** Lines that only one of two lists has. */
function differences(before: readonly string[], after: readonly string[]): string[] {
  const [old, fresh] = [new Set(before), new Set(after)]
  return [
    ...before.filter((line) => !fresh.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ]
}

/** `host file:line task`, for each task that changed a host, or would. */
export function changes({ tasks }: Pick<Recap, 'tasks'>): string[] {
  return tasks
    .filter(({ changed }) => changed)
    .map(({ host, where, task }) => `${host} ${where} ${task}`)
    .sort()
}

/** Statuses by host and task; a task that was met more than once counts each time. */
function statuses({ tasks }: Recap): Map<string, string> {
  const all = new Map<string, string>()
  for (const { host, where, task, status } of tasks) {
    let key = `${host} ${where} ${task}`
    while (all.has(key)) key += ' again'
    all.set(key, status)
  }
  return all
}
