import { isUtf8 } from 'node:buffer'
import { contentOf } from '../content.js'
import { isUnknown, Unknown } from '../unknown.js'
import { ATTRIBUTES, attributeAsks, attributesScript, attributeWish, type Attributes } from './attributes.js'
import {
  Fail,
  type Ask,
  type Content,
  type Converge,
  type Difference,
  type Key,
  type PathState,
  type Ran,
  type Returned,
  type View,
  type Wish,
  type Wished,
} from './contract.js'
import type { Flag } from './chattr.js'
import type { ParamTable } from './params.js'
import { refuseValidate } from './placed.js'
import { join, sh, type Script } from './quote.js'
import { backupOf, foreseenBackup, input, makeFolder, UNSAFE_WRITES, writeFile } from './write.js'
import { foldersAbove } from './folders-above.js'

/** Parameters of the modules that edit the text of one file (lineinfile, blockinfile, replace). */
export const EDITED = {
  path: {
    type: 'path',
    required: true,
    aliases: ['dest', 'destfile', 'name'],
    description: 'The file. Of a link, the file it points to.',
  },
  backup: { type: 'bool', default: false, description: 'Keep the old file beside the new one.' },
  validate: { type: 'str', description: 'Command that checks the new file, %s, before it is put in place.' },
  unsafe_writes: UNSAFE_WRITES,
  ...ATTRIBUTES,
} as const satisfies ParamTable

/** Values of {@link EDITED}; `create` only where the module can make the file. */
export interface Edited extends Attributes {
  readonly path: string
  readonly backup: boolean
  readonly validate?: string | undefined
  readonly unsafe_writes?: boolean
  readonly create?: boolean
}

/** What becomes of a text. */
export interface Edit {
  /** The text as it should be; undefined leaves the file, or its absence, alone. */
  readonly text: string | undefined
  /** What was done, for the result. */
  readonly msg: string
  /** True: the message is not continued where owner or mode change too. */
  readonly told?: boolean
  /** More of the result. */
  readonly values?: Readonly<Record<string, unknown>>
}

/**
 * Edits a text. `text` is undefined where there is no file. `own` turns the text of a parameter into what the file
 * calls it: a file that is not UTF-8 is edited byte by byte.
 */
export type Editor = (text: string | undefined, own: (value: string) => string) => Edit

/** What must be known to edit: the file's content, the folders above if they may be made, owner and group. */
export function editedAsks(params: Edited): readonly Ask[] {
  return [
    { kind: 'path', path: params.path, need: 'content', follow: true },
    ...(params.create === true ? foldersAbove(params.path) : []).map((path): Ask => ({
      kind: 'path',
      path,
      need: 'type',
      follow: true,
    })),
    ...attributeAsks(params),
  ]
}

/**
 * The wish for the edited file; undecided where its content is known only after the run.
 * @param missing  the failure where there is no file, % for its path
 */
export function editedWish(
  params: Edited,
  before: View,
  editor: Editor,
  missing = 'Path % does not exist !',
): Wish {
  refuseValidate(params)
  const { path } = params
  const key: Key = `path:${path}`
  const found = before.path(path)
  if (found.type === 'absent' && params.create !== true) refuseMissing(params, editor, missing)
  const edited = editOf(params, before, editor)
  const attributes = attributeWish(params, before, found, 'file')
  if (isUnknown(edited)) return new Map([[key, { type: 'file', sha1: edited, ...attributes } as const]])
  if (edited.content === undefined) return new Map()
  const { sha1, size } = edited.content
  const wish: Wished<PathState> = { type: 'file', sha1, size, content: edited.content, ...attributes }
  return new Map([...folderWishes(params, before), [key, wish]])
}

/** Writes the edited file when its bytes differ, otherwise only sets what differs. */
export function editedConverge(
  params: Edited,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
): Converge {
  const inputs: Content[] = []
  const scripts = [...differing.values()].map((difference): Script => {
    const { wished, names } = difference
    const real = String(difference.before['real'])
    if (wished['type'] === 'directory') return makeFolder(difference)
    if (!names.includes('sha1') && !names.includes('type'))
      return attributesScript(sh`${real}`, wished, names, 'file')
    const content = wished['content'] as Content
    inputs.push(content)
    return writeFile(real, input(0, content), difference, before.session, params)
  })
  const plain = params.validate === undefined
  return { script: join(scripts), inputs, verbatim: plain, plain }
}

