import { Fail, type Key, type PathState, type View, type Wished } from './contract.js'
import type { ParamTable } from './params.js'
import type { Script } from './quote.js'
import { sh } from './quote.js'

/** The parameter for the attributes of the file system. */
export const CHATTR = {
  attributes: {
    type: 'str',
    aliases: ['attr'],
    description:
      'Attributes of the file system as chattr takes them: "+i" adds, "-i" removes, "i" or "=i" leaves these and no others. The host needs chattr and lsattr.',
  },
} as const satisfies ParamTable

/** An attribute of the file system in a state, by its letter in lsattr. */
export type Flag = `+${string}`

/** The letters that chattr sets, in the order in which lsattr shows them. */
const SETTABLE = 'suSDiadAcjtTeCxFPm'
/** All letters in that order; the others are the file system's own. */
const SHOWN = 'suSDiadAcBZXEjItTehCxFNPVm'

/** What the letters are called. */
const NAMES: Readonly<Record<string, string>> = {
  A: 'noatime', a: 'append', c: 'compressed', C: 'nocow', d: 'nodump', D: 'dirsync', e: 'extents', E: 'encrypted',
  h: 'blocksize', i: 'immutable', I: 'indexed', j: 'journalled', N: 'inline', s: 'zero', S: 'synchronous', t: 'notail',
  T: 'blockroot', u: 'undelete', X: 'compressedraw', Z: 'compresseddirty',
} // prettier-ignore

/** Names of letters, of those that have one. */
export function flagNames(letters: string): readonly string[] {
  return [...letters].flatMap((letter) => NAMES[letter] ?? [])
}

/** The state that letters of lsattr mean: each attribute that can be set is there or not. */
export function readFlags(shown: string): Readonly<Record<Flag, boolean>> {
  const letters = new Set([...SETTABLE, ...shown.replaceAll('-', '')])
  return Object.fromEntries([...letters].map((letter) => [`+${letter}`, shown.includes(letter)]))
}

/** The letters of a state as lsattr shows them, laid over others. */
export function lettersOf(state: Readonly<Record<string, unknown>>, others = ''): string {
  return [...SHOWN].filter((letter) => (state[`+${letter}`] ?? others.includes(letter)) === true).join('')
}

/** Whether a name in a state is an attribute of the file system. */
export function isFlag(name: string): name is Flag {
  return name.startsWith('+')
}

/** What the parameter wishes for an entry. Throws Fail where the host or its file system has no attributes. */
export function flagsWish(
  attributes: string | undefined,
  before: View,
  state: PathState,
  type: 'file' | 'directory' | 'link',
): Wished<PathState> {
  if (attributes === undefined) return {}
  const [, mode, letters] = /^([-+=]?)([^]*)$/.exec(attributes) as unknown as [string, string, string]
  const bad = [...letters].find((letter) => !SETTABLE.includes(letter))
  if (bad !== undefined || (letters === '' && mode !== '=' && attributes !== '')) {
    const what =
      bad === undefined ? `"${attributes}" names no attribute` : `chattr knows no attribute "${bad}"`
    throw failed(state.real, what, `allowed are +, - or = and letters of ${SETTABLE}`)
  }
  if (type === 'link') throw failed(state.real, 'links have no attributes', 'name what it points to')
  refuseLack(before, state)
  if (mode === '+' || mode === '-') {
    return Object.fromEntries([...letters].map((letter) => [`+${letter}`, mode === '+']))
  }
  return Object.fromEntries([...SETTABLE].map((letter) => [`+${letter}`, letters.includes(letter)]))
}

function failed(path: string, details: string, cure: string, because: readonly Key[] = []): Fail {
  return new Fail(`chattr failed: ${details}`, because, cure, { path, details })
}

/** What is not there yet will be in the file system of its folder. */
function refuseLack(before: View, state: PathState): void {
  const told = state.type === 'absent' ? before.parent(`path:${state.real}`) : state
  if (told?.flagless === undefined) return
  const path = state.real
  if (told.flagless === 'program') {
    throw failed(path, 'the host has no chattr and lsattr', 'install e2fsprogs', ['program:chattr'])
  }
  throw failed(path, 'the file system has no attributes', 'leave attributes out here', [`path:${path}`])
}

/** Words of `chattr` for what is wished, for the named attributes only. */
export function flagsWords(
  wished: Readonly<Record<string, unknown>>,
  names: readonly string[] = Object.keys(wished),
): readonly string[] {
  const flags = names.filter((name) => isFlag(name) && typeof wished[name] === 'boolean')
  return flags.map((name) => `${wished[name] === true ? '+' : '-'}${name.slice(1)}`)
}

/** `chattr` of what is wished, for the named attributes only; none where nothing is. */
export function flagsScript(
  path: Script,
  wished: Readonly<Record<string, unknown>>,
  names?: readonly string[],
): readonly Script[] {
  const words = flagsWords(wished, names)
  return words.length === 0 ? [] : [sh`chattr ${words} ${path}`]
}
