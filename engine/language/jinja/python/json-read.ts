import { float } from '../../value.js'
import type { Item } from '../item.js'
import { EvalError } from '../item.js'
import { narrow } from './numbers.js'

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y
const TEXT = /"((?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*)"/y
const WORDS: ReadonlyMap<string, Item> = new Map<string, Item>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
])

/** JSON as Python reads it: integers of any size, `1.0` stays a float, the last of equal keys counts. */
export function readJson(text: string): Item {
  const reader = new JsonReader(text)
  const item = reader.value(0)
  reader.end()
  return item
}

class JsonReader {
  private at = 0
  constructor(private readonly text: string) {}

  value(depth: number): Item {
    if (depth > 500) this.refuse('is nested too deep')
    this.space()
    const char = this.text[this.at]
    if (char === '{') return this.dict(depth)
    if (char === '[') return this.list(depth)
    if (char === '"') return this.string()
    for (const [word, value] of WORDS) {
      if (!this.text.startsWith(word, this.at)) continue
      this.at += word.length
      return value
    }
    return this.number()
  }

  end(): void {
    this.space()
    if (this.at < this.text.length) this.refuse('has more after its value')
  }

  private list(depth: number): Item[] {
    const items: Item[] = []
    this.at++
    if (this.skip(']')) return items
    do items.push(this.value(depth + 1))
    while (this.skip(','))
    this.expect(']')
    return items
  }

  private dict(depth: number): Item {
    const dict = new Map<Item, Item>()
    this.at++
    if (this.skip('}')) return dict
    do {
      this.space()
      const key = this.string()
      this.expect(':')
      dict.set(key, this.value(depth + 1))
    } while (this.skip(','))
    this.expect('}')
    return dict
  }

  private string(): string {
    TEXT.lastIndex = this.at
    const match = TEXT.exec(this.text)
    if (!match) return this.refuse('has something that is no text here')
    this.at += match[0].length
    return match[1]!.includes('\\') ? (JSON.parse(match[0]) as string) : match[1]!
  }

  private number(): Item {
    NUMBER.lastIndex = this.at
    const match = NUMBER.exec(this.text)
    if (!match) return this.refuse('has something that is no value here')
    this.at += match[0].length
    return match[1] !== undefined || match[2] !== undefined
      ? float(Number(match[0]))
      : narrow(BigInt(match[0]))
  }

  private space(): void {
    while (/[ \t\n\r]/.test(this.text[this.at] ?? '')) this.at++
  }

  private skip(char: string): boolean {
    this.space()
    if (this.text[this.at] !== char) return false
    this.at++
    return true
  }

  private expect(char: string): void {
    if (!this.skip(char)) this.refuse(`lacks "${char}"`)
  }

  private refuse(what: string): never {
    const before = this.text.slice(0, this.at).split('\n')
    throw new EvalError(`the JSON ${what} (line ${before.length}, column ${before.at(-1)!.length + 1})`)
  }
}
