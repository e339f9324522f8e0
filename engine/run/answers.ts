import { contentOf, type Content } from '../content.js'
import type { PathState, PathType, Session } from '../module/contract.js'
import { readAccountAnswers, type AccountAnswers } from './account-lines.js'
import { readAccounts, type Accounts } from './accounts.js'
import { flagsReader, labelsReader } from './marks.js'
import { rankOf, type PathAsk, type Questions, type TreeAsk } from './questions.js'
import type { SectionOutput } from './sections.js'

/** What the host said, as found: no forecast in it. */
export interface Answers extends AccountAnswers {
  readonly session?: Session | undefined
  /** By {@link pathId}. */
  readonly paths: ReadonlyMap<string, PathAnswer>
  /** By path; undefined when there is no such folder. */
  readonly trees: ReadonlyMap<string, TreeAnswer>
  /** In a dry run, where accounts were asked about. */
  readonly accounts?: Accounts | undefined
  /** Outputs of own asks by key, not yet read. */
  readonly own: ReadonlyMap<string, SectionOutput>
}

/** A path's state, and what kept the host from knowing more. */
export interface PathAnswer {
  readonly state: PathState
  /** A folder on the way may not be entered, or the file may not be read. */
  readonly denied: boolean
  /** The content was asked for and is larger than the limit. */
  readonly tooLarge: boolean
  /** A link is there that leads nowhere, and was to be followed. */
  readonly dangling?: boolean
}

/** The folder's own real path, and the entries below it by relative path. */
export interface TreeAnswer {
  readonly real: string
  readonly entries: ReadonlyMap<string, PathState>
}

/** The answers to no question. */
export const NOTHING_ASKED: Answers = {
  paths: new Map(),
  trees: new Map(),
  users: new Map(),
  groups: new Map(),
  holders: new Map(),
  own: new Map(),
}

/** The probe's output does not fit together: something changed while it ran. It is asked again. */
export class Torn extends Error {}

/** What a few modules set beside owner and mode (marks.ts), laid over the states. */
function withMarks(
  { paths, flags, labels }: Questions,
  answers: ReadonlyMap<string, PathAnswer>,
  sections: ReadonlyMap<string, SectionOutput>,
): ReadonlyMap<string, PathAnswer> {
  if (!flags && labels === 'no') return answers
  const nextFlags = flagsReader(sections.get('flags'))
  const nextLabel = labelsReader(sections.get('labels'), sections.get('policies'))
  const marked = paths.map(({ path, follow }): [string, PathAnswer] => {
    const id = pathId(path, follow)
    const answer = answers.get(id)!
    const { type, real } = answer.state
    const label = nextLabel()
    const own = type === 'file' || type === 'directory' ? nextFlags([path, real]) : {}
    return [id, { ...answer, state: { ...answer.state, ...own, ...label } }]
  })
  return new Map(marked)
}

/** The same path asked with and without following links is two questions. */
export function pathId(path: string, follow: boolean): string {
  return `${follow ? 'L' : ' '}${path}`
}

/** Reads a probe's sections back. Throws {@link Torn}. */
export function readAnswers(questions: Questions, sections: ReadonlyMap<string, SectionOutput>): Answers {
  const text = (name: string): string => sections.get(name)?.stdout.toString('utf8') ?? ''
  return {
    session: questions.session ? readSession(text('session')) : undefined,
    accounts: questions.accounts ? readAccounts(text('accounts')) : undefined,
    paths: withMarks(questions, readPaths(questions.paths, sections), sections),
    trees: new Map(
      questions.trees.flatMap((ask) => {
        const tree = readTree(ask, sections)
        return tree ? [[ask.path, tree]] : []
      }),
    ),
    ...readAccountAnswers(questions, sections),
    own: new Map(
      questions.own.flatMap(({ ask }) => {
        const output = sections.get(`own ${ask.key}`)
        return output ? [[ask.key, output]] : []
      }),
    ),
  }
}

