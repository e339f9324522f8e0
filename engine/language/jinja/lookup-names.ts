import { nearest } from '../../errors.js'

/** The lookups that `lookup()`, `query()` and `with_…` may name; what they do is known where tasks run. */
export const LOOKUP_NAMES = [
  'cartesian', 'csvfile', 'dict', 'env', 'file', 'fileglob', 'first_found', 'flattened', 'indexed_items', 'ini', 'inventory_hostnames', 'items',
  'lines', 'list', 'nested', 'password', 'pipe', 'random_choice', 'sequence', 'subelements', 'template', 'together',
  'unvault', 'url', 'varnames', 'vars',
] as const // prettier-ignore

export type LookupName = (typeof LOOKUP_NAMES)[number]

/** The name of a lookup without the collection that Ansible has it in. */
export function shortLookup(written: string): string {
  return written.replace(/^(?:ansible\.(?:builtin|legacy)|community\.general)\./, '')
}

/** Why a name is that of no lookup: undefined when it is one. */
export function unknownLookup(
  written: string,
): { readonly message: string; readonly allowed: string } | undefined {
  const name = shortLookup(written)
  if ((LOOKUP_NAMES as readonly string[]).includes(name)) return undefined
  const near = nearest(name, LOOKUP_NAMES)
  return {
    message: `there is no lookup "${written}"`,
    allowed: near ? `did you mean "${near}"?` : `allowed: ${LOOKUP_NAMES.join(', ')}`,
  }
}
