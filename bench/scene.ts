import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bringUp, execute, type Lab } from '../lab/lab.js'
import { distant, type Distance } from './distance.js'
import { waitedCpu } from './measure.js'
import { playbookOf, scriptOf, type Step } from './steps.js'

/** Hosts with Python, and hosts with Docker Engine, in nets of their own. */
const LABS = {
  python: { name: 'bench', net: '10.69.1' },
  docker: { name: 'benchf', net: '10.69.2' },
} as const
/** Addresses of one host, for work on more hosts than can be booted; no other net of this machine. */
const MANY = '10.69.64'
const MANY_MASK = '18'
const PORT_FOR_MANY = 2200

/** A host as the tools reach it. */
export interface BenchHost {
  readonly name: string
  readonly address: string
  readonly port: number
  /** Number in the lab. */
  readonly number: number
}

/** Hosts, and a folder with what every tool needs for one work. */
export interface Scene {
  readonly folder: string
  readonly hosts: readonly BenchHost[]
  readonly lab: Lab | undefined
  /** The lab's hosts, each once. */
  readonly numbers: readonly number[]
  /** Roots of the hosts' state. */
  readonly at: string
  /** Answers the tools waited for, a host, where the hosts are far away. */
  readonly distances: readonly Distance[]
  close(): Promise<void>
}

/** Hosts that do not need Python do as well, but Ansible is a peer. */
export async function bootHosts(count: number): Promise<Lab> {
  const { name, net } = LABS.python
  return bringUp(
    name,
    net,
    Array.from({ length: count }, () => 'debian-python' as const),
  )
}

/** Hosts for FATE, with its images. */
export async function bootDockerHosts(count: number): Promise<Lab> {
  const { name, net } = LABS.docker
  const lab = await bringUp(
    name,
    net,
    Array.from({ length: count }, () => 'debian:docker' as const),
  )
  await lab.loadImages()
  return lab
}

function netOf({ docker }: Place): string {
  return docker ? LABS.docker.net : LABS.python.net
}

/** What a work's hosts are. */
export interface Place {
  readonly hosts: number
  /** Milliseconds of a round trip; default: none beyond the machine's own. */
  readonly away?: number
  /** True: each host goes through the play at its own pace. */
  readonly free?: boolean
  /** True: all are addresses of one host. */
  readonly many?: boolean
  /** True: hosts with Docker Engine and the images of FATE. */
  readonly docker?: boolean
}

