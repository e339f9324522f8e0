import type { Item, ItemDict } from './item.js'
import { Opaque } from './item.js'
import { repr, str } from './python/render.js'

/** What `namespace()` makes: its attributes can be set also from inside a loop. */
export class Namespace extends Opaque {
  readonly typeName = 'Namespace'
  readonly vars = new Map<string, Item>()
  constructor(initial: ItemDict) {
    super()
    for (const [key, value] of initial) this.vars.set(str(key), value)
  }
  override get(name: string): Item | undefined {
    return this.vars.get(name)
  }
  repr(): string {
    return `<Namespace ${repr(new Map(this.vars))}>`
  }
}

/** What `import` makes: the macros and names of another template. */
export class Module extends Opaque {
  readonly typeName = 'TemplateModule'
  constructor(
    private readonly file: string,
    private readonly vars: ReadonlyMap<string, Item>,
  ) {
    super()
  }
  override get(name: string): Item | undefined {
    return name.startsWith('_') ? undefined : this.vars.get(name)
  }
  repr(): string {
    return `<TemplateModule ${repr(this.file)}>`
  }
}
