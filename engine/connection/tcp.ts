import { fail } from '../errors.js'

/** Throws for a TCP stream that could not be opened from a host. */
export function tcpFailed(address: string, port: number, why: string): never {
  const forbidden = /prohibited/i.test(why)
  return fail({
    code: 'task-failed',
    message: `no TCP connection from the host to ${address} port ${port}: ${why}`,
    cure: forbidden ? 'set AllowTcpForwarding yes in sshd_config of the host' : undefined,
  })
}
