import type { Content } from '../content.js'
import type { Key, PathState } from '../module/contract.js'
import { Unknown, type Maybe } from '../unknown.js'

/** What a dry run foresees of one thing: attributes laid over what the host says. */
export type Foreseen = Readonly<Record<string, unknown>> & {
  /** Of a path: `none` cuts off what the host has below it; `unknown` says that only the run can tell. */
  readonly below?: 'none' | 'unknown'
}

/** What earlier tasks of a dry run would have made on one host, by {@link Key} with real paths. */
export interface Forecast {
  /** Tasks that were not run and may have changed anything; later predictions rest on them. */
  readonly assuming: string[]
  readonly states: Map<Key, Foreseen>
  /** What earlier tasks would have made on the controller, for all hosts; that of the controller's own is itself. */
  readonly controller: Forecast
}

/** A forecast of nothing. */
export function emptyForecast(controller?: Forecast): Forecast {
  const forecast = { assuming: [], states: new Map<Key, Foreseen>() }
  return Object.assign(forecast, { controller: controller ?? (forecast as object as Forecast) })
}

/** What a dry run foresees of a file of the controller: its content, or why only the run can tell. */
export function foreseenFile({ states }: Forecast, path: string): Maybe<Content> | undefined {
  const state = states.get(`path:${path}`)
  if (state?.['type'] !== 'file') return undefined
  return (state['content'] as Maybe<Content> | undefined) ?? new Unknown(`content of ${path}`)
}

/** Where programs are found, and the plugins of docker. */
const PROGRAMS = /\/(?:s?bin|cli-plugins)$/

/** Whether an earlier task of a dry run would have put a program of this name where programs are. */
export function bringsProgram({ states }: Forecast, program: string): boolean {
  return [...states].some(([key, { type, mode }]) => {
    if (!key.startsWith('path:') || !key.endsWith(`/${program}`) || !PROGRAMS.test(parentOf(key.slice(5))))
      return false
    if (type === 'absent' || type === 'directory') return false
    return typeof mode !== 'number' || (mode & 0o111) !== 0
  })
}

/** Whether an earlier task of a dry run would have installed a package, of whatever files. */
export function bringsPackages({ states }: Forecast): boolean {
  return [...states]
    .filter(([key]) => /^packages?:/.test(key))
    .some(([, state]) =>
      Object.values(state).some((version) => version !== 'absent' && typeof version !== 'boolean'),
    )
}

/** The forecast as it is now: what a task saw, before its own changes are foreseen. */
export function snapshot(forecast: Forecast): Forecast {
  const { assuming, states, controller } = forecast
  return { assuming: [...assuming], states: new Map(states), controller }
}

/** The path with the links that earlier tasks would have made replaced; its last part only with `follow`. */
export function throughForeseenLinks(forecast: Forecast, path: string, follow: boolean): string {
  if (forecast.states.size === 0) return path
  let resolved = path
  for (let hops = 0; hops < 40; hops++) {
    const link = prefixes(resolved)
      .filter((prefix) => follow || prefix !== resolved)
      .find((prefix) => typeof forecast.states.get(`path:${prefix}`)?.['target'] === 'string')
    if (link === undefined) return resolved
    const target = forecast.states.get(`path:${link}`)!['target'] as string
    const base = target.startsWith('/') ? target : `${parentOf(link)}/${target}`
    resolved = normalize(base + resolved.slice(link.length))
  }
  return resolved
}

/**
 * What the host says of `path` (with the links of earlier tasks replaced), unless it went through a link that an earlier
 * task would have removed or replaced: then nothing of it is there.
 */
export function withoutGoneLinks(forecast: Forecast, path: string, found: PathState): PathState {
  if (forecast.states.size === 0 || found.real === path) return found
  const isGone = prefixes(path).some((prefix) => {
    const state = forecast.states.get(`path:${prefix}`)
    const type = state?.['type']
    if (prefix === path) return typeof type === 'string' && type !== 'link'
    return state?.below === 'none' || type === 'absent'
  })
  return isGone ? { type: 'absent', real: path } : found
}

/** A path as the host has it, with the forecast laid over it. The nearest foreseen ancestor decides what is below. */
export function foreseePath(forecast: Forecast, found: PathState): PathState {
  if (forecast.states.size === 0) return found
  const own = forecast.states.get(`path:${found.real}`)
  if (own?.below === 'none') return { ...(own as object as PathState), real: found.real }
  const cut = prefixes(parentOf(found.real))
    .reverse()
    .map((ancestor) => forecast.states.get(`path:${ancestor}`)?.below)
    .find((below) => below !== undefined)
  const base: PathState =
    cut === 'none'
      ? { type: 'absent', real: found.real }
      : cut === 'unknown'
        ? { type: new Unknown(`what is below ${parentOf(found.real)}`), real: found.real }
        : found
  return own ? { ...base, ...(own as object), real: found.real } : base
}

/** Whether all that can be said of a path is in the forecast: itself, or a folder above it, is new or gone. */
export function isForetold({ states }: Forecast, path: string): boolean {
  return states.size > 0 && prefixes(path).some((prefix) => states.get(`path:${prefix}`)?.below === 'none')
}

/** Paths below `real` that only the forecast has, relative to it. */
export function foreseenBelow(forecast: Forecast, real: string): readonly string[] {
  const start = real === '/' ? 'path:/' : `path:${real}/`
  return [...forecast.states]
    .filter(([key, state]) => key.startsWith(start) && state['type'] !== 'absent')
    .map(([key]) => key.slice(start.length))
}

/** `/a/b/c` gives `/a`, `/a/b`, `/a/b/c`. */
export function prefixes(path: string): string[] {
  const parts = path.split('/').filter(Boolean)
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`)
}

/** The folder a path is in. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** One spelling for each absolute path: no double slash, no `.` or `..`, no slash at the end. */
export function normalize(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
