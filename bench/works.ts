import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Launch } from './measure.js'
import { fplay, PEERS, type Peer, type PeerName } from './peers.js'
import { write, type Place, type Scene } from './scene.js'
import { converging, looking, trivial, type Step } from './steps.js'

/** One line of the table: the same work, done by several tools in turn. */
export interface Work {
  readonly name: string
  readonly about: string
  /** What fplay should reach, in words; the ratios are beside it. */
  readonly goal?: string
  /** True: done only when asked for by name or with --full. */
  readonly long?: boolean
  readonly place: Place
  readonly steps: () => readonly Step[]
  /** Who does it and how, by title; ratios are taken to the first. */
  launches(scene: Scene): Readonly<Record<string, Launch>>
  /** Titles of those that run once where others run often. */
  readonly slow?: readonly string[]
  /** What the hosts are made to be before each run. */
  readonly before?: 'empty' | ((scene: Scene, launch: Launch) => Promise<void>)
  /** What all must leave alike on the hosts; true: the trees. */
  readonly same?: true | ((scene: Scene) => Promise<readonly string[]>)
}

const QUICK: readonly PeerName[] = ['floor', 'fplay', 'ssh', 'mitogen', 'tuned']
const ALL: readonly PeerName[] = [...QUICK, 'default']

type PlayWork = Omit<Work, 'launches'> & { readonly peers: readonly PeerName[] }

function played({ peers, ...work }: PlayWork): Work {
  const there = peers.map((name): Peer => PEERS[name]).filter((peer) => !peer.missing?.())
  return {
    ...work,
    slow: there.filter(({ slow }) => slow).map(({ title }) => title),
    launches: (scene) => Object.fromEntries(there.map((peer) => [peer.title, peer.launch(scene)])),
  }
}

const convergeOn = (hosts: number, fresh: boolean, rest: Partial<PlayWork> = {}): Work =>
  played({
    name: `converge-${fresh ? 'fresh' : 'again'}-${hosts}${rest.place?.away ? '-far' : ''}`,
    about: `30 tasks of a FATE host set-up, ${fresh ? 'fresh hosts' : 'nothing to change'}`,
    place: { hosts },
    steps: () => converging(archive()),
    peers: ALL,
    same: true,
    ...(fresh ? { before: 'empty' as const } : {}),
    ...rest,
  })

const trivialOn = (place: Place, count: number, rest: Partial<PlayWork> = {}): Work =>
  played({
    name: `${place.many ? 'scale' : 'trips'}-${place.hosts}${place.away ? '-far' : ''}${place.free ? '-free' : ''}${place.many ? `-${count}` : ''}`,
    about: `${count} trivial ${count === 1 ? 'task' : 'tasks'}`,
    place,
    steps: () => trivial(count),
    peers: ALL,
    ...rest,
  })

const FEW: readonly PeerName[] = ['floor', 'fplay']

