/** Distinguished Encoding Rules: as much as certificates and their requests need. */

/** The tags that are used here. */
export const TAG = {
  boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, nothing: 0x05, oid: 0x06, utf8: 0x0c, printable: 0x13, ia5: 0x16,
  utcTime: 0x17, time: 0x18, sequence: 0x30, set: 0x31,
} as const // prettier-ignore

/** A value with its tag and length. */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body])
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x80 | bytes.length, ...bytes]
}

/** A whole number from its unsigned big-endian bytes. */
export function integer(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = bytes.subarray(start)
  return der(TAG.integer, ...((digits[0] ?? 0) >= 0x80 ? [Buffer.from([0])] : []), digits)
}

/** An object identifier from its text, `2.5.4.3`. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const arcs = [first * 40 + second, ...rest]
  return der(TAG.oid, Buffer.from(arcs.flatMap(arcBytes)))
}

function arcBytes(arc: number): readonly number[] {
  const bytes = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift(0x80 | (rest % 128))
  return bytes
}

/** Bits that fill whole bytes. */
export function bits(bytes: Buffer): Buffer {
  return der(TAG.bits, Buffer.from([0]), bytes)
}

/** A moment as certificates write it: two digits of the year until 2049. */
export function moment(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]|\.\d+/g, '')
  return date.getUTCFullYear() < 2050
    ? der(TAG.utcTime, Buffer.from(text.slice(2)))
    : der(TAG.time, Buffer.from(text))
}

/** A value that was read. */
export interface Node {
  readonly tag: number
  /** Without tag and length. */
  readonly body: Buffer
  /** With them. */
  readonly whole: Buffer
}

/** The bytes are not what they should be. */
export class BadDer extends Error {}

/** The values that stand one after the other. */
export function readAll(bytes: Buffer): readonly Node[] {
  const nodes: Node[] = []
  for (let at = 0; at < bytes.length;) {
    const node = readOne(bytes.subarray(at))
    nodes.push(node)
    at += node.whole.length
  }
  return nodes
}

function readOne(bytes: Buffer): Node {
  const [tag, short] = bytes
  if (tag === undefined || short === undefined || (tag & 0x1f) === 0x1f) throw new BadDer('it ends too early')
  const count = short < 0x80 ? 0 : short & 0x7f
  if (short === 0x80 || count > 4 || bytes.length < 2 + count) throw new BadDer('a length cannot be read')
  const length = count === 0 ? short : bytes.readUIntBE(2, count)
  const start = 2 + count
  if (bytes.length < start + length) throw new BadDer('it ends too early')
  return { tag, body: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) }
}

/** The values within one, which must have this tag. */
export function within(node: Node | undefined, tag: number): readonly Node[] {
  if (node?.tag !== tag) throw new BadDer('something else stands there')
  return readAll(node.body)
}

/** Text of an object identifier. */
export function oidText({ body }: Node): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of body) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    arcs.push(arc)
    arc = 0
  }
  const [both = 0, ...rest] = arcs
  const first = Math.min(2, Math.floor(both / 40))
  return [first, both - first * 40, ...rest].join('.')
}

/** The bytes between the lines of a PEM text with this label; undefined where there is none. */
export function fromPem(text: string, label: string): Buffer | undefined {
  const found = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`).exec(text)
  return found ? Buffer.from(found[1]!, 'base64') : undefined
}

/** PEM text. */
export function toPem(bytes: Buffer, label: string): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
