import {
  Fail,
  FRESH,
  type Converge,
  type Difference,
  type Key,
  type OwnState,
  type Ran,
  type Returned,
  type View,
  type Wish,
} from '../contract.js'
import { join, sh, type Script } from '../quote.js'
import { splitWords } from '../words.js'
import { serviceKey, systemctl, unitFiles, USER_BUS, type ServiceParams } from './look.js'

/** Which service managers will do. */
export type Managers = 'systemd' | 'any'

/** The wish; throws where the host has no manager that will do, or no such service. */
export function serviceWish(params: ServiceParams, before: View, managers: Managers): Wish {
  const key = serviceKey(params)
  const found = before.own(key)
  refuseManager(found, managers)
  const { name, state, enabled, masked } = params
  const reload = params.daemon_reload === true ? { stale: false } : {}
  if (name === undefined) return new Map([[key, reload]])
  if (/[*?[]/.test(name)) throw new Fail(`"${name}" is a pattern, which cannot be managed`)
  const written = unitFiles(name).some((path) => before.path(path).type !== 'absent')
  if (found['found'] !== true && !written && (state !== undefined || enabled !== undefined)) {
    throw new Fail(
      `Could not find the requested service ${name}: the host has none of this name`,
      [key],
      'install it, or mind the spelling',
    )
  }
  const wish = {
    ...reload,
    ...(masked === undefined ? {} : { masked }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(state === undefined ? {} : stateWish(state, found)),
  }
  return new Map([[key, wish]])
}

function refuseManager({ manager }: OwnState, managers: Managers): void {
  if (manager === 'systemd' || (manager !== 'none' && managers === 'any')) return
  const what = managers === 'any' ? 'neither systemd, OpenRC nor init scripts' : 'no systemd'
  throw new Fail(`the host has ${what}`, [], 'start the program with the module command, or in a container')
}

function stateWish(state: NonNullable<ServiceParams['state']>, found: OwnState): OwnState {
  if (state === 'stopped') return { active: 'stopped' }
  // What ends by itself is never found running: to start it is to run it once more.
  const running: OwnState = found['once'] === true ? { mark: FRESH } : { active: 'running' }
  if (state === 'started' || found['active'] !== 'running') return running
  return state === 'restarted' ? { mark: FRESH, ...running } : { reloaded: FRESH, ...running }
}

/** Makes the difference, in the order that lets one step rest on the one before. */
export function serviceConverge(
  params: ServiceParams,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
): Converge {
  const { name = '' } = params
  const { names, wished } = differing.get(serviceKey(params)) ?? [...differing.values()][0]!
  const control = systemctl(params)
  const { manager } = before.own(serviceKey(params))
  const action = actionOf(names, wished, before.own(serviceKey(params)))
  const force = params.force === true ? ['--force'] : []
  const steps = [
    ...(params.scope === 'user' ? [USER_BUS] : []),
    ...(names.includes('stale') ? [sh`${control} daemon-reload`] : []),
    ...(names.includes('masked')
      ? [sh`${control} ${wished['masked'] === true ? ['mask', ...force] : ['unmask']} -- ${name}`]
      : []),
    ...(names.includes('enabled') ? [enableScript(params, wished['enabled'] === true, manager)] : []),
    ...(action === undefined
      ? []
      : [
          manager === 'systemd' ? sh`${control} ${action} -- ${name}` : scriptAction(params, action, manager),
        ]),
  ]
  return { script: join(steps), stream: true }
}

/** What an init script is told; with a pause between stop and start where it is asked for. */
function scriptAction(params: ServiceParams, action: string, manager: unknown): Script {
  const { name = '', sleep, arguments: more } = params
  const program = manager === 'openrc' ? 'rc-service' : 'service'
  const words = more === undefined ? [] : splitWords(more)
  const tell = (word: string): Script => sh`${[program, name, word, ...words]}`
  if (action !== 'restart' || sleep === undefined) return tell(action)
  return sh`${tell('stop')}; sleep ${sleep}; ${tell('start')}`
}

function actionOf(
  names: readonly string[],
  wished: Readonly<Record<string, unknown>>,
  found: OwnState,
): string | undefined {
  if (names.includes('reloaded')) return 'reload'
  if (names.includes('mark')) return found['active'] === 'running' ? 'restart' : 'start'
  if (!names.includes('active')) return undefined
  return wished['active'] === 'running' ? 'start' : 'stop'
}

function enableScript(params: ServiceParams, enabled: boolean, manager: unknown): Script {
  const { name = '', runlevel = 'default', force } = params
  if (manager === 'systemd') {
    const flags = force === true && enabled ? ['--force'] : []
    return sh`${systemctl(params)} ${[enabled ? 'enable' : 'disable', ...flags]} -- ${name}`
  }
  if (manager === 'openrc') return sh`rc-update ${enabled ? 'add' : 'del'} ${name} ${runlevel}`
  const debian = enabled
    ? sh`update-rc.d ${name} defaults && update-rc.d ${name} enable`
    : sh`update-rc.d ${name} disable`
  return sh`if command -v update-rc.d >/dev/null 2>&1; then ${debian}
else chkconfig ${name} ${enabled ? 'on' : 'off'}; fi`
}

/** What `service_facts` tells of it later in a dry run. */
export function serviceBrings({ name, state }: ServiceParams): ReadonlyMap<Key, OwnState> {
  if (name === undefined || state === undefined) return new Map()
  return new Map([['services:host', { [`${name} state`]: state === 'stopped' ? 'stopped' : 'running' }]])
}

/** Values as Ansible's service modules return them. */
export function serviceResult(params: ServiceParams, after: View, ran: Ran): Returned {
  const { name, state, enabled } = params
  const found = after.own(serviceKey(params))
  return {
    values: {
      name,
      ...(enabled === undefined ? {} : { enabled: ran.kind === 'ran' ? found['enabled'] : enabled }),
      ...(state === undefined ? {} : { state: state === 'stopped' ? 'stopped' : 'started' }),
      status: found['status'],
    },
  }
}