function readSession(text: string): Session {
  const [ids = '', umask, home, folder] = text.split('\n')
  const found = /^uid=(\d+)(?:\((.*?)\))? gid=(\d+)(?:\((.*?)\))?(?: |$)/.exec(ids)
  if (!found || umask === undefined || home === undefined || folder === undefined) throw new Torn('session')
  const [, uid, user, gid, group] = found
  return {
    user: user ?? uid!,
    uid: Number(uid),
    group: group ?? gid!,
    gid: Number(gid),
    umask: parseInt(umask, 8),
    home,
    folder,
  }
}

function readPaths(
  asks: readonly PathAsk[],
  sections: ReadonlyMap<string, SectionOutput>,
): ReadonlyMap<string, PathAnswer> {
  const fields = nulFields(sections.get('paths'))
  if (fields.length < asks.length * 4) throw new Torn('paths')
  const stats = { links: lines(sections.get('stat links')), others: lines(sections.get('stat')) }
  const nextHash = hashReader(sections.get('sha1'))
  const content = sections.get('content')?.stdout ?? Buffer.alloc(0)
  let sent = 0
  const answers = new Map(
    asks.map((ask, i): [string, PathAnswer] => {
      const [verdict, real, target, readable] = fields.slice(i * 4, i * 4 + 4) as [
        string,
        string,
        string,
        string,
      ]
      const id = pathId(ask.path, ask.follow)
      if (verdict !== 'here') {
        const [denied, dangling] = [verdict === 'denied', verdict === 'dangling']
        return [id, { state: { type: 'absent', real }, denied, tooLarge: false, dangling }]
      }
      if (ask.need === 'type' && readable !== SETGID)
        return [id, { state: { type: typeOfWord(readable), real }, denied: false, tooLarge: false }]
      const line = (target !== '' && !ask.follow ? stats.links : stats.others).shift()
      if (line === undefined) throw new Torn(ask.path)
      const state = { ...readStat(line), real, ...(target !== '' && !ask.follow ? { target } : {}) }
      if (state.type !== 'file' || rankOf(ask) < HASH) return [id, { state, denied: false, tooLarge: false }]
      if (readable !== 'r') return [id, { state, denied: true, tooLarge: false }]
      const hash = ask.need === 'hash' || ask.hashed ? { sha1: nextHash(ask.path) } : {}
      if (ask.need === 'hash') return [id, { state: { ...state, ...hash }, denied: false, tooLarge: false }]
      const size = state.size as number
      const bytes = content.subarray(sent, (sent += Math.min(size, ask.limit)))
      if (size > ask.limit) return [id, { state: { ...state, ...hash }, denied: false, tooLarge: true }]
      const found = contentOf(Buffer.from(bytes))
      if (found.sha1 !== (hash.sha1 ?? found.sha1)) throw new Torn(ask.path)
      return [id, { state: { ...state, sha1: found.sha1, content: found }, denied: false, tooLarge: false }]
    }),
  )
  // A file that grew or shrank while it was read.
  if (content.length !== sent) throw new Torn('content')
  return answers
}

const HASH = rankOf({ need: 'hash' })
/** What `fplay_type` says of a directory that gives its group to what is made in it. */
const SETGID = 's'

function typeOfWord(word: string): PathType {
  return word === 'd' ? 'directory' : word === 'f' ? 'file' : 'other'
}

