import { Unhashed } from '../unhashed.js'
import { isUnknown } from '../unknown.js'
import type { Ask, Converge, Difference, Key } from '../module/contract.js'
import { pathId, type Answers, type PathAnswer } from './answers.js'
import { normalize } from './forecast.js'

/**
 * What the second probe asks: no content travels again, nothing is brought up to date again, and files that hold what
 * was sent are looked at by their size. What was wished for is looked at as a whole.
 * @param before  what the first probe found
 */
export function secondAsks(
  asks: readonly Ask[],
  before: Answers,
  differing: ReadonlyMap<Key, Difference>,
  step: Converge,
): readonly Ask[] {
  const written = writtenFiles(differing, step)
  const touched = new Set([...differing.values()].map((difference) => difference.before['real']))
  const again = asks.filter((ask) => ask.kind !== 'own' || ask.once !== true)
  return again.map((ask): Ask => {
    if (ask.kind === 'own') return ask.refresh ? { ...ask, refresh: undefined } : ask
    if (ask.kind === 'tree') return ask.need === 'content' ? { ...ask, need: 'hash' } : ask
    if (ask.kind !== 'path') return ask
    const { state } = before.paths.get(pathId(normalize(ask.path), ask.follow ?? false)) ?? {}
    if (ask.need === 'type') return touched.has(state?.real) ? { ...ask, need: 'stat' } : ask
    if (ask.need === 'stat') return ask
    return { ...ask, need: state && written.has(state.real) ? 'stat' : 'hash' }
  })
}

/** The second probe's answers, with the hashes of files that were written byte for byte and have the size they should. */
export function withHashes(
  answers: Answers,
  differing: ReadonlyMap<Key, Difference>,
  step: Converge,
): Answers {
  const written = writtenFiles(differing, step)
  if (written.size === 0) return answers
  const paths = [...answers.paths].map(([id, answer]): [string, PathAnswer] => {
    const { state } = answer
    const wished = written.get(state.real)
    const whole = wished && state.type === 'file' && state.sha1 === undefined && state.size === wished['size']
    return [id, whole ? { ...answer, state: { ...state, sha1: wished['sha1'] as string } } : answer]
  })
  return { ...answers, paths: new Map(paths) }
}

/** Wishes for files whose bytes the script has brought, by real path. */
function writtenFiles(
  differing: ReadonlyMap<Key, Difference>,
  { verbatim }: Converge,
): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  if (!verbatim) return new Map()
  return new Map(
    [...differing.values()]
      .filter(({ wished, names }) => {
        const { sha1 } = wished
        const known = (!isUnknown(sha1) || sha1 instanceof Unhashed) && typeof wished['size'] === 'number'
        return wished['type'] === 'file' && known && (names.includes('sha1') || names.includes('type'))
      })
      .map(({ before, wished }) => [String(before['real']), wished]),
  )
}
