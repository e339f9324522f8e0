import { isUnknown } from '../../../unknown.js'
import { Float } from '../../value.js'
import type { Item } from '../item.js'
import { EvalError, isItemDict, isList, notKnown, Opaque, typeName, Undefined } from '../item.js'
import { Bytes } from './bytes.js'
import { order } from './compare.js'
import { reprFloat } from './render.js'
import type { ScalarStyle } from './yaml-scalar.js'
import { escapeScalar, isMultiline, scalarStyle } from './yaml-scalar.js'

/** How YAML is written; the names are those of PyYAML's `dump`. */
export interface YamlWriteOptions {
  readonly indent: number
  readonly width: number
  readonly sortKeys: boolean
  /** Lists and dictionaries in brackets: always, never, or (undefined) when all they hold are scalars. */
  readonly flow: boolean | undefined
  readonly explicitStart: boolean
  readonly explicitEnd: boolean
}

/** YAML as PyYAML writes it with libyaml, which is what Ansible uses. */
export function writeYaml(item: Item, options: YamlWriteOptions): string {
  return new YamlWriter(options).document(item)
}

/** Where a node stands: a list as the value of a key need not be moved to the right. */
type Position = 'root' | 'entry' | 'value'

class YamlWriter {
  private out = ''
  private column = 0
  private indent = -1
  private flowLevel = 0
  /** The last character was a space, or the line has just begun. */
  private whitespace = true
  /** The line holds nothing but spaces and the marks of entries. */
  private indention = true

  constructor(private readonly options: YamlWriteOptions) {}

  document(item: Item): string {
    if (this.options.explicitStart) this.mark('---', true, false)
    this.node(item, 'root')
    this.newLine()
    if (this.options.explicitEnd) this.put('...\n')
    return this.out
  }

  private put(text: string): void {
    this.out += text
    const at = text.lastIndexOf('\n')
    this.column = at < 0 ? this.column + [...text].length : [...text.slice(at + 1)].length
  }

  private mark(text: string, spaced: boolean, indention: boolean): void {
    if (spaced && !this.whitespace) this.put(' ')
    this.put(text)
    this.whitespace = false
    this.indention &&= indention
  }

  private newLine(): void {
    const indent = Math.max(this.indent, 0)
    const used = this.column > indent || (this.column === indent && !this.whitespace)
    if (!this.indention || used) this.put('\n')
    this.put(' '.repeat(Math.max(0, indent - this.column)))
    this.whitespace = true
    this.indention = true
  }

  /** Runs `write` further to the right. */
  private deeper(flow: boolean, sameColumn: boolean, write: () => void): void {
    const before = this.indent
    if (before < 0) this.indent = flow ? this.options.indent : 0
    else if (!sameColumn) this.indent += this.options.indent
    write()
    this.indent = before
  }

  private node(item: Item, position: Position): void {
    if (!isList(item) && !isItemDict(item)) this.scalar(item, false)
    else if (this.flowLevel > 0 || this.isFlow(item)) this.flow(item)
    else if (isList(item)) this.blockList(item, position === 'value' && !this.indention)
    else this.blockDict(item)
  }

  private isFlow(item: Item[] | Map<Item, Item>): boolean {
    if ((isList(item) ? item.length : item.size) === 0) return true
    const inside = isList(item) ? item : [...item].flat()
    return this.options.flow ?? inside.every((one) => !isList(one) && !isItemDict(one))
  }

  private pairs(dict: Map<Item, Item>): [Item, Item][] {
    const pairs = [...dict]
    if (!this.options.sortKeys) return pairs
    try {
      return [...pairs].sort(([a], [b]) => order(a, b))
    } catch (error) {
      // Keys of several kinds have no order; PyYAML then leaves them as they are.
      if (error instanceof EvalError) return pairs
      throw error
    }
  }

  private blockList(list: readonly Item[], sameColumn: boolean): void {
    this.deeper(false, sameColumn, () => {
      for (const item of list) {
        this.newLine()
        this.mark('-', true, true)
        this.node(item, 'entry')
      }
    })
  }

