import {
  defineModule,
  Fail,
  isUnknown,
  Unknown,
  type Ask,
  type Key,
  type PathState,
  type View,
} from '../engine/module/contract.js'
import { modeDigits, permissionFlags } from '../engine/module/mode.js'
import { filtersOf, type Filters, type Find, type Verdict } from '../engine/module/find/filters.js'
import { FIND } from '../engine/module/find/params.js'
import {
  darkFolder,
  folderAsks,
  linkAsks,
  notSearched,
  tooDeep,
  walk,
  type Met,
} from '../engine/module/find/walk.js'
import { sh } from '../engine/module/quote.js'

const CLOCK: Key = 'clock:now'

function probe(given: Find): readonly Ask[] {
  filtersOf(given)
  const relative = given.paths.find((path) => !path.startsWith('/'))
  if (relative !== undefined) throw new Fail(`"${relative}" is not an absolute path`, [], 'begin it with /')
  const clock: Ask = {
    kind: 'own',
    key: CLOCK,
    script: sh`date +%s`,
    read: ({ stdout }) => ({ now: Number(stdout) }),
  }
  const folders = given.paths.flatMap((path) => folderAsks(given, path))
  return given.age === undefined ? folders : [...folders, clock]
}

/** Folders behind links, and what is in the files that are left after all else was looked at. */
function more(given: Find, before: View): readonly Ask[] {
  const behind = linkAsks(given, before)
  const need = given.contains !== undefined ? 'content' : 'hash'
  if (
    behind.length === 0 &&
    (given.contains === undefined || given.file_type !== 'file') &&
    !given.get_checksum
  )
    return []
  const files = candidates(given, before, filtersOf(given)).filter(({ state }) => state.type === 'file')
  return [...behind, ...files.map(({ path }): Ask => ({ kind: 'path', path, need }))]
}

interface Candidate extends Met {
  readonly verdict: Verdict
}

/** What all filters but the one for contents take, or may take. */
function candidates(given: Find, before: View, filters: Filters): readonly Candidate[] {
  const now = given.age === undefined ? 0 : Number(before.own(CLOCK)['now'])
  return searched(given, before).flatMap(({ path, state }): readonly Candidate[] => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if ((name.startsWith('.') && !given.hidden) || !filters.name(name)) return []
    const verdict = filters.state(state, now)
    return verdict === false ? [] : [{ path, state, verdict }]
  })
}

/** Every entry within the depth. */
function searched(given: Find, before: View): readonly Met[] {
  return given.paths.flatMap((root) =>
    walk(given, before, root).filter(({ path }) => !tooDeep(given, root, path)),
  )
}

function found(given: Find, before: View): readonly Candidate[] {
  const filters = filtersOf(given)
  return candidates(given, before, filters).flatMap(({ path, state, verdict }): readonly Candidate[] => {
    if (state.type !== 'file') return [{ path, state, verdict }]
    const whole = given.contains !== undefined || given.get_checksum ? before.path(path) : state
    const holds = filters.content(whole.content)
    if (holds === false) return []
    return [{ path, state: whole, verdict: holds === undefined ? undefined : verdict }]
  })
}

function describe(given: Find, { path, state }: Candidate): Readonly<Record<string, unknown>> {
  const { type, special, mode, owner, group, uid, gid, sha1 } = state
  const is = (kind: string): unknown => (isUnknown(type) ? type : type === kind)
  const named = (name: unknown, id: unknown): unknown => (name === String(id) ? '' : name)
  return {
    path,
    mode: modeDigits(mode),
    isdir: is('directory'),
    ischr: special === 'character',
    isblk: special === 'block',
    isreg: is('file'),
    isfifo: special === 'fifo',
    islnk: is('link'),
    issock: special === 'socket',
    ...times(state),
    pw_name: named(owner, uid),
    gr_name: named(group, gid),
    ...permissionFlags(mode),
    ...(given.get_checksum && type === 'file' ? { checksum: sha1 } : {}),
  }
}

function times(state: PathState): Readonly<Record<string, unknown>> {
  const { uid, gid, size, inode, device, links, atime, mtime, ctime } = state
  return { uid, gid, size, inode, dev: device, nlink: links, atime, mtime, ctime }
}

/** Finds entries below folders. */
export default defineModule({
  summary: 'Find entries of the file system below folders',
  description:
    'They come in the order of their paths. In a dry run, what earlier tasks would have made is among them, and as good as new.',
  params: FIND,
  returns: {
    files: 'What was found: for each its path, what stat tells of it, and with get_checksum its checksum.',
    matched: 'How many were found.',
    examined: 'How many were looked at.',
    skipped_paths: 'Paths that were not searched, and why.',
    msg: 'Whether all paths were searched.',
    warnings: 'Paths that were not searched, as sentences.',
  },
  examples: `
- name: Logs of more than two weeks
  find: {paths: /data/projects/fate/logs, patterns: '*.log,*.log.gz', age: 2w, recurse: true}
  register: old
- file: {path: "{{ item.path }}", state: absent}
  loop: "{{ old.files }}"
`,
  probe,
  more,
  result: (given, before) => {
    const skipped = given.paths.flatMap((path) => {
      const why = notSearched(path, before)
      return why === undefined ? [] : [[path, why] as const]
    })
    const taken = found(given, before)
    const open = taken.find(({ verdict }) => verdict === undefined)
    const dark = given.paths.flatMap((path) => darkFolder(given, before, path) ?? [])[0]
    const late =
      dark !== undefined
        ? new Unknown(`what is in ${dark}`)
        : open && new Unknown(`whether ${open.path} is one of the files`)
    const warnings = skipped.map(([path, why]) => `Skipped '${path}' path due to this access issue: ${why}`)
    return {
      values: {
        files: late ?? taken.map((one) => describe(given, one)),
        matched: late ?? taken.length,
        examined:
          dark !== undefined
            ? late
            : given.paths.reduce((sum, path) => sum + walk(given, before, path).length, 0),
        skipped_paths: Object.fromEntries(skipped),
        msg:
          skipped.length === 0 ? 'All paths examined' : 'Not all paths examined, check warnings for details',
        ...(warnings.length === 0 ? {} : { warnings }),
      },
    }
  },
})
