import type { Lab } from '../../lab/lab.js'

/** What runs and logs write by themselves, and what only packages write. */
const PASSED_OVER = [
  '/proc',
  '/sys',
  '/dev',
  '/run',
  '/var/log',
  '/usr/lib',
  '/usr/share',
  '/usr/bin',
  '/usr/sbin',
  // containerd tidies up there whenever it likes
  '/var/lib/docker/containerd/daemon',
]

/**
 * Everything a host has on its disk and in /tmp, one line a path: type, mode, owner, group, times of the last change of
 * content and of attributes (of a folder too: what was made and removed in it shows), size, target of links, checksum.
 */
export async function hostState(lab: Lab, host: number): Promise<string[]> {
  const prune = PASSED_OVER.map((path) => `-path ${path}`).join(' -o ')
  const find = `find / \\( ${prune} \\) -prune -o`
  const script = `{ ${find} -exec stat -c '%n|%F|%a|%u|%g|%y|%z|%s' {} + | sed 's/|directory\\(.*\\)|[0-9]*$/|directory\\1/'
    ${find} -type l -exec sh -c 'for l; do echo "$l -> $(readlink "$l")"; done' sh {} +
    ${find} -type f -exec sha1sum {} +
  } | LC_ALL=C sort`
  const { stdout, stderr, status } = await lab.run(host, ['sh', '-c', script])
  if (status !== 0) throw new Error(`host ${host} does not tell its state: ${stderr}`)
  return stdout.trimEnd().split('\n')
}

/** Numbers of logins over ssh a host has taken since it was made. */
export async function logins(lab: Lab, host: number): Promise<number> {
  const { stdout } = await lab.run(host, ['grep', '-cE', 'Accepted |auth succeeded', '/var/log/sshd.log'])
  return Number(stdout)
}

/** Processes of a host, one line of arguments each, without those of the servers that stand there. */
export async function processes(lab: Lab, host: number): Promise<string[]> {
  const list = `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; echo; done 2>/dev/null`
  const { stdout } = await lab.run(host, ['sh', '-c', list])
  return stdout.split('\n').filter(Boolean)
}
