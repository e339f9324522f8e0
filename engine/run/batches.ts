import { fail } from '../errors.js'
import type { Place } from '../errors.js'
import { nearest } from '../errors.js'

/** The orders a play may go through its hosts in (`order:`). */
const ORDERS: Record<string, (hosts: string[]) => string[]> = {
  inventory: (hosts) => hosts,
  reverse_inventory: (hosts) => hosts.reverse(),
  sorted: (hosts) => hosts.sort(),
  reverse_sorted: (hosts) => hosts.sort().reverse(),
  shuffle,
}

/** The hosts in the order a play asks for; `bad-keyword` for an order that does not exist. */
export function ordered(hosts: readonly string[], order: string, place?: Place): string[] {
  const arrange = Object.hasOwn(ORDERS, order) ? ORDERS[order] : undefined
  if (arrange) return arrange([...hosts])
  const near = nearest(order, Object.keys(ORDERS))
  return fail({
    code: 'bad-keyword',
    message: `order is "${order}"`,
    place,
    allowed: near ? `did you mean "${near}"?` : `allowed: ${Object.keys(ORDERS).join(', ')}`,
  })
}

/**
 * Hosts in the batches that `serial` makes: numbers or percentages of all hosts, of which the last repeats. No
 * serial, or one that is not positive, is one batch.
 */
export function serialBatches(
  hosts: readonly string[],
  serial: readonly unknown[],
  place?: Place,
): string[][] {
  const batches: string[][] = []
  for (let at = 0; at < hosts.length;) {
    const size = batchSize(serial[Math.min(batches.length, serial.length - 1)], hosts.length, place)
    const batch = size > 0 ? hosts.slice(at, at + size) : hosts.slice(at)
    batches.push(batch)
    at += batch.length
  }
  return batches
}

function batchSize(serial: unknown, total: number, place: Place | undefined): number {
  if (serial === undefined || serial === null) return 0
  const text = String(serial).trim()
  const [, digits, percent] = /^(-?\d+)(%?)$/.exec(text) ?? []
  if (digits === undefined) {
    return fail({
      code: 'bad-keyword',
      message: `serial has the value "${text}"`,
      place,
      allowed: 'allowed: a number of hosts, a percentage such as "30%", or a list of these',
    })
  }
  return percent ? Math.trunc((Number(digits) / 100) * total) || 1 : Number(digits)
}

function shuffle(hosts: string[]): string[] {
  for (let i = hosts.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    const taken = hosts[i]!
    hosts[i] = hosts[j]!
    hosts[j] = taken
  }
  return hosts
}