/** Makes the place and writes playbook, inventory and scripts. */
export async function setScene(lab: Lab | undefined, place: Place, steps: readonly Step[]): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  if (!lab || !place.hosts) return nowhere(folder)
  const near = place.many ? await manyHosts(lab, place.hosts) : nearHosts(place)
  const distances = await Promise.all(
    place.away === undefined ? [] : near.map(({ address, port }) => distant(address, port, place.away! / 2)),
  )
  const hosts = near.map((host, i) =>
    distances[i] ? { ...host, address: FAR, port: distances[i].port } : host,
  )
  const at = place.many ? '/srv/bench/{{ inventory_hostname }}' : '/srv/bench'
  write(folder, 'hosts', inventoryOf(hosts, lab))
  write(folder, 'known_hosts', knownHosts(hosts, near, lab, netOf(place)))
  write(folder, 'ssh_config', sshConfig(hosts, folder, lab))
  write(folder, 'names', hosts.map(({ name }) => `${name}\n`).join(''))
  write(folder, 'site.yml', playbookOf(steps, at, place.free))
  for (const step of steps)
    for (const [path, text] of Object.entries(step.files ?? {})) write(folder, path, text)
  for (const { name } of hosts) {
    const root = at.replace('{{ inventory_hostname }}', name)
    write(folder, `scripts/${name}`, scriptOf(steps, name, root))
    steps.forEach((step, i) => {
      if (!place.many) write(folder, `steps/${name}/${1000 + i}`, scriptOf([step], name, root))
    })
  }
  return {
    folder,
    hosts,
    lab,
    numbers: [...new Set(near.map(({ number }) => number))],
    at,
    distances,
    close: async () => {
      for (const distance of distances) distance.close()
      if (place.many) await fewHosts(lab)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** 127.0.0.1, written so that nobody takes a host far away for this machine. */
const FAR = '0x7f.0.0.1'

/** For work without hosts. */
function nowhere(folder: string): Scene {
  const close = async (): Promise<void> => rmSync(folder, { recursive: true, force: true })
  return { folder, hosts: [], lab: undefined, numbers: [], at: '', distances: [], close }
}

/** Writes a file of a scene. */
export function write(folder: string, path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function nearHosts(place: Place): BenchHost[] {
  return Array.from({ length: place.hosts }, (_, i) => ({
    name: `bench-${i + 1}`,
    address: `${netOf(place)}.${i + 1}`,
    port: 22,
    number: i + 1,
  }))
}

/** One sshd behind many addresses, with room for all their logins. */
async function manyHosts(lab: Lab, count: number): Promise<BenchHost[]> {
  await fewHosts(lab)
  await inHost(lab, `ip route add local ${MANY}.0/${MANY_MASK} dev lo`)
  const limits = '-o MaxStartups=1000 -o MaxSessions=1000'
  await inHost(lab, `/usr/sbin/sshd -p ${PORT_FOR_MANY} ${limits} -o PidFile=/run/sshd-many.pid`)
  await done('ip', ['route', 'add', `${MANY}.0/${MANY_MASK}`, 'via', `${LABS.python.net}.1`])
  const [a, b, c] = MANY.split('.').map(Number)
  return Array.from({ length: count }, (_, i) => ({
    name: `many-${i + 1}`,
    address: `${a}.${b}.${c! + Math.floor((i + 1) / 250)}.${((i + 1) % 250) + 1}`,
    port: PORT_FOR_MANY,
    number: 1,
  }))
}

async function fewHosts(lab: Lab): Promise<void> {
  await execute('ip', ['route', 'del', `${MANY}.0/${MANY_MASK}`])
  const stop = '[ ! -f /run/sshd-many.pid ] || kill "$(cat /run/sshd-many.pid)"'
  await inHost(lab, `${stop}; ip route del local ${MANY}.0/${MANY_MASK} dev lo 2>/dev/null; :`)
}

async function inHost(lab: Lab, script: string): Promise<string> {
  const { status, stdout, stderr } = await lab.run(1, ['sh', '-c', script])
  if (status !== 0) throw new Error(`in host 1: ${stderr}`)
  return stdout
}

async function done(program: string, args: readonly string[]): Promise<void> {
  const { status, stderr } = await execute(program, args)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}

function inventoryOf(hosts: readonly BenchHost[], lab: Lab): string {
  const lines = hosts.map(
    ({ name, address, port }) => `${name} ansible_host=${address} ansible_port=${port}\n`,
  )
  return `[all]\n${lines.join('')}[all:vars]\nansible_user=root\nansible_ssh_private_key_file=${lab.keyFile}\n`
}

function knownHosts(hosts: readonly BenchHost[], near: readonly BenchHost[], lab: Lab, net: string): string {
  const keys = readFileSync(lab.knownHostsFile, 'utf8').split('\n')
  const keyOf = (number: number): string =>
    keys
      .find((line) => line.startsWith(`${net}.${number},`))!
      .split(' ')
      .slice(1)
      .join(' ')
  return hosts
    .map(({ address, port }, i) => {
      const at = port === 22 ? address : `[${address}]:${port},[127.0.0.1]:${port}`
      return `${at} ${keyOf(near[i]!.number)}\n`
    })
    .join('')
}

function sshConfig(hosts: readonly BenchHost[], folder: string, lab: Lab): string {
  const common = `Host *
  User root
  IdentityFile ${lab.keyFile}
  IdentitiesOnly yes
  UserKnownHostsFile ${folder}/known_hosts
  BatchMode yes
`
  return (
    hosts.map(({ name, address, port }) => `Host ${name}\n  HostName ${address}\n  Port ${port}\n`).join('') +
    common
  )
}

/** Seconds of CPU that logins have cost the hosts so far. */
export function hostCpu({ lab, numbers }: Scene): number {
  const inits = numbers.map((number) => initOf(lab!, number))
  const servers = inits.flatMap((pid) => [
    pid,
    ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' '),
  ])
  return servers.reduce((sum, pid) => sum + cpuOf(pid), 0)
}

/** MiB that the hosts' networks have received so far. */
export async function received({ lab, numbers }: Scene): Promise<number> {
  const devices = numbers.map((number) => readFileSync(`/proc/${initOf(lab!, number)}/net/dev`, 'utf8'))
  return devices.reduce((sum, text) => sum + Number(/eth0:\s*(\d+)/.exec(text)?.[1] ?? 0) / 2 ** 20, 0)
}

/** Waits until what a run has started on the hosts has ended. */
export function settle(): Promise<void> {
  return sleep(300)
}

function initOf(lab: Lab, number: number): string {
  return readFileSync(join(dirname(lab.keyFile), 'hosts', String(number), 'pid'), 'utf8')
    .split(' ')[0]!
    .trim()
}

function cpuOf(pid: string): number {
  try {
    return waitedCpu(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return 0 // a process of a host that has just ended
  }
}

/** Everything the work makes, gone. */
export async function wipe({ lab, numbers }: Scene): Promise<void> {
  const gone = 'rm -rf /srv/bench; mkdir -p /srv; userdel fate 2>/dev/null; groupdel fate 2>/dev/null; :'
  await Promise.all(numbers.map((number) => lab!.run(number, ['sh', '-c', gone])))
}

/** What is there on each host: each path with type, mode, owner and what is in it. */
export async function trees({ lab, numbers }: Scene): Promise<readonly string[]> {
  const look = `grep -h ^fate: /etc/passwd /etc/group
cd /srv/bench 2>/dev/null || exit 0
find . -printf '%p %y %m %u %g %l\\n' | sort; find . -type f -exec sha1sum {} + | sort`
  const seen = await Promise.all(numbers.map((number) => lab!.run(number, ['sh', '-c', look])))
  return seen.map(({ stdout }) => stdout)
}
