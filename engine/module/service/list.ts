import { Script } from '../quote.js'

/** A service as `service_facts` tells of it. */
export interface ListedService {
  readonly name: string
  readonly state: string
  readonly status?: string
  readonly runlevels?: readonly string[] | null
  readonly source: 'systemd' | 'sysv' | 'openrc'
}

/** Prints what each manager that the host has says of its services, under a line with a word for the reader. */
export const SERVICES_SCRIPT = Script.trusted(String.raw`
has() { command -v "$1" >/dev/null 2>&1; }
if has rc-status && has rc-update; then
  echo '== openrc'; rc-status -a -s -m 2>&1 | grep '^ ' | tr -d '[]'
  echo '== runlevels'; rc-update show -v 2>&1 | grep '|'
elif has chkconfig && ! [ -d /run/systemd/system ]; then
  echo '== chkconfig'; chkconfig --list 2>/dev/null
  echo '== running'; chkconfig --list 2>/dev/null | while read -r N X; do
    case $X in *3:o*) service "$N" status >/dev/null 2>&1 </dev/null && echo "$N" ;; esac
  done
elif has service && [ -d /etc/init.d ]; then
  echo '== sysv'; service --status-all 2>&1 </dev/null
fi
if grep -q systemd /proc/1/comm 2>/dev/null && has systemctl; then
  echo '== units'; systemctl list-units --no-pager --no-legend --type service --all 2>/dev/null
  echo '== files'; systemctl list-unit-files --no-pager --no-legend --type service --all 2>/dev/null
  echo '== active'; systemctl list-unit-files --no-pager --no-legend --type service --all 2>/dev/null | while read -r N X; do
    echo "$N"; done | xargs systemctl show --property=Id,ActiveState 2>/dev/null
fi
true`)

/** Services by name, as the script's output has them. */
export function readServices(stdout: string): ReadonlyMap<string, ListedService> {
  const parts = new Map(
    stdout.split(/^== /m).map((part) => {
      const [name = '', ...lines] = part.split('\n')
      return [name, lines.filter((line) => line.trim() !== '')] as const
    }),
  )
  const services = new Map<string, ListedService>()
  for (const service of [...sysv(parts), ...openrc(parts), ...systemd(parts)])
    services.set(service.name, service)
  return services
}

type Parts = ReadonlyMap<string, readonly string[]>

/** ` [ + ]  ssh`, or of chkconfig `sshd  0:off 1:off 2:on 3:on 4:on 5:on 6:off`. */
function sysv(parts: Parts): ListedService[] {
  const debian = (parts.get('sysv') ?? []).flatMap((line): ListedService[] => {
    const [, sign, name] = /^\s*\[ ([+-]) \]\s+(.+)$/.exec(line) ?? []
    return name === undefined ? [] : [{ name, state: sign === '+' ? 'running' : 'stopped', source: 'sysv' }]
  })
  const running = new Set(parts.get('running'))
  const redHat = (parts.get('chkconfig') ?? []).flatMap((line): ListedService[] => {
    const [, name, three] = /^(\S+)\s+0:\w+\s.*\b3:(on|off)\b/.exec(line) ?? []
    if (name === undefined) return []
    const status = three === 'on' ? 'enabled' : 'disabled'
    return [{ name, state: running.has(name) ? 'running' : 'stopped', status, source: 'sysv' }]
  })
  return [...debian, ...redHat]
}

/** ` sshd  started 01:02:03 (0)` of rc-status, ` sshd |  default` of rc-update. */
function openrc(parts: Parts): ListedService[] {
  const runlevels = new Map(
    (parts.get('runlevels') ?? []).map((line) => {
      const [name = '', levels = ''] = line.split('|').map((text) => text.trim())
      return [name, levels === '' ? null : levels.split(/\s+/)] as const
    }),
  )
  return (parts.get('openrc') ?? []).flatMap((line): ListedService[] => {
    const [name = '', state] = line.trim().split(/\s+/)
    return state === undefined
      ? []
      : [{ name, runlevels: runlevels.get(name) ?? null, state, source: 'openrc' }]
  })
}

const BAD = ['not-found', 'masked', 'failed']

/** Units as systemd sees them, then unit files for those that are not loaded and for the final status. */
function systemd(parts: Parts): ListedService[] {
  const services = new Map<string, ListedService>()
  for (const line of parts.get('units') ?? []) {
    const fields = line.replace(/^[●*\s]+/, '').split(/\s+/)
    const [name = '', load = '', active = '', sub = ''] = fields
    const bad = BAD.find((word) => word === load || word === active || word === sub)
    services.set(name, {
      name,
      state: sub === 'running' ? 'running' : 'stopped',
      status: bad ?? active,
      source: 'systemd',
    })
  }
  const active = activeStates(parts.get('active') ?? [])
  for (const line of parts.get('files') ?? []) {
    const [name = '', status = ''] = line.trim().split(/\s+/)
    const known = services.get(name)
    if (!known) services.set(name, { name, state: active.get(name) ?? 'unknown', status, source: 'systemd' })
    else if (!BAD.includes(known.status!)) services.set(name, { ...known, status })
  }
  return [...services.values()]
}

function activeStates(lines: readonly string[]): ReadonlyMap<string, string> {
  const states = new Map<string, string>()
  let id = ''
  let state = ''
  for (const line of lines) {
    const [name, value = ''] = line.split('=')
    if (name === 'Id') id = value
    if (name === 'ActiveState') state = value
    if (id !== '' && state !== '') {
      states.set(id, state)
      id = state = ''
    }
  }
  return states
}

/** The services with what earlier tasks of a dry run would have made of them: `NAME state` in the state. */
export function foreseenServices(
  found: ReadonlyMap<string, ListedService>,
  state: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, ListedService> {
  const services = new Map(found)
  const source = [...found.values()].at(-1)?.source ?? 'sysv'
  for (const [key, value] of Object.entries(state)) {
    if (!key.endsWith(' state')) continue
    const bare = key.slice(0, -' state'.length)
    const name = source === 'systemd' && !bare.includes('.') ? `${bare}.service` : bare
    services.set(name, { ...(services.get(name) ?? { name, source }), state: String(value) })
  }
  return services
}
