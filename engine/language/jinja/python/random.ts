import { createHash, randomInt } from 'node:crypto'
import { isInt } from '../item.js'
import type { Item } from '../item.js'
import { str } from './render.js'

const SIZE = 624

/** Where random integers come from. */
export interface RandomSource {
  /** An integer from 0 up to, not including, `limit`. */
  below(limit: number): number
}

/** Random integers nobody can foresee. */
export const SYSTEM_RANDOM: RandomSource = { below: (limit) => randomInt(limit) }

/**
 * The Mersenne Twister (MT19937), seeded as Python's `random.Random(seed)`: the same seed gives the same choice
 * here, there, and in every run.
 */
export class SeededRandom implements RandomSource {
  private readonly state = new Uint32Array(SIZE)
  private at = SIZE

  constructor(seed: Item) {
    this.seedWith(keyOf(seed))
  }

  below(limit: number): number {
    const bits = limit.toString(2).length
    for (;;) {
      const value = this.bits(bits)
      if (value < limit) return value
    }
  }

  private bits(count: number): number {
    if (count <= 32) return this.word() >>> (32 - count)
    const low = this.word()
    return (this.word() >>> (64 - count)) * 2 ** 32 + low
  }

  private seedSimple(seed: number): void {
    const { state } = this
    state[0] = seed
    for (let i = 1; i < SIZE; i++) {
      const before = state[i - 1]! ^ (state[i - 1]! >>> 30)
      state[i] = Math.imul(1812433253, before) + i
    }
  }

  private seedWith(key: readonly number[]): void {
    const { state } = this
    this.seedSimple(19650218)
    let [i, j] = [1, 0]
    const step = (factor: number, extra: number) => {
      const before = state[i - 1]! ^ (state[i - 1]! >>> 30)
      state[i] = (state[i]! ^ Math.imul(before, factor)) + extra
      if (++i >= SIZE) {
        state[0] = state[SIZE - 1]!
        i = 1
      }
    }
    for (let k = Math.max(SIZE, key.length); k > 0; k--) {
      step(1664525, key[j]! + j)
      j = (j + 1) % key.length
    }
    for (let k = SIZE - 1; k > 0; k--) step(1566083941, -i)
    state[0] = 0x80000000
  }

  private refill(): void {
    const { state } = this
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % SIZE]! & 0x7fffffff)
      state[i] = state[(i + 397) % SIZE]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.at = 0
  }

  private word(): number {
    if (this.at >= SIZE) this.refill()
    let y = this.state[this.at++]!
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }
}

/** The 32-bit words that Python seeds with: of an integer its digits, of a text those of the text and its SHA-512. */
function keyOf(seed: Item): number[] {
  const number = isInt(seed) ? BigInt(seed) : textNumber(str(seed))
  const words: number[] = []
  for (let rest = number < 0n ? -number : number; rest > 0n; rest >>= 32n)
    words.push(Number(rest & 0xffffffffn))
  return words.length ? words : [0]
}

function textNumber(text: string): bigint {
  const bytes = Buffer.from(text, 'utf8')
  const hash = createHash('sha512').update(bytes).digest()
  return BigInt(`0x${Buffer.concat([bytes, hash]).toString('hex')}`)
}
