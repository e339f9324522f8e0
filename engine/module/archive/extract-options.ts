import { Fail } from '../contract.js'
import { fnmatch } from '../fnmatch.js'
import type { ArchiveEntry } from './entry.js'

/** What `extra_opts` of tar and unzip say, as far as it can be done here. */
export interface ExtractOptions {
  /** Leading folders of each name that are left out; -1 for all of them. */
  readonly strip: number
  readonly exclude: readonly string[]
  /** What becomes of files that are there. */
  readonly existing: 'replace' | 'keep' | 'keep-newer'
  /** New files have the time of unpacking, not that in the archive. */
  readonly touch: boolean
}

/** Options of unzip that mean something else to tar: another compression, and a file that can be searched. */
const UNZIP = new Set(['-j', '-n'])

/** Options that say what is done here in any case. */
const AS_IT_IS = new Set(
  '--no-same-owner -o --numeric-owner --overwrite --wildcards --no-anchored --verbose -v -q -qq'.split(' '),
)
const ALLOWED =
  '--strip-components, --exclude, --keep-newer-files, --skip-old-files, -n and -j (zip), --touch, -m, --no-same-owner, --overwrite, --wildcards'

/**
 * Reads options as tar and unzip have them. Fails for others.
 * @param handler  kind of archive, where it is known
 */
export function extractOptions(words: readonly string[], handler = 'ZipArchive'): ExtractOptions {
  let options: ExtractOptions = { strip: 0, exclude: [], existing: 'replace', touch: false }
  const rest = words.filter((word) => word !== '').flatMap(splitValue)
  while (rest.length > 0) {
    const option = rest.shift()!
    if (AS_IT_IS.has(option)) continue
    if (UNZIP.has(option) && handler !== 'ZipArchive') throw cannot(option)
    options = { ...options, ...effectOf(option, options, () => rest.shift() ?? '') }
  }
  return options
}

/** `--name=value` as two words. */
function splitValue(word: string): string[] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}

function effectOf(option: string, { exclude }: ExtractOptions, value: () => string): Partial<ExtractOptions> {
  switch (option) {
    case '--strip-components':
    case '--strip':
      return { strip: countOf(option, value()) }
    case '--exclude':
      return { exclude: [...exclude, value()] }
    case '--keep-newer-files':
      return { existing: 'keep-newer' }
    case '--skip-old-files':
    case '-n':
      return { existing: 'keep' }
    case '--touch':
    case '-m':
      return { touch: true }
    case '-j':
      return { strip: -1 }
    default:
      throw cannot(option)
  }
}

function cannot(option: string): Fail {
  return new Fail(`extra_opts has "${option}", which fplay cannot do`, [], `allowed: ${ALLOWED}`)
}

function countOf(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new Fail(`extra_opts: ${option} has "${text}"`, [], 'give a number')
}

/** The entries with the names that they get; those that the options leave out are not among them. */
export function extracted(
  entries: readonly ArchiveEntry[],
  { strip, exclude, touch }: ExtractOptions,
): readonly ArchiveEntry[] {
  const tests = exclude.map((pattern) => fnmatch(pattern.replace(/\/+$/, '')))
  const isExcluded = (name: string): boolean => {
    const parts = name.split('/')
    const inside = parts.flatMap((_, from) =>
      parts.slice(from).map((__, to) => parts.slice(from, from + to + 1).join('/')),
    )
    return tests.some((test) => inside.some((part) => test.test(part)))
  }
  const renamed = entries.flatMap((entry): ArchiveEntry[] => {
    if (tests.length > 0 && isExcluded(entry.name)) return []
    const name = strippedName(entry, strip)
    if (name === '') return []
    const { time, ...timeless } = entry
    return [{ ...timeless, name, ...(touch || time === undefined ? {} : { time }) }]
  })
  // Names may meet: then the later entry wins.
  return [...new Map(renamed.map((entry) => [entry.name, entry])).values()]
}

function strippedName({ name, type }: ArchiveEntry, strip: number): string {
  const parts = name.split('/')
  if (strip < 0) return type === 'directory' ? '' : parts.at(-1)!
  return parts.slice(strip).join('/')
}
