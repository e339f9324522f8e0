import { isIpv4 } from './readers.js'
import type { Reader } from './readers.js'
import { show } from './readers.js'

/** An IPv4 network: its first address as a number, and how many addresses it has. */
export interface Network {
  readonly first: number
  readonly size: number
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(network)
/** FATE-Flow binds to a fixed address; this is its distance from the network's first. */
const FATEFLOW_OFFSET = 100

/** A private network in which the containers of a party live. */
export const subnet: Reader = (value, name) => {
  const allowed = 'allowed: a private network of /16 to /24, such as 172.29.0.0/24'
  const [, ip = '', bits = ''] = typeof value === 'string' ? (/^(.*)\/(\d+)$/.exec(value) ?? []) : []
  if (!isIpv4(ip) || Number(bits) < 16 || Number(bits) > 24) {
    return { message: `${name} is ${show(value)}`, allowed }
  }
  const found = network(`${ip}/${bits}`)
  if (found.first !== toNumber(ip)) {
    return { message: `${name} is ${show(value)}`, cure: `write ${toText(found.first)}/${bits}` }
  }
  if (!PRIVATE.some((range) => overlap(range, found))) {
    return {
      message: `${name} ${String(value)} hides public addresses of the Internet from the containers`,
      allowed,
    }
  }
  return { value: `${ip}/${bits}` }
}

/** Reads `a.b.c.d/bits`. */
export function network(text: string): Network {
  const [ip = '', bits = ''] = text.split('/')
  const size = 2 ** (32 - Number(bits))
  return { first: toNumber(ip) - (toNumber(ip) % size), size }
}

/** True when two networks share an address. */
export function overlap(a: Network, b: Network): boolean {
  return a.first < b.first + b.size && b.first < a.first + a.size
}

/** The fixed address of FATE-Flow in a party's subnet. */
export function fateflowAddress(text: string): string {
  return toText(network(text).first + FATEFLOW_OFFSET)
}

function toNumber(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function toText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}
