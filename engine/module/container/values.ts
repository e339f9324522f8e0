import { Fail } from '../contract.js'
import { sh } from '../quote.js'

const SIZES = ' KMGTP'

/** A size in bytes: `512M` counts in powers of 1024. */
export function bytesOf(text: string, what: string): number {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMGTP]?)(?:i?B)?$/i.exec(text.trim()) ?? []
  if (count === undefined)
    throw new Fail(`${what} is "${text}", which is not a size`, [], 'write 512M, or bytes')
  return Math.round(Number(count) * 1024 ** SIZES.indexOf(unit.toUpperCase() || ' '))
}

const SECONDS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6 }

/** A length of time in nanoseconds, as the engine tells it: `1m30s`. */
export function nanosecondsOf(text: string, what: string): number {
  if (!/^(\d+(\.\d+)?(h|ms|us|m|s))+$/.test(text)) {
    throw new Fail(`${what} is "${text}", which is not a length of time`, [], 'write 90s, or 1m30s')
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|m|s)/g)]
  return Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS[unit!]!, 0) * 1e9)
}

/** A port of the host for a port of the container; texts are empty where nothing is said. */
export interface PublishedPort {
  readonly address: string
  readonly host: string
  /** With protocol: `80/tcp`. */
  readonly container: string
}

/** Ports as `published_ports` writes them; ranges become a port each. */
export function publishedPorts(given: readonly string[], defaultAddress: string): readonly PublishedPort[] {
  return given.flatMap((text) => {
    const [, address = defaultAddress, host = '', container, protocol = 'tcp'] =
      /^(?:(?:\[?([0-9a-fA-F.:]*?)\]?:)?([\d-]*):)?(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/.exec(text.trim()) ??
      []
    if (container === undefined) {
      throw new Fail(
        `published_ports has "${text}", which is not a port`,
        [],
        'write 8080:80 or 127.0.0.1:8080:80/tcp',
      )
    }
    const inside = range(container)
    if (inside.length === 1) return [{ address, host, container: `${container}/${protocol}` }]
    const outside = host === '' ? inside.map(() => '') : range(host)
    return inside
      .slice(0, outside.length)
      .map((port, i) => ({ address, host: outside[i]!, container: `${port}/${protocol}` }))
  })
}

/** `8000-8002` as three ports. */
export function range(text: string): readonly string[] {
  const [first = 0, last = first] = text.split('-').map(Number)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => String(first + i))
}

/** A published port as one text; without an address all of the host's count. */
export function portText({ address, host, container }: PublishedPort): string {
  const all = ['', '0.0.0.0'].includes(address) ? '' : `${address.includes(':') ? `[${address}]` : address}:`
  return `${all}${host}:${container}`
}

/** The words of `-p` for a published port. */
export function portFlag({ address, host, container }: PublishedPort): string {
  const at = address === '' ? '' : `${address.includes(':') ? `[${address}]` : address}:`
  return `${at}${host}${at === '' && host === '' ? '' : ':'}${container}`
}

const MODES = /^(rw|ro|z|Z|consistent|delegated|cached|r?private|r?shared|r?slave|nocopy)(,|$)/

/** What is mounted, as one text: without the mode rw, and modes in one order. */
export function volumeText(volume: string): string {
  const parts = volume.split(':')
  const modes =
    parts.length > 1 &&
    parts
      .at(-1)!
      .split(',')
      .every((mode) => MODES.test(mode))
      ? parts.pop()!
      : ''
  const kept = modes
    .split(',')
    .filter((mode) => mode !== 'rw' && mode !== '')
    .sort()
  const paths = parts.map((path) => path.replace(/(.)\/+$/, '$1')).join(':')
  return kept.length === 0 ? paths : `${paths}:${kept.join(',')}`
}

/** The path in the container of a {@link volumeText}. */
export function volumeTarget(text: string): string {
  const [first, second = first] = text.split(':')
  return second!
}

/** Words as a line for a shell. */
export function shellLine(words: readonly string[]): string {
  return sh`${words}`.text
}
