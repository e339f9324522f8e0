import type { InferParams, ParamTable } from '../params.js'

/** Options of each entry of `device_read_bps` and `device_write_bps`. */
const BPS = {
  path: { type: 'str', required: true, description: 'The device.' },
  rate: { type: 'str', required: true, description: 'Bytes a second: `20M`.' },
} as const satisfies ParamTable
/** Options of each entry of `device_read_iops` and `device_write_iops`. */
const IOPS = {
  path: { type: 'str', required: true, description: 'The device.' },
  rate: { type: 'int', required: true, description: 'Operations a second.' },
} as const satisfies ParamTable

/** What a container is like. Each of these can be named in `comparisons`. */
const OPTIONS = {
  auto_remove: { type: 'bool', description: 'The engine removes it when it ends.' },
  blkio_weight: { type: 'int', description: 'Weight of its block devices, 10 to 1000.' },
  capabilities: { type: 'list', elements: 'str', description: 'Capabilities it has besides.' },
  cap_drop: { type: 'list', elements: 'str', description: 'Capabilities it does not have.' },
  cgroup_parent: { type: 'str', description: 'The control group above its own.' },
  cgroupns_mode: { type: 'str', choices: ['host', 'private'], description: 'Whose control groups it sees.' },
  command: { type: 'raw', description: 'Its command: a line, split as a shell does, or a list of words.' },
  cpu_period: { type: 'int', description: 'Period of the processor limit, in microseconds.' },
  cpu_quota: { type: 'int', description: 'Processor time in each period, in microseconds.' },
  cpu_shares: { type: 'int', description: 'Weight of its processes.' },
  cpus: { type: 'float', description: 'How many processors it may use: 1.5.' },
  cpuset_cpus: { type: 'str', description: 'Which processors: `0-3` or `0,1`.' },
  cpuset_mems: { type: 'str', description: 'Which memory nodes.' },
  device_cgroup_rules: {
    type: 'list',
    elements: 'str',
    description: 'Rules of its control group for devices: `c 42:* rmw`.',
  },
  device_read_bps: { type: 'list', elements: 'dict', options: BPS, description: 'Limits for reading.' },
  device_read_iops: { type: 'list', elements: 'dict', options: IOPS, description: 'Limits for reading.' },
  device_write_bps: { type: 'list', elements: 'dict', options: BPS, description: 'Limits for writing.' },
  device_write_iops: { type: 'list', elements: 'dict', options: IOPS, description: 'Limits for writing.' },
  devices: { type: 'list', elements: 'str', description: 'Devices: `/dev/x:/dev/y:rwm`.' },
  dns_opts: { type: 'list', elements: 'str', description: 'Options of its resolver.' },
  dns_search_domains: { type: 'list', elements: 'str', description: 'Domains to search names in.' },
  dns_servers: { type: 'list', elements: 'str', description: 'Servers that resolve names.' },
  domainname: { type: 'str', description: 'Its domain.' },
  entrypoint: { type: 'list', elements: 'str', description: 'Program that the command is given to.' },
  env: { type: 'dict', description: 'Variables; values that are not text must be quoted.' },
  env_file: { type: 'path', description: 'File of the host with lines `NAME=value`; `env` wins.' },
  etc_hosts: { type: 'dict', description: 'Lines for /etc/hosts: addresses by name.' },
  exposed_ports: {
    type: 'list',
    elements: 'str',
    aliases: ['exposed', 'expose'],
    description: 'Ports that others may want: `80` or `53/udp`.',
  },
  groups: { type: 'list', elements: 'str', description: 'Groups of its processes besides.' },
  healthcheck: {
    type: 'dict',
    description: 'How it is seen that it is healthy; `test: [NONE]` for not at all.',
    options: {
      test: {
        type: 'raw',
        description: 'A command for its shell, or a list that begins with `CMD`, `CMD-SHELL` or `NONE`.',
      },
      interval: { type: 'str', description: 'Between two tests: `1m30s`.' },
      timeout: { type: 'str', description: 'Longest time of a test.' },
      retries: { type: 'int', description: 'How many failed tests make it unhealthy.' },
      start_period: { type: 'str', description: 'Failed tests do not count so long.' },
    },
  },
  hostname: { type: 'str', description: 'Its name for itself.' },
  image: {
    type: 'str',
    description:
      'What it is made of: a name, with or without tag, or an id. It is pulled when it is missing.',
  },
  init: { type: 'bool', description: 'Whether a small init reaps processes and passes signals on.' },
  interactive: { type: 'bool', description: 'Its standard input stays open.' },
  ipc_mode: { type: 'str', description: 'Whose shared memory it has.' },
  kernel_memory: { type: 'str', description: 'Limit of memory of the kernel.' },
  labels: { type: 'dict', description: 'Labels.' },
  links: { type: 'list', elements: 'str', description: 'Other containers it can name: `db:database`.' },
  log_driver: { type: 'str', description: 'What takes its output.' },
  log_options: { type: 'dict', aliases: ['log_opt'], description: 'Options of log_driver.' },
  mac_address: { type: 'str', description: 'Its hardware address.' },
  memory: { type: 'str', description: 'Limit of memory: `512M`; 0 for none.' },
  memory_reservation: { type: 'str', description: 'Memory it may always have.' },
  memory_swap: { type: 'str', description: 'Memory and swap together; -1 or `unlimited` for no limit.' },
  memory_swappiness: { type: 'int', description: 'How readily its memory is swapped, 0 to 100.' },
  mounts: {
    type: 'list',
    elements: 'dict',
    description: 'What is mounted, in more detail than `volumes`.',
    options: {
      target: { type: 'str', required: true, description: 'Path in the container.' },
      source: { type: 'str', description: 'Path of the host, or name of the volume.' },
      type: {
        type: 'str',
        default: 'volume',
        choices: ['bind', 'npipe', 'tmpfs', 'volume'],
        description: 'Kind.',
      },
      read_only: { type: 'bool', description: 'Not to be written to.' },
      consistency: {
        type: 'str',
        choices: ['cached', 'consistent', 'default', 'delegated'],
        description: 'How soon both sides agree.',
      },
      propagation: {
        type: 'str',
        choices: ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'],
        description: 'Of kind bind: what becomes of mounts below.',
      },
      no_copy: { type: 'bool', description: 'Of kind volume: do not fill it with what the image has there.' },
      labels: { type: 'dict', description: 'Of kind volume: its labels.' },
      volume_driver: { type: 'str', description: 'Of kind volume: what keeps it.' },
      volume_options: { type: 'dict', description: 'Of kind volume: options of volume_driver.' },
      tmpfs_size: { type: 'str', description: 'Of kind tmpfs: its size.' },
      tmpfs_mode: { type: 'str', description: 'Of kind tmpfs: its mode.' },
    },
  },
  network_mode: {
    type: 'str',
    description:
      'Its network: `bridge`, `host`, `none`, `container:NAME`, a network; default is the first of networks.',
  },
  networks: {
    type: 'list',
    elements: 'dict',
    description: 'Networks it is connected to. Others stay, unless comparisons has `networks: strict`.',
    options: {
      name: { type: 'str', required: true, description: 'Name of the network, which must be there.' },
      aliases: { type: 'list', elements: 'str', description: 'Names of the container in it.' },
      ipv4_address: { type: 'str', description: 'Its address.' },
      ipv6_address: { type: 'str', description: 'Its address of IPv6.' },
      links: { type: 'list', elements: 'str', description: 'Containers it can name.' },
    },
  },
  oom_killer: { type: 'bool', description: 'True: it is not killed when memory runs out.' },
  oom_score_adj: { type: 'int', description: 'How readily it is killed when memory runs out.' },
  pid_mode: { type: 'str', description: 'Whose processes it sees.' },
  pids_limit: { type: 'int', description: 'How many processes it may have; -1 for no limit.' },
  platform: {
    type: 'str',
    description: 'Platform: `linux/amd64`. Of a container that is there only the system is compared.',
  },
  privileged: { type: 'bool', description: 'All rights of root.' },
  publish_all_ports: { type: 'bool', description: 'Publish every exposed port on a free one of the host.' },
  published_ports: {
    type: 'list',
    elements: 'str',
    aliases: ['ports'],
    description: 'Ports of the host: `8000`, `9000:8000`, `127.0.0.1:9000-9009:8000-8009/udp`.',
  },
  read_only: { type: 'bool', description: 'Its root is not to be written to.' },
  restart_policy: {
    type: 'str',
    choices: ['no', 'on-failure', 'always', 'unless-stopped'],
    description: 'When the engine starts it again.',
  },
  restart_retries: { type: 'int', description: 'How often, with restart_policy on-failure.' },
  runtime: { type: 'str', description: 'What runs it.' },
  security_opts: { type: 'list', elements: 'str', description: 'Options of security: `label:user:x`.' },
  shm_size: { type: 'str', description: 'Size of /dev/shm.' },
  stop_signal: { type: 'str', description: 'Signal that ends it.' },
  stop_timeout: { type: 'int', description: 'Seconds it gets to end before it is killed.' },
  storage_opts: { type: 'dict', description: 'Options of the storage driver.' },
  sysctls: { type: 'dict', description: 'Parameters of the kernel.' },
  tmpfs: { type: 'list', elements: 'str', description: 'Folders in memory: `/run:size=64m`.' },
  tty: { type: 'bool', description: 'It has a terminal.' },
  ulimits: { type: 'list', elements: 'str', description: 'Limits: `nofile:1024:2048`.' },
  user: { type: 'str', description: 'Who its processes are: `user:group`.' },
  userns_mode: { type: 'str', description: 'Whose users it has: `host` or nothing.' },
  uts: { type: 'str', description: 'Whose host name it has.' },
  volume_driver: { type: 'str', description: 'What keeps its volumes.' },
  volumes: {
    type: 'list',
    elements: 'str',
    description: 'What is mounted: `/host:/container:ro`, `name:/container`, `/container`.',
  },
  volumes_from: { type: 'list', elements: 'str', description: 'Containers whose volumes it has too.' },
  working_dir: { type: 'str', description: 'Where its command starts.' },
} as const satisfies ParamTable

