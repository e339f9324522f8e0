import type { Entries } from '../entry.js'
import type { Item, ItemDict } from '../item.js'
import { EvalError } from '../item.js'
import { wantText } from '../python/convert.js'
import { expand, findAll, flagsOf, groupOf, pythonRegex } from '../python/regex.js'
import { str } from '../python/render.js'
import { restOf } from '../signature.js'

function replace(value: Item, [pattern, replacement, ignoreCase, multiline]: Item[]): Item {
  const regex = pythonRegex(wantText(pattern, 'pattern'), flagsOf(ignoreCase, multiline))
  const fresh = wantText(replacement, 'replacement')
  const text = str(value)
  let result = ''
  let at = 0
  for (const match of text.matchAll(regex)) {
    result += text.slice(at, match.index) + expand(fresh, match)
    at = match.index + match[0].length
  }
  return result + text.slice(at)
}

function search(value: Item, [pattern, rest, options]: Item[]): Item {
  const named = options as ItemDict
  for (const key of named.keys()) {
    if (key !== 'ignorecase' && key !== 'multiline')
      throw new EvalError(`regex_search has no parameter "${str(key)}"`)
  }
  const groups = restOf(rest).map((one) => {
    const group = /^\\(?:g<(\S+)>|(\d+))$/.exec(wantText(one, 'a group'))
    if (!group) throw new EvalError(`"${str(one)}" is not a group such as "\\1" or "\\g<name>"`)
    return group[1] ?? group[2]!
  })
  const regex = pythonRegex(
    wantText(pattern, 'regex'),
    flagsOf(named.get('ignorecase'), named.get('multiline')),
  )
  regex.lastIndex = 0
  const match = regex.exec(str(value))
  if (!match) return null
  return groups.length ? groups.map((group) => groupOf(match, group)) : match[0]
}

function escape(value: Item, [type]: Item[]): Item {
  const text = str(value)
  if (type === 'posix_basic') return text.replace(/[\][.^$*\\]/g, '\\$&')
  if (type !== 'python')
    throw new EvalError(
      `re_type cannot be "${str(type!)}"`,
      'expression-failed',
      'allowed: python, posix_basic',
    )
  return text.replace(/[\s\\^$.*+?()[\]{}|#&~-]/g, '\\$&')
}

/** Filters with Python's regular expressions. */
export const REGEX_FILTERS: Entries = [
  {
    name: 'regex_replace',
    summary: 'The text with every match of a regular expression replaced.',
    signature: "pattern='', replacement='', ignorecase=False, multiline=False",
    run: replace,
  },
  {
    name: 'regex_search',
    summary: 'The first match of a regular expression, or the groups asked for; none when there is none.',
    signature: 'regex, *args, **kwargs',
    run: search,
  },
  {
    name: 'regex_findall',
    summary: 'All matches of a regular expression.',
    signature: 'regex, multiline=False, ignorecase=False',
    run: (value, [pattern, multiline, ignoreCase]) =>
      findAll(wantText(pattern, 'regex'), flagsOf(ignoreCase, multiline), str(value)),
  },
  {
    name: 'regex_escape',
    summary: 'The text with the characters special in regular expressions escaped.',
    signature: "re_type='python'",
    run: escape,
  },
]
