import type { OwnState, View } from '../contract.js'
import { containerKey } from '../docker/container.js'
import { variablesFor } from '../docker/environment.js'
import { imageKey } from '../docker/image.js'
import type { Inspected } from '../docker/inspect.js'
import { join, sh, type Script } from '../quote.js'
import { connectFlags, connectionsOf, firstNetworkFlags, isConnected, removesOthers } from './networks.js'
import { variables } from './image-options.js'
import { argumentsOf, CONTAINER_OPTIONS, networkMode } from './options.js'
import type { ContainerParams } from './params.js'
import { imageOf, surroundings } from './state.js'
import { decide, isCommand, runs } from './wish.js'

/** Before the line with the status of a container whose end was waited for. */
export const ENDED = 'the container ended with status'

/** Shell text that makes the container as it should be. */
export function containerScript(given: ContainerParams, before: View): Script {
  const found = before.own(containerKey(given.name))
  if (given.state === 'absent') return removeScript(given, found)
  const { what, updated, image } = decide(given, before)
  const name = imageOf(given)
  const pulls = image !== undefined && image !== before.own(imageKey(name!))['id']
  const source = name ?? String(found['image'])
  const bodies: Readonly<Record<typeof what, () => Script>> = {
    create: () =>
      join([gone(given), createScript(given, found, source, given.name), settle(given, undefined)]),
    recreate: () => recreateScript(given, found, source),
    perhaps: () => {
      const [id, used] = ['{{.Id}}', '{{.Image}}']
      return sh`if [ "$(docker image inspect -f ${id} -- ${source})" != "$(docker inspect --type container -f ${used} -- ${given.name})" ]; then
${recreateScript(given, found, source)}
else ${settle(given, found)}
fi`
    },
    keep: () =>
      join([
        ...(updated.length === 0 ? [] : [updateScript(given, found, updated)]),
        networksScript(given, found),
        settle(given, found),
      ]),
  }
  return join([...(pulls ? [sh`docker pull -- ${name!}`] : []), bodies[what]()])
}

/** `docker create`, and connections to further networks. */
function createScript(given: ContainerParams, found: OwnState, image: string, name: string): Script {
  const told = { variables: found['variables'] as ReadonlyMap<string, string> | undefined }
  const around = surroundings(given, 'env', told as never)
  const { exports, flags } = variablesFor('-e', variables(given, around))
  const words = [...CONTAINER_OPTIONS.values()].flatMap((option) => option.flags(given, around))
  const mode = networkMode(given)
  const further = (given.networks ?? []).filter((network) => network.name !== mode)
  const leavesDefault = removesOthers(given) && mode === undefined
  return join([
    // In a subshell, so that docker sees these variables only here.
    sh`(${join([...exports, sh`docker create --name ${name} ${words} ${firstNetworkFlags(given, mode)} ${flags} -- ${image} ${argumentsOf(given)} >/dev/null`])})`,
    ...further.map(
      (network) => sh`docker network connect ${connectFlags(network)} -- ${network.name} ${name}`,
    ),
    ...(leavesDefault ? [sh`docker network disconnect -- bridge ${name}`] : []),
  ])
}

/**
 * Makes the new container beside the old one, which goes only when the new one runs: whatever is refused on the way, the
 * old one is there again.
 */
function recreateScript(given: ContainerParams, found: OwnState, image: string): Script {
  const { name } = given
  const [fresh, old] = [`${name}.fplay-new`, `${name}.fplay-old`]
  const wasRunning = runs(found['state'])
  const back = join([
    sh`docker rm -f -- ${name} >/dev/null 2>&1 || :`,
    sh`docker rename ${old} ${name} || exit 1`,
    ...(wasRunning ? [sh`docker start -- ${name} >/dev/null || :`] : []),
    sh`exit 1`,
  ])
  return join([
    sh`docker rm -f -- ${fresh} ${old} >/dev/null 2>&1 || :`,
    sh`if ! { ${createScript(given, found, image, fresh)}\n}; then docker rm -f -- ${fresh} >/dev/null 2>&1 || :; exit 1; fi`,
    sh`docker rename ${name} ${old}; docker rename ${fresh} ${name}`,
    ...(wasRunning ? [stopScript(given, found, old)] : []),
    ...(starts(given) && !isCommand(given) ? [sh`docker start -- ${name} >/dev/null || { ${back}\n}`] : []),
    // One with auto_remove went by itself.
    sh`docker rm ${given.keep_volumes ? [] : ['-v']} -- ${old} >/dev/null 2>&1 || :`,
    settle(
      given,
      isCommand(given) ? undefined : { state: starts(given) ? 'running' : 'created', again: true },
    ),
  ])
}

const starts = ({ state }: ContainerParams): boolean => state === 'started' || state === 'healthy'

function updateScript(given: ContainerParams, found: OwnState, names: readonly string[]): Script {
  const container = (found['container'] ?? {}) as Inspected
  const words = names.flatMap(
    (name) => CONTAINER_OPTIONS.get(name as never)?.update?.(given, container) ?? [],
  )
  return sh`docker update ${words} -- ${given.name} >/dev/null`
}

