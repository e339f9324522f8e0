import type { Content } from '../content.js'
import type { Diff } from '../events.js'
import { FRESH, type Difference, type Key } from '../module/contract.js'
import { isUnknown } from '../unknown.js'
import { isFlag, lettersOf } from '../module/chattr.js'
import { show } from './compare.js'

/** Attributes that say nothing to people. */
const UNTOLD = new Set(['content', 'real', 'below', 'size', 'sha1', 'password'])

/**
 * What differs, as texts to show side by side: the content of files, and attributes one a line.
 * @param now  what is there after a run; of what only the run could tell, that is shown
 */
export function diffsOf(
  differing: ReadonlyMap<Key, Difference>,
  now?: (key: Key) => Readonly<Record<string, unknown>>,
): readonly Diff[] {
  return [...differing]
    .filter(([key]) => !key.startsWith('run:'))
    .map(([key, difference]) => [key, now ? told(difference, now(key)) : difference] as const)
    .flatMap(([key, difference]) => [
      ...attributes(key, difference, now !== undefined),
      ...contents(key, difference),
    ])
}

/** A difference with what came of it in place of what could not be known. */
function told(difference: Difference, now: Readonly<Record<string, unknown>>): Difference {
  const wished = Object.entries(difference.wished).map(([name, value]): [string, unknown] => {
    const open = isUnknown(value) || (value === FRESH && name === 'sha1')
    return [name, open ? now[name] : value]
  })
  return { ...difference, wished: { size: now['size'], ...Object.fromEntries(wished) } }
}

function attributes(key: Key, { before, wished, names }: Difference, done: boolean): readonly Diff[] {
  const told = names.filter((name) => !UNTOLD.has(name) && !isFlag(name)).sort((a, b) => rank(a) - rank(b))
  const flags = names.some(isFlag)
  if (told.length === 0 && !flags) return []
  const line = (name: string, value: unknown): string =>
    value === FRESH ? `${name}: ${done ? 'new' : 'will be new'}` : `${name}: ${show(name, value)}`
  const lines = (state: Readonly<Record<string, unknown>>, letters: string): string =>
    told
      .filter((name) => state[name] !== undefined)
      .map((name) => line(name, state[name]))
      .concat(flags ? [`attributes: ${letters}`] : [])
      .map((text) => `${text}\n`)
      .join('')
  const letters = lettersOf(before)
  return [
    { name: titleOf(key), before: lines(before, letters), after: lines(wished, lettersOf(wished, letters)) },
  ]
}

/** What an entry is comes first, then who may do what with it. */
function rank(name: string): number {
  const at = ['type', 'exists', 'target', 'mode', 'owner', 'group'].indexOf(name)
  return at < 0 ? 99 : at
}

function contents(key: Key, { before, wished, names }: Difference): readonly Diff[] {
  if (!names.includes('sha1')) return []
  // What is fetched is not for the eyes: as in Ansible, only that it differs.
  const shown = key.startsWith('controller:') ? { ...wished, content: undefined } : wished
  return [{ name: titleOf(key), before: text(before), after: text(shown) }]
}

function text(state: Readonly<Record<string, unknown>>): string {
  if (state['type'] === 'absent' || state['sha1'] === undefined) return ''
  if (isUnknown(state['sha1'])) return `(${state['sha1'].toString()})\n`
  if (state['sha1'] === FRESH) return '(known after the run)\n'
  const content = state['content'] as Content | undefined
  const size = String(state['size'] ?? content?.size ?? '?')
  if (content === undefined || isUnknown(content) || content.size > 256 * 1024) {
    return `(${size} bytes, SHA-1 ${String(state['sha1'])})\n`
  }
  const bytes = content.bytes()
  if (bytes.includes('PRIVATE KEY-----')) return `(private key, ${size} bytes)\n`
  const shown = bytes.toString('utf8')
  // What is no text may be a key that is written as it is.
  const isText = !bytes.includes(0) && Buffer.from(shown, 'utf8').equals(bytes)
  return isText ? shown : `(binary, ${size} bytes, SHA-1 ${content.sha1})\n`
}

/** `path:/etc/hosts` is shown as `/etc/hosts`, `user:deploy` as `user deploy`. */
function titleOf(key: Key): string {
  return key.startsWith('path:') ? key.slice(5) : key.replace(':', ' ')
}
