import { contentOf } from '../../content.js'
import { octal } from '../attributes.js'
import { flagsWords } from '../chattr.js'
import type { Content, Converge, Difference, Session } from '../contract.js'
import { join, sh, type Script } from '../quote.js'
import { labelWords } from '../selinux.js'
import { input, makeFolder, REMOVE_OLD } from '../write.js'
import type { ArchiveEntry } from './entry.js'
import { writeTar } from './tar-write.js'

/** Most characters of names in one command. */
const WORDS = 60_000

/** A difference with the path it is about: the real one. */
interface Step {
  readonly path: string
  readonly difference: Difference
  /** When the entry was last changed, for what is new. */
  readonly time?: number | undefined
}

/**
 * Makes folders, files and links as wished, however many, with few commands. New bytes travel as one tar with only
 * what differs; it is unpacked beside the targets and each file is renamed over its target.
 * @param folder  real path of the folder that all lie in
 */
export function placeEntries(
  folder: string,
  differences: readonly Pick<Step, 'difference' | 'time'>[],
  session: Session,
): Converge {
  const steps = differences.map((one): Step => ({ path: String(one.difference.before['real']), ...one }))
  const folders = steps.filter(({ difference }) => difference.wished['type'] === 'directory')
  const others = steps.filter(({ difference }) => difference.wished['type'] !== 'directory')
  const fresh = others.filter(({ difference: { names } }) =>
    ['type', 'sha1', 'target'].some((name) => names.includes(name)),
  )
  const kept = others.filter((step) => !fresh.includes(step))
  const made = folders.filter(({ difference }) => difference.names.includes('type'))
  // What may be entered and written by us can have its attributes before there is something in it.
  const ready = made.filter(({ difference }) => isOpenTo(difference.wished, session))
  const left = folders.filter((step) => !ready.includes(step))
  const content =
    fresh.length === 0 ? undefined : contentOf(writeTar(fresh.map((step, i) => stagedEntry(step, i))))
  const stage = `${folder}/.unarchive.fplay-part`
  return {
    script: join([
      join(
        made.map((step) => (ready.includes(step) ? makeFolder(step.difference) : sh`mkdir -- ${step.path}`)),
      ),
      ...(content === undefined ? [] : [stageScript(stage, fresh, content, session)]),
      attributesOf(kept.map(withNames)),
      attributesOf([...left].reverse().map(withNames)),
      marksOf([...fresh.map(withAllNames), ...kept.map(withNames), ...[...folders].reverse().map(withNames)]),
    ]),
    inputs: content === undefined ? [] : [content],
    verbatim: true,
  }
}

type NamedStep = Step & { readonly names: readonly string[] }

function withNames(step: Step): NamedStep {
  return { ...step, names: step.difference.names }
}

/** What is new has neither the label nor the attributes of what it replaces. */
function withAllNames(step: Step): NamedStep {
  return { ...step, names: Object.keys(step.difference.wished) }
}

function isOpenTo({ mode, owner }: Readonly<Record<string, unknown>>, session: Session): boolean {
  if (session.uid === 0) return true
  return owner === session.user && typeof mode === 'number' && (mode & 0o300) === 0o300
}

/** In the stage, entries have numbers for folders, so that real paths of any shape fit. */
function stagedEntry({ path, difference: { wished }, time }: Step, index: number): ArchiveEntry {
  const name = stagedName(path, index)
  const mode = (wished['mode'] as number | undefined) ?? 0o777
  if (wished['type'] === 'link') return { name, type: 'link', mode, target: wished['target'] as string }
  return { name, type: 'file', mode, data: (wished['content'] as Content).bytes(), time: time ?? now() }
}

function now(): number {
  return Math.floor(Date.now() / 1000)
}

function stagedName(path: string, index: number): string {
  return `${index}/${path.slice(path.lastIndexOf('/') + 1)}`
}

function stageScript(stage: string, fresh: readonly Step[], content: Content, session: Session): Script {
  const staged = fresh.map((step, i) => ({ ...step, target: step.path, path: stagedName(step.path, i) }))
  const byFolder = grouped(staged, ({ target }) => target.slice(0, target.lastIndexOf('/')))
  return join([
    // Below a setgid folder the stage would give its group to all that is unpacked.
    sh`T=${stage}
${REMOVE_OLD}
fplay_make d 00700 "$T" -g ${session.gid}`,
    sh`${input(0, content)} | tar -xopf - -C "$T"; cd -- "$T"`,
    attributesOf(staged.map((step) => ({ ...step, names: ownerNames(step.difference, session) }))),
    commands(
      // Where nothing was, nothing can be lost: that may be flushed with other new files.
      fresh.every(({ difference }) => difference.before['type'] === 'absent')
        ? sh`[ -n "$fplay_later" ] || sync --`
        : sh`sync --`,
      staged.filter(({ difference }) => difference.wished['type'] === 'file').map(({ path }) => path),
      sh`2>/dev/null || :`,
    ),
    ...byFolder.map(([folder, steps]) =>
      commands(
        sh`mv -f --`,
        steps.map(({ path }) => path),
        sh`${folder || '/'}/`,
      ),
    ),
    sh`cd /; rm -rf -- "$T"`,
  ])
}

