import fs from 'node:fs'
import path from 'node:path'
import type { Entries } from '../entry.js'
import type { Item } from '../item.js'
import { isUnset } from '../item.js'
import { wantText } from '../python/convert.js'
import { contains } from '../python/compare.js'
import { splitUrl } from '../python/url.js'

function stat(file: string, follow = true): fs.Stats | undefined {
  return (follow ? fs.statSync : fs.lstatSync)(file, { throwIfNoEntry: false })
}

function onPath(name: string, aliases: readonly string[], summary: string, check: (file: string) => boolean) {
  return {
    name,
    aliases,
    summary: `${summary} On the controller.`,
    signature: '',
    run: (value: Item) => quietly(() => check(wantText(value, `the path for "${name}"`))),
  }
}

/** A path that cannot be looked at (a file in the place of a folder, no permission) is not there. */
function quietly(check: () => boolean): boolean {
  try {
    return check()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return false
    throw error
  }
}

function isMount(file: string): boolean {
  const own = stat(file, false)
  if (!own || own.isSymbolicLink()) return false
  const parent = stat(path.join(file, '..'), false)
  return parent !== undefined && (own.dev !== parent.dev || own.ino === parent.ino)
}

function sameFile(a: Item, b: Item): boolean {
  const [one, other] = [stat(wantText(a, 'the path')), stat(wantText(b, 'the other path'))]
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino
}

/** Whether it is a URI: any text that splits into parts, of one of the schemes when they are given. */
function isUri(value: Item, schemes: Item): boolean {
  if (typeof value !== 'string') return false
  const parts = splitUrl(value)
  return parts !== undefined && (isUnset(schemes) || contains(schemes, parts.scheme))
}

function isUrl(value: Item, schemes: Item): boolean {
  if (!isUri(value, schemes)) return false
  const parts = splitUrl(value as string)!
  return parts.netloc !== '' || parts.scheme === 'file'
}

/** Tests of paths on the controller, of addresses, and of how a value came about. */
export const FILE_TESTS: Entries = [
  onPath('directory', ['is_dir'], 'A folder is there.', (file) => stat(file)?.isDirectory() ?? false),
  onPath('file', ['is_file'], 'A regular file is there.', (file) => stat(file)?.isFile() ?? false),
  onPath('exists', [], 'Something is there.', (file) => stat(file) !== undefined),
  onPath(
    'link',
    ['is_link'],
    'A symbolic link is there.',
    (file) => stat(file, false)?.isSymbolicLink() ?? false,
  ),
  onPath(
    'link_exists',
    [],
    'Something is there, also a link to nothing.',
    (file) => stat(file, false) !== undefined,
  ),
  onPath('mount', ['is_mount'], 'A file system is mounted there.', isMount),
  {
    name: 'abs',
    aliases: ['is_abs'],
    summary: 'It is an absolute path.',
    signature: '',
    run: (value) => wantText(value, 'the path for "abs"').startsWith('/'),
  },
  {
    name: 'same_file',
    aliases: ['is_same_file'],
    summary: 'Both paths lead to the same file. On the controller.',
    signature: 'f2',
    run: (value, [other]) => quietly(() => sameFile(value, other!)),
  },
  {
    name: 'uri',
    summary: 'It is a URI, of one of these schemes when they are given.',
    signature: 'schemes=None',
    run: (value, [schemes]) => isUri(value, schemes!),
  },
  {
    name: 'url',
    summary: 'It is a URL, of one of these schemes when they are given.',
    signature: 'schemes=None',
    run: (value, [schemes]) => isUrl(value, schemes!),
  },
  { name: 'urn', summary: 'It is a URN.', signature: '', run: (value) => isUri(value, ['urn']) },
  {
    name: 'vault_encrypted',
    summary: 'It is still encrypted; a value that an expression sees has been decrypted, so it never is.',
    signature: '',
    run: (value) => typeof value === 'string' && value.startsWith('$ANSIBLE_VAULT;'),
  },
  {
    name: 'unsafe',
    summary: 'It is never rendered as a template; no result is, here.',
    signature: '',
    run: () => true,
  },
]
