import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { contentOf, type Content } from '../engine/content.js'
import { ATTRIBUTES, ATTRIBUTE_RETURNS } from '../engine/module/attributes.js'
import {
  defineModule,
  Fail,
  isUnknown,
  Unknown,
  type Ask,
  type Controller,
  type Difference,
  type Key,
  type Maybe,
  type PathState,
  type View,
  type Wish,
  type Wished,
} from '../engine/module/contract.js'
import type { InferParams } from '../engine/module/params.js'
import {
  PLACED,
  folderWishes,
  placedAsks,
  placedPath,
  placedScript,
  placedUnproven,
  placedValues,
  placedWish,
  type Placed,
} from '../engine/module/placed.js'
import { join } from '../engine/module/quote.js'
import { regexOf } from '../engine/module/regex.js'
import { backupsBrought, input } from '../engine/module/write.js'

const { backup, validate, unsafe_writes } = PLACED
const params = {
  src: {
    type: 'path',
    required: true,
    searched: { folder: 'files', unless: 'remote_src' },
    description: 'Folder of the fragments, which are put together in the order of their names.',
  },
  dest: { type: 'path', required: true, description: 'The file they make.' },
  remote_src: {
    type: 'bool',
    default: true,
    description: 'src is on the host; otherwise it is searched in files/ of the role or playbook.',
  },
  regexp: {
    type: 'str',
    description: 'Take only fragments in whose names this regular expression is found.',
  },
  ignore_hidden: { type: 'bool', default: false, description: 'Leave out names that begin with a dot.' },
  delimiter: {
    type: 'str',
    description: 'Line between two fragments; \\n and other escapes are what they are in C.',
  },
  decrypt: {
    type: 'bool',
    default: true,
    description: 'Decrypt fragments of the controller that are encrypted with vault.',
  },
  backup,
  validate,
  unsafe_writes,
  ...ATTRIBUTES,
} as const
type Params = InferParams<typeof params>

/** Fragments of the controller in order; undefined where they are on the host. */
type Local = readonly Content[] | undefined

const placed = (given: Params): Placed => ({ ...given, force: true, follow: false })

/** Names of the fragments among those of a folder, in order. */
function chosen({ regexp, ignore_hidden: hidden }: Params, names: readonly string[]): readonly string[] {
  const pattern = regexp === undefined ? undefined : regexOf(regexp)
  return names
    .filter((name) => pattern === undefined || pattern.search(name) !== undefined)
    .filter((name) => !hidden || !name.startsWith('.'))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

async function prepare(given: Params, controller: Controller): Promise<Local> {
  if (given.remote_src) return undefined
  const folder = controller.find(given.src, 'files')
  if (!(await stat(folder)).isDirectory()) throw new Fail(`Source (${folder}) is not a directory`)
  const paths = chosen(given, await readdir(folder)).map((name) => posix.join(folder, name))
  const infos = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))
  const files = paths.filter((_, i) => infos[i]?.isFile())
  return Promise.all(files.map((path) => controller.content(path, 'files', given.decrypt)))
}

function probe(given: Params, local: Local): readonly Ask[] {
  const asks = placedAsks(placed(given), '')
  if (local) return asks
  const { src } = given
  return [
    ...asks,
    { kind: 'path', path: src, need: 'stat', follow: true },
    { kind: 'tree', path: src, need: 'content', depth: 1 },
  ]
}

/** What links among the fragments lead to, fragments of a folder too large to send it whole, and the goal of dest. */
function more(given: Params, before: View, local: Local): readonly Ask[] {
  const goal = goalOf(given, before)
  const asks: Ask[] = goal === undefined ? [] : [{ kind: 'path', path: goal, need: 'hash', follow: true }]
  if (local) return asks
  const tree = before.tree(given.src)
  const lacking = fragmentNames(given, before).filter((name) => lacks(tree.get(name)!))
  return [
    ...asks,
    ...lacking.map((name): Ask => ({
      kind: 'path',
      path: pathOf(given, name),
      need: 'content',
      follow: true,
    })),
  ]
}

function fragmentNames(given: Params, before: View): readonly string[] {
  const names = [...before.tree(given.src).keys()].filter((name) => !name.includes('/'))
  return chosen(given, names)
}

function pathOf({ src }: Params, name: string): string {
  return posix.join(src, name)
}

function lacks({ type, content }: PathState): boolean {
  return type === 'link' || (type === 'file' && content === undefined)
}

/** Where a link at dest leads: what is there may be right already. */
function goalOf({ dest }: Params, before: View): string | undefined {
  const { type, target } = before.path(dest)
  if (type !== 'link' || typeof target !== 'string') return undefined
  return posix.resolve(posix.dirname(dest), target)
}

