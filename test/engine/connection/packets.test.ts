import { expect } from 'chai'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { PassThrough, type Duplex } from 'node:stream'
import { reusePackets } from '../../../engine/connection/packets.js'

const PAYLOAD = 32 * 1024
const PADDING = 7
const MAC = 16

/** As those of ssh2: length, number of padding bytes, payload, padding, room for a MAC. */
function allocPacket(payload: number): Buffer {
  const packet = Buffer.alloc(5 + payload + PADDING + MAC)
  packet.writeUInt32BE(1 + payload + PADDING)
  packet[4] = PADDING
  return packet
}

/** What makes packets for a host behind a stream. */
function packetsTo(stream: Duplex): (payload: number) => Buffer {
  const cipher = { allocPacket }
  reusePackets({ _protocol: { _cipher: cipher } } as never, stream)
  return (payload) => cipher.allocPacket(payload)
}

describe('memory of packets', () => {
  const opened: Socket[] = []
  let server: Server
  beforeEach(async () => {
    server = createServer((socket) => opened.push(socket.pause())).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.destroy()
    server.close()
  })

  async function line(): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    opened.push(socket)
    await once(socket, 'connect')
    return socket
  }

  it('is used again when the socket has taken them, also for another socket', async () => {
    const [one, other] = [await line(), await line()]
    const alloc = packetsTo(one)
    const [, first, second] = [alloc(PAYLOAD), alloc(PAYLOAD), alloc(PAYLOAD)]
    expect(first.buffer).to.equal(second.buffer)
    const allocOther = packetsTo(other)
    const [, third] = [allocOther(PAYLOAD), allocOther(PAYLOAD)]
    expect(third.buffer).to.equal(first.buffer)
  })

  it('is as ssh2 makes it, but for the padding', async () => {
    const alloc = packetsTo(await line())
    for (const payload of [PAYLOAD, PAYLOAD, 20_000, 20_000, 10, PAYLOAD, PAYLOAD]) {
      const [packet, own] = [alloc(payload), allocPacket(payload)]
      expect(packet.length).to.equal(own.length)
      expect(packet.subarray(0, 5)).to.deep.equal(own.subarray(0, 5))
    }
    const paddings = Array.from({ length: 20 }, () =>
      alloc(PAYLOAD)
        .subarray(5 + PAYLOAD, -MAC)
        .toString('hex'),
    )
    expect(new Set(paddings).size, 'random').to.equal(20)
  })

  it('is left alone while bytes wait for a slow socket', async () => {
    const [slow, quick] = [await line(), await line()]
    const alloc = packetsTo(slow)
    const waiting: Buffer[] = []
    alloc(PAYLOAD)
    while (waiting.length < 20) {
      const packet = alloc(PAYLOAD)
      slow.write(packet)
      if (slow.writableLength > 0) waiting.push(packet)
    }
    expect(new Set(waiting.map(({ buffer }) => buffer)).size).to.equal(20)
    const allocQuick = packetsTo(quick)
    allocQuick(PAYLOAD)
    expect(waiting.map(({ buffer }) => buffer)).not.to.include(allocQuick(PAYLOAD).buffer)
  })

  it('is that of ssh2 where another stream carries them, or ssh2 is another', () => {
    const alloc = packetsTo(new PassThrough())
    const [, first, second] = [alloc(PAYLOAD), alloc(PAYLOAD), alloc(PAYLOAD)]
    expect(first.buffer).not.to.equal(second.buffer)
    expect(() => reusePackets({} as never, new PassThrough())).not.to.throw()
  })
})
