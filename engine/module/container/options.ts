import { listed, section, type Inspected } from '../docker/inspect.js'
import { recordOf, setOf, textsOf } from '../docker/satisfied.js'
import { splitWords } from '../words.js'
import { foundHealth, healthFlags, wantedHealth } from './health.js'
import { env, exposedPorts, labels, publishedPortsOption, volumes } from './image-options.js'
import { foundMount, mountText } from './mounts.js'
import {
  byId,
  config,
  flag,
  host,
  list,
  mode,
  pairs,
  rate,
  scalar,
  size,
  type Option,
} from './option-kinds.js'
import type { ContainerParams, OptionName } from './params.js'
import { bytesOf } from './values.js'

type Given = ContainerParams

const capability = (text: string): string => text.toUpperCase().replace(/^CAP_/, '')
const device = (text: string): string => {
  const [outside = '', inside = outside, rights = 'rwm'] = text.split(':')
  return `${outside}:${inside}:${rights}`
}
const ulimit = (text: string): string => {
  const [, name = '', soft = '', hard = soft] = /^([^:=]+)[:=](-?\d+)(?::(-?\d+))?$/.exec(text) ?? []
  return `${name}:${soft}:${hard}`
}
/** `nofile:1024:2048` as docker takes it: `nofile=1024:2048`. */
const ulimitFlag = (text: string): string => text.replace(/^([^:=]+):/, '$1=')
const link = (text: string): string => {
  const [name = '', alias = name] = text.split(':')
  return `${name}:${alias}`
}
/** `/db:/web/database` as `db:database`. */
const foundLink = (text: string): string => text.replace(/^\/([^:]+):\/[^/]+\//, '$1:')
/** In a network of one's own docker keeps them with the connection. */
const foundLinks = (c: Inspected): readonly string[] => {
  const connection = section(c, 'NetworkSettings', 'Networks', String(host(c)['NetworkMode'] ?? ''))
  return setOf([...listed(host(c), 'Links').map(foundLink), ...listed(connection, 'Links')])
}
/** Docker writes `label=user:x`, and in place of the name of a file of rules what is in it. */
const security = (text: string): string =>
  text.replace(/^(\w[\w-]*)[:=]/, '$1=').replace(/^seccomp=(?!unconfined$|builtin$).*/s, 'seccomp=(rules)')

/** The network that a container is made in. */
export function networkMode(given: Given): string | undefined {
  if (given.network_mode !== undefined) return given.network_mode
  return given.networks_cli_compatible ? given.networks?.[0]?.name : undefined
}

const commandOf = (given: Given): readonly string[] | undefined => {
  const { command } = given
  if (command === undefined || command === null) return undefined
  const words = Array.isArray(command) ? command.map(String) : splitWords(String(command))
  return words.length === 0 ? undefined : words
}

/** The words after the image: docker takes only the first word of an entrypoint as such. */
export function argumentsOf(given: Given): readonly string[] {
  return [...(given.entrypoint ?? []).slice(1), ...(commandOf(given) ?? [])]
}

/** Entrypoint and command together are what runs: where one ends and the other begins makes no difference. */
function runsSame(container: Inspected, given: Given): boolean {
  const [entrypoint, command] = [listed(config(container), 'Entrypoint'), listed(config(container), 'Cmd')]
  const wanted = [...(given.entrypoint ?? []), ...(commandOf(given) ?? [])]
  return (
    given.entrypoint !== undefined && JSON.stringify([...entrypoint, ...command]) === JSON.stringify(wanted)
  )
}

const command: Option = {
  shape: 'list',
  wanted: (given) => commandOf(given),
  found: (container, given) =>
    runsSame(container, given) ? (commandOf(given) ?? []) : listed(config(container), 'Cmd'),
  flags: () => [],
}

const entrypoint: Option = {
  shape: 'list',
  wanted: (given) => given.entrypoint,
  found: (container, given) =>
    runsSame(container, given) ? given.entrypoint! : listed(config(container), 'Entrypoint'),
  flags: (given) => (given.entrypoint === undefined ? [] : ['--entrypoint', given.entrypoint[0] ?? '']),
}

const cpus: Option = {
  shape: 'value',
  wanted: (given) => given.cpus,
  found: (container) => Number(host(container)['NanoCpus'] ?? 0) / 1e9,
  flags: (given) => (given.cpus === undefined ? [] : ['--cpus', given.cpus]),
  update: (given) => (given.cpus ? ['--cpus', given.cpus] : []),
}

const pids: Option = {
  shape: 'value',
  wanted: (given) => given.pids_limit,
  found: (container) => Number(host(container)['PidsLimit'] ?? 0) || -1,
  flags: (given) => (given.pids_limit === undefined ? [] : ['--pids-limit', given.pids_limit]),
  update: (given) => ['--pids-limit', given.pids_limit!],
}

const restart = (given: Given): string | undefined => {
  const { restart_policy: policy, restart_retries: retries } = given
  return policy === 'on-failure' && retries !== undefined ? `${policy}:${retries}` : policy
}

const restartPolicy: Option = {
  shape: 'value',
  wanted: restart,
  found: (container, given) => {
    const { Name: name, MaximumRetryCount: retries } = section(host(container), 'RestartPolicy')
    const policy = (name ?? '') === '' ? 'no' : String(name)
    return policy === 'on-failure' && given.restart_retries !== undefined
      ? `${policy}:${String(retries)}`
      : policy
  },
  flags: (given) => (given.restart_policy === undefined ? [] : ['--restart', restart(given)!]),
  update: (given) => ['--restart', restart(given)!],
}

const network: Option = {
  shape: 'value',
  wanted: (given, { ids }) => {
    const wanted = networkMode(given)
    return wanted === undefined ? undefined : byId(wanted === 'default' ? 'bridge' : wanted, ids)
  },
  found: (container) => {
    const found = String(host(container)['NetworkMode'] ?? 'default')
    return found === 'default' ? 'bridge' : found
  },
  // With networks, script.ts says how it is connected.
  flags: (given) => (networkMode(given) === undefined ? [] : ['--network', networkMode(given)!]),
}

const health: Option = {
  shape: 'dict',
  wanted: (given) => wantedHealth(given.healthcheck),
  found: foundHealth,
  flags: (given) => healthFlags(given.healthcheck),
}

const mounts: Option = {
  shape: 'set',
  wanted: (given) => (given.mounts === undefined ? undefined : setOf(given.mounts.map(mountText))),
  found: (container) =>
    setOf((listed(host(container), 'Mounts') as unknown as readonly Inspected[]).map(foundMount)),
  flags: (given) => (given.mounts ?? []).flatMap((mount) => ['--mount', mountText(mount)]),
}

const hosts: Option = {
  shape: 'set',
  wanted: (given) =>
    given.etc_hosts === undefined
      ? undefined
      : setOf(Object.entries(textsOf(given.etc_hosts)).map(([name, address]) => `${name}:${address}`)),
  found: (container) => setOf(listed(host(container), 'ExtraHosts')),
  flags: (given) =>
    Object.entries(textsOf(given.etc_hosts)).flatMap(([name, address]) => [
      '--add-host',
      `${name}:${address}`,
    ]),
}

const platform: Option = {
  shape: 'value',
  wanted: (given) => given.platform?.split('/')[0],
  found: (container) => String(container['Platform'] ?? ''),
  flags: (given) => (given.platform === undefined ? [] : ['--platform', given.platform]),
}

const memory: Option = {
  ...size('memory', '--memory', 'Memory'),
  // By itself docker keeps the limit of swap, which memory may not exceed: as for a new container it is twice the memory.
  update: (given, container) => {
    const wanted = bytesOf(given.memory!, 'memory')
    if (wanted === 0) return []
    const { Memory: before, MemorySwap: swap } = host(container)
    const follows = given.memory_swap === undefined && Number(swap ?? 0) === 2 * Number(before ?? 0)
    return ['--memory', wanted, ...(follows ? ['--memory-swap', 2 * wanted] : [])]
  },
}

const inspectedDevice = (one: unknown): string => {
  const { PathOnHost: outside, PathInContainer: inside, CgroupPermissions: rights } = one as Inspected
  return `${String(outside)}:${String(inside)}:${String(rights)}`
}
const inspectedUlimit = (one: unknown): string => {
  const { Name: name, Soft: soft, Hard: hard } = one as Inspected
  return `${String(name)}:${String(soft)}:${String(hard)}`
}
const inspectedTmpfs = (c: Inspected): readonly string[] =>
  Object.entries(recordOf(host(c)['Tmpfs'])).map(([path, options]) =>
    options === '' ? path : `${path}:${options}`,
  )

/** All options by name. `image`, `env_file` and `networks` are compared elsewhere. */
export const CONTAINER_OPTIONS: ReadonlyMap<OptionName, Option> = new Map<OptionName, Option>(
  Object.entries({
    auto_remove: flag('auto_remove', '--rm', (c) => host(c)['AutoRemove']),
    blkio_weight: scalar('blkio_weight', '--blkio-weight', (c) => host(c)['BlkioWeight'] ?? 0, true),
    cap_drop: list('cap_drop', '--cap-drop', (c) => listed(host(c), 'CapDrop'), { text: capability }),
    capabilities: list('capabilities', '--cap-add', (c) => listed(host(c), 'CapAdd'), { text: capability }),
    cgroup_parent: scalar('cgroup_parent', '--cgroup-parent', (c) => host(c)['CgroupParent'] ?? ''),
    cgroupns_mode: scalar('cgroupns_mode', '--cgroupns', (c) => host(c)['CgroupnsMode'] ?? ''),
    command,
    cpu_period: scalar('cpu_period', '--cpu-period', (c) => host(c)['CpuPeriod'] ?? 0, true),
    cpu_quota: scalar('cpu_quota', '--cpu-quota', (c) => host(c)['CpuQuota'] ?? 0, true),
    cpu_shares: scalar('cpu_shares', '--cpu-shares', (c) => host(c)['CpuShares'] ?? 0, true),
    cpus,
    cpuset_cpus: scalar('cpuset_cpus', '--cpuset-cpus', (c) => host(c)['CpusetCpus'] ?? '', true),
    cpuset_mems: scalar('cpuset_mems', '--cpuset-mems', (c) => host(c)['CpusetMems'] ?? '', true),
    device_cgroup_rules: list('device_cgroup_rules', '--device-cgroup-rule', (c) =>
      listed(host(c), 'DeviceCgroupRules'),
    ),
    device_read_bps: rate('device_read_bps', '--device-read-bps', 'BlkioDeviceReadBps'),
    device_read_iops: rate('device_read_iops', '--device-read-iops', 'BlkioDeviceReadIOps'),
    device_write_bps: rate('device_write_bps', '--device-write-bps', 'BlkioDeviceWriteBps'),
    device_write_iops: rate('device_write_iops', '--device-write-iops', 'BlkioDeviceWriteIOps'),
    devices: list('devices', '--device', (c) => listed(host(c), 'Devices').map(inspectedDevice), {
      text: device,
    }),
    dns_opts: list('dns_opts', '--dns-option', (c) => listed(host(c), 'DnsOptions')),
    dns_search_domains: list('dns_search_domains', '--dns-search', (c) => listed(host(c), 'DnsSearch'), {
      shape: 'list',
    }),
    dns_servers: list('dns_servers', '--dns', (c) => listed(host(c), 'Dns'), { shape: 'list' }),
    domainname: scalar('domainname', '--domainname', (c) => config(c)['Domainname'] ?? ''),
    entrypoint,
    env,
    etc_hosts: hosts,
    exposed_ports: exposedPorts,
    groups: list('groups', '--group-add', (c) => listed(host(c), 'GroupAdd')),
    healthcheck: health,
    hostname: scalar('hostname', '--hostname', (c) => config(c)['Hostname'] ?? ''),
    init: flag('init', '--init', (c) => host(c)['Init']),
    interactive: flag('interactive', '--interactive', (c) => config(c)['OpenStdin']),
    ipc_mode: mode('ipc_mode', '--ipc', 'IpcMode'),
    kernel_memory: size('kernel_memory', '--kernel-memory', 'KernelMemory'),
    labels,
    links: list('links', '--link', foundLinks, { text: link }),
    log_driver: scalar('log_driver', '--log-driver', (c) => section(host(c), 'LogConfig')['Type'] ?? ''),
    log_options: pairs('log_options', '--log-opt', (c) => section(host(c), 'LogConfig')['Config']),
    mac_address: scalar('mac_address', '--mac-address', (c) => config(c)['MacAddress'] ?? ''),
    memory,
    memory_reservation: size('memory_reservation', '--memory-reservation', 'MemoryReservation'),
    memory_swap: size('memory_swap', '--memory-swap', 'MemorySwap'),
    memory_swappiness: scalar('memory_swappiness', '--memory-swappiness', (c) => host(c)['MemorySwappiness']),
    mounts,
    network_mode: network,
    oom_killer: flag('oom_killer', '--oom-kill-disable', (c) => host(c)['OomKillDisable']),
    oom_score_adj: scalar('oom_score_adj', '--oom-score-adj', (c) => host(c)['OomScoreAdj'] ?? 0),
    pid_mode: mode('pid_mode', '--pid', 'PidMode'),
    pids_limit: pids,
    platform,
    privileged: flag('privileged', '--privileged', (c) => host(c)['Privileged']),
    publish_all_ports: flag('publish_all_ports', '--publish-all', (c) => host(c)['PublishAllPorts']),
    published_ports: publishedPortsOption,
    read_only: flag('read_only', '--read-only', (c) => host(c)['ReadonlyRootfs']),
    restart_policy: restartPolicy,
    runtime: scalar('runtime', '--runtime', (c) => host(c)['Runtime'] ?? ''),
    security_opts: list('security_opts', '--security-opt', (c) => listed(host(c), 'SecurityOpt'), {
      text: security,
    }),
    shm_size: size('shm_size', '--shm-size', 'ShmSize', false),
    stop_signal: scalar('stop_signal', '--stop-signal', (c) => config(c)['StopSignal'] ?? ''),
    stop_timeout: {
      ...scalar('stop_timeout', '--stop-timeout', (c) => config(c)['StopTimeout'] ?? 10),
      comparison: 'ignore',
    },
    storage_opts: pairs('storage_opts', '--storage-opt', (c) => host(c)['StorageOpt']),
    sysctls: pairs('sysctls', '--sysctl', (c) => host(c)['Sysctls']),
    tmpfs: list('tmpfs', '--tmpfs', inspectedTmpfs),
    tty: flag('tty', '--tty', (c) => config(c)['Tty']),
    ulimits: list('ulimits', '--ulimit', (c) => listed(host(c), 'Ulimits').map(inspectedUlimit), {
      text: ulimit,
      given: ulimitFlag,
    }),
    user: scalar('user', '--user', (c) => config(c)['User'] ?? ''),
    userns_mode: scalar('userns_mode', '--userns', (c) => host(c)['UsernsMode'] ?? ''),
    uts: scalar('uts', '--uts', (c) => host(c)['UTSMode'] ?? ''),
    volume_driver: scalar('volume_driver', '--volume-driver', (c) => host(c)['VolumeDriver'] ?? ''),
    volumes,
    volumes_from: list('volumes_from', '--volumes-from', (c) => listed(host(c), 'VolumesFrom')),
    working_dir: scalar('working_dir', '--workdir', (c) => config(c)['WorkingDir'] ?? ''),
  } satisfies Partial<Record<OptionName, Option>>) as [OptionName, Option][],
)
