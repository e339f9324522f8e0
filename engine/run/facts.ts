import { renderValue } from '../language/template.js'
import type { Scope } from '../language/jinja/scope.js'
import type { Dict, Value } from '../language/value.js'
import type { Play, Task, Written } from '../play/play.js'
import { evaluated, toBoolean } from './evaluate.js'
import type { KeywordDefaults, RunSettings } from './settings.js'

/** The module that gathers facts. */
export const FACTS_MODULE = 'setup'
/** What Ansible calls it at the beginning of a play. */
const GATHERING = 'gather_facts'

/** The task that gathers facts at the beginning of a play; undefined when the play wants none. */
export function gatheringTask(
  play: Play,
  scope: Scope,
  settings: Pick<RunSettings, 'gathering' | 'keywords'>,
): Task | undefined {
  const wanted = evaluated(play.gatherFacts, scope)
  const isWanted =
    wanted === undefined ? undefined : toBoolean(wanted, 'gather_facts', play.gatherFacts?.place)
  if (settings.gathering === 'explicit' ? !isWanted : isWanted === false) return undefined
  return {
    kind: 'task',
    name: 'Gathering Facts',
    action: GATHERING,
    module: FACTS_MODULE,
    params: gatheringParams(play, scope, settings.keywords ?? {}),
    place: play.place,
    modulePlace: play.place,
    parent: play,
    // Facts are gathered whatever tags are asked for, unless the play itself is tagged.
    tags: play.tags.length ? [] : ['always'],
    when: [],
    environment: [],
    moduleDefaults: [],
    loopControl: {},
    until: [],
    listen: [],
    runOnce: { value: false, place: play.place },
    handler: false,
    implicit: false,
  }
}

/** True for the task that gathers facts at the beginning of a play. */
export function isGathering(task: Task): boolean {
  return task.action === GATHERING && task.name === 'Gathering Facts'
}

/** True for `gather_facts`, of the play or written as a task; `setup` may have been asked for a few facts only. */
export function gathersFacts({ module, action }: Task): boolean {
  return module === FACTS_MODULE && action.split('.').pop() === GATHERING
}

function gatheringParams(play: Play, scope: Scope, defaults: KeywordDefaults): Dict {
  const subset = defaults.gatherSubset && [...defaults.gatherSubset]
  const given: readonly [string, Written | undefined, Value | undefined][] = [
    ['gather_subset', play.gatherSubset, subset],
    ['gather_timeout', play.gatherTimeout, defaults.gatherTimeout],
  ]
  const params: Dict = new Map<Value, Value>()
  for (const [name, written, otherwise] of given) {
    if (written) params.set(name, renderValue(written.value, scope, written.place))
    else if (otherwise !== undefined) params.set(name, otherwise)
  }
  // It may differ from host to host.
  const factPath = play.factPath?.value ?? defaults.factPath
  if (factPath !== undefined) params.set('fact_path', factPath)
  return params
}
