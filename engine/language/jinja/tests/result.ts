import type { Entries } from '../entry.js'
import type { Item, ItemDict } from '../item.js'
import { EvalError, isItemDict, isList, truthy, typeName } from '../item.js'
import { equals } from '../python/compare.js'
import { wantText } from '../python/convert.js'
import { flagsOf, matches } from '../python/regex.js'
import { str } from '../python/render.js'

function result(value: Item, test: string): ItemDict {
  if (isItemDict(value)) return value
  throw new EvalError(`the test "${test}" needs the result of a task, not '${typeName(value)}'`)
}

function flag(name: string, aliases: readonly string[], key: string, wanted: boolean, summary: string) {
  return {
    name,
    aliases,
    summary,
    signature: '',
    run: (value: Item) => {
      const found = result(value, name).get(key) ?? false
      return wanted ? truthy(found) : !truthy(found)
    },
  }
}

/** A looped task has changed when one of its results has. */
function changed(value: Item): Item {
  const dict = result(value, 'changed')
  const own = dict.get('changed')
  if (own !== undefined) return truthy(own)
  const results = dict.get('results')
  return isList(results) && results.some((one) => isItemDict(one) && truthy(one.get('changed') ?? false))
}

/** Of an asynchronous task; any other one counts as started and finished. */
function progress(name: string, summary: string) {
  return {
    name,
    summary,
    signature: '',
    run: (value: Item) => {
      const found = result(value, name).get(name)
      return found === undefined || equals(found, 1)
    },
  }
}

function regex(name: string, where: 'search' | 'match', summary: string) {
  return {
    name,
    summary,
    signature: "pattern='', ignorecase=False, multiline=False",
    run: (value: Item, [pattern, ignoreCase, multiline]: Item[]) =>
      matches(wantText(pattern, 'pattern'), flagsOf(ignoreCase, multiline), str(value), where),
  }
}

function regexAny(value: Item, [pattern, ignoreCase, multiline, how]: Item[]): Item {
  const where = how === 'match' ? 'match' : how === 'fullmatch' ? 'fullmatch' : 'search'
  return matches(wantText(pattern, 'pattern'), flagsOf(ignoreCase, multiline), str(value), where)
}

/** Tests of the results of tasks, and of text by regular expressions. */
export const RESULT_TESTS: Entries = [
  flag('failed', ['failure'], 'failed', true, 'The task failed.'),
  flag('succeeded', ['success', 'successful'], 'failed', false, 'The task did not fail.'),
  flag('skipped', ['skip'], 'skipped', true, 'The task was skipped.'),
  flag('unreachable', [], 'unreachable', true, 'The host could not be reached.'),
  flag('reachable', [], 'unreachable', false, 'The host was reached.'),
  {
    name: 'changed',
    aliases: ['change'],
    summary: 'The task changed something.',
    signature: '',
    run: changed,
  },
  progress('started', 'The asynchronous task has started.'),
  progress('finished', 'The asynchronous task has ended.'),
  regex('match', 'match', 'A regular expression matches at its beginning.'),
  regex('search', 'search', 'A regular expression matches somewhere in it.'),
  {
    name: 'regex',
    summary: 'A regular expression matches it, in the way match_type says (search, match or fullmatch).',
    signature: "pattern='', ignorecase=False, multiline=False, match_type='search'",
    run: regexAny,
  },
]
