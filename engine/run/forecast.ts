import type { Key } from '../module/contract.js'

/** What earlier tasks of a dry run would have made on one host. */
export interface Forecast {
  /** Commands that were not run and may have changed anything; later failures rest on them. */
  readonly assuming: string[]
  readonly states: Map<Key, Readonly<Record<string, unknown>>>
}

/** A forecast of nothing. */
export function emptyForecast(): Forecast {
  return { assuming: [], states: new Map() }
}
