import { isIPv6 } from 'node:net'
import { suggest } from '../../engine/errors.js'
import { isDict, Unsafe } from '../../engine/language/value.js'
import type { Value } from '../../engine/language/value.js'

/** Why a value is refused: what was found, what is allowed, what to do. */
export interface Refusal {
  readonly message: string
  readonly allowed?: string | undefined
  readonly cure?: string | undefined
}

/** Judges a value of a setting: the value as it is used, or why not. `name` is the setting's name. */
export type Reader = (value: Value, name: string) => { readonly value: Value } | Refusal

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*$/i

/** Text that has to match a pattern; a number is taken as its digits. */
export function matching(pattern: RegExp, allowed: string): Reader {
  return (value, name) => {
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text === 'string' && pattern.test(text)) return { value: text }
    return { message: `${name} is ${show(value)}`, allowed: `allowed: ${allowed}` }
  }
}

/** A whole number, also when it is written as text. */
export function integer(min: number, max: number, why = ''): Reader {
  return (value, name) => {
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) {
      return { value: number }
    }
    return { message: `${name} is ${show(value)}`, allowed: `allowed: ${min} to ${max}${why}` }
  }
}

/** One of a few names in any letter case; `hints` says more about names that people use for something else. */
export function choice(names: readonly string[], hints: Readonly<Record<string, string>> = {}): Reader {
  return (value, name) => {
    const wanted = typeof value === 'string' ? value.toLowerCase() : undefined
    const found = names.find((one) => one.toLowerCase() === wanted)
    if (found) return { value: found }
    const allowed = `allowed: ${names.join(', ')}`
    return { message: `${name} is ${show(value)}`, allowed, cure: wanted && hints[wanted] }
  }
}

/** True or false. */
export const flag: Reader = (value, name) =>
  typeof value === 'boolean'
    ? { value }
    : { message: `${name} is ${show(value)}`, allowed: 'allowed: true, false' }

/** An account's password: printable ASCII, encrypted text, or a template; a number is taken as its digits. */
export const secret: Reader = (value, name) => {
  if (value instanceof Unsafe) return { value }
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  if (typeof text === 'string' && /^[\x20-\x7e]+$/.test(text)) return { value: text }
  return { message: `${name} is no password`, allowed: 'allowed: printable ASCII characters, at least one' }
}

/** What to do where somebody gives an address of IPv6. */
function ipv6Cure(value: Value): { readonly cure?: string } {
  const isIpv6 = typeof value === 'string' && isIPv6(value.replace(/^\[|\]$/g, ''))
  return isIpv6
    ? {
        cure: 'FATE is deployed over IPv4: give the IPv4 address, or, where that may be, a name that has one',
      }
    : {}
}

/** An IPv4 address. */
export const ipv4: Reader = (value, name) =>
  typeof value === 'string' && isIpv4(value)
    ? { value }
    : {
        message: `${name} is ${show(value)}`,
        allowed: 'allowed: an IPv4 address, such as 192.168.7.1',
        ...ipv6Cure(value),
      }

/** An IPv4 address or the name of a host. */
export const address: Reader = (value, name) =>
  typeof value === 'string' && (isIpv4(value) || (HOST_NAME.test(value) && !/^[\d.]+$/.test(value)))
    ? { value }
    : {
        message: `${name} is ${show(value)}`,
        allowed: 'allowed: an IPv4 address or a host name',
        ...ipv6Cure(value),
      }

/** A dictionary with some of the given keys. */
export function dictOf(readers: Readonly<Record<string, Reader>>): Reader {
  return (value, name) => {
    if (!isDict(value)) {
      return { message: `${name} is ${show(value)}`, allowed: `allowed: ${Object.keys(readers).join(', ')}` }
    }
    const read = new Map<Value, Value>()
    for (const [key, item] of value) {
      const reader = typeof key === 'string' && Object.hasOwn(readers, key) ? readers[key] : undefined
      if (!reader) {
        return {
          message: `${name} has no key ${show(key)}`,
          allowed: suggest(String(key), Object.keys(readers)),
        }
      }
      const result = reader(item, `${name}.${String(key)}`)
      if (!('value' in result)) return result
      read.set(key, result.value)
    }
    return { value: read }
  }
}

/** True for a dotted IPv4 address. */
export function isIpv4(text: string): boolean {
  return IPV4.test(text)
}

/** A value as it is quoted in a message. */
export function show(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return isDict(value) ? 'a dictionary' : String(value)
}
