import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execute, type Lab } from '../../lab/lab.js'

const CACHE = process.env['LAB_CACHE'] ?? '/var/cache/fplay-lab'
const LAB = join(import.meta.dirname, '../../lab')

/** Builds what is missing with a program of the lab, and gives what it prints. */
async function built(program: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await execute('bash', [join(LAB, program), ...args])
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`)
  return stdout.trim()
}

/** Path of the offline installer of the lab's double of Harbor. */
export async function harborInstaller(): Promise<string> {
  return (await built('harbor/pack.sh', join(CACHE, 'images'))).split('\n').at(-1)!
}

/** FATE's images into the engine of one host, which stands for a machine with a way to them. */
export async function loadImages(lab: Lab, host: number): Promise<void> {
  await built('images/build.sh', join(CACHE, 'images'))
  const { status, stderr } = await lab.run(
    host,
    ['docker', 'load', '-q'],
    readFileSync(join(CACHE, 'images/images.tar')),
  )
  if (status !== 0) throw new Error(stderr)
}

/** A file of a host, as if it had been carried here. */
export async function carry(lab: Lab, host: number, path: string): Promise<Buffer> {
  const { status, stdout, stderr } = await lab.run(host, ['base64', '-w0', path])
  if (status !== 0) throw new Error(stderr)
  return Buffer.from(stdout, 'base64')
}

/** GNU wget for a host that has no program for HTTPS; Debian's package needs nothing else that is not there. */
export async function giveWget(lab: Lab, host: number): Promise<void> {
  const folder = join(CACHE, 'wget')
  const script =
    'mkdir -p "$1" && cd "$1" && { ls wget_*.deb libpsl5_*.deb >/dev/null 2>&1 || apt-get download wget libpsl5; } >&2 && for deb in *.deb; do dpkg-deb -x $deb tree; done && tar -C tree -c . | base64 -w0'
  const packed = await execute('sh', ['-c', script, 'sh', folder])
  if (packed.status !== 0) throw new Error(`Debian's wget cannot be had: ${packed.stderr}`)
  const { status, stderr } = await lab.run(
    host,
    ['tar', '-x', '--keep-directory-symlink', '-C', '/'],
    Buffer.from(packed.stdout, 'base64'),
  )
  if (status !== 0) throw new Error(stderr)
}