/** Values as Ansible's editing modules return them; `backup` is the name of the old file. */
export function editedResult(
  params: Edited,
  [before, after]: readonly [View, View],
  ran: Ran,
  editor: Editor,
  backup: 'backup' | 'backup_file',
): Returned {
  const edited = editOf(params, before, editor)
  const kept = params.backup ? { [backup]: backupName(ran, before.path(params.path).real) } : {}
  if (isUnknown(edited)) return { values: { msg: edited, ...kept } }
  const { msg, values, told } = edited.edit
  const also =
    !told && ran.kind !== 'nothing' && hasNewAttributes(before, after, params) ? ATTRIBUTES_CHANGED : ''
  return { values: { msg: [msg, also].filter(Boolean).join(' and '), ...values, ...kept } }
}

const ATTRIBUTES_CHANGED = 'ownership, perms or SE linux context changed'

/** Whether mode or owner are others than the file had, or than a new one would have got. */
function hasNewAttributes(before: View, after: View, { path, attributes }: Edited): boolean {
  const found = before.path(path)
  const { umask, user, group } = before.session
  const old: Partial<PathState> = found.type === 'file' ? found : { mode: 0o666 & ~umask, owner: user, group }
  const now = after.path(path)
  const names = ['mode', 'owner', 'group', 'seuser', 'serole', 'setype', 'selevel'] as const
  const flags = [...(attributes ?? '').replace(/^[-+=]/, '')].map((letter): Flag => `+${letter}`)
  if (now.type !== 'file') return false
  return (
    names.some((name) => now[name] !== old[name]) || flags.some((name) => now[name] !== (old[name] ?? false))
  )
}

function backupName(ran: Ran, path: string): string {
  if (ran.kind === 'foreseen') return foreseenBackup(path)
  return ran.kind === 'nothing' ? '' : (backupOf(ran.stdout) ?? '')
}

/** Lines of a text with their ends. Only a line feed ends one, as in Python's files. */
export function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

interface Done {
  readonly edit: Edit
  /** The file as it should be; undefined when it is to be left alone. */
  readonly content: Content | undefined
}

function editOf(params: Edited, before: View, editor: Editor): Done | Unknown {
  const { path } = params
  const found = before.path(path)
  const late = new Unknown(`content of ${path}`)
  if (isUnknown(found.type)) return late
  if (found.type === 'absent') {
    const edit = editor(undefined, (value) => value)
    return { edit, content: edit.text === undefined ? undefined : contentOf(edit.text) }
  }
  if (found.type !== 'file') {
    const what = found.type === 'directory' ? 'a directory !' : 'not a file'
    throw new Fail(`Path ${path} is ${what}`, [`path:${path}`], undefined, { rc: 256 })
  }
  const { content } = found
  if (content === undefined || isUnknown(content)) return late
  return editContent(content, editor)
}

function editContent(content: Content, editor: Editor): Done {
  const bytes = content.bytes()
  const encoding = isUtf8(bytes) ? 'utf8' : 'latin1'
  const own = (value: string): string => Buffer.from(value, 'utf8').toString(encoding)
  const text = bytes.toString(encoding)
  const edit = editor(text, own)
  const same = edit.text === undefined || edit.text === text
  return { edit, content: same ? content : contentOf(Buffer.from(edit.text, encoding)) }
}

/** A file that is not there is an error, unless the edit is to leave it so. */
function refuseMissing({ path, create }: Edited, editor: Editor, missing: string): void {
  const leaves = editor(undefined, (value) => value).text === undefined
  if (leaves) return
  const cure = create === undefined ? 'make it with copy or template' : 'say create: true to make it'
  throw new Fail(
    missing.replace('%', () => path),
    [`path:${path}`],
    cure,
    { rc: 257 },
  )
}

function folderWishes(params: Edited, before: View): readonly [Key, Wished<PathState>][] {
  if (params.create !== true || before.path(params.path).type !== 'absent') return []
  return foldersAbove(params.path).flatMap((path): [Key, Wished<PathState>][] => {
    const { type } = before.path(path)
    if (type === 'absent') return [[`path:${path}`, { type: 'directory' }]]
    if (type === 'directory' || isUnknown(type)) return []
    throw new Fail(`${path} is not a directory`, [`path:${path}`])
  })
}