function readTree(
  { path, need }: TreeAsk,
  sections: ReadonlyMap<string, SectionOutput>,
): TreeAnswer | undefined {
  const [real, ...names] = nulFields(sections.get(`tree names ${path}`))
  if (real === undefined) return undefined
  const stats = lines(sections.get(`tree stat ${path}`))
  const links = nulFields(sections.get(`tree links ${path}`))
  const nextHash = hashReader(sections.get(`tree sha1 ${path}`))
  const denied = new Set(nulFields(sections.get(`tree denied ${path}`)))
  const contents = contentReader(sections.get(`tree content ${path}`)?.stdout)
  const nextFlags = flagsReader(sections.get(`tree flags ${path}`))
  const nextLabel = labelsReader(sections.get(`tree labels ${path}`), sections.get(`tree policies ${path}`))
  if (stats.length !== names.length) throw new Torn(path)
  const entries = names.map((name, i): [string, PathState] => {
    const relative = name.replace(/^\.\//, '')
    const status = readStat(stats[i]!)
    const flags = status.type === 'file' || status.type === 'directory' ? nextFlags([name]) : {}
    const state = { ...status, ...flags, ...nextLabel(), real: `${real === '/' ? '' : real}/${relative}` }
    if (state.type === 'link') return [relative, { ...state, target: links.shift() ?? '' }]
    if (state.type !== 'file' || need === 'stat' || denied.has(name)) return [relative, state]
    const sha1 = nextHash(name)
    return [relative, { ...state, sha1, ...contents(state.size as number, sha1) }]
  })
  return { real, entries: new Map(entries) }
}

/** Cuts contents that stand one after the other apart; gives none when none were sent. */
function contentReader(
  all: Buffer | undefined,
): (size: number, sha1: string) => { readonly content?: Content } {
  let sent = 0
  return (size, sha1) => {
    if (all === undefined || (all.length === 0 && size > 0)) return {}
    const content = contentOf(Buffer.from(all.subarray(sent, (sent += size))))
    if (content.sha1 !== sha1) throw new Torn(sha1)
    return { content }
  }
}

/** The line of `stat` that probe.ts asks for. */
function readStat(line: string): Omit<PathState, 'real'> {
  const [raw, links, uid, gid, size, atime, mtime, ctime, inode, device, owner, group] = line.split(' ')
  if (group === undefined) throw new Torn(line)
  const mode = parseInt(raw!, 16)
  const special = SPECIAL[mode & 0o170000]
  return {
    type: typeOf(mode),
    ...(special === undefined ? {} : { special }),
    mode: mode & 0o7777,
    uid: Number(uid),
    gid: Number(gid),
    owner: owner === 'UNKNOWN' ? uid! : owner!,
    group: group === 'UNKNOWN' ? gid! : group,
    size: Number(size),
    links: Number(links),
    atime: Number(atime),
    mtime: Number(mtime),
    ctime: Number(ctime),
    inode: Number(inode),
    device: Number(device),
  }
}

const SPECIAL: Readonly<Record<number, NonNullable<PathState['special']>>> = {
  0o010000: 'fifo',
  0o140000: 'socket',
  0o020000: 'character',
  0o060000: 'block',
}

function typeOf(mode: number): PathType {
  const types: Record<number, PathType> = { 0o100000: 'file', 0o040000: 'directory', 0o120000: 'link' }
  return types[mode & 0o170000] ?? 'other'
}

function nulFields(section: SectionOutput | undefined): string[] {
  return section === undefined ? [] : section.stdout.toString('utf8').split('\0').slice(0, -1)
}

function lines(section: SectionOutput | undefined): string[] {
  return section === undefined ? [] : section.stdout.toString('utf8').split('\n').filter(Boolean)
}

/**
 * Reads what `sha1sum` says of files in turn. Where a name has a line end, GNU writes it as `\\n` and puts a backslash
 * before the line; busybox writes the name as it is.
 */
function hashReader(section: SectionOutput | undefined): (name: string) => string {
  const text = section?.stdout.toString('utf8') ?? ''
  let at = 0
  return (name) => {
    const hash = /^\\?([0-9a-f]{40}) [ *]/.exec(text.slice(at, at + 43))
    if (!hash) throw new Torn(name)
    const start = at + hash[0].length
    const end = text.startsWith(`${name}\n`, start) ? start + name.length : text.indexOf('\n', start)
    at = end < 0 ? text.length : end + 1
    return hash[1]!
  }
}
