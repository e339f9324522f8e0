import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { playOf } from '../../play/inherit.js'
import type { Run } from '../context.js'
import type { LookupContext, LookupPlugin } from './plugin.js'
import { option, opened, refuse, splitTerm, termText } from './terms.js'

/** Sets of characters by the names Python has for them. */
const SETS: Readonly<Record<string, string>> = {
  ascii_lowercase: 'abcdefghijklmnopqrstuvwxyz',
  ascii_uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ascii_letters: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  hexdigits: '0123456789abcdefABCDEF',
  octdigits: '01234567',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
}
const DEFAULT_SETS = 'ascii_letters,digits,.,:,-,_'
const DEFAULT_LENGTH = 20

/**
 * A password kept in a file of the controller; made at random, readable by its owner only, when there is none. With
 * `vault` a new file is encrypted with the vault password of the run, where it has one; encrypted files are read in any case.
 */
const password: LookupPlugin = (context) => (terms, options) =>
  opened(terms).map((term) => {
    const { first, pairs } = splitTerm(termText(term))
    const get = (name: string): string | undefined => pairs.get(name) ?? option(options, name)
    if (get('encrypt') !== undefined) {
      return refuse('password', 'encrypt is not supported', 'hash the password with the filter password_hash')
    }
    const length = Number(get('length') ?? DEFAULT_LENGTH)
    if (!Number.isInteger(length) || length < 1) return refuse('password', `length is "${get('length')}"`)
    const make = (): string => random(alphabet(get('chars') ?? DEFAULT_SETS), length)
    return kept(context, first, make, get('vault')?.toLowerCase() === 'true')
  })

const madeUp = new WeakMap<Run, Map<string, string>>()

function kept({ run, task }: LookupContext, name: string, make: () => string, encrypted: boolean): string {
  const made = (): string => {
    const text = make()
    run.secrets.add(text)
    return text
  }
  if (name === '/dev/null' || name === '') return made()
  const path = isAbsolute(name) || !task ? name : join(dirname(playOf(task).file), name)
  if (existsSync(path)) {
    const text = run.files
      .text(path)
      .split('\n')[0]!
      .replace(/ salt=.*$/, '')
    run.secrets.add(text)
    return text
  }
  const text = madeUp.get(run)?.get(path) ?? made()
  // A dry run leaves nothing, on the controller neither; what it makes up holds until its end.
  if (run.settings.checkMode) {
    madeUp.set(run, (madeUp.get(run) ?? new Map<string, string>()).set(path, text))
    return text
  }
  const line = `${text}\n`
  write(path, encrypted && run.vault?.canEncrypt ? run.vault.encrypt(line) : line)
  return text
}

function write(path: string, content: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    refuse('password', `the new password cannot be kept in ${path}: ${(error as Error).message}`)
  }
}

function alphabet(chars: string): string {
  const parts = chars.replace(/,,/g, '\0').split(',')
  return parts.map((part) => SETS[part] ?? part.replaceAll('\0', ',')).join('')
}

function random(characters: string, length: number): string {
  return Array.from({ length }, () => characters[randomInt(characters.length)]).join('')
}

/** Lookups of secrets. */
export const PASSWORD_LOOKUPS: Readonly<Record<string, LookupPlugin>> = { password }
