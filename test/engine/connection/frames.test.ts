import { expect } from 'chai'
import fc from 'fast-check'
import { FrameReader, type Mark } from '../../../engine/connection/frames.js'

const NONCE = '0123456789abcdef0123456789abcdef'

/** Feeds a stream in pieces of the given sizes, and gives back bytes and marks in order. */
function read(stream: Buffer, sizes: readonly number[]): (string | Mark)[] {
  const found: (string | Mark)[] = []
  const reader = new FrameReader(
    NONCE,
    (bytes) => {
      const text = bytes.toString('latin1')
      if (typeof found.at(-1) === 'string') found.push((found.pop() as string) + text)
      else found.push(text)
    },
    (mark) => found.push(mark),
  )
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length]!
    reader.push(stream.subarray(at, at + size))
    at += size
  }
  return found
}

describe('frames', () => {
  it('are the same however the stream is cut', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 50 }).map((array) => Buffer.from(array)),
      fc.nat(NONCE.length).map((length) => Buffer.from(NONCE.slice(0, length))),
      fc.constantFrom('x\n', '!', '> 0\n').map((text) => Buffer.from(text)),
    )
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), sizes, (parts, cuts) => {
        const marks = parts.map((_, i): Mark => ({ kind: i % 2 ? '>' : '<', number: i, word: `${i * 7}` }))
        const stream = Buffer.concat(
          parts.flatMap((part, i) => [part, Buffer.from(`${NONCE}${marks[i]!.kind}${i} ${i * 7}\n`)]),
        )
        const wanted = parts.flatMap((part, i) => [
          ...(part.length ? [part.toString('latin1')] : []),
          marks[i]!,
        ])
        expect(read(stream, cuts)).to.deep.equal(wanted)
      }),
    )
  })

  it('take the nonce without a mark behind it as a byte like any other', () => {
    const text = `a${NONCE}b ${NONCE}>1 2 3\n${NONCE}${'x'.repeat(80)}`
    expect(read(Buffer.from(`${text}${NONCE}>3 0\n`), [7])).to.deep.equal([
      text,
      { kind: '>', number: 3, word: '0' },
    ])
  })

  it('hold back no byte that cannot belong to a mark', () => {
    expect(read(Buffer.from('prompt> '), [3])).to.deep.equal(['prompt> '])
  })
})
