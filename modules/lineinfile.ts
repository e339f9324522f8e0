import { defineModule, Fail } from '../engine/module/contract.js'
import {
  EDITED,
  editedAsks,
  editedConverge,
  editedResult,
  editedWish,
  linesOf,
  type Edit,
  type Editor,
} from '../engine/module/edited.js'
import { backupsBrought } from '../engine/module/write.js'
import { placedUnproven } from '../engine/module/placed.js'
import type { InferParams } from '../engine/module/params.js'
import { expandMatch, regexOf } from '../engine/module/regex.js'

const params = {
  ...EDITED,
  line: { type: 'str', aliases: ['value'], description: 'The line that should be there, or should not.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present'],
    description: 'Whether the line should be there.',
  },
  regexp: {
    type: 'str',
    aliases: ['regex'],
    description:
      'Regular expression (Python) of the line to replace (the last that matches) or of those to remove.',
  },
  search_string: { type: 'str', description: 'Text to look for in place of regexp, taken literally.' },
  backrefs: {
    type: 'bool',
    default: false,
    description:
      'Fill \\1 and \\g<name> of line with the groups of regexp; when it does not match, the file is left alone.',
  },
  insertafter: {
    type: 'str',
    description:
      'Where a new line goes: after the last line that matches this regular expression, or EOF or BOF. Default EOF.',
  },
  insertbefore: {
    type: 'str',
    description: 'Where a new line goes: before the last line that matches this regular expression, or BOF.',
  },
  firstmatch: { type: 'bool', default: false, description: 'Take the first matching line, not the last.' },
  create: { type: 'bool', default: false, description: 'Make the file, and folders above, when missing.' },
} as const
type Params = InferParams<typeof params>

function editorOf(given: Params): Editor {
  if (given.state === 'absent') {
    if ([given.regexp, given.search_string, given.line].every((value) => value === undefined)) {
      throw new Fail('state absent needs one of line, regexp and search_string')
    }
    return (text, own) => remove(given, text, own)
  }
  if (given.backrefs && given.regexp === undefined) throw new Fail('backrefs needs regexp')
  return (text, own) => put(given, linesOf(text ?? ''), own)
}

function remove(given: Params, text: string | undefined, own: (value: string) => string): Edit {
  if (text === undefined) return { text, msg: 'file not present' }
  const goes =
    given.regexp !== undefined || given.search_string !== undefined ? finder(given, own) : undefined
  const line = own(given.line ?? '')
  const lines = linesOf(text)
  const kept = lines.filter((other) => (goes ? goes(other) === undefined : bare(other) !== line))
  const found = lines.length - kept.length
  return { text: kept.join(''), msg: found > 0 ? `${found} line(s) removed` : '', values: { found } }
}

/** The line in place: first where it should replace one, else where it stands already, else where it goes. */
function put(given: Params, lines: readonly string[], own: (value: string) => string): Edit {
  const line = own(given.line!)
  const finds = finder(given, own)
  const matches = lines.flatMap((text, at) => {
    const match = finds(text)
    return match === undefined ? [] : [{ at, match }]
  })
  const found = given.firstmatch ? matches[0] : matches.at(-1)
  if (found) {
    const { match } = found
    const text = given.backrefs && match !== true ? expandMatch(match, line) : line
    return replaceAt(lines, found.at, text)
  }
  const place = placeFor(given, lines, line, own)
  if (place.same !== undefined) return replaceAt(lines, place.same, line)
  if (given.backrefs) return { text: lines.join(''), msg: '' }
  if (stands(given, lines, place.at, line)) return { text: lines.join(''), msg: '' }
  return insertAt(given, lines, place.at, line)
}

/** With firstmatch, whether the line follows the first place to insert after already. */
function stands(
  { insertafter }: Params,
  lines: readonly string[],
  at: number | undefined,
  line: string,
): boolean {
  if (insertafter === undefined || at === undefined) return false
  return bare(lines[at] ?? lines[at - 1]!) === line
}

