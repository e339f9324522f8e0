import type { Ask } from '../module/contract.js'
import { isEngineModule } from '../play/actions.js'
import { inherit, inheritAll } from '../play/inherit.js'
import type { Task } from '../play/play.js'
import { isUnknown } from '../unknown.js'
import { becomeOf, connectionSettings } from './connect.js'
import type { Turn } from './context.js'
import { conditionsHold } from './evaluate.js'
import { sessionName } from './ask.js'
import { withoutLookups } from './lookups.js'
import { checkParams, evaluateParams } from './params.js'
import type { Call, Target } from './target.js'
import { turnOf } from './turn.js'

/**
 * What the next items of a loop and the next tasks will ask of the same shell, as far as that can be told now. A guess,
 * which nothing rests on (see ahead.ts): what cannot be evaluated yet is passed over, and nothing outside is touched.
 */
export function upcomingAsks(
  turn: Turn,
  call: Pick<Call, 'become'>,
  target: Target,
  count: number,
): readonly Ask[] {
  const { batch, info, host } = turn
  const items = turn.nextItems?.(count) ?? []
  const tasks = batch.walks.get(host)?.upcoming(count - items.length) ?? []
  const same = (next: Turn): boolean =>
    sessionName(becomeOf(next)) === sessionName(call.become) &&
    batch.run.targets.get(connectionSettings(next), host) === target
  const asks = (next: Turn): readonly Ask[] => withoutLookups(() => (same(next) ? asksOf(next) : []))
  return [
    ...items.flatMap((next) => guess(() => asks(next))),
    ...tasks.filter(isPlain).flatMap((task) => guess(() => asks(turnOf(batch, task, info, host)))),
  ]
}

/** A task that does one thing once, on its own host, in the plain environment. */
function isPlain(task: Task): boolean {
  return (
    !isEngineModule(task.module) &&
    !task.loop &&
    !task.until.length &&
    !inherit(task, 'delegateTo') &&
    !inheritAll(task, 'environment').length
  )
}

function asksOf(turn: Turn): readonly Ask[] {
  const { registry } = turn.batch.run
  const module = registry.get(turn.task.module)
  if (module.until || module.once || !module.probe) return []
  if (conditionsHold(inheritAll(turn.task, 'when'), turn.scope) !== true) return []
  const given = evaluateParams(turn)
  if (isUnknown(given)) return []
  const { params, unknown } = checkParams(turn, module, given)
  if (unknown.length) return []
  if (!module.prepare) return module.probe(params as never, undefined as never)
  return module.early?.(params as never) ?? []
}

function guess(ask: () => readonly Ask[]): readonly Ask[] {
  try {
    return ask()
  } catch {
    // It may depend on a result that is not there yet; the task itself will tell what is wrong with it.
    return []
  }
}
