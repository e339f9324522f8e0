import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { hashPassword } from '../../language/jinja/filters/crypt.js'
import { EvalError } from '../../language/jinja/item.js'
import { randomSalt } from '../../language/jinja/python/crypt.js'
import { SeededRandom, SYSTEM_RANDOM } from '../../language/jinja/python/random.js'
import type { RandomSource } from '../../language/jinja/python/random.js'
import { playOf } from '../../play/inherit.js'
import type { Run } from '../context.js'
import type { LookupContext, LookupPlugin } from './plugin.js'
import { option, opened, refuse, refuseUnknown, splitTerm, termText } from './terms.js'

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const UPPER = LOWER.toUpperCase()
const DIGITS = '0123456789'
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'
const WHITESPACE = ' \t\n\r\v\f'

/** Sets of characters by the names Python has for them. */
const SETS: Readonly<Record<string, string>> = {
  ascii_lowercase: LOWER,
  ascii_uppercase: UPPER,
  ascii_letters: LOWER + UPPER,
  digits: DIGITS,
  hexdigits: `${DIGITS}abcdefABCDEF`,
  octdigits: '01234567',
  punctuation: PUNCTUATION,
  whitespace: WHITESPACE,
  printable: DIGITS + LOWER + UPPER + PUNCTUATION + WHITESPACE,
}
const DEFAULT_SETS = ['ascii_letters', 'digits', '.,:-_']
const DEFAULT_LENGTH = 20

/**
 * A password kept in a file of the controller; made at random, readable by its owner only, when there is none. With
 * `vault` a new file is encrypted with the vault password of the run, where it has one; encrypted files are read in any case.
 */
const password: LookupPlugin = (context) => (terms, options) => {
  refuseUnknown('password', options.keys(), OPTIONS)
  return opened(terms).map((term) => {
    const { first, pairs } = splitTerm(termText(term))
    refuseUnknown('password', pairs.keys(), OPTIONS)
    const get = (name: string): string | undefined => pairs.get(name) ?? option(options, name)
    const length = Number(get('length') ?? DEFAULT_LENGTH)
    if (!Number.isInteger(length) || length < 1) return refuse('password', `length is "${get('length')}"`)
    const given = options.get('chars')
    const listed = Array.isArray(given) && !pairs.has('chars') ? given.map(termText) : undefined
    const chars = get('chars')
    const characters = alphabet(listed ?? (chars === undefined ? DEFAULT_SETS : partsOf(chars)))
    const seed = get('seed')
    const source = seed === undefined ? SYSTEM_RANDOM : new SeededRandom(seed)
    const encrypt = get('encrypt')
    const { plain, salt } = kept(context, first, {
      make: () => random(characters, length, source),
      salted: encrypt !== undefined,
      encrypted: get('vault')?.toLowerCase() === 'true',
    })
    return encrypt === undefined ? plain : hashed(plain, encrypt, salt)
  })
}

const OPTIONS = ['length', 'chars', 'encrypt', 'seed', 'vault']

function hashed(plain: string, encrypt: string, salt: string | undefined): string {
  try {
    return hashPassword(plain, encrypt, { salt })
  } catch (error) {
    if (!(error instanceof EvalError)) throw error
    return refuse('password', error.message, error.allowed)
  }
}

/** What a file keeps: the password, and the salt with which it is hashed, so that the hash stays the same. */
interface Kept {
  readonly plain: string
  readonly salt: string | undefined
}

/** Letters of a salt; every scheme takes so many. */
const SALT_LENGTH = 8

interface Making {
  readonly make: () => string
  readonly salted: boolean
  readonly encrypted: boolean
}

const madeUp = new WeakMap<Run, Map<string, Kept>>()

function kept({ run, task }: LookupContext, name: string, { make, salted, encrypted }: Making): Kept {
  const complete = ({ plain, salt }: Kept): Kept => {
    run.secrets.add(plain)
    return { plain, salt: salted ? (salt ?? randomSalt(SALT_LENGTH)) : salt }
  }
  if (name === '/dev/null' || name === '') return complete({ plain: make(), salt: undefined })
  const path = isAbsolute(name) || !task ? name : join(dirname(playOf(task).file), name)
  const isThere = existsSync(path)
  const earlier = isThere ? parse(run.files.text(path)) : madeUp.get(run)?.get(path)
  const now = complete(madeUp.get(run)?.get(path) ?? earlier ?? { plain: make(), salt: undefined })
  if (isThere && earlier!.salt === now.salt) return now
  // A dry run leaves nothing, on the controller neither; what it makes up holds until its end.
  if (run.settings.checkMode) {
    madeUp.set(run, (madeUp.get(run) ?? new Map<string, Kept>()).set(path, now))
    return now
  }
  const line = `${now.plain}${now.salt === undefined ? '' : ` salt=${now.salt}`}\n`
  const hidden = (encrypted || (isThere && isVault(path))) && run.vault?.canEncrypt
  write(path, hidden ? run.vault!.encrypt(line) : line, isThere)
  return now
}

function isVault(path: string): boolean {
  return readFileSync(path, 'utf8').startsWith('$ANSIBLE_VAULT')
}

function parse(content: string): Kept {
  const [, plain, salt] = /^([\s\S]*?)(?: salt=(\S*)(?: ident=.*)?)?$/.exec(content.trimEnd())!
  return { plain: plain!, salt }
}

/** A new file takes the place of none that another run has made meanwhile. */
function write(path: string, content: string, again: boolean): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, content, { mode: 0o600, flag: again ? 'w' : 'wx' })
  } catch (error) {
    refuse('password', `the new password cannot be kept in ${path}: ${(error as Error).message}`)
  }
}

/** The characters that names of sets and texts stand for. */
function alphabet(chars: readonly string[]): string {
  const all = chars.map((part) => (Object.hasOwn(SETS, part) ? SETS[part]! : part)).join('')
  return all.replace(/["']/g, '')
}

/** Parts between commas; two commas stand for one, which comes first. */
function partsOf(chars: string): string[] {
  const comma = chars.includes(',,') ? [','] : []
  return [...comma, ...chars.replaceAll(',,', ',').split(',').filter(Boolean)]
}

function random(characters: string, length: number, source: RandomSource): string {
  return Array.from({ length }, () => characters[source.below(characters.length)]).join('')
}

/** Lookups of secrets. */
export const PASSWORD_LOOKUPS: Readonly<Record<string, LookupPlugin>> = { password }
