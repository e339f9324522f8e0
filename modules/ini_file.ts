import { ATTRIBUTES, pathInfo } from '../engine/module/attributes.js'
import { defineModule, Fail, type PathState } from '../engine/module/contract.js'
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
import type { InferParams } from '../engine/module/params.js'
import { backupsBrought } from '../engine/module/write.js'

const params = {
  path: {
    type: 'path',
    required: true,
    aliases: ['dest'],
    description: 'The file. Of a link, the file it points to.',
  },
  section: {
    type: 'str',
    description: 'Section, without brackets. Default: what stands before the first section.',
  },
  option: { type: 'str', description: 'Name of the option. Without it, the section itself is managed.' },
  value: { type: 'str', description: 'Its value.' },
  values: {
    type: 'list',
    elements: 'str',
    description: 'Several values of an option that is there several times.',
  },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present'],
    description: 'Whether it should be there.',
  },
  exclusive: {
    type: 'bool',
    default: true,
    description: 'Other lines of the option go too; without it, only the values named are added or removed.',
  },
  allow_no_value: { type: 'bool', default: false, description: 'Allow an option without value and `=`.' },
  no_extra_spaces: { type: 'bool', default: false, description: 'No blanks around `=`.' },
  create: { type: 'bool', default: true, description: 'Make the file, and folders above, when missing.' },
  backup: EDITED.backup,
  unsafe_writes: EDITED.unsafe_writes,
  ...ATTRIBUTES,
} as const
type Params = InferParams<typeof params>

function editorOf(given: Params): Editor {
  const { state, allow_no_value: bare, value, values = [] } = given
  if (state === 'present' && !bare && value === undefined && values.length === 0) {
    throw new Fail("Parameter 'value(s)' must be defined if state=present and allow_no_value=False.")
  }
  return (text, own) => edit(given, text, own)
}

