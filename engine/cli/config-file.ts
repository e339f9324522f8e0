import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fail } from '../errors.js'
import type { Place, Problem } from '../errors.js'
import type { Caller } from './caller.js'

/** A key of a settings file. */
export interface ConfigEntry {
  readonly value: string
  readonly place: Place
}

/** A settings file: entries by `section.key`. */
export interface ConfigFile {
  readonly path: string
  readonly entries: ReadonlyMap<string, ConfigEntry>
}

/**
 * Finds the settings file as Ansible does: the environment, the working folder (not when everybody may write to it),
 * the home, /etc. At each of these fplay's own file comes before that of Ansible. `warn` is told of a file that is
 * not read.
 */
export function findConfigFile(env: Caller['env'], warn: (problem: Problem) => void): string | undefined {
  for (const name of ['FPLAY_CONFIG', 'ANSIBLE_CONFIG'] as const) {
    const named = env[name]
    if (!named) continue
    const path = fileOrIn(expandHome(named, env), name === 'FPLAY_CONFIG' ? 'fplay.cfg' : 'ansible.cfg')
    if (existsSync(path)) return path
    warn({ code: 'bad-setting', message: `${name} names ${named}, which does not exist` })
  }
  const home = env['HOME'] || homedir()
  const beside = ['fplay.cfg', 'ansible.cfg'].map((name) => resolve(name)).find((file) => existsSync(file))
  if (beside && !isOpenToAll(resolve('.'))) return beside
  if (beside) warn(openToAll(beside))
  const others = [
    join(home, '.fplay.cfg'),
    join(home, '.ansible.cfg'),
    '/etc/fplay/fplay.cfg',
    '/etc/ansible/ansible.cfg',
  ]
  return others.find((file) => existsSync(file))
}

/** Reads a settings file; fails with `bad-setting` and its place where the syntax is not that of an INI file. */
export function readConfigFile(path: string): ConfigFile {
  try {
    return { path, entries: parseConfig(readFileSync(path, 'utf8'), path) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined || 'problems' in (error as object)) throw error
    return fail({ code: 'bad-setting', message: `the settings file ${path} cannot be read: ${code}` })
  }
}

/** Entries of an INI file as Python's configparser reads it: `;` begins a comment after a blank, `#` at the line. */
export function parseConfig(text: string, path: string): Map<string, ConfigEntry> {
  const entries = new Map<string, ConfigEntry>()
  let section: string | undefined
  let open: { readonly name: string; readonly indent: number } | undefined
  for (const [at, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const content = line.replace(/^\s*[#;].*|\s;.*/, '').trimEnd()
    const indent = line.search(/\S/)
    if (content.trim() === '') continue
    const place = { file: path, line: at + 1, column: indent + 1 }
    if (open && indent > open.indent) {
      const { value, place: begun } = entries.get(open.name)!
      entries.set(open.name, { value: `${value}\n${content.trim()}`.trim(), place: begun })
      continue
    }
    const header = /^\[(.+)\]$/.exec(content.trim())
    if (header) {
      section = header[1]!
      open = undefined
      continue
    }
    const [, key, value] = /^\s*([^=:]*?)\s*[=:]\s*(.*)$/.exec(content) ?? []
    if (section === undefined || !key) return refuseLine(content.trim(), place, section)
    const name = `${section}.${key.toLowerCase()}`
    const before = entries.get(name)
    if (before) return refuseTwice(name, place, before.place.line)
    entries.set(name, { value: value!, place })
    open = { name, indent }
  }
  return entries
}

function refuseLine(content: string, place: Place, section: string | undefined): never {
  return fail({
    code: 'bad-setting',
    message: `"${content}" is no setting`,
    place,
    allowed: section === undefined ? 'a [section] comes first, such as [defaults]' : 'key = value',
  })
}

function refuseTwice(name: string, place: Place, line: number): never {
  return fail({
    code: 'bad-setting',
    message: `${name} is set twice; first in line ${line}`,
    place,
    cure: 'leave one of them out',
  })
}

function openToAll(file: string): Problem {
  return {
    code: 'bad-setting',
    message: `${file} is not read, because everybody may write to its folder`,
    cure: 'name it with FPLAY_CONFIG, or chmod o-w the folder',
  }
}

function isOpenToAll(folder: string): boolean {
  return (statSync(folder).mode & 0o002) !== 0
}

function fileOrIn(path: string, name: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, name) : path
}

function expandHome(path: string, env: Caller['env']): string {
  return resolve(path.replace(/^~(?=\/|$)/, env['HOME'] || homedir()))
}
