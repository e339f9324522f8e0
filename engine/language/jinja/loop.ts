import type { Item } from './item.js'
import { EvalError, Func, Opaque, orElse, Undefined } from './item.js'
import { equals } from './python/compare.js'

/** The `loop` of a for statement. A recursive one can be called with the next level's items. */
export class Loop extends Func {
  override readonly typeName = 'LoopContext'
  private seen: Item[] | undefined
  index0 = 0

  constructor(
    private readonly over: readonly Item[],
    private readonly depth0: number,
    again: ((items: Item) => Item) | undefined,
  ) {
    super('loop', ({ positional: [items] }) => {
      if (!again) throw new EvalError('loop() needs the word "recursive" in its for statement')
      return again(items ?? null)
    })
  }

  override get(name: string): Item | undefined {
    const { index0, over } = this
    switch (name) {
      case 'index':
        return index0 + 1
      case 'index0':
        return index0
      case 'revindex':
        return over.length - index0
      case 'revindex0':
        return over.length - index0 - 1
      case 'first':
        return index0 === 0
      case 'last':
        return index0 === over.length - 1
      case 'length':
        return over.length
      case 'depth':
        return this.depth0 + 1
      case 'depth0':
        return this.depth0
      case 'previtem':
        return orElse(
          over[index0 - 1],
          () => new Undefined('"loop.previtem" is undefined: this is the first item'),
        )
      case 'nextitem':
        return orElse(
          over[index0 + 1],
          () => new Undefined('"loop.nextitem" is undefined: this is the last item'),
        )
      default:
        return this.method(name)
    }
  }

  private method(name: string): Item | undefined {
    if (name === 'cycle') {
      return new Func(name, ({ positional }) => {
        if (positional.length === 0) throw new EvalError('loop.cycle() needs the items to cycle through')
        return positional[this.index0 % positional.length]!
      })
    }
    if (name !== 'changed') return undefined
    return new Func(name, ({ positional }) => {
      const before = this.seen
      this.seen = [...positional]
      return before === undefined || !equals(before, [...positional])
    })
  }

  override repr(): string {
    return `<LoopContext ${this.index0 + 1}/${this.over.length}>`
  }
}

/** What `cycler()` makes: gives its items in turn. */
export class Cycler extends Opaque {
  readonly typeName = 'Cycler'
  private at = 0
  constructor(private readonly over: readonly Item[]) {
    super()
    if (over.length === 0) throw new EvalError('cycler() needs at least one item')
  }
  override get(name: string): Item | undefined {
    if (name === 'current') return this.over[this.at]!
    if (name === 'next') return new Func(name, () => this.next())
    if (name === 'reset') {
      return new Func(name, () => {
        this.at = 0
        return null
      })
    }
    return undefined
  }
  private next(): Item {
    const item = this.over[this.at]!
    this.at = (this.at + 1) % this.over.length
    return item
  }
  repr(): string {
    return '<Cycler>'
  }
}