function networksScript(given: ContainerParams, found: OwnState): Script {
  const connections = connectionsOf(found['container'] as Inspected | undefined)
  const wrong = (given.networks ?? []).filter((network) => !isConnected(network, connections))
  const others = [...connections.keys()].filter((name) => !given.networks?.some((one) => one.name === name))
  const disconnect = (name: string): Script => sh`docker network disconnect -f -- ${name} ${given.name}`
  return join([
    ...wrong.filter(({ name }) => connections.has(name)).map(({ name }) => disconnect(name)),
    ...wrong.map(
      (network) => sh`docker network connect ${connectFlags(network)} -- ${network.name} ${given.name}`,
    ),
    ...(removesOthers(given) ? others.map(disconnect) : []),
  ])
}

/** Starts, stops or pauses it as `state` says; `found` is undefined for one that was just made. */
function settle(given: ContainerParams, found: OwnState | undefined): Script {
  const { name, state } = given
  const running = runs(found?.['state'])
  if (state === 'stopped') return running ? stopScript(given, found!, name) : sh`:`
  if (!starts(given)) return sh`:`
  const isPaused = found?.['state'] === 'paused'
  const paused = state === 'started' ? given.paused : undefined
  return join([
    ...(running ? [] : [isCommand(given) ? commandScript(given) : sh`docker start -- ${name} >/dev/null`]),
    ...(running && given.restart && found!['again'] !== true
      ? [sh`docker restart ${timeFlags(given)} -- ${name} >/dev/null`]
      : []),
    ...(paused === true && !isPaused ? [sh`docker pause -- ${name} >/dev/null`] : []),
    ...(paused === false && isPaused && !given.restart ? [sh`docker unpause -- ${name} >/dev/null`] : []),
    ...(state === 'healthy' ? [healthyScript(given)] : []),
  ])
}

function timeFlags({ stop_timeout: seconds }: ContainerParams): readonly (string | number)[] {
  return seconds === undefined ? [] : ['-t', seconds]
}

/** Runs it to its end with its output; the last line tells its status. */
function commandScript(given: ContainerParams): Script {
  return sh`R=0; docker start -a -- ${given.name} || R=$?
${given.cleanup ? sh`docker rm -f ${given.keep_volumes ? [] : ['-v']} -- ${given.name} >/dev/null 2>&1 || :` : sh`:`}
printf '\\n%s %s\\n' ${ENDED} "$R"`
}

function stopScript(given: ContainerParams, found: OwnState, name: string): Script {
  const wake = found['state'] === 'paused' ? [sh`docker unpause -- ${name} >/dev/null`] : []
  if (!given.force_kill) return join([...wake, sh`docker stop ${timeFlags(given)} -- ${name} >/dev/null`])
  const signal = given.kill_signal === undefined ? [] : ['--signal', given.kill_signal]
  const format = '{{.State.Running}}'
  return join([
    ...wake,
    sh`docker kill ${signal} -- ${name} >/dev/null`,
    sh`N=0; while [ $N -lt 50 ] && [ "$(docker inspect --type container -f ${format} -- ${name} 2>/dev/null)" = true ]; do N=$((N+1)); sleep 0.2; done`,
  ])
}

function removeScript(given: ContainerParams, found: OwnState): Script {
  return join([
    ...(runs(found['state']) ? [stopScript(given, found, given.name)] : []),
    sh`docker rm ${given.keep_volumes ? [] : ['-v']} -- ${given.name} >/dev/null 2>&1 || docker rm -f ${given.keep_volumes ? [] : ['-v']} -- ${given.name} >/dev/null 2>&1 || :`,
    gone(given),
  ])
}

/** Waits until the engine has removed it. */
function gone({ name, removal_wait_timeout: seconds }: ContainerParams): Script {
  const limit =
    seconds === undefined
      ? sh`:`
      : sh`[ $N -lt ${Math.ceil(seconds * 5)} ] || { echo ${`${name} is still being removed`} >&2; exit 1; }`
  return sh`N=0; while docker inspect --type container -- ${name} >/dev/null 2>&1; do N=$((N+1)); ${limit}; sleep 0.2; done`
}

function healthyScript({ name, healthy_wait_timeout: seconds }: ContainerParams): Script {
  const format =
    '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{else}}without a health check{{end}}'
  return sh`E=$(($(date +%s) + ${Math.ceil(seconds)}))
while :; do
S=$(docker inspect --type container -f ${format} -- ${name}) || exit 1
case $S in *' healthy') break ;; 'running starting'|'running unhealthy'|restarting*) ;; *) echo ${`${name} is`} "$S" >&2; docker logs --tail 5 -- ${name} >&2 || :; exit 1 ;; esac
[ "$(date +%s)" -lt "$E" ] || { echo ${`${name} is not healthy after ${Math.ceil(seconds)} s, but`} "$S" >&2; docker logs --tail 5 -- ${name} >&2 || :; exit 1; }
printf 'waiting: %s\\n' "$S"; sleep 0.5
done`
}
