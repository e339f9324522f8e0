import { Fail, type Ask, type Key, type ScriptOutput } from '../contract.js'
import { sh, Script } from '../quote.js'

/** What the modules service and systemd are asked for. */
export interface ServiceParams {
  readonly name?: string | undefined
  readonly state?: 'reloaded' | 'restarted' | 'started' | 'stopped' | undefined
  readonly enabled?: boolean | undefined
  readonly masked?: boolean | undefined
  readonly daemon_reload?: boolean
  readonly no_block?: boolean
  readonly scope?: 'system' | 'user' | 'global' | undefined
  readonly force?: boolean | undefined
  /** Words for an init script, behind the action. */
  readonly arguments?: string | undefined
  /** What of the process list tells that it runs, for init scripts without a status. */
  readonly pattern?: string | undefined
  /** Of OpenRC. */
  readonly runlevel?: string | undefined
  /** Seconds between stop and start of an init script that is restarted. */
  readonly sleep?: number | undefined
  readonly use?: 'auto' | 'systemd' | 'sysvinit' | 'service' | 'openrc' | undefined
}

/** A service as its manager tells of it. */
export interface ServiceState {
  readonly manager: 'systemd' | 'sysv' | 'openrc' | 'none'
  readonly found: boolean
  readonly active: 'running' | 'stopped' | 'deactivating'
  readonly enabled: boolean
  readonly masked: boolean
  /** True when a unit file was changed since systemd read it. */
  readonly stale: boolean
  /** Changes with each start; undefined where the manager does not tell. */
  readonly mark: string | undefined
  /** It ends by itself: starting it is running it. */
  readonly once: boolean
  /** All that `systemctl show` says. */
  readonly status: Readonly<Record<string, string>>
}

/** Asks for the service and for its unit file, which an earlier task of a dry run may have written. */
export function serviceAsks(params: ServiceParams): readonly Ask[] {
  const ask: Ask = {
    kind: 'own',
    key: serviceKey(params),
    script: askScript(params),
    read: (output) => ({ ...readService(output) }),
  }
  return params.name === undefined ? [ask] : [ask, ...unitFiles(params.name).map(statAsk)]
}

function statAsk(path: string): Ask {
  return { kind: 'path', path, need: 'stat', follow: true }
}

/** What the state of the service goes by. */
export function serviceKey({ name, scope }: ServiceParams): Key {
  return `service:${scope ?? 'system'} ${name ?? ''}`
}

/** Where a unit or an init script may stand that an earlier task of a dry run would have written. */
export function unitFiles(name: string): readonly string[] {
  const unit = /\.[a-z]+$/.test(name) ? name : `${name}.service`
  return [`/etc/systemd/system/${unit}`, `/lib/systemd/system/${unit}`, `/etc/init.d/${name}`]
}

/** The command with the flags of its scope. */
export function systemctl({ scope, no_block: noBlock }: ServiceParams): Script {
  const flags = [
    ...(scope === 'user' || scope === 'global' ? [`--${scope}`] : []),
    ...(noBlock === true ? ['--no-block'] : []),
  ]
  return flags.length === 0 ? sh`systemctl` : sh`systemctl ${flags}`
}

function askScript(params: ServiceParams): Script {
  const { name, use = 'auto' } = params
  const control = systemctl({ scope: params.scope })
  const user = params.scope === 'user' ? USER_BUS : sh`:`
  const systemd =
    name === undefined
      ? sh`${control} show -p NeedDaemonReload -- '*.service' | sort -u`
      : sh`${params.scope === 'global' ? sh`systemctl --user` : control} show -- ${name} || exit 3; echo; ${control} is-enabled -- ${name} 2>/dev/null || :`
  const choice: Readonly<Record<string, Script>> = {
    auto: sh`if [ -d /run/systemd/system ]; then echo systemd; elif command -v rc-service >/dev/null 2>&1; then echo openrc; elif ${HAS_SERVICE}; then echo sysv; else echo none; fi`,
    systemd: sh`command -v systemctl >/dev/null 2>&1 && echo systemd || echo none`,
    openrc: sh`command -v rc-service >/dev/null 2>&1 && echo openrc || echo none`,
    service: sh`if ${HAS_SERVICE}; then echo sysv; else echo none; fi`,
  }
  return sh`${user}
M=$(${choice[use] ?? choice['service']!}); echo "$M"
case $M in
systemd) ${systemd} ;;
openrc) ${name === undefined ? sh`:` : openrcScript(name, params)} ;;
sysv) ${name === undefined ? sh`:` : sysvScript(name, params)} ;;
esac`
}

