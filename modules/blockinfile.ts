import { defineModule } from '../engine/module/contract.js'
import {
  EDITED,
  editedAsks,
  editedConverge,
  editedResult,
  editedWish,
  type Edit,
  type Editor,
} from '../engine/module/edited.js'
import { backupsBrought } from '../engine/module/write.js'
import { placedUnproven } from '../engine/module/placed.js'
import type { InferParams } from '../engine/module/params.js'
import { regexOf } from '../engine/module/regex.js'

const params = {
  ...EDITED,
  block: {
    type: 'str',
    default: '',
    aliases: ['content'],
    description: 'The lines between the markers; empty removes them and the markers.',
  },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present'],
    description: 'Whether the block should be there.',
  },
  marker: {
    type: 'str',
    default: '# {mark} ANSIBLE MANAGED BLOCK',
    description: 'The line before and after the block; {mark} stands for marker_begin and marker_end.',
  },
  marker_begin: { type: 'str', default: 'BEGIN', description: 'What {mark} is before the block.' },
  marker_end: { type: 'str', default: 'END', description: 'What {mark} is after the block.' },
  insertafter: {
    type: 'str',
    description:
      'Where a new block goes: after the last line that matches this regular expression (Python), or EOF. Default EOF.',
  },
  insertbefore: {
    type: 'str',
    description: 'Where a new block goes: before the last line that matches this regular expression, or BOF.',
  },
  create: { type: 'bool', default: false, description: 'Make the file, and folders above, when missing.' },
  append_newline: { type: 'bool', default: false, description: 'Keep an empty line after the block.' },
  prepend_newline: { type: 'bool', default: false, description: 'Keep an empty line before the block.' },
} as const
type Params = InferParams<typeof params>

function editorOf(given: Params): Editor {
  return (text, own) => {
    if (text === undefined && given.state === 'absent') return { text, msg: `File ${given.path} not present` }
    return edit(given, text, own)
  }
}

function edit(given: Params, text: string | undefined, own: (value: string) => string): Edit {
  const block = blockOf(given, own)
  const [begin, end] = markersOf(given, own)
  const old = linesOf(text ?? '')
  const from = old.lastIndexOf(begin)
  const to = old.lastIndexOf(end)
  const there = from >= 0 && to >= 0
  const [first, last] = [Math.min(from, to), Math.max(from, to)]
  const rest = there ? [...old.slice(0, first), ...old.slice(last + 1)] : old
  const at = there ? first : placeFor(given, rest, own)
  const result = insert(given, rest, at, block)
  if (result === text || (text === undefined && block.length === 0 && given.create === false))
    return { text: result, msg: '' }
  return {
    text: result,
    msg: text === undefined ? 'File created' : block.length > 0 ? 'Block inserted' : 'Block removed',
  }
}

function insert(given: Params, rest: readonly string[], at: number, block: readonly string[]): string {
  const before = rest.slice(0, at).join('')
  const after = rest.slice(at)
  const end = before === '' || before.endsWith('\n') ? '' : '\n'
  const blank = (line: string | undefined): boolean => line === undefined || /^\s*$/.test(line)
  const above = given.prepend_newline && block.length > 0 && at > 0 && !blank(rest[at - 1]) ? '\n' : ''
  const below = given.append_newline && block.length > 0 && after.length > 0 && !blank(after[0]) ? '\n' : ''
  return [before, end, above, ...block, below, ...after].join('')
}

function markersOf(given: Params, own: (value: string) => string): readonly [string, string] {
  const marker = (mark: string): string => `${own(given.marker.replaceAll('{mark}', mark))}\n`
  return [marker(given.marker_begin), marker(given.marker_end)]
}

/** The block with its markers, line by line; nothing when there should be none. */
function blockOf(given: Params, own: (value: string) => string): readonly string[] {
  if (given.state === 'absent' || given.block === '') return []
  const [begin, end] = markersOf(given, own)
  const block = own(given.block)
  return [begin, block.endsWith('\n') ? block : `${block}\n`, end]
}

/** The line before which a new block goes. */
function placeFor(given: Params, lines: readonly string[], own: (value: string) => string): number {
  const after = given.insertafter ?? (given.insertbefore === undefined ? 'EOF' : undefined)
  if (after === undefined && given.insertbefore === 'BOF') return 0
  if (after === 'EOF') return lines.length
  const at = findLine(own(after ?? given.insertbefore!), lines, after !== undefined)
  if (at < 0) return lines.length
  return after === undefined ? at : at + 1
}

/** The last line that matches; with the flag (?m) the line where the first match in the whole text ends or begins. */
function findLine(pattern: string, lines: readonly string[], atEnd: boolean): number {
  const regex = regexOf(pattern)
  if (!regex.multiline) return lines.findLastIndex((line) => regex.search(line) !== undefined)
  const text = lines.join('')
  const match = regex.search(text)
  if (!match) return -1
  const reached = text.slice(0, atEnd ? match.index + match[0].length : match.index)
  return reached.split('\n').length - 1
}

/** Lines as Python's bytes are split: a carriage return ends one too. */
function linesOf(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? []
}

/** Sees to a block of lines between two markers. */
export default defineModule({
  summary: 'See that a block of lines between two markers is in a file, or is not',
  description: 'Files of more than 10 MiB are refused.',
  params,
  rules: { exclusive: [['insertbefore', 'insertafter']] },
  listsDiff: true,
  returns: {
    msg: 'What was done: File created, Block inserted, Block removed; empty when nothing.',
    backup_file: 'With backup: where the old file was kept; empty when nothing was changed.',
  },
  examples: `
- name: The parties by name
  blockinfile:
    path: /etc/hosts
    marker: "# {mark} FATE PARTIES"
    block: |
      192.168.7.1 party-10000
      192.168.7.2 party-9999
`,
  probe: editedAsks,
  wanted: (given, before) => editedWish(given, before, editorOf(given)),
  converge: editedConverge,
  result: (given, before, after, ran) =>
    editedResult(given, [before, after], ran, editorOf(given), 'backup_file'),
  brings: (given, _before, differing) => backupsBrought(given, differing),
  unproven: placedUnproven,
})
