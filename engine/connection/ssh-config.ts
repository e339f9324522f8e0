import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { fail } from '../errors.js'
import { splitWords } from '../module/words.js'

/** Settings of ssh_config by lower-case keyword. The first value counts; of IdentityFile and its like all do. */
export class SshOptions {
  private readonly values = new Map<string, string[]>()

  /** Adds a value as ssh_config does: a later one does not replace an earlier one. */
  add(keyword: string, value: string): void {
    const key = keyword.toLowerCase()
    const known = this.values.get(key)
    if (!known) this.values.set(key, [value])
    else if (ACCUMULATING.has(key)) known.push(value)
  }

  get(keyword: string): string | undefined {
    return this.values.get(keyword)?.[0]
  }

  all(keyword: string): readonly string[] {
    return this.values.get(keyword) ?? []
  }
}

const ACCUMULATING = new Set(['identityfile', 'certificatefile'])

/** Includes in includes, as deep as OpenSSH follows them. */
const DEPTH = 16

/**
 * Adds to `options` what a configuration file says for a host. A file that does not exist says nothing.
 *
 * @param alias  the name as the user gave it, which `Host` patterns are about
 * @param optional  false: the file was named by the user and must exist
 */
export function readSshConfig(path: string, alias: string, options: SshOptions, optional: boolean): void {
  readFile({ alias, options, depth: 0 }, path, optional)
}

interface Reading {
  readonly alias: string
  readonly options: SshOptions
  readonly depth: number
}

function readFile(reading: Reading, path: string, optional: boolean): void {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (optional && code === 'ENOENT') return
    fail({
      code: code === 'ENOENT' ? 'file-not-found' : 'file-unreadable',
      message: `the ssh configuration ${path} cannot be read (${code})`,
    })
  }
  let applies = true
  for (const line of text.split('\n')) {
    const [, keyword, rest] = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? []
    if (keyword === undefined || rest === undefined) continue
    const key = keyword.toLowerCase()
    if (key === 'host') applies = matchesPatterns(reading.alias, splitWords(rest))
    else if (key === 'match') applies = matches(reading, splitWords(rest))
    else if (applies && key === 'include') include(reading, path, splitWords(rest))
    else if (applies) reading.options.add(key, valueOf(key, rest))
  }
}

/** Commands and lists are taken as they stand; of everything else quotes are taken off. */
function valueOf(key: string, rest: string): string {
  if (key === 'proxycommand' || key === 'userknownhostsfile' || key === 'globalknownhostsfile') return rest
  return splitWords(rest)[0] ?? ''
}

function include(reading: Reading, from: string, patterns: readonly string[]): void {
  if (reading.depth >= DEPTH) {
    fail({ code: 'bad-option', message: `${from} includes files more than ${DEPTH} deep` })
  }
  for (const pattern of patterns) {
    const home = expandHome(pattern)
    const path = isAbsolute(home) ? home : join(homedir(), '.ssh', home)
    for (const file of filesLike(path)) readFile({ ...reading, depth: reading.depth + 1 }, file, true)
  }
}

function filesLike(path: string): string[] {
  if (!/[*?]/.test(basename(path))) return [path]
  try {
    const names = readdirSync(dirname(path)).filter((name) => !name.startsWith('.'))
    return names
      .filter((name) => matchesPattern(name, basename(path)))
      .sort()
      .map((name) => join(dirname(path), name))
  } catch {
    return []
  }
}

/** Criteria of `Match`; all must hold. What needs a second pass of OpenSSH (`canonical`, `final`) does not. */
function matches(reading: Reading, words: readonly string[]): boolean {
  const { options, alias } = reading
  for (let i = 0; i < words.length; i++) {
    const criterion = words[i]!.replace(/^!/, '').toLowerCase()
    const wanted = !words[i]!.startsWith('!')
    if (criterion === 'all') continue
    if (criterion === 'canonical' || criterion === 'final') return false
    const value = words[++i] ?? ''
    if (criterion === 'exec') {
      if (
        (spawnSync('/bin/sh', ['-c', expandTokens(value, tokensOf(alias, options))]).status === 0) !==
        wanted
      )
        return false
      continue
    }
    const subject: Record<string, string | undefined> = {
      host: options.get('hostname') ?? alias,
      originalhost: alias,
      user: options.get('user') ?? userInfo().username,
      localuser: userInfo().username,
    }
    const text = subject[criterion]
    if (text === undefined || matchesPatterns(text, value.split(',')) !== wanted) return false
  }
  return true
}

function tokensOf(alias: string, options: SshOptions): Record<string, string> {
  return { h: options.get('hostname') ?? alias, n: alias, u: userInfo().username, d: homedir() }
}

/** `*` and `?` patterns, of which one must match and none with `!` may. */
export function matchesPatterns(text: string, patterns: readonly string[]): boolean {
  let matched = false
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(text, pattern.slice(1))) return false
    } else matched ||= matchesPattern(text, pattern)
  }
  return matched
}

function matchesPattern(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 'is').test(text)
}

/** Replaces `%x` tokens; `%%` is a percent sign, an unknown token is left. */
export function expandTokens(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(/%(.)/g, (whole, token: string) => (token === '%' ? '%' : (tokens[token] ?? whole)))
}

/** `~` and `${NAME}` in a path. */
export function expandHome(path: string): string {
  const home = path === '~' || path.startsWith('~/') ? homedir() + path.slice(1) : path
  return home.replace(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole)
}
