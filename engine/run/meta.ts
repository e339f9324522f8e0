import { fail } from '../errors.js'
import { isDict } from '../language/value.js'
import { inheritAll } from '../play/inherit.js'
import type { Task } from '../play/play.js'
import { isUnknown } from '../unknown.js'
import { connectionSettings } from './connect.js'
import type { Batch, Turn } from './context.js'
import { conditionsHold, evaluated, text } from './evaluate.js'
import { infoOf } from './perform.js'
import { failure, resultOfError } from './result.js'
import { settle } from './settle.js'
import { turnOf } from './turn.js'

/** What `meta` does for one host, or by way of one host for all. */
type Action = (batch: Batch, host: string, turn: Turn) => void | Promise<void>

/** Actions that concern each host by itself. */
const EACH: Readonly<Record<string, Action>> = {
  noop: () => undefined,
  flush_handlers: (batch, host) => batch.walks.get(host)!.flush(),
  end_host: (batch, host) => {
    batch.walks.get(host)!.end()
    batch.removed.add(host)
  },
  reset_connection: ({ run }, _host, turn) => run.targets.reset(connectionSettings(turn).name),
  role_complete: ({ roles }, host, { task }) => {
    const key = `${host} ${task.role?.identity}`
    if (roles.begun.has(key)) roles.completed.add(key)
  },
}

/** Actions that the first host triggers for all hosts of the batch. */
const ONCE: Readonly<Record<string, Action>> = {
  end_play: (batch) => {
    endAll(batch)
    batch.ended = true
  },
  end_batch: endAll,
  clear_facts: ({ hosts, run }) => hosts.forEach((host) => run.known(host).clearFacts()),
  clear_host_errors: (batch) => {
    for (const host of batch.hosts) {
      batch.failed.delete(host)
      batch.run.failed.delete(host)
      batch.run.unreachable.delete(host)
      batch.walks.get(host)!.clearErrors()
    }
  },
  refresh_inventory: ({ run }) => run.refreshInventory(),
}

/** Runs a `meta` task on the hosts that are at it. Conditions that fail to evaluate fail the host. */
export async function executeMeta(batch: Batch, task: Task, hosts: readonly string[]): Promise<void> {
  const name = actionOf(batch, task, hosts[0]!)
  const each = Object.hasOwn(EACH, name) ? EACH[name] : undefined
  const once = Object.hasOwn(ONCE, name) ? ONCE[name] : undefined
  const action = each ?? once
  if (!action) {
    return fail({ code: 'bad-param', message: `meta: there is no action "${name}"`, place: task.modulePlace })
  }
  const info = infoOf(batch, task, hosts[0]!)
  for (const host of each ? hosts : hosts.slice(0, 1)) {
    const turn = turnOf(batch, task, info, host)
    if (await applies(turn, name)) await action(batch, host, turn)
  }
}

/** Actions for which Ansible does not look at `when`. */
const UNCONDITIONAL = new Set(['noop', 'refresh_inventory', 'reset_connection', 'role_complete'])

async function applies(turn: Turn, name: string): Promise<boolean> {
  if (UNCONDITIONAL.has(name)) return true
  try {
    const holds = conditionsHold(inheritAll(turn.task, 'when'), turn.scope)
    if (!isUnknown(holds)) return holds
    settle(turn, failure(`meta: ${name} depends on ${holds.why}, which only the run can tell`), 0)
  } catch (error) {
    settle(turn, resultOfError(error), 0)
  }
  return false
}

function actionOf(batch: Batch, task: Task, host: string): string {
  const { params, modulePlace: place } = task
  const value = isDict(params) ? (params.get('action') ?? params.get('_raw_params')) : params
  const info = { id: 0, play: '', name: '', module: 'meta', where: '', handler: task.handler }
  const { scope } = turnOf(batch, task, info, host)
  return text(evaluated({ value: value ?? '', place }, scope) ?? '')
}

/** Ends the walks of all hosts that can be reached. */
function endAll(batch: Batch): void {
  for (const [host, walk] of batch.walks) if (!batch.run.unreachable.has(host)) walk.end()
}
