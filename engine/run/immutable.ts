import { isFlag } from '../module/chattr.js'
import { Fail, type Difference, type Key } from '../module/contract.js'
import type { States } from './compare.js'

/**
 * What a dry run foresees to fail because something is immutable, or may only be appended to: nobody can change that
 * before the attribute is gone, which is a task of its own. Files that are replaced are renamed in their folder.
 */
export function refuseImmutable(differing: ReadonlyMap<Key, Difference>, states: States): void {
  for (const [key, difference] of differing) {
    if (!key.startsWith('path:')) continue
    const { before } = difference
    const rest = difference.names.filter((name) => !isFlag(name))
    if (rest.length === 0) continue
    const moves = rest.some((name) => MOVES.has(name))
    const folder = states.parent(key)
    if (before['+i'] === true) throw refusal(String(before['real']), 'is immutable', key)
    if (before['+a'] === true && rest.some((name) => !TIMES.has(name)))
      throw refusal(String(before['real']), 'may only be appended to', key)
    if (moves && folder?.['+i'] === true) throw refusal(folder.real, 'is immutable', `path:${folder.real}`)
    if (moves && folder?.['+a'] === true && before['type'] !== 'absent')
      throw refusal(folder.real, 'may only be added to', `path:${folder.real}`)
  }
}

/** Differences that make an entry, remove it or put another in its place. */
const MOVES = new Set(['type', 'sha1', 'target', 'inode'])
const TIMES = new Set(['atime', 'mtime'])

function refusal(path: string, what: string, because: Key): Fail {
  return new Fail(
    `Operation not permitted: ${path} ${what}`,
    [because],
    `unlock it with file: {path: ${path}, attributes: "-ia"}`,
  )
}
