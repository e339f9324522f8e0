import { isUnknown } from '../../../unknown.js'
import { Float } from '../../value.js'
import type { Item } from '../item.js'
import { EvalError, isItemDict, isList, notKnown, Opaque, typeName, Undefined } from '../item.js'
import { Bytes } from './bytes.js'
import { order } from './compare.js'
import { reprFloat } from './render.js'
import { escapeScalar, scalarStyle } from './yaml-scalar.js'

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

/** YAML as PyYAML writes it. */
export function writeYaml(item: Item, options: YamlWriteOptions): string {
  const writer = new YamlWriter(options)
  return writer.document(item)
}

interface Context {
  /** Columns that a new line begins with. */
  readonly indent: number
  readonly inFlow: boolean
  /** Inside a list entry or at the top: the first entry goes on the same line. */
  readonly sameLine: boolean
  /** The value of a key: a list need not be moved to the right. */
  readonly ofKey: boolean
}

class YamlWriter {
  private out = ''
  constructor(private readonly options: YamlWriteOptions) {}

  document(item: Item): string {
    const { explicitStart, explicitEnd } = this.options
    if (explicitStart) this.out = '---'
    const scalar = !isList(item) && !isItemDict(item)
    if (explicitStart) this.out += scalar || this.isFlow(item) ? ' ' : '\n'
    this.node(item, { indent: 0, inFlow: false, sameLine: true, ofKey: false })
    return `${this.out}\n${explicitEnd ? '...\n' : ''}`
  }

  private get column(): number {
    return this.out.length - this.out.lastIndexOf('\n') - 1
  }

  private newLine(indent: number): void {
    this.out = this.out.replace(/ +$/, '') + '\n' + ' '.repeat(indent)
  }

  private node(item: Item, context: Context): void {
    if (isList(item) || isItemDict(item)) {
      if (context.inFlow || this.isFlow(item)) this.flow(item, context)
      else if (isList(item)) this.blockList(item, context)
      else this.blockDict(item, context)
    } else this.scalar(item, context, false)
  }

  private isFlow(item: Item): boolean {
    if (!isList(item) && !isItemDict(item)) return false
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

  private blockList(list: Item[], context: Context): void {
    const indent = context.indent
    list.forEach((item, index) => {
      if (index > 0 || !context.sameLine) this.newLine(indent)
      const block = (isList(item) || isItemDict(item)) && !this.isFlow(item)
      this.out += `-${' '.repeat(block ? this.options.indent - 1 : 1)}`
      this.node(item, { indent: indent + this.options.indent, inFlow: false, sameLine: true, ofKey: false })
    })
  }

  private blockDict(dict: Map<Item, Item>, context: Context): void {
    const indent = context.indent
    this.pairs(dict).forEach(([key, value], index) => {
      if (index > 0 || !context.sameLine) this.newLine(indent)
      const before = this.out.length
      this.scalar(key, { ...context, inFlow: false }, true)
      if (this.out.length - before > 128)
        this.out = `${this.out.slice(0, before)}? ${this.out.slice(before)}\n${' '.repeat(indent)}`
      this.out += ':'
      if ((isList(value) || isItemDict(value)) && !this.isFlow(value)) {
        const deeper = isList(value) ? indent : indent + this.options.indent
        this.node(value, { indent: deeper, inFlow: false, sameLine: false, ofKey: true })
      } else {
        this.out += ' '
        this.node(value, { indent: indent + this.options.indent, inFlow: false, sameLine: true, ofKey: true })
      }
    })
  }

  private flow(item: Item[] | Map<Item, Item>, context: Context): void {
    const inner: Context = {
      indent:
        context.indent + (context.inFlow ? this.options.indent : context.ofKey ? 0 : this.options.indent),
      inFlow: true,
      sameLine: true,
      ofKey: false,
    }
    const entries: [Item, Item | undefined][] = isList(item)
      ? item.map((one) => [one, undefined])
      : this.pairs(item)
    this.out += isList(item) ? '[' : '{'
    entries.forEach(([key, value], index) => {
      if (index > 0) this.out += ', '
      if (this.column - (index > 0 ? 1 : 0) > this.options.width) this.newLine(inner.indent)
      if (value === undefined) {
        this.node(key, inner)
        return
      }
      this.scalar(key, inner, true)
      this.out += ': '
      this.node(value, inner)
    })
    this.out += isList(item) ? ']' : '}'
  }

  private scalar(item: Item, context: Context, asKey: boolean): void {
    if (typeof item !== 'string') {
      this.out += scalarText(item)
      return
    }
    const style = scalarStyle(item, context.inFlow, asKey)
    if (style === 'double') this.doubleQuoted(item, context, asKey)
    else this.folded(item, style, context, asKey)
  }

  /** Plain or in single quotes; a long line is broken at a single space. */
  private folded(text: string, style: 'plain' | 'single', context: Context, asKey: boolean): void {
    const quote = style === 'single' ? "'" : ''
    this.out += quote
    const pieces = text.match(/ +|\n+|[^ \n]+/g) ?? []
    pieces.forEach((piece, index) => {
      const inside = index > 0 && index < pieces.length - 1
      if (piece.startsWith('\n')) {
        this.out += `\n${piece}`
        if (index < pieces.length - 1) this.out += ' '.repeat(Math.max(context.indent, 0))
        else this.out += ' '.repeat(Math.max(context.indent, 0))
      } else if (piece === ' ' && this.column > this.options.width && !asKey && inside)
        this.newLine(context.indent)
      else this.out += style === 'single' ? piece.replace(/'/g, "''") : piece
    })
    this.out += quote
  }

  private doubleQuoted(text: string, context: Context, asKey: boolean): void {
    this.out += '"'
    const characters = [...text]
    let pending = ''
    characters.forEach((char, index) => {
      const safe = escapeScalar(char)
      if (safe !== char) {
        this.out += pending + safe
        pending = ''
      } else if (char === ' ' && pending !== '') {
        this.out += pending
        pending = char
      } else pending += char
      const inside = index > 0 && index < characters.length - 1
      if (
        !asKey &&
        inside &&
        (char === ' ' || pending === '') &&
        this.column + pending.length > this.options.width
      ) {
        this.out += `${pending === ' ' ? '' : pending}\\`
        const next = pending === ' ' ? ' ' : characters[index + 1] === ' ' ? '' : ''
        pending = ''
        this.out +=
          '\n' +
          ' '.repeat(context.indent) +
          (next === ' ' ? '\\ ' : characters[index + 1] === ' ' ? '\\' : '')
      }
    })
    this.out += `${pending}"`
  }
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
