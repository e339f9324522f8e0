import type { Item } from '../item.js'
import { EvalError, Func, Opaque } from '../item.js'

/** Python's bytes: what `.encode()` gives. It leaves an expression as text. */
export class Bytes extends Opaque {
  readonly typeName = 'bytes'
  constructor(readonly data: Buffer) {
    super()
  }
  override get(name: string): Item | undefined {
    if (name === 'decode') return new Func('decode', () => this.text())
    if (name === 'hex') return new Func('hex', () => this.data.toString('hex'))
    return undefined
  }
  override items(): Item[] {
    return [...this.data]
  }
  override truthy(): boolean {
    return this.data.length > 0
  }
  /** The text these bytes are in UTF-8. */
  text(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.data)
    } catch {
      throw new EvalError('the bytes are not UTF-8 text')
    }
  }
  repr(): string {
    const body = [...this.data].map((byte) => {
      if (byte === 0x5c) return '\\\\'
      if (byte === 0x27) return "\\'"
      if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte)
      return { 9: '\\t', 10: '\\n', 13: '\\r' }[byte] ?? `\\x${byte.toString(16).padStart(2, '0')}`
    })
    return `b'${body.join('')}'`
  }
}
