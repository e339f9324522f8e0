import { listed, section, type Inspected } from '../docker/inspect.js'
import {
  pairFlags,
  recordOf,
  setOf,
  textsOf,
  type Comparable,
  type Comparison,
  type Shape,
} from '../docker/satisfied.js'
import type { ContainerParams } from './params.js'
import { bytesOf } from './values.js'

type Given = ContainerParams
type Word = string | number

/** What an option is held against besides the parameters. */
export interface Surroundings {
  /** The image that says what comes with it; undefined where it is not there yet. */
  readonly image: Inspected | undefined
  /** True when the option is compared strictly: then what the image brings counts. */
  readonly strict: boolean
  /** Ids of containers by the names that `container:NAME` uses. */
  readonly ids: ReadonlyMap<string, string>
  /** Lines of `env_file`. */
  readonly fileVariables: ReadonlyMap<string, string>
}

/** One way in which a container can differ from what is wished. */
export interface Option {
  readonly shape: Shape
  /** How it is compared unless `comparisons` says; default: sets and dictionaries may have more. */
  readonly comparison?: Comparison
  /** The wished value as it is compared; undefined: nothing is said. */
  wanted(given: Given, around: Surroundings): Comparable | undefined
  found(container: Inspected, given: Given, around: Surroundings): Comparable
  /** Words for `docker create`. */
  flags(given: Given, around: Surroundings): readonly Word[]
  /** Words for `docker update`, where a container can be changed without being made again. */
  update?(given: Given, container: Inspected): readonly Word[]
}

/** What the engine keeps of how a container stands on its host. */
export const host = (container: Inspected): Inspected => section(container, 'HostConfig')
/** What the engine keeps of what a container is. */
export const config = (container: Inspected): Inspected => section(container, 'Config')

type Scalar =
  | 'cgroup_parent'
  | 'cgroupns_mode'
  | 'cpuset_cpus'
  | 'cpuset_mems'
  | 'domainname'
  | 'hostname'
  | 'mac_address'
  | 'runtime'
  | 'stop_signal'
  | 'user'
  | 'userns_mode'
  | 'uts'
  | 'volume_driver'
  | 'working_dir'
  | 'log_driver'
  | 'blkio_weight'
  | 'cpu_period'
  | 'cpu_quota'
  | 'cpu_shares'
  | 'memory_swappiness'
  | 'oom_score_adj'
  | 'stop_timeout'

/** A text or number that docker takes and tells as it is. */
export function scalar(name: Scalar, flag: string, read: (c: Inspected) => unknown, updates = false): Option {
  const words = (given: Given): readonly Word[] => (given[name] === undefined ? [] : [flag, given[name]])
  return {
    shape: 'value',
    wanted: (given) => given[name],
    found: (container) => (read(container) ?? null) as Comparable,
    flags: words,
    // To docker, 0 and '' mean "as it is": such a wish makes it again.
    ...(updates ? { update: (given: Given) => (given[name] ? words(given) : []) } : {}),
  }
}

type Flag =
  | 'auto_remove'
  | 'init'
  | 'interactive'
  | 'oom_killer'
  | 'privileged'
  | 'publish_all_ports'
  | 'read_only'
  | 'tty'

/** What is or is not. */
export function flag(name: Flag, word: string, read: (c: Inspected) => unknown): Option {
  return {
    shape: 'value',
    wanted: (given) => given[name],
    found: (container) => read(container) === true,
    flags: (given) => (given[name] === undefined ? [] : [`${word}=${String(given[name])}`]),
  }
}

type List =
  | 'device_cgroup_rules'
  | 'cap_drop'
  | 'capabilities'
  | 'devices'
  | 'dns_opts'
  | 'dns_search_domains'
  | 'dns_servers'
  | 'groups'
  | 'links'
  | 'security_opts'
  | 'tmpfs'
  | 'ulimits'
  | 'volumes_from'

/** A list of texts; `text` gives both sides one spelling. */
export function list(
  name: List,
  word: string,
  read: (c: Inspected) => readonly unknown[],
  {
    shape = 'set',
    text = String,
    given: written = String,
  }: {
    shape?: 'set' | 'list'
    text?: (item: string) => string
    /** As docker takes it. */
    given?: (item: string) => string
  } = {},
): Option {
  const all = (items: readonly unknown[]): readonly string[] => {
    const found = items.map((item) => text(String(item)))
    return shape === 'set' ? setOf(found) : found
  }
  return {
    shape,
    wanted: (given) => (given[name] === undefined ? undefined : all(given[name])),
    found: (container) => all(read(container)),
    flags: (given) => (given[name] ?? []).flatMap((item) => [word, written(item)]),
  }
}

type Pairs = 'log_options' | 'storage_opts' | 'sysctls'

/** Texts by name. */
export function pairs(name: Pairs, word: string, read: (c: Inspected) => unknown): Option {
  return {
    shape: 'dict',
    wanted: (given) => (given[name] === undefined ? undefined : textsOf(given[name])),
    found: (container) => recordOf(read(container)),
    flags: (given) => pairFlags(word, textsOf(given[name])),
  }
}

type Size = 'kernel_memory' | 'memory' | 'memory_reservation' | 'memory_swap' | 'shm_size'

/** A number of bytes. */
export function size(name: Size, word: string, key: string, updates = true): Option {
  const bytes = (given: Given): number | undefined => {
    const text = given[name]
    if (text === undefined) return undefined
    return ['unlimited', '-1'].includes(text) ? -1 : bytesOf(text, name)
  }
  const words = (given: Given): readonly Word[] => {
    const wanted = bytes(given)
    return wanted === undefined ? [] : [word, wanted]
  }
  return {
    shape: 'value',
    wanted: bytes,
    found: (container) => (host(container)[key] ?? 0) as number,
    flags: words,
    ...(updates ? { update: (given: Given) => (bytes(given) === 0 ? [] : words(given)) } : {}),
  }
}

type Rate = 'device_read_bps' | 'device_read_iops' | 'device_write_bps' | 'device_write_iops'

/** A limit by device. */
export function rate(name: Rate, word: string, key: string): Option {
  const all = (given: Given): readonly string[] =>
    (given[name] ?? []).map(
      ({ path, rate: text }) => `${path}:${typeof text === 'number' ? text : bytesOf(text, name)}`,
    )
  return {
    shape: 'set',
    wanted: (given) => (given[name] === undefined ? undefined : setOf(all(given))),
    found: (container) =>
      setOf(
        (listed(host(container), key) as unknown as readonly { Path: string; Rate: number }[]).map(
          (one) => `${one.Path}:${one.Rate}`,
        ),
      ),
    flags: (given) => all(given).flatMap((one) => [word, one]),
  }
}

type Mode = 'ipc_mode' | 'pid_mode'

/** `container:NAME` is told as `container:ID`. */
export function mode(name: Mode, word: string, key: string): Option {
  return {
    shape: 'value',
    wanted: (given, { ids }) => (given[name] === undefined ? undefined : byId(given[name], ids)),
    found: (container) => (host(container)[key] ?? '') as string,
    flags: (given) => (given[name] === undefined ? [] : [word, given[name]]),
  }
}

/** `container:NAME` with the id in place of the name. */
export function byId(text: string, ids: ReadonlyMap<string, string>): string {
  const name = /^container:(.+)$/.exec(text)?.[1]
  return name === undefined ? text : `container:${ids.get(name) ?? name}`
}
