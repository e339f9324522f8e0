import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execute, type Lab } from '../../lab/lab.js'

const CACHE = process.env['LAB_CACHE'] ?? '/var/cache/fplay-lab'

/** Downloads a package once, whichever of several test runs comes first. */
const DOWNLOAD = `mkdir -p "$1" && cd "$1" && exec 8>lock && flock 8 && { ls *.deb || apt-get download "$2" || { apt-get update -q && apt-get download "$2"; }; } >&2`

/**
 * Puts the files of a Debian package, and nothing that it depends on, on hosts of the lab: for programs that few tests
 * need, so that the trees stay small.
 */
export async function giveDebianPackage(lab: Lab, hosts: readonly number[], name: string): Promise<void> {
  const folder = join(CACHE, name)
  const { status, stderr } = await execute('sh', ['-c', DOWNLOAD, 'sh', folder, name])
  if (status !== 0) throw new Error(`Debian's ${name} cannot be had: ${stderr}`)
  const file = readdirSync(folder).find((one) => one.endsWith('.deb'))!
  const unpack = 'cat >/run/given.deb && dpkg-deb -x /run/given.deb / && rm /run/given.deb'
  for (const host of hosts) {
    const done = await lab.run(host, ['sh', '-c', unpack], readFileSync(join(folder, file)))
    if (done.status !== 0) throw new Error(done.stderr)
  }
}