/** The parameters of `docker_container`. */
export const CONTAINER_PARAMS = {
  name: { type: 'str', required: true, description: 'Name of the container.' },
  state: {
    type: 'str',
    default: 'started',
    choices: ['absent', 'healthy', 'present', 'started', 'stopped'],
    description:
      'Whether it should be there, run, be healthy or not run. All but absent make it again when it differs.',
  },
  ...OPTIONS,
  comparisons: {
    type: 'dict',
    description:
      'By option, or `*` for all: `strict`, `ignore`, or (lists and dictionaries) `allow_more_present`, which is the default for sets and dictionaries.',
  },
  cleanup: { type: 'bool', default: false, description: 'With detach false: remove it after it has ended.' },
  command_handling: {
    type: 'str',
    default: 'correct',
    choices: ['correct'],
    description: 'Words of a list stay as they are. The only value.',
  },
  container_default_behavior: {
    type: 'str',
    default: 'no_defaults',
    choices: ['no_defaults'],
    description: 'What is not said is not compared. The only value.',
  },
  default_host_ip: {
    type: 'str',
    description: 'Address that ports are published on which name none; default is that of docker: all.',
  },
  detach: {
    type: 'bool',
    description: 'False: wait for its end; the task fails when it ends with an error.',
  },
  force_kill: {
    type: 'bool',
    default: false,
    aliases: ['forcekill'],
    description: 'Kill it rather than stop it.',
  },
  healthy_wait_timeout: { type: 'float', default: 300, description: 'Seconds to wait for state healthy.' },
  image_comparison: {
    type: 'str',
    default: 'desired-image',
    choices: ['desired-image', 'current-image'],
    description: 'Which image says what variables, labels, ports and volumes come with it.',
  },
  image_label_mismatch: {
    type: 'str',
    default: 'ignore',
    choices: ['ignore', 'fail'],
    description:
      'What to do with labels of the image that labels does not name, when they are compared strictly.',
  },
  image_name_mismatch: {
    type: 'str',
    default: 'ignore',
    choices: ['recreate', 'ignore'],
    description: 'What to do when it is the same image under another name.',
  },
  keep_volumes: { type: 'bool', default: true, description: 'Keep its volumes without names when it goes.' },
  kill_signal: { type: 'str', description: 'Signal of force_kill.' },
  networks_cli_compatible: {
    type: 'bool',
    default: true,
    description: 'With networks, not connected to the default network too.',
  },
  paused: { type: 'bool', description: 'With state started: its processes are paused.' },
  pull: {
    type: 'str',
    default: 'missing',
    choices: ['always', 'missing', 'never', 'true', 'false'],
    description: 'When the image is pulled; true is always, false is missing.',
  },
  recreate: { type: 'bool', default: false, description: 'Make it again in any case.' },
  removal_wait_timeout: { type: 'float', description: 'Seconds to wait for its removal; default: for ever.' },
  restart: { type: 'bool', default: false, description: 'With state started: restart it when it runs.' },
} as const satisfies ParamTable
/** Values of {@link CONTAINER_PARAMS}. */
export type ContainerParams = InferParams<typeof CONTAINER_PARAMS>

/** Names of what a container is like, as `comparisons` may name them. */
export type OptionName = keyof typeof OPTIONS
/** All {@link OptionName}s, and their other names. */
export const OPTION_ALIASES: ReadonlyMap<string, OptionName> = new Map(
  Object.entries(OPTIONS as ParamTable).flatMap(([name, { aliases = [] }]) =>
    [name, ...aliases].map((alias) => [alias, name as OptionName] as const),
  ),
)