const HAS_SERVICE = Script.trusted('command -v service >/dev/null 2>&1 && [ -d /etc/init.d ]')

function sysvScript(name: string, params: ServiceParams): Script {
  return sh`if [ -x ${`/etc/init.d/${name}`} ]; then echo found; ${runsScript(params, sh`service ${name} status`)}
for F in /etc/rc[2345].d/S??${Script.trusted(sh`${name}`.text)}; do if [ -e "$F" ]; then echo enabled; break; fi; done; fi`
}

function openrcScript(name: string, params: ServiceParams): Script {
  return sh`if [ -x ${`/etc/init.d/${name}`} ]; then echo found; ${runsScript(params, sh`rc-service ${name} status`)}
rc-update show ${params.runlevel ?? 'default'} 2>/dev/null | while read -r N X; do if [ "$N" = ${name} ]; then echo enabled; fi; done; fi`
}

/** Whether it runs: by its status, or where that says nothing by what the process list has. */
function runsScript({ pattern }: ServiceParams, status: Script): Script {
  if (pattern === undefined) return sh`${status} >/dev/null 2>&1 </dev/null && echo running`
  return sh`P=$(ps -ef 2>/dev/null || ps); case $P in *${pattern}*) echo running ;; esac`
}

/** Where systemd of a user is reached from a shell that no login made. */
export const USER_BUS = Script.trusted(
  'XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}; export XDG_RUNTIME_DIR',
)

/** Reads what the script of {@link serviceAsks} printed. */
export function readService({ stdout, stderr, code }: ScriptOutput): ServiceState {
  const [manager = '', ...lines] = stdout.split('\n')
  if (manager === 'sysv' || manager === 'openrc') return readSysv(manager, lines)
  if (manager !== 'systemd') return { ...NOTHING, manager: 'none' }
  if (code !== 0) throw new Fail(`systemctl says: ${stderr.trim() || `status ${code}`}`)
  const end = lines.lastIndexOf('', lines.length - (lines.at(-1) === '' ? 2 : 1))
  const status = propertiesOf(end < 0 ? lines : lines.slice(0, end))
  const enabled = end < 0 ? '' : (lines[end + 1] ?? '')
  if (status['LoadError'] !== undefined && status['LoadState'] === 'error') {
    throw new Fail(`the unit file cannot be loaded: ${status['LoadError']}`)
  }
  return {
    manager,
    found: status['LoadState'] !== undefined && status['LoadState'] !== 'not-found',
    active: activeOf(status['ActiveState']),
    enabled: /^(?:enabled|enabled-runtime|static|generated|transient)$/.test(enabled),
    masked: /^masked/.test(enabled) || status['LoadState'] === 'masked',
    stale: lines.includes('NeedDaemonReload=yes'),
    mark: `${status['InvocationID'] ?? ''} ${status['ExecMainStartTimestampMonotonic'] ?? ''}`,
    once: status['Type'] === 'oneshot' && status['RemainAfterExit'] === 'no',
    status,
  }
}

const NOTHING: Omit<ServiceState, 'manager'> = {
  found: false,
  active: 'stopped',
  enabled: false,
  masked: false,
  stale: false,
  mark: undefined,
  once: false,
  status: {},
}

function readSysv(manager: 'sysv' | 'openrc', lines: readonly string[]): ServiceState {
  const active = lines.includes('running') ? 'running' : 'stopped'
  return {
    ...NOTHING,
    manager,
    found: lines.includes('found'),
    active,
    enabled: lines.includes('enabled'),
  }
}

function activeOf(state: string | undefined): ServiceState['active'] {
  if (state === 'active' || state === 'activating' || state === 'reloading') return 'running'
  return state === 'deactivating' ? 'deactivating' : 'stopped'
}

/** `Name=value` lines; a value in braces may go over several lines. */
function propertiesOf(lines: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  let open = ''
  for (const line of lines) {
    const [, name = '', value = ''] = open === '' ? (/^(\w+)=(.*)$/.exec(line) ?? []) : ['', open, line]
    if (name === '') continue
    found[name] = open === '' ? value : `${found[name]!}\n${value}`
    if (open === '' && /^Exec/.test(name) && value.startsWith('{') && !value.endsWith('}')) open = name
    else if (open !== '' && value.endsWith('}')) open = ''
  }
  return found
}
