import type { Ask, View } from '../contract.js'
import { fnmatch } from '../fnmatch.js'

/** Whether a path has characters of a shell pattern. */
export function isPattern(path: string): boolean {
  return /[*?[]/.test(path)
}

/** The folder that a pattern starts from, and the patterns of the names below it, level by level. */
function split(path: string): { readonly folder: string; readonly levels: readonly string[] } {
  const parts = path.split('/').filter(Boolean)
  const first = parts.findIndex(isPattern)
  return { folder: `/${parts.slice(0, first).join('/')}`, levels: parts.slice(first) }
}

/** Asks for all that a pattern may mean. */
export function globAsk(path: string): Ask {
  const { folder, levels } = split(path)
  return { kind: 'tree', path: folder, need: 'stat', depth: levels.length }
}

/** The paths that a pattern means, sorted; as in a shell, names that begin with a dot only where it says so. */
export function expand(path: string, before: View): readonly string[] {
  const { folder, levels } = split(path)
  const tests = levels.map((level) => ({ test: fnmatch(level), dot: level.startsWith('.') }))
  return [...before.tree(folder).keys()]
    .filter((name) => {
      const parts = name.split('/')
      const fits = (part: string, i: number): boolean =>
        tests[i]!.test.test(part) && (tests[i]!.dot || !part.startsWith('.'))
      return parts.length === tests.length && parts.every(fits)
    })
    .map((name) => `${folder === '/' ? '' : folder}/${name}`)
    .sort()
}
