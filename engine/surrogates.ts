import { isUtf8 } from 'node:buffer'

/**
 * Texts of bytes that are no UTF-8, as Python has them: each such byte is a lone surrogate, U+DC80 to U+DCFF. So what a
 * text of the language is read from comes back when it is written.
 */

/** The text of bytes. */
export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  const parts: string[] = []
  let start = 0
  for (let at = 0; at < bytes.length;) {
    const length = lengthAt(bytes, at)
    if (length === 0) {
      parts.push(bytes.toString('utf8', start, at), String.fromCharCode(0xdc00 + bytes[at]!))
      start = at + 1
    }
    at += length || 1
  }
  return parts.join('') + bytes.toString('utf8', start)
}

/** Bytes of the character there; 0 where there is none. */
function lengthAt(bytes: Buffer, at: number): number {
  const first = bytes[at]!
  const length =
    first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
  return length > 1 && (at + length > bytes.length || !isUtf8(bytes.subarray(at, at + length))) ? 0 : length
}

/** The bytes of a text. */
export function bytesOfText(text: string): Buffer {
  if (!/[\udc80-\udcff]/.test(text)) return Buffer.from(text, 'utf8')
  const parts = text.split(/((?<![\ud800-\udbff])[\udc80-\udcff]+)/)
  return Buffer.concat(
    parts.map((part, i) =>
      i % 2 === 0
        ? Buffer.from(part, 'utf8')
        : Buffer.from([...part].map((char) => char.charCodeAt(0) - 0xdc00)),
    ),
  )
}
