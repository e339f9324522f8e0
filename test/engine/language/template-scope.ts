import { scopeOf, type Scope } from '../../../engine/language/jinja/scope.js'
import { fromPlain } from '../../../engine/language/value.js'

/** A few variables for templates, and more. */
export function scope(variables: Record<string, unknown> = {}): Scope {
  const all = { user: 'fate', port: 9370, party: { id: 10000, hosts: ['a', 'b'] }, ...variables }
  return scopeOf(new Map(Object.entries(all).map(([key, value]) => [key, fromPlain(value)])))
}