type Finder = (line: string) => RegExpExecArray | true | undefined

/** Looks into a line for what `regexp` or `search_string` mean; without either nothing is found. */
function finder({ regexp, search_string: search }: Params, own: (value: string) => string): Finder {
  if (regexp !== undefined) return regexOf(own(regexp)).search
  if (search === undefined) return () => undefined
  const text = own(search)
  return (line) => (line.includes(text) ? true : undefined)
}

/**
 * Where the line stands already (`same`), and before which line it goes (`at`) by insertafter or insertbefore. With
 * firstmatch the search ends at the first place to insert, also when the line itself comes later.
 */
function placeFor(
  given: Params,
  lines: readonly string[],
  line: string,
  own: (value: string) => string,
): { readonly same?: number; readonly at?: number } {
  const after = given.insertafter ?? (given.insertbefore === undefined ? 'EOF' : undefined)
  const pattern = after ?? given.insertbefore!
  const named = pattern === 'BOF' || (after !== undefined && pattern === 'EOF')
  const regex = named ? undefined : regexOf(own(pattern))
  let place: { same?: number; at?: number } = {}
  for (const [at, text] of lines.entries()) {
    if (bare(text) === line) place = { ...place, same: at }
    else if (regex?.search(text)) {
      place = { ...place, at: after === undefined ? at : at + 1 }
      if (given.firstmatch) break
    }
  }
  return place
}

function replaceAt(lines: readonly string[], at: number, line: string): Edit {
  const ended = line.endsWith('\n') ? line : `${line}\n`
  if (lines[at] === ended) return { text: lines.join(''), msg: '' }
  return { text: [...lines.slice(0, at), ended, ...lines.slice(at + 1)].join(''), msg: 'line replaced' }
}

function insertAt(given: Params, lines: readonly string[], at: number | undefined, line: string): Edit {
  const top = given.insertbefore === 'BOF' || given.insertafter === 'BOF'
  const place = top ? 0 : (at ?? lines.length)
  const before = lines.slice(0, place).join('')
  // A last line without an end must not swallow the new one.
  const end = before === '' || /[\n\r]$/.test(before) ? '' : '\n'
  return { text: `${before}${end}${line}\n${lines.slice(place).join('')}`, msg: 'line added' }
}

function bare(line: string): string {
  return line.replace(/[\r\n]+$/, '')
}

/** Sees to one line of a file. */
export default defineModule({
  summary: 'See that a line is in a file, or is not',
  description:
    'The line replaces the last one that regexp or search_string finds; when none is found it is added unless it is there. A line feed ends a line. Files of more than 10 MiB are refused.',
  params,
  rules: {
    exclusive: [
      ['insertbefore', 'insertafter'],
      ['regexp', 'search_string'],
      ['backrefs', 'search_string'],
    ],
    requiredIf: [['state', 'present', ['line']]],
  },
  listsDiff: true,
  returns: {
    msg: 'What was done: line added, line replaced, how many were removed; empty when nothing.',
    found: 'With absent: how many lines were found.',
    backup: 'With backup: where the old file was kept; empty when nothing was changed.',
  },
  examples: `
- name: Let containers see the clock of the host
  lineinfile:
    path: /etc/environment
    regexp: ^TZ=
    line: TZ=Asia/Shanghai
- name: No old exchange
  lineinfile: {path: /etc/hosts, search_string: old-exchange, state: absent}
`,
  probe: editedAsks,
  wanted: (given, before) => editedWish(given, before, editorOf(given), 'Destination % does not exist !'),
  converge: editedConverge,
  result: (given, before, after, ran) => {
    const { values } = editedResult(given, [before, after], ran, editorOf(given), 'backup')
    return { values: { backup: '', ...values } }
  },
  brings: (given, _before, differing) => backupsBrought(given, differing),
  unproven: placedUnproven,
})