/** All works. */
export const WORKS: readonly Work[] = [
  convergeOn(2, false),
  convergeOn(2, true),
  convergeOn(10, false, { goal: '≤ 1.3 × the floor, ≥ 24 × faster than Ansible tuned' }),
  convergeOn(10, true, { goal: '≤ 1.6 × the floor, ≥ 16 × faster than Ansible tuned' }),
  convergeOn(50, false, { long: true }),
  convergeOn(50, true, { long: true }),
  convergeOn(2, false, { place: { hosts: 2, away: 40 } }),
  trivialOn({ hosts: 10 }, 30, { goal: '≤ 1.0 × the floor' }),
  trivialOn({ hosts: 2, away: 40 }, 30, { goal: '≤ 1 round trip a task and those of connecting' }),
  trivialOn({ hosts: 2, away: 40, free: true }, 30, {
    goal: '≤ 0.3 round trips a task and those of connecting',
    peers: ['floor', 'fplay', 'ssh'],
  }),
  {
    name: 'start-version',
    about: '`fplay --version` beside `node -e 0`',
    goal: '≤ 1.5 × node',
    place: { hosts: 0 },
    steps: () => [],
    launches: () => ({
      'node -e 0': { command: ['node', '-e', '0'], times: 10 },
      fplay: { command: fplay('--version'), times: 10 },
    }),
  },
  {
    name: 'start-list',
    about: '`--list-tasks` of playbooks/deploy.yml beside `node -e 0`',
    place: { hosts: 0 },
    steps: () => [],
    launches: () => ({
      'node -e 0': { command: ['node', '-e', '0'], times: 5 },
      fplay: { command: fplay('playbooks/deploy.yml', '-i', 'inventory', '--list-tasks'), times: 5 },
    }),
  },
  {
    ...trivialOn({ hosts: 1 }, 1, { goal: '≤ 1.5 × the floor (`ssh host true`)' }),
    name: 'start-task',
    about: 'one task on one host',
  },
  trivialOn({ hosts: 200, many: true }, 1, { peers: FEW, long: true }),
  trivialOn({ hosts: 200, many: true }, 30, { peers: FEW, long: true }),
  trivialOn({ hosts: 500, many: true }, 1, { peers: FEW, long: true, goal: '≤ 1.5 × the floor, ≤ 250 MiB' }),
  trivialOn({ hosts: 500, many: true }, 30, { peers: FEW, long: true, goal: '≤ 1.5 × the floor, ≤ 250 MiB' }),
  played({
    name: 'tasks-2000',
    about: '2 000 looks at a file of one host',
    place: { hosts: 1 },
    steps: () => looking(2000),
    peers: FEW,
  }),
  looped('loop-10000', '10 000 items of debug', "debug: { msg: '{{ item }}' }", 10_000),
  looped(
    'loop-files',
    'a loop that makes 1 000 files',
    "file: { path: '/srv/bench/{{ item }}', state: touch }",
    1000,
  ),
  grown('inventory', 'hosts listed', 10_000, (folder, count) => [
    'inventory',
    '-i',
    bigInventory(folder, count),
    '--list',
  ]),
  grown(
    'loop',
    'items of debug',
    10_000,
    locally((count) => `    - debug: { msg: '{{ item }}' }\n      loop: "{{ range(${count}) | list }}"\n`),
  ),
  grown(
    'tasks',
    'looks at a file',
    2000,
    locally((count) => '    - stat: { path: /etc/passwd }\n'.repeat(count)),
  ),
  {
    name: 'inventory-list',
    about: 'an inventory of 10 000 hosts in 1 000 groups listed',
    place: { hosts: 0 },
    steps: () => [],
    launches: ({ folder }) => ({
      'ansible-inventory': { command: ['ansible-inventory', '-i', bigInventory(folder), '--list'] },
      fplay: { command: fplay('inventory', '-i', bigInventory(folder), '--list') },
    }),
  },
  {
    name: 'inventory-pattern',
    about: 'hosts of that inventory chosen by a pattern',
    place: { hosts: 0 },
    steps: () => [],
    launches: ({ folder }) => {
      write(folder, 'site.yml', "- hosts: 'g1*:&g*:!g11'\n  tasks: []\n")
      const args = [join(folder, 'site.yml'), '-i', bigInventory(folder), '--list-hosts']
      return {
        'ansible-playbook': { command: ['ansible-playbook', ...args] },
        fplay: { command: fplay(...args) },
      }
    },
  },
]

/** The same thing twice as large: time that grows with the size doubles at most. */
function grown(name: string, about: string, size: number, argv: Grow): Work {
  return {
    name: `grow-${name}`,
    about,
    goal: '≤ 2 × for twice as many',
    place: { hosts: 0 },
    steps: () => [],
    launches: ({ folder }) =>
      Object.fromEntries(
        [size, 2 * size].map((count) => [`fplay, ${count}`, { command: fplay(...argv(folder, count)) }]),
      ),
  }
}

type Grow = (folder: string, count: number) => readonly string[]

/** A playbook of this machine with so many tasks, or one that goes through so many items. */
function locally(tasks: (count: number) => string): Grow {
  return (folder, count) => {
    const head = '- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n'
    write(folder, `${count}.yml`, head + tasks(count))
    return [join(folder, `${count}.yml`)]
  }
}

function looped(name: string, about: string, module: string, items: number): Work {
  return played({
    name,
    about,
    place: { hosts: 1 },
    steps: () => [
      { task: "file: { path: '{{ at }}', state: directory }", shell: () => 'mkdir -p "$AT"' },
      {
        task: `${module}\n      loop: "{{ range(${items}) | list }}"`,
        shell: () =>
          `i=0; while [ $i -lt ${items} ]; do ${module.startsWith('file') ? `touch "$AT/$i"` : 'echo $i'}; i=$((i+1)); done`,
      },
    ],
    peers: FEW,
  })
}

let packed: Buffer | undefined
/** An archive of about 1 MB that does not compress, its names and times the same in each. */
function archive(): Buffer {
  if (packed) return packed
  const folder = mkdtempSync(join(tmpdir(), 'bench-pkg-'))
  try {
    mkdirSync(join(folder, 'lib'))
    writeFileSync(join(folder, 'VERSION'), '1\n')
    for (let i = 0; i < 8; i++) writeFileSync(join(folder, `lib/part${i}`), randomBytes(128 * 1024))
    packed = execFileSync(
      'tar',
      ['cz', '--owner=root', '--group=root', '--mode=u=rwX,go=rX', '-C', folder, 'VERSION', 'lib'],
      {
        maxBuffer: 2 ** 22,
      },
    )
    return packed
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function bigInventory(folder: string, count = 10_000): string {
  const groups = Array.from({ length: count / 10 }, (_, group) => {
    const hosts = Array.from({ length: 10 }, (_, i) => `h${group * 10 + i} rack=${group}\n`).join('')
    return `[g${group}]\n${hosts}[g${group}:vars]\nregion=${group % 7}\n`
  })
  write(folder, `hosts-${count}`, groups.join(''))
  return join(folder, `hosts-${count}`)
}
