import { chain } from './inherit.js'
import type { Block, Play, Task } from './play.js'

/** Tags of a node and of all its parents, each once, the play's first. */
export function tagsOf(node: Task | Block | Play): string[] {
  return [
    ...new Set(
      chain(node)
        .reverse()
        .flatMap((at) => at.tags),
    ),
  ]
}

/**
 * Whether `--tags` and `--skip-tags` choose a node. No tags means `all`. `always` runs unless skipped, `never` only when
 * one of the node's tags is named; `tagged`, `untagged` and `all` mean what they say.
 */
export function selected(node: Task, tags: readonly string[], skipTags: readonly string[]): boolean {
  if (node.implicit) return true
  const own = new Set(tagsOf(node))
  const untagged = own.size === 0
  if (untagged) own.add('untagged')
  return (
    chosen(own, untagged, new Set(tags.length ? tags : ['all'])) && !skipped(own, untagged, new Set(skipTags))
  )
}

function chosen(own: ReadonlySet<string>, untagged: boolean, tags: ReadonlySet<string>): boolean {
  if (own.has('always')) return true
  if (tags.has('all') && !own.has('never')) return true
  if ([...own].some((tag) => tags.has(tag))) return true
  return tags.has('tagged') && !untagged && !own.has('never')
}

function skipped(own: ReadonlySet<string>, untagged: boolean, skipTags: ReadonlySet<string>): boolean {
  if (skipTags.has('all')) return !own.has('always') || skipTags.has('always')
  if ([...own].some((tag) => skipTags.has(tag))) return true
  return skipTags.has('tagged') && !untagged
}
