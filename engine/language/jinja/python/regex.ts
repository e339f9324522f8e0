import type { Item } from '../item.js'
import { EvalError, isUnset, truthy, tuple } from '../item.js'

const cache = new Map<string, RegExp>()

/** A Python regular expression as a JavaScript one, global and with named groups. Errors name the pattern. */
export function pythonRegex(pattern: string, flags = ''): RegExp {
  const key = `${flags}/${pattern}`
  const found = cache.get(key)
  if (found) return found
  const { source, inline } = translate(pattern, flags)
  let made: RegExp
  try {
    made = new RegExp(source, [...new Set([...flags, ...inline, 'g', 'u'])].join(''))
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^Invalid regular expression: .*: /s, '') : ''
    throw new EvalError(`"${pattern}" is not a regular expression: ${reason}`)
  }
  if (cache.size > 1000) cache.clear()
  cache.set(key, made)
  return made
}

const WORD = '\\p{L}\\p{N}_'

/** Escapes that mean something else in JavaScript: there, words and digits are those of ASCII. */
const OUTSIDE: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  Z: '(?![\\s\\S])',
  w: `[${WORD}]`,
  W: `[^${WORD}]`,
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  b: `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`,
  B: `(?:(?<=[${WORD}])(?=[${WORD}])|(?<![${WORD}])(?![${WORD}]))`,
  a: '\\x07',
}
const INSIDE: Readonly<Record<string, string>> = {
  w: WORD,
  d: '\\p{Nd}',
  D: '\\P{Nd}',
  a: '\\x07',
  '-': '\\-',
}
function translate(pattern: string, flags: string): { source: string; inline: string } {
  let inline = ''
  let verbose = false
  let source = ''
  let inClass = false
  for (let at = 0; at < pattern.length;) {
    const rest = pattern.slice(at)
    const [taken, written] = step(rest, inClass, (flags) => {
      inline += flags.replace(/[^ims]/g, '')
      verbose ||= flags.includes('x')
    })
    if (verbose && !inClass && /^(\s|#)/.test(rest)) {
      at += rest.startsWith('#') ? /^[^\n]*/.exec(rest)![0].length : 1
      continue
    }
    if (!inClass && taken.startsWith('[')) inClass = true
    else if (inClass && taken === ']') inClass = false
    source += written
    at += taken.length
  }
  return { source: lineEnds(source, flags + inline), inline }
}

/** One piece of a Python pattern, and the same in JavaScript. */
function step(rest: string, inClass: boolean, setFlags: (flags: string) => void): readonly [string, string] {
  const escape = /^\\[\s\S]/.exec(rest)?.[0]
  if (escape) return [escape, escaped(escape, inClass)]
  if (inClass) return rest[0] === '[' ? ['[', '\\['] : [rest[0]!, rest[0]!]
  const opened = /^\[\^?\]?/.exec(rest)?.[0]
  if (opened)
    return [opened, opened.endsWith(']') && opened.length > 1 ? opened.slice(0, -1) + '\\]' : opened]
  const flags = /^\(\?([aiLmsux]+)\)/.exec(rest)
  if (flags) {
    setFlags(flags[1]!)
    return [flags[0], '']
  }
  const comment = /^\(\?#[^)]*\)/.exec(rest)
  if (comment) return [comment[0], '']
  const named = /^\(\?P<(\w+)>/.exec(rest)
  if (named) return [named[0], `(?<${named[1]}>`]
  const again = /^\(\?P=(\w+)\)/.exec(rest)
  if (again) return [again[0], `\\k<${again[1]}>`]
  if (/^[{}]/.test(rest)) return braces(rest)
  if (rest[0] === ']') return [']', '\\]']
  const char = String.fromCodePoint(rest.codePointAt(0)!)
  return [char, char]
}

/** A brace that is no repetition stands for itself in Python. */
function braces(rest: string): readonly [string, string] {
  const repetition = /^\{(\d*)(,?)(\d*)\}/.exec(rest)
  if (!repetition || (repetition[1] === '' && repetition[3] === '')) return [rest[0]!, `\\${rest[0]}`]
  return [repetition[0], `{${repetition[1] || '0'}${repetition[2]}${repetition[3]}}`]
}

function escaped(escape: string, inClass: boolean): string {
  const char = escape[1]!
  const table = inClass ? INSIDE : OUTSIDE
  if (Object.hasOwn(table, char)) return table[char]!
  return /[\w\\^$.*+?()[\]{}|/]/.test(char) ? escape : char
}

/**
 * In Python only a line feed ends a line (in JavaScript a carriage return does too), and without the m flag `$` also
 * stands before a line feed at the very end.
 */
function lineEnds(source: string, flags: string): string {
  const lines = flags.includes('m')
  const written: Readonly<Record<string, string>> = {
    '.': flags.includes('s') ? '.' : '[^\\n]',
    '^': lines ? '(?<![^\\n])' : '^',
    $: lines ? '(?![^\\n])' : '(?=\\n?(?![\\s\\S]))',
  }
  return source.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]])*\]|[.^$]/g, (piece) => written[piece] ?? piece)
}

/** The flags that `ignorecase=` and `multiline=` ask for. */
export function flagsOf(ignoreCase: Item | undefined, multiline: Item | undefined): string {
  const on = (item: Item | undefined) => !isUnset(item) && truthy(item)
  return `${on(ignoreCase) ? 'i' : ''}${on(multiline) ? 'm' : ''}`
}

/** The text of a match with `\1`, `\g<1>` and `\g<name>` of a Python replacement filled in. */
export function expand(replacement: string, match: RegExpExecArray | RegExpMatchArray): string {
  return replacement.replace(
    /\\(?:g<(\w+)>|([1-9]\d?)|([\s\S]))/g,
    (whole, name?: string, index?: string, char?: string) => {
      if (char !== undefined) return { n: '\n', t: '\t', r: '\r', '\\': '\\', '0': '\0' }[char] ?? whole
      return groupOf(match, name ?? index!)
    },
  )
}

/** A group of a match by number or name; empty when it took no part. */
export function groupOf(match: RegExpExecArray | RegExpMatchArray, name: string): string {
  if (/^\d+$/.test(name)) {
    if (Number(name) < match.length) return match[Number(name)] ?? ''
  } else if (match.groups && Object.hasOwn(match.groups, name)) return match.groups[name] ?? ''
  throw new EvalError(`the regular expression has no group "${name}"`)
}

/** Whether the pattern matches: anywhere, at the beginning, or all of the text. */
export function matches(
  pattern: string,
  flags: string,
  text: string,
  where: 'search' | 'match' | 'fullmatch',
): boolean {
  const regex = pythonRegex(where === 'fullmatch' ? `(?:${pattern})\\Z` : pattern, flags)
  if (where === 'search') return text.search(regex) >= 0
  const sticky = new RegExp(regex.source, regex.flags.replace('g', '') + 'y')
  return sticky.test(text)
}

/** All that `re.findall` gives: the whole match, its one group, or a tuple of its groups. */
export function findAll(pattern: string, flags: string, text: string): Item[] {
  return [...text.matchAll(pythonRegex(pattern, flags))].map((match) => {
    if (match.length === 1) return match[0]
    const groups = match.slice(1).map((group) => group ?? '')
    return groups.length === 1 ? groups[0]! : tuple(groups)
  })
}
