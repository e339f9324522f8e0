import { posix } from 'node:path'
import { contentOf } from '../../content.js'
import { isUnknown, Unknown } from '../../unknown.js'
import { ATTRIBUTES, attributeAsks, attributesScript, attributeWish, type Attributes } from '../attributes.js'
import {
  Fail,
  FRESH,
  type Ask,
  type Converge,
  type Difference,
  type Key,
  type Ran,
  type View,
  type Wish,
} from '../contract.js'
import type { ParamTable } from '../params.js'
import { sh, type Script } from '../quote.js'
import { backupOf, foreseenBackup, input, writeFile } from '../write.js'

/** Parameters of the modules that keep one PEM file which is made anew when it is not as wanted. */
export const PEM_FILE = {
  path: { type: 'path', required: true, description: 'The file, on the host.' },
  state: { type: 'str', default: 'present', choices: ['present', 'absent'], description: 'Whether it is there.' },
  force: { type: 'bool', default: false, description: 'Make it anew each time.' },
  backup: { type: 'bool', default: false, description: 'Keep the old file beside the new one.' },
  return_content: { type: 'bool', default: false, description: 'Return its text.' },
  ...ATTRIBUTES,
} as const satisfies ParamTable // prettier-ignore

/** Values of {@link PEM_FILE}. */
export interface PemFile extends Attributes {
  readonly path: string
  readonly state: string
  readonly force: boolean
  readonly backup: boolean
  readonly return_content: boolean
}

/** Whether the file may stay, must be made anew, or only the run can tell. */
export type Verdict = 'keep' | 'make' | Unknown

export function pemAsks(given: Attributes & Pick<PemFile, 'path'>): readonly Ask[] {
  return [
    { kind: 'path', path: given.path, need: 'content', follow: true, limit: 1024 * 1024 },
    { kind: 'path', path: posix.dirname(given.path), need: 'stat', follow: true },
    ...attributeAsks(given),
  ]
}

/** The text of the file; Unknown where an earlier task of a dry run makes it, undefined where there is none. */
export function pemText({ path }: PemFile, before: View): string | Unknown | undefined {
  const found = before.path(path)
  if (found.type === 'absent') return undefined
  if (isUnknown(found.type)) return found.type
  if (found.type !== 'file') throw new Fail(`${path} is no file`, [`path:${path}`], 'remove it first')
  const { content } = found
  return content === undefined || isUnknown(content)
    ? new Unknown(`content of ${path}`)
    : content.bytes().toString('latin1')
}

/** @param judge  tells what is to be done with a file that is there and known */
export function pemVerdict(given: PemFile, before: View, judge: (text: string) => Verdict): Verdict {
  const text = pemText(given, before)
  if (text === undefined || given.force) return 'make'
  // What an earlier task of a dry run makes is taken for what is wanted.
  return isUnknown(text) ? 'keep' : judge(text)
}

export function pemWish(given: PemFile, before: View, verdict: () => Verdict): Wish {
  const { path } = given
  const key: Key = `path:${path}`
  if (given.state === 'absent') return new Map([[key, { type: 'absent' }]])
  const folder = posix.dirname(path)
  const { type } = before.path(folder)
  if (type !== 'directory' && !isUnknown(type)) {
    throw new Fail(
      `the folder ${folder} does not exist`,
      [`path:${folder}`],
      'make it with file: state=directory',
    )
  }
  const attributes = attributeWish(given, before, before.path(path), 'file')
  const what = verdict()
  const sha1 = what === 'make' ? { sha1: FRESH } : isUnknown(what) ? { sha1: what } : {}
  return new Map([[key, { type: 'file', ...sha1, ...attributes } as const]])
}

/** @param make  gives the text, when it is to be made anew */
export function pemConverge(
  given: PemFile,
  before: View,
  differing: ReadonlyMap<Key, Difference>,
  make: () => string,
): Converge {
  const [difference] = [...differing.values()]
  const { wished, names } = difference!
  const { real } = before.path(given.path)
  if (wished['type'] === 'absent') return { script: pemRemoval(given, real) }
  if (!names.includes('sha1') && !names.includes('type')) {
    return { script: attributesScript(sh`${real}`, wished, names, 'file') }
  }
  const content = contentOf(make())
  return { script: writeFile(real, input(0, content), difference!, before.session, given), inputs: [content] }
}

/** Shell text that removes the file, and keeps it under another name where that is wanted. */
export function pemRemoval({ backup }: Pick<PemFile, 'backup'>, real: string): Script {
  const keep = backup
    ? sh`B=${real}.$$.$(date +%Y-%m-%d@%H:%M:%S)~; cp -p -- ${real} "$B"; printf 'backup: %s\\n' "$B"`
    : sh`:`
  return sh`${keep}\nrm -f -- ${real}`
}

/** The name of the old file, where one was kept. */
export function pemBackup(
  { backup, path }: Pick<PemFile, 'backup' | 'path'>,
  before: View,
  ran: Ran,
): object {
  const found = before.path(path)
  if (!backup || found.type === 'absent' || ran.kind === 'nothing') return {}
  const file = ran.kind === 'foreseen' ? foreseenBackup(found.real) : backupOf(ran.stdout)
  return file === undefined ? {} : { backup_file: file }
}
