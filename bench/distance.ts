import { connect, createServer, type Socket } from 'node:net'

/** A way to a host that takes time, and counts how often a client had to wait for an answer. */
export interface Distance {
  readonly port: number
  /** Answers waited for so far: times the client wrote after it had heard something. */
  turns(): number
  close(): void
}

/** Forwards connections to an address, each byte `milliseconds` later in each direction. */
export async function distant(address: string, port: number, milliseconds: number): Promise<Distance> {
  let turns = 0
  let heard = false
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    const host = connect({ host: address, port, noDelay: true })
    for (const socket of [client, host]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('data', () => {
      if (heard) turns++
      heard = false
    })
    later(client, host, milliseconds)
    later(host, client, milliseconds, () => (heard = true))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    turns: () => turns,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** What goes in comes out later, in order. Nothing is held back: both ends of the line are near. */
function later(from: Socket, to: Socket, milliseconds: number, arrived = (): void => undefined): void {
  from.on('data', (chunk: Buffer) => {
    setTimeout(() => {
      arrived()
      if (to.writable) to.write(chunk)
    }, milliseconds)
  })
  from.on('end', () => setTimeout(() => to.end(), milliseconds))
  from.on('close', () => setTimeout(() => to.destroy(), milliseconds))
}