/** The whole file, as far as it can be known. */
function assembled(given: Params, before: View, local: Local): Maybe<Content> {
  if (local) return contentOf(joined(given, local))
  const { src } = given
  const { type } = before.path(src)
  if (type === 'absent') throw new Fail(`Source (${src}) does not exist`, [`path:${src}`])
  if (isUnknown(type)) return new Unknown(`fragments in ${src}`)
  if (type !== 'directory') throw new Fail(`Source (${src}) is not a directory`, [`path:${src}`])
  const contents: Content[] = []
  for (const name of fragmentNames(given, before)) {
    const found = stateOf(given, name, before)
    if (isUnknown(found.type)) return new Unknown(`what ${pathOf(given, name)} is`)
    if (found.type !== 'file') continue
    const { content = unread(given, name, found) } = found
    if (isUnknown(content)) return content
    contents.push(content)
  }
  return contentOf(joined(given, contents))
}

function stateOf(given: Params, name: string, before: View): PathState {
  const found = before.tree(given.src).get(name)!
  return lacks(found) ? before.path(pathOf(given, name)) : found
}

/** In a dry run the content of a file may be what only the run can tell. */
function unread(given: Params, name: string, { sha1 }: PathState): Unknown {
  if (isUnknown(sha1)) return sha1
  return new Unknown(`content of ${pathOf(given, name)}`)
}

function joined({ delimiter = '' }: Params, fragments: readonly Content[]): Buffer {
  const line = unescape(delimiter)
  const ended = line.length === 0 || line.at(-1) === 10 ? line : Buffer.concat([line, NEWLINE])
  const parts = fragments.flatMap((fragment, i) => {
    const bytes = fragment.bytes()
    const before = fragments[i - 1]?.bytes()
    const open = before !== undefined && before.at(-1) !== 10
    return [...(open ? [NEWLINE] : []), ...(i > 0 ? [ended] : []), bytes]
  })
  return Buffer.concat(parts)
}

const NEWLINE = Buffer.from('\n')
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\\': '\\', "'": "'", '"': '"', '\n': '',
} // prettier-ignore

/** The bytes that a text with C's escapes means. */
function unescape(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8').toString('latin1')
  const plain = bytes.replace(
    /\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([^]))/g,
    (whole, hex?: string, octal?: string, char?: string) => {
      if (char !== undefined) return ESCAPES[char] ?? whole
      return String.fromCharCode((hex === undefined ? parseInt(octal!, 8) : parseInt(hex, 16)) & 255)
    },
  )
  return Buffer.from(plain, 'latin1')
}

function wanted(given: Params, before: View, local: Local): Wish {
  const { dest, validate: command } = given
  if (command !== undefined && !command.includes('%s')) throw new Fail(`validate must contain %s: ${command}`)
  const path = placedPath(placed(given), '', before)
  const content = assembled(given, before, local)
  const goal = goalOf(given, before)
  if (goal !== undefined && !isUnknown(content) && before.path(goal).sha1 === content.sha1) return new Map()
  const { sha1, size } = isUnknown(content) ? { sha1: content, size: content } : content
  const bytes = { sha1, size, content } as unknown as Content
  const wish = placedWish(placed(given), path, bytes, before)!
  return new Map<Key, Wished<PathState>>([...folderWishes(placed(given), before), [`path:${dest}`, wish]])
}

/** Makes one file of fragments. */
export default defineModule({
  summary: 'Make one file of the fragments in a folder',
  description:
    'A fragment that does not end a line is followed by a line end. Fragments of more than 10 MiB are refused.',
  params,
  returns: {
    dest: 'Path of the file.',
    src: 'Folder of the fragments.',
    checksum: 'SHA-1 of the file.',
    md5sum: 'MD5 of the file.',
    msg: 'OK.',
    backup_file: 'Where the old file was kept.',
    ...ATTRIBUTE_RETURNS,
    state: 'file.',
  },
  examples: `
- name: Put the routes of all parties together
  assemble: {src: /data/projects/fate/routes.d, dest: /data/projects/fate/routes.conf, regexp: '\\.conf$'}
`,
  prepare,
  probe,
  more,
  wanted,
  converge: (given, before, differing: ReadonlyMap<Key, Difference>) => {
    const inputs: Content[] = []
    const scripts = [...differing.values()].map((difference) => {
      const { content } = difference.wished as { readonly content: Content }
      if (difference.names.some((name) => name === 'sha1' || name === 'type')) inputs.push(content)
      return placedScript(placed(given), input(0, content), difference, before)
    })
    return { script: join(scripts), inputs }
  },
  brings: (given, _before, differing) => backupsBrought(given, differing),
  result: (given, before, after, ran, local) => {
    const content = assembled(given, before, local)
    const sums = isUnknown(content)
      ? { checksum: content, md5sum: content }
      : { checksum: content.sha1, md5sum: createHash('md5').update(content.bytes()).digest('hex') }
    const { src, dest } = given
    const told = Object.entries(placedValues(dest, placed(given), before, after, ran, content))
    const values = Object.fromEntries(told.filter(([name]) => name !== 'path'))
    return { values: { ...values, src, ...sums, msg: 'OK' } }
  },
  unproven: placedUnproven,
})
