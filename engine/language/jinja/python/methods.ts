import type { Item } from '../item.js'
import { Func } from '../item.js'
import { bind, parameters } from '../signature.js'

/** A method of a value: its parameters as Python writes them, and what it does. */
export type Method<Self> = readonly [signature: string, run: (self: Self, args: Item[]) => Item]

/** Methods of a type by name. A Map, so that no name of JavaScript's own is found in it. */
export type Methods<Self> = ReadonlyMap<string, Method<Self>>

/** The method `name` of `self`, bound to it, or undefined when its type has none. */
export function methodOf<Self>(methods: Methods<Self>, self: Self, name: string): Item | undefined {
  const method = methods.get(name)
  if (!method) return undefined
  const [signature, run] = method
  return new Func(name, (args) => run(self, bind(`${name}()`, parameters(signature), args)))
}
