import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execute } from '../../lab/lab.js'

/** The account that the registry knows. */
export const ACCOUNT = { username: 'fate', password: 's3cret $x' } as const

/** `htpasswd -B` of {@link ACCOUNT}. */
const HTPASSWD = 'fate:$2y$05$abcdefghijklmnopqrstuurSCLd3wke0xd6sA.Vy43ZcCG.ReluNy\n'

/** A registry on port 5000 of a host of the lab. */
export interface Registry {
  stop(): void
}

/** Unpacks Debian's registry once; it is kept for the next time. */
async function program(): Promise<string> {
  const folder = join(process.env['LAB_CACHE'] ?? '/var/cache/fplay-lab', 'docker-registry')
  const binary = join(folder, 'usr/bin/docker-registry')
  if (existsSync(binary)) return binary
  mkdirSync(folder, { recursive: true })
  const script =
    'cd "$1" && apt-get download docker-registry && dpkg -x docker-registry_*.deb . && rm docker-registry_*.deb'
  const done = await execute('sh', ['-c', script, 'sh', folder])
  if (done.status !== 0) throw new Error(`Debian's docker-registry cannot be had: ${done.stderr}`)
  return binary
}

/**
 * Starts a registry that asks for a name and a password, beside the Docker Engine of a host: docker asks for no
 * certificate of what it calls localhost.
 * @param namespace  network namespace of the host
 */
export async function startRegistry(namespace: string): Promise<Registry> {
  const binary = await program()
  const folder = mkdtempSync(join(tmpdir(), 'fplay-registry-'))
  writeFileSync(join(folder, 'htpasswd'), HTPASSWD)
  writeFileSync(
    join(folder, 'config.yml'),
    `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: ${folder}}, delete: {enabled: true}}
http: {addr: "127.0.0.1:5000"}
auth: {htpasswd: {realm: lab, path: ${folder}/htpasswd}}
`,
  )
  const enter = [`--net=/run/netns/${namespace}`]
  const child = spawn('nsenter', [...enter, binary, 'serve', join(folder, 'config.yml')], { stdio: 'ignore' })
  await listens(enter, child)
  return {
    stop: () => {
      child.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function listens(enter: readonly string[], child: ChildProcess): Promise<void> {
  const script =
    'for n in $(seq 100); do ss -Hltn "sport = :5000" | grep -q . && exit 0; sleep 0.05; done; exit 1'
  const done = await execute('nsenter', [...enter, 'sh', '-c', script])
  if (done.status === 0 && child.exitCode === null) return
  child.kill()
  throw new Error('the registry does not listen')
}
