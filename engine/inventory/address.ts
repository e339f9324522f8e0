import { isIPv6 } from 'node:net'
import { fail } from '../errors.js'
import type { Place } from '../errors.js'

const RANGE = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`
const LABEL = String.raw`(?:[\p{L}\p{N}_]|${RANGE})(?:[\p{L}\p{N}_-]|${RANGE})*(?<![_-])`
const HOSTNAME = new RegExp(String.raw`^${LABEL}(?:\.${LABEL})*$`, 'iu')
/** Most names; the other pattern takes long to be compiled. */
const PLAIN = /^(?:\w[\w-]*)?[a-z0-9](?:\.(?:\w[\w-]*)?[a-z0-9])*$/i
const HEX_RANGE = /\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\]/gi
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** A host as written, its port taken off. */
export interface Address {
  readonly host: string
  readonly port?: number | undefined
}

/**
 * Splits `host:port`, `[address]:port` or a plain host, which may hold ranges like `[1:3]`; undefined for a text
 * that is neither a host name nor an address.
 */
export function readAddress(text: string): Address | undefined {
  const match = /^\[(.+)\]:([0-9]+)$/.exec(text) ?? /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/.exec(text)
  const host = match ? match[1]! : text
  if (!PLAIN.test(host) && !HOSTNAME.test(host) && !isIPv6(host.replace(HEX_RANGE, '0'))) return undefined
  return { host, port: match ? Number(match[2]) : undefined }
}

/** The hosts that a line of an inventory names. */
export interface Expanded {
  readonly names: readonly string[]
  readonly port?: number | undefined
}

/** Expands `web[01:10:2].example.com:2222`. Fails with `bad-inventory`. */
export function expandHosts(text: string, place?: Place): Expanded {
  const address = readAddress(text) ?? { host: text }
  return { names: expand(address.host, text, place), port: address.port }
}

function expand(host: string, written: string, place: Place | undefined): string[] {
  const match = /^(.*?)\[(.*?)\](.*)$/.exec(host)
  if (!match) {
    if (host.includes('[')) refuse(written, 'a "[" is not closed', place)
    return [host]
  }
  const [, head, range, tail] = match as unknown as [string, string, string, string]
  return expandRange(range, written, place).flatMap((item) => expand(`${head}${item}${tail}`, written, place))
}

function expandRange(range: string, written: string, place: Place | undefined): string[] {
  const [first, last, step = '1', ...more] = range.split(':')
  const begin = first || '0'
  if (!last || more.length) return refuse(written, `the range [${range}] has no begin and end`, place)
  if (!/^[0-9]+$/.test(step) || Number(step) === 0)
    return refuse(written, `the step "${step}" is no number`, place)
  if (begin.length === 1 && LETTERS.includes(begin) && LETTERS.includes(last) && last.length === 1) {
    return series(LETTERS.indexOf(begin), LETTERS.indexOf(last), Number(step), range, written, place).map(
      (at) => LETTERS.charAt(at),
    )
  }
  if (!/^[0-9]+$/.test(begin) || !/^[0-9]+$/.test(last)) {
    return refuse(written, `the range [${range}] runs neither over numbers nor over letters`, place)
  }
  const padded = begin.length > 1 && begin.startsWith('0')
  if (padded && begin.length !== last.length) {
    return refuse(written, `begin and end of [${range}] have different lengths`, place)
  }
  const width = padded ? begin.length : 0
  return series(Number(begin), Number(last), Number(step), range, written, place).map((at) =>
    String(at).padStart(width, '0'),
  )
}

function series(
  begin: number,
  end: number,
  step: number,
  range: string,
  written: string,
  place: Place | undefined,
): number[] {
  if (begin > end) return refuse(written, `the range [${range}] begins behind its end`, place)
  return Array.from({ length: Math.floor((end - begin) / step) + 1 }, (_, at) => begin + at * step)
}

function refuse(written: string, why: string, place: Place | undefined): never {
  return fail({
    code: 'bad-inventory',
    place,
    message: `the hosts "${written}" cannot be listed: ${why}`,
    allowed: 'allowed: ranges like [1:20], [01:20:2] and [a:f]',
  })
}