  private blockDict(dict: Map<Item, Item>): void {
    this.deeper(false, false, () => {
      for (const [key, value] of this.pairs(dict)) {
        this.newLine()
        if (isSimpleKey(key)) {
          this.scalar(key, true)
          this.mark(':', false, false)
        } else {
          this.mark('?', true, true)
          this.node(key, 'value')
          this.newLine()
          this.mark(':', true, true)
        }
        this.node(value, 'value')
      }
    })
  }

  private flow(item: Item[] | Map<Item, Item>): void {
    const list = isList(item)
    this.mark(list ? '[' : '{', true, false)
    this.whitespace = true
    this.flowLevel++
    this.deeper(true, false, () => {
      const entries = list ? item.map((one) => [one] as const) : this.pairs(item)
      entries.forEach(([key, value], index) => {
        if (index > 0) this.mark(',', false, false)
        if (this.column > this.options.width) this.newLine()
        if (value === undefined) this.node(key, 'entry')
        else this.flowPair(key, value)
      })
    })
    this.flowLevel--
    this.mark(list ? ']' : '}', false, false)
  }

  private flowPair(key: Item, value: Item): void {
    if (isSimpleKey(key)) {
      this.scalar(key, true)
      this.mark(':', false, false)
    } else {
      this.mark('?', true, false)
      this.node(key, 'value')
      if (this.column > this.options.width) this.newLine()
      this.mark(':', true, false)
    }
    this.node(value, 'value')
  }

  private scalar(item: Item, asKey: boolean): void {
    this.deeper(true, false, () => {
      const text = typeof item === 'string' ? item : scalarText(item)
      const style = typeof item === 'string' ? scalarStyle(item, this.flowLevel > 0, asKey) : 'plain'
      if (!this.whitespace) this.put(' ')
      const quote = { plain: '', single: "'", double: '"' }[style]
      this.put(quote)
      this.characters([...text], style, asKey)
      if (quote) this.put(quote)
      this.whitespace = false
      this.indention = false
    })
  }

  /** The text itself; a line that is too long is broken at a single space. */
  private characters(text: readonly string[], style: ScalarStyle, asKey: boolean): void {
    let [afterSpace, afterBreak] = [false, false]
    text.forEach((char, index) => {
      const inside = style === 'plain' || (index > 0 && index < text.length - 1)
      const long = !asKey && !afterSpace && this.column > this.options.width && inside
      if (char === ' ') {
        if (long && (style === 'double' || text[index + 1] !== ' ')) this.foldAt(style, text[index + 1])
        else this.put(char)
      } else if (style === 'single' && char === '\n') {
        this.put(afterBreak ? '\n' : '\n\n')
        this.indention = true
      } else {
        if (afterBreak) this.newLine()
        this.put(style === 'double' ? escapeScalar(char) : style === 'single' && char === "'" ? "''" : char)
        this.indention = false
      }
      afterSpace = char === ' '
      afterBreak = style === 'single' && char === '\n'
    })
    if (afterBreak) this.newLine()
  }

  private foldAt(style: ScalarStyle, next: string | undefined): void {
    this.indention = false
    this.newLine()
    if (style === 'double' && next === ' ') this.put('\\')
  }
}

/** Whether a key can stand before its colon on one line. */
function isSimpleKey(key: Item): boolean {
  if (isList(key) || isItemDict(key)) return false
  return typeof key !== 'string' || (!isMultiline(key) && Buffer.byteLength(key) <= 128)
}

function scalarText(item: Item): string {
  if (item === null) return 'null'
  if (typeof item === 'boolean') return String(item)
  if (typeof item === 'bigint') return String(item)
  if (typeof item === 'number' || item instanceof Float) return numberText(item)
  if (isUnknown(item)) return notKnown(item)
  if (item instanceof Undefined) return item.raise()
  if (item instanceof Bytes) return `!!binary |\n  ${item.data.toString('base64')}`
  if (item instanceof Opaque && item.typeName === 'datetime') return item.repr()
  throw new EvalError(`'${typeName(item)}' cannot be written as YAML`)
}

function numberText(item: number | Float): string {
  if (typeof item === 'number' && Number.isInteger(item)) return BigInt(item).toString()
  const n = Number(item)
  if (Number.isNaN(n)) return '.nan'
  if (!Number.isFinite(n)) return n > 0 ? '.inf' : '-.inf'
  const text = reprFloat(n)
  return text.includes('.') ? text : text.replace('e', '.0e')
}
