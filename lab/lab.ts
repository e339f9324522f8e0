import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'

/** What a command left behind. */
export interface Outcome {
  /** Exit status; 128 and the number of the signal when one ended it. */
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * `debian` (Compose v2), `debian-compose1`, `debian-python`, `debian-dnf` or `busybox`, with `:docker` when a Docker Engine runs on it.
 */
export type HostKind =
  | 'debian'
  | 'debian:docker'
  | 'debian-compose1'
  | 'debian-compose1:docker'
  | 'debian-python'
  | 'debian-dnf'
  | 'busybox'

/** A host of a lab, as it was when asked. */
export interface LabHost {
  /** From 1; also the last number of the address. */
  readonly number: number
  readonly name: string
  readonly address: string
  readonly kind: HostKind
  readonly on: boolean
}

/** Several real hosts on this machine. Each throws an Error with the script's own words when it fails. */
export interface Lab {
  readonly name: string
  /** Private key of root, dev and dev2 on every host. */
  readonly keyFile: string
  /** The hosts' keys, by address and by name. */
  readonly knownHostsFile: string
  /** What hands key and known hosts to fplay, as `npm run demo` does. */
  readonly environment: Readonly<Record<string, string>>
  hosts(): Promise<LabHost[]>
  /** Runs a command inside a host as root, without ssh. A status other than 0 is not an error. */
  run(host: number, command: readonly string[], input?: string | Buffer): Promise<Outcome>
  /** As when the power fails: nothing answers any more, the disk stays. */
  powerOff(host: number): Promise<void>
  powerOn(host: number): Promise<void>
  /** From now on packets from one host to the other are lost; the other direction still works. */
  cut(from: number, to: number): Promise<void>
  mend(from: number, to: number): Promise<void>
  /** FATE's images into every engine that lacks them. */
  loadImages(set?: 'engines' | 'fate-2.0'): Promise<void>
  /** Stops and removes everything. */
  down(): Promise<void>
}

const script = join(import.meta.dirname, 'lab')

/**
 * Boots a lab, or completes one that is there already.
 * @param name one to eight letters and digits
 * @param net three numbers of a /24 that this machine does not route yet, such as `10.77.1`
 */
export async function bringUp(name: string, net: string, kinds: readonly HostKind[]): Promise<Lab> {
  await lab('up', name, '--net', `${net}.0/24`, '--hosts', kinds.join(','))
  const [keyFile = '', knownHostsFile = ''] = (await lab('files', name)).split('\n')
  const number = String
  return {
    name,
    keyFile,
    knownHostsFile,
    environment: {
      ANSIBLE_PRIVATE_KEY_FILE: keyFile,
      FPLAY_KNOWN_HOSTS_FILE: knownHostsFile,
      ANSIBLE_REMOTE_USER: 'root',
    },
    hosts: async () => (await lab('list', name)).trimEnd().split('\n').map(parseHost),
    run: (host, command, input) => execute(script, ['run', name, number(host), ...command], input),
    powerOff: async (host) => void (await lab('poweroff', name, number(host))),
    powerOn: async (host) => void (await lab('poweron', name, number(host))),
    cut: async (from, to) => void (await lab('cut', name, number(from), number(to))),
    mend: async (from, to) => void (await lab('mend', name, number(from), number(to))),
    loadImages: async (set) => void (await lab('images', name, ...(set ? [set] : []))),
    down: async () => void (await lab('down', name)),
  }
}

/** Removes a lab of which only the name is known, such as one that a killed run left behind. */
export async function takeDown(name: string): Promise<void> {
  await lab('down', name)
}

/** Runs a program to its end, whatever its exit status. */
export function execute(
  program: string,
  args: readonly string[],
  input: string | Buffer = '',
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: environment, stdio: 'pipe' })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.stdin.on('error', () => undefined) // it ended without reading all: its status says what that means
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const status = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
      resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() })
    })
  })
}

async function lab(...args: string[]): Promise<string> {
  const outcome = await execute(script, args)
  if (outcome.status !== 0) throw new Error(`lab/lab ${args.join(' ')}: ${outcome.stderr.trim()}`)
  return outcome.stdout
}

function parseHost(line: string): LabHost {
  const [number = '', name = '', address = '', kind = '', state] = line.split('\t')
  return { number: Number(number), name, address, kind: kind as HostKind, on: state === 'on' }
}
