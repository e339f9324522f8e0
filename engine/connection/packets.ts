import { randomFillSync } from 'node:crypto'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'

/** What ssh2 makes packets with: memory for so many bytes of payload, with header and padding filled in. */
interface Cipher {
  allocPacket(payload: number): Buffer
}

/** Memory of one packet, and the socket that was last given it. */
interface Slot {
  readonly bytes: Buffer
  socket: Socket
}

/** Payloads from here on are those of much that is sent. */
const LARGE = 16 * 1024
/** Length of the length and of the number of padding bytes. */
const HEADER = 5
/** So many packets may wait for slow sockets in memory that is used again; more have memory of their own. */
const SLOTS = 8

const slots: Slot[] = []

/**
 * Has full packets to this host written in memory that is used again as soon as the socket has taken them, which is mostly at
 * once. ssh2 takes new memory and asks for random padding for each 32 KB, and collecting what is left of it takes longer than
 * encrypting it. Where ssh2 is not as it is known, or makes new keys, its packets are as they were.
 */
export function reusePackets(client: Client, stream: Duplex): void {
  const cipher = (client as unknown as { _protocol?: { _cipher?: Partial<Cipher> } })._protocol?._cipher
  // What stands behind another stream may keep bytes that this one has passed on.
  if (!(stream instanceof Socket) || typeof cipher?.allocPacket !== 'function') return
  const own = cipher.allocPacket.bind(cipher)
  let full = 0
  let header = Buffer.alloc(0)
  let length = 0
  cipher.allocPacket = (payload) => {
    if (payload < LARGE) return own(payload)
    if (payload !== full) {
      const packet = own(payload)
      ;[full, length, header] = [payload, packet.length, Buffer.from(packet.subarray(0, HEADER))]
      return packet
    }
    const slot = freeSlot(stream, length)
    if (!slot) return own(payload)
    slot.socket = stream
    const packet = slot.bytes.subarray(0, length)
    packet.set(header)
    packet.set(padding(header[HEADER - 1]!), HEADER + payload)
    return packet
  }
}

function freeSlot(socket: Socket, length: number): Slot | undefined {
  const free = slots.find(
    ({ bytes, socket: { writableLength, closed } }) =>
      (writableLength === 0 || closed) && bytes.length >= length,
  )
  if (free || slots.length === SLOTS) return free
  const fresh = { bytes: Buffer.allocUnsafeSlow(length), socket }
  slots.push(fresh)
  return fresh
}

const random = Buffer.allocUnsafeSlow(4096)
let taken = random.length

/** Random bytes that were not used before. */
function padding(length: number): Buffer {
  if (taken + length > random.length) {
    randomFillSync(random)
    taken = 0
  }
  taken += length
  return random.subarray(taken - length, taken)
}