/** The new file is ours: another owner must be given to it, the old file's own when none is wished. */
function ownerNames(difference: Difference, session: Session): readonly string[] {
  const { wished } = whole(difference)
  const own: Record<string, unknown> = {
    owner: session.user,
    group: session.group,
    uid: session.uid,
    gid: session.gid,
  }
  const who = ['owner', 'group', 'uid', 'gid'].filter(
    (name) => wished[name] !== undefined && wished[name] !== own[name],
  )
  // chown clears setuid bits that tar has set.
  const special = ((wished['mode'] as number | undefined) ?? 0) & 0o6000
  return who.length > 0 && special !== 0 ? [...who, 'mode'] : who
}

function whole(difference: Difference): Difference {
  const { before, wished } = difference
  const has = (...names: string[]): boolean => names.some((name) => wished[name] !== undefined)
  const kept = before['type'] === 'file' && wished['type'] === 'file'
  return {
    ...difference,
    wished: {
      ...(kept && !has('owner', 'uid') ? { uid: before['uid'] } : {}),
      ...(kept && !has('group', 'gid') ? { gid: before['gid'] } : {}),
      ...wished,
    },
  }
}

/** `chown` and `chmod` of many paths: one command for each run of neighbours that get the same. */
function attributesOf(steps: readonly NamedStep[]): Script {
  const owners = steps.flatMap(({ path, difference, names }) => {
    const { wished } = whole(difference)
    const pick = (...of: string[]): unknown =>
      of.filter((name) => names.includes(name)).map((name) => wished[name])[0]
    const owner = String(pick('owner', 'uid') ?? '')
    const group = pick('group', 'gid')
    return owner === '' && group === undefined
      ? []
      : [{ path, value: group === undefined ? owner : `${owner}:${String(group)}` }]
  })
  const modes = steps
    .filter(({ difference: { wished }, names }) => names.includes('mode') && wished['type'] !== 'link')
    .map(({ path, difference: { wished } }) => ({ path, value: octal(wished['mode'] as number) }))
  return join([
    ...neighbours(owners).map(([value, paths]) => commands(sh`chown -h ${value} --`, paths)),
    ...neighbours(modes).map(([value, paths]) => commands(sh`chmod ${value} --`, paths)),
  ])
}

/** `chcon` and `chattr` of many paths; folders come last, as nothing can be put into one that is immutable. */
function marksOf(steps: readonly NamedStep[]): Script {
  const told = (words: typeof flagsWords): [string, string[]][] =>
    neighbours(
      steps
        .map(({ path, difference, names }) => ({
          path,
          value: JSON.stringify(words(difference.wished, names)),
        }))
        .filter(({ value }) => value !== '[]'),
    )
  return join([
    ...told(labelWords).map(([value, paths]) => commands(sh`chcon -h ${wordsOf(value)} --`, paths)),
    ...told(flagsWords).map(([value, paths]) => commands(sh`chattr ${wordsOf(value)}`, paths)),
  ])
}

function wordsOf(value: string): string[] {
  return JSON.parse(value) as string[]
}

function neighbours(
  items: readonly { readonly path: string; readonly value: string }[],
): [string, string[]][] {
  const runs: [string, string[]][] = []
  for (const { path, value } of items) {
    const last = runs.at(-1)
    if (last?.[0] === value) last[1].push(path)
    else runs.push([value, [path]])
  }
  return runs
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return [...groups]
}

/** The command for all paths, as often as the length of a command line demands. */
function commands(command: Script, paths: readonly string[], last: Script = sh``): Script {
  const lines: Script[] = []
  let chunk: string[] = []
  let length = 0
  const flush = (): void => {
    if (chunk.length > 0) lines.push(sh`${command} ${chunk} ${last}`)
    chunk = []
    length = 0
  }
  for (const path of paths) {
    if (length + path.length > WORDS) flush()
    chunk.push(path)
    length += path.length
  }
  flush()
  return join(lines)
}
