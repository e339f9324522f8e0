import type { Connection, ConnectionSettings } from './connection.js'
import { localTransport } from './local.js'
import { Session } from './session.js'

/** The connection to a host. Nothing is opened yet; what SSH needs is loaded with the first login. */
export function createConnection(settings: ConnectionSettings): Connection {
  return new Session(settings, async () => {
    if (settings.kind === 'local') return localTransport()
    const { sshTransport } = await import('./ssh.js')
    return sshTransport(settings)
  })
}
