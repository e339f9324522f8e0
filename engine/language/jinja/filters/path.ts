import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Entries } from '../entry.js'
import type { Item } from '../item.js'
import { isList, isUnset, tuple } from '../item.js'
import { wantText } from '../python/convert.js'
import { str } from '../python/render.js'

function onPath(name: string, summary: string, run: (text: string) => Item) {
  return { name, summary, signature: '', run: (value: Item) => run(wantText(value, `the value of ${name}`)) }
}

/** What is before the last slash, as Python cuts it: `/a/b/` has the folder `/a/b`. */
function dirname(text: string): string {
  const head = text.slice(0, text.lastIndexOf('/') + 1)
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '')
}

function joinPaths(parts: readonly string[]): string {
  return parts.reduce((whole, part) => {
    if (part.startsWith('/')) return part
    return whole === '' || whole.endsWith('/') ? whole + part : `${whole}/${part}`
  })
}

function splitExtension(text: string): Item {
  const name = text.slice(text.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  if (dot <= 0 || /^\.*$/.test(name.slice(0, dot))) return tuple([text, ''])
  return tuple([text.slice(0, text.length - name.length + dot), name.slice(dot)])
}

function expandUser(text: string): string {
  const [, user = '', rest = ''] = /^~([^/]*)([\s\S]*)$/.exec(text) ?? []
  if (!text.startsWith('~')) return text
  const home = user === '' ? (process.env['HOME'] ?? os.homedir()) : homeOf(user)
  return home === undefined ? text : home.replace(/\/+$/, '') + rest || '/'
}

function homeOf(user: string): string | undefined {
  const entry = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${user}:`))
  return entry?.split(':')[5]
}

function expandVariables(text: string): string {
  return text.replace(
    /\$(\w+|\{[^}]*\})/g,
    (whole, name: string) => process.env[name.replace(/^\{|\}$/g, '')] ?? whole,
  )
}

/** The path without links, as far as it exists. */
function realPath(text: string): string {
  let head = path.resolve(text)
  let tail = ''
  for (;;) {
    try {
      return path.join(fs.realpathSync(head), tail)
    } catch {
      if (head === '/') return path.join(head, tail)
      tail = path.join(path.basename(head), tail)
      head = path.dirname(head)
    }
  }
}

/** Python's normpath: keeps two leading slashes. */
function normalPath(text: string): string {
  if (text === '') return '.'
  const normal = path.posix.normalize(text).replace(/(.)\/$/, '$1')
  return /^\/\/[^/]/.test(text) ? `/${normal}` : normal
}

function commonPath(value: Item): Item {
  const paths = (isList(value) ? value : [value]).map((one) => wantText(one, 'a path').split('/'))
  const [first = []] = paths
  const absolute = first[0] === '' && first.length > 1
  const lists = paths.map((parts) => parts.filter((part) => part !== '' && part !== '.'))
  const shared: string[] = []
  for (const [index, part] of lists[0]!.entries()) {
    if (!lists.every((list) => list[index] === part)) break
    shared.push(part)
  }
  return (absolute ? '/' : '') + shared.join('/')
}

function splitDrive(text: string): [string, string] {
  const match = /^([a-zA-Z]:|[\\/]{2}[^\\/]+[\\/][^\\/]+)/.exec(text)
  return match ? [match[0], text.slice(match[0].length)] : ['', text]
}

function windowsDirname(text: string): string {
  const [drive, rest] = splitDrive(text)
  const head = rest.slice(0, Math.max(rest.lastIndexOf('\\'), rest.lastIndexOf('/')) + 1)
  return drive + (head.replace(/[\\/]+$/, '') || head)
}

/** Files (no folders) that a pattern with `*`, `?`, `[…]` and `**` names, in order. */
export function glob(pattern: string): string[] {
  const absolute = pattern.startsWith('/')
  let found = [absolute ? '/' : '']
  for (const part of pattern.split('/').filter(Boolean)) {
    found = found.flatMap((folder) => expandPart(folder, part))
  }
  return found.filter((file) => fs.statSync(file, { throwIfNoEntry: false })?.isFile()).sort()
}

function expandPart(folder: string, part: string): string[] {
  if (!/[*?[]/.test(part)) return [path.join(folder, part)]
  const source = part
    .replace(/\[!/g, '[^')
    .replace(/[.+^$(){}|\\]/g, (char) => (char === '^' ? char : `\\${char}`))
  const regex = new RegExp(`^${source.replace(/\*+/g, '.*').replace(/\?/g, '.')}$`)
  let names: string[]
  try {
    names = fs.readdirSync(folder || '.')
  } catch {
    return []
  }
  const hidden = part.startsWith('.')
  return names
    .filter((name) => regex.test(name) && (hidden || !name.startsWith('.')))
    .map((name) => path.join(folder, name))
}

/** Filters of paths; those that look at files do so on the controller. */
export const PATH_FILTERS: Entries = [
  onPath('basename', 'The last part of a path.', (text) => text.slice(text.lastIndexOf('/') + 1)),
  onPath('dirname', 'The path without its last part.', dirname),
  onPath('splitext', 'The path and its extension.', splitExtension),
  onPath('expanduser', 'The path with ~ replaced by the home on the controller.', expandUser),
  onPath(
    'expandvars',
    'The text with $NAME replaced from the environment of the controller.',
    expandVariables,
  ),
  onPath('realpath', 'The path without links, on the controller.', realPath),
  onPath('normpath', 'The path without needless parts.', normalPath),
  onPath('fileglob', 'The files on the controller that a pattern names.', glob),
  onPath('win_basename', 'The last part of a Windows path.', (text) => {
    const [, rest] = splitDrive(text)
    return rest.slice(Math.max(rest.lastIndexOf('\\'), rest.lastIndexOf('/')) + 1)
  }),
  onPath('win_dirname', 'A Windows path without its last part.', windowsDirname),
  onPath('win_splitdrive', 'The drive of a Windows path, and the rest.', (text) => tuple(splitDrive(text))),
  {
    name: 'relpath',
    summary: 'The path as seen from a folder.',
    signature: 'start=None',
    run: (value, [start]) =>
      path.relative(isUnset(start) ? '.' : str(start), wantText(value, 'the value of relpath')) || '.',
  },
  {
    name: 'path_join',
    summary: 'One path of the parts of a list.',
    signature: '',
    run: (value) =>
      isList(value)
        ? joinPaths(value.map((part) => wantText(part, 'a part of a path')))
        : wantText(value, 'the path'),
  },
  {
    name: 'commonpath',
    summary: 'The longest path that all paths begin with.',
    signature: '',
    run: commonPath,
  },
]
