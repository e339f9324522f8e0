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
  regexp: {
    type: 'str',
    required: true,
    description: 'Regular expression (Python); ^ and $ stand at line ends too.',
  },
  replace: {
    type: 'str',
    default: '',
    description: 'What each match becomes, with \\1 and \\g<name> for groups. Empty removes it.',
  },
  after: { type: 'str', description: 'Only what follows a match of this; a dot matches line ends too.' },
  before: { type: 'str', description: 'Only what precedes a match of this; a dot matches line ends too.' },
} as const
type Params = InferParams<typeof params>

function editorOf(given: Params): Editor {
  return (text, own) => edit(given, text ?? '', own)
}

function edit(given: Params, text: string, own: (value: string) => string): Edit {
  const section = sectionOf(given, text, own)
  if (typeof section === 'string') return { text, msg: section }
  const [from, to] = section
  const { text: replaced, count } = regexOf(own(given.regexp), 'm').substitute(
    text.slice(from, to),
    own(given.replace),
  )
  if (replaced === text.slice(from, to)) return { text, msg: '' }
  return { text: text.slice(0, from) + replaced + text.slice(to), msg: `${count} replacements made` }
}

/** Where in the text replacing begins and ends, or why there is nothing between `after` and `before`. */
function sectionOf(
  { after, before }: Params,
  text: string,
  own: (value: string) => string,
): readonly [number, number] | string {
  if (!after && !before) return [0, text.length]
  const lazy = after && before ? '*?' : '*'
  const pattern = `${own(after ?? '')}(?P<subsection>.${lazy})${own(before ?? '')}`
  const match = regexOf(pattern, 's').search(text)
  return (
    match?.indices?.groups?.['subsection'] ??
    `Pattern for before/after params did not match the given file: ${pattern}`
  )
}

/** Replaces every match of a regular expression. */
export default defineModule({
  summary: 'Replace every match of a regular expression in a file',
  description: 'The task must keep itself from matching again. Files of more than 10 MiB are refused.',
  params,
  returns: {
    rc: 'Always 0.',
    msg: 'How many replacements were made; empty when none.',
    backup_file: 'With backup: where the old file was kept; empty when nothing was changed.',
  },
  examples: `
- name: Turn off swap at the next start
  replace:
    path: /etc/fstab
    regexp: ^([^#].*\\sswap\\s)
    replace: '# \\1'
`,
  probe: editedAsks,
  wanted: (given, before) => editedWish(given, before, editorOf(given)),
  converge: editedConverge,
  result: (given, before, after, ran) => {
    const { values } = editedResult(given, [before, after], ran, editorOf(given), 'backup_file')
    return { values: { rc: 0, ...values } }
  },
  brings: (given, _before, differing) => backupsBrought(given, differing),
  unproven: placedUnproven,
})
