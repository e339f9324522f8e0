import { expect } from 'chai'
import { createConnection } from '../../engine/connection/connect.js'
import type { Become, Connection, ConnectionSettings } from '../../engine/connection/connection.js'
import type { Lab } from '../../lab/lab.js'

/** Connections to the hosts of a lab, closed after each test. */
export interface Connecting {
  /** A connection to the n-th host, from 1. */
  connect(host: number, settings?: Partial<ConnectionSettings>): Connection
  /** Address of the n-th host, from 1. */
  address(host: number): string
}

/** For a `describe` that has a lab. */
export function useConnections(lab: () => Lab): Connecting {
  const opened: Connection[] = []
  let addresses: string[] = []

  before(async () => {
    addresses = (await lab().hosts()).map((host) => host.address)
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((connection) => connection.close()))
  })

  function connect(host: number, settings: Partial<ConnectionSettings> = {}): Connection {
    const connection = createConnection({
      name: `host-${host}`,
      kind: 'ssh',
      address: addresses[host - 1]!,
      user: 'root',
      privateKeyFile: lab().keyFile,
      knownHostsFiles: [lab().knownHostsFile],
      hostKeyChecking: 'yes',
      timeout: 5,
      sshArgs: '-F none -o IdentityAgent=none',
      ...settings,
    })
    opened.push(connection)
    return connection
  }
  return { connect, address: (host) => addresses[host - 1]! }
}

/** What a script prints, without the newline at its end. */
export async function ask(connection: Connection, script: string, become?: Become): Promise<string> {
  const reply = await connection.run(script, { become })
  expect(reply.code, reply.stderr.toString()).to.equal(0)
  return reply.stdout.toString().trimEnd()
}
