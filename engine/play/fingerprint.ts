import { createHash } from 'node:crypto'
import { isDict, Unsafe } from '../language/value.js'
import type { Value } from '../language/value.js'

/** Equal for equal values. Vault values are told apart by their ciphertext, so that none is decrypted. */
export function fingerprint(value: Value): string {
  return createHash('sha1').update(describe(value)).digest('hex')
}

function describe(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(describe).join()}]`
  if (isDict(value))
    return `{${[...value].map(([key, item]) => `${describe(key)}:${describe(item)}`).join()}}`
  if (value instanceof Unsafe) return `!${JSON.stringify(value.ciphertext ?? value.text)}`
  return `${typeof value} ${JSON.stringify(String(value))}`
}