/** Lines of a file whose line ends are all alike; one that is empty begins with an empty line. */
function edit(given: Params, text: string | undefined, own: (value: string) => string): Edit {
  const plain = (text ?? '').replace(/^\ufeff|^\u00ef\u00bb\u00bf/, '').replace(/\r\n?/g, '\n')
  const lines = plain === '' ? ['\n'] : linesOf(plain.endsWith('\n') ? plain : `${plain}\n`)
  const option = given.option === undefined ? undefined : own(given.option)
  const given_values = given.value === undefined ? (given.values ?? []) : [given.value]
  const wish: Wish = {
    option,
    values: [...new Set(given_values.map(own))],
    bare: given.allow_no_value,
    exclusive: given.exclusive,
    format: (value) => `${option}${given.no_extra_spaces ? '=' : ' = '}${value}\n`,
    matches: matcher(option ?? '', /^[#;]?/),
    active: matcher(option ?? '', /^/),
  }
  const done = editLines(given, lines, wish, own)
  const after = done.lines.join('')
  return {
    text: after === plain || (plain === '' && after === '\n') ? undefined : after,
    msg: done.msg,
    told: true,
  }
}

/** What should become of an option. */
interface Wish {
  readonly option: string | undefined
  readonly values: readonly string[]
  /** An option may stand without a value. */
  readonly bare: boolean
  readonly exclusive: boolean
  format(value: string): string
  /** Value of the option in a line that has it, be it a comment or not. */
  matches(line: string): string | undefined
  /** The same for lines that are no comment. */
  active(line: string): string | undefined
}

function matcher(option: string, start: RegExp): (line: string) => string | undefined {
  const name = option.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  const line = new RegExp(`${start.source}[ \\t]*${name}[ \\t]*(?:=|(?=\\n?$))[ \\t]*(?<value>[^\\n]*)`)
  return (text) => line.exec(text)?.groups!['value']
}

interface Done {
  readonly lines: readonly string[]
  readonly msg: string
}

function editLines(
  given: Params,
  lines: readonly string[],
  wish: Wish,
  own: (value: string) => string,
): Done {
  const section = given.section ? own(given.section) : undefined
  const range = sectionOf(lines, section)
  if (range === undefined)
    return given.state === 'absent' ? { lines, msg: 'OK' } : added(lines, section!, wish)
  const [start, end] = range
  const inside = lines.slice(start, end)
  const { lines: edited, msg } = given.state === 'absent' ? removed(inside, wish) : put(inside, section, wish)
  return { lines: [...lines.slice(0, start), ...edited, ...lines.slice(end)], msg }
}

/** From the section's own line to the next section; without a name, what stands before all sections. */
function sectionOf(
  lines: readonly string[],
  section: string | undefined,
): readonly [number, number] | undefined {
  const isHeader = (line: string): boolean => line.startsWith('[')
  const endOf = (from: number): number => {
    const end = lines.findIndex((line, i) => i >= from && isHeader(line))
    return end < 0 ? lines.length : end
  }
  if (section === undefined) return [0, endOf(0)]
  const isOwn = (i: number): boolean => lines[i]?.startsWith(`[${section}]`) ?? false
  let start = lines.findIndex((_, i) => isOwn(i))
  if (start < 0) return undefined
  // Of sections of the same name that follow each other, the last one counts.
  while (isOwn(endOf(start + 1))) start = endOf(start + 1)
  return [start, endOf(start + 1)]
}

function added(lines: readonly string[], section: string, { option, values, bare, format }: Wish): Done {
  const header = `[${section}]\n`
  if (option !== undefined && (values.length > 0 || bare)) {
    const options = values.length > 0 ? values.map(format) : [`${option}\n`]
    return { lines: [...lines, header, ...options], msg: 'section and option added' }
  }
  return { lines: [...lines, header], msg: 'only section added' }
}

function removed(lines: readonly string[], { option, values, exclusive, active }: Wish): Done {
  if (option === undefined) return { lines: [], msg: lines.length > 0 ? 'section removed' : 'OK' }
  const goes = (line: string): boolean => {
    const value = active(line)
    return value !== undefined && (exclusive || values.includes(value))
  }
  const kept = lines.filter((line) => !goes(line))
  return { lines: kept, msg: kept.length < lines.length ? 'option changed' : 'OK' }
}

/** Lines that have one of the values stay, then lines of the option get the others, then what is missing is added. */
function put(lines: readonly string[], section: string | undefined, wish: Wish): Done {
  const { option } = wish
  if (option === undefined) return { lines, msg: 'OK' }
  const first = keepMatching(lines, wish)
  const second = wish.exclusive && !wish.bare ? replaceOthers(first, section, wish) : first
  const missing = second.values.length > 0 ? second.values.map(wish.format) : bareLine(second, wish, option)
  const end = missing.length > 0 ? lastMeant(second.lines, section) : undefined
  const kept = second.lines.map(({ text }) => text)
  if (end !== undefined)
    return { lines: [...kept.slice(0, end), ...missing, ...kept.slice(end)], msg: 'option added' }
  const same = kept.length === lines.length && kept.every((text, i) => text === lines[i])
  return { lines: kept, msg: same ? 'OK' : 'option changed' }
}

interface Line {
  readonly text: string
  /** It is as it should be. */
  readonly settled: boolean
}

/** A section on its way: its lines, and the values that still need one. */
interface Partly {
  readonly lines: readonly Line[]
  readonly values: readonly string[]
  /** The option stands there without a value. */
  readonly bareFound: boolean
}

function keepMatching(lines: readonly string[], wish: Wish): Partly {
  const left = [...wish.values]
  let bareFound = false
  const kept = lines.map((text): Line => {
    const value = wish.matches(text)
    if (value === undefined) return { text, settled: false }
    const at = left.indexOf(value)
    if (at >= 0) {
      left.splice(at, 1)
      const isBare = value === '' && wish.bare
      bareFound ||= isBare
      return { text: isBare ? `${wish.option}\n` : wish.format(value), settled: true }
    }
    if (left.length > 0 || !wish.bare || bareFound) return { text, settled: false }
    bareFound = true
    return { text: `${wish.option}\n`, settled: true }
  })
  return { lines: kept, values: left, bareFound }
}

/** Lines of the option that have none of the values get one, as long as there are any, or go. */
function replaceOthers(
  { lines, values, bareFound }: Partly,
  section: string | undefined,
  wish: Wish,
): Partly {
  const left = [...values]
  const kept = lines.flatMap((line, i): readonly Line[] => {
    if (line.settled || wish.matches(line.text) === undefined) return [line]
    const value = left.shift()
    if (value !== undefined) return [{ text: wish.format(value), settled: true }]
    return section !== undefined && i === 0 ? [line] : []
  })
  return { lines: kept, values: left, bareFound }
}

function bareLine({ bareFound }: Partly, { bare }: Wish, option: string): readonly string[] {
  return bare && !bareFound ? [`${option}\n`] : []
}

/** Behind the last line that is neither empty nor a comment. */
function lastMeant(lines: readonly Line[], section: string | undefined): number | undefined {
  const end = lines.findLastIndex(({ text }) => !/^[ \t]*(?:[#;].*)?\n?$/.test(text)) + 1
  return end > 0 || section === undefined ? end : undefined
}

function infoOf(found: PathState): Readonly<Record<string, unknown>> {
  return found.type === 'absent' ? { state: 'absent' } : pathInfo(found)
}

/** Sees to an option in an INI file. */
export default defineModule({
  summary: 'Put options into INI files, or remove them',
  params,
  rules: { exclusive: [['value', 'values']] },
  returns: {
    path: 'The file.',
    state: 'file, or absent; of a file also owner, group, uid, gid, mode and size.',
    msg: 'What was done.',
    backup_file: 'Where the old file was kept.',
  },
  examples: `
- name: Keep the logs of the engine small
  ini_file: {path: /etc/fate/service.ini, section: log, option: max_size, value: 10m, mode: "0644"}
`,
  probe: editedAsks,
  wanted: (given, before) => editedWish(given, before, editorOf(given), 'Destination % does not exist!'),
  converge: editedConverge,
  brings: (given, _before, differing) => backupsBrought(given, differing),
  result: (given, before, after, ran) => {
    const { values } = editedResult(given, [before, after], ran, editorOf(given), 'backup_file')
    const { backup_file: kept, ...rest } = values
    return {
      values: {
        path: given.path,
        ...infoOf(after.path(given.path)),
        ...rest,
        ...(given.backup && ran.kind !== 'nothing' ? { backup_file: kept } : {}),
      },
    }
  },
})
