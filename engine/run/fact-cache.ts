import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { FplayError } from '../errors.js'
import { EvalError } from '../language/jinja/item.js'
import { readJson } from '../language/jinja/python/json-read.js'
import { writeJson } from '../language/jinja/python/json-write.js'
import { isDict, Unsafe } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import { decryptSecret } from '../language/vault.js'
import type { Vault } from '../language/vault.js'
import type { Secrets } from '../secrets.js'
import type { FactCacheSettings } from './settings.js'

/** Facts of a host as they are kept. */
export interface KeptFacts {
  /** As modules return them: `ansible_hostname`. */
  readonly facts: Dict
  /** They have been gathered: `gathering = smart` need not do it again. */
  readonly gathered: boolean
}

/** Where facts of hosts stand from one run to the next. What goes wrong is a warning: a run can do without. */
export interface FactCache {
  /** Undefined where there is nothing, or what is there is too old or damaged. */
  read(host: string): KeptFacts | undefined
  write(host: string, kept: KeptFacts): void
  remove(host: string): void
}

/** What a cache needs of its run. */
export interface FactCacheParts {
  readonly settings: FactCacheSettings
  /** True: files are read, and stay as they are. */
  readonly checkMode: boolean
  readonly warn: (text: string) => void
  readonly secrets: Secrets
  readonly vault?: Vault | undefined
}

/** How Ansible notes in the file that the facts were gathered, and a value that is encrypted. */
const GATHERED = '_ansible_facts_gathered'
const ENCRYPTED = '__ansible_vault'
const FORMAT = { indent: '    ', sortKeys: true, ascii: true, itemSeparator: ',', keySeparator: ': ' }

/** The cache of Ansible's plugin jsonfile: one file a host, that both read and write. */
export function createFactCache(parts: FactCacheParts): FactCache {
  const { settings, checkMode, warn } = parts
  const removed = new Set<string>()
  // Files that the vault's password would open are not lost to a run without it.
  const closed = new Set<string>()
  const guarded = <T>(what: string, path: string, act: () => T): T | undefined => {
    try {
      return act()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && what === 'read') return undefined
      if (!isExpected(error)) throw error
      warn(`fact cache: ${path} cannot be ${what}: ${error.message}`)
      return undefined
    }
  }
  return {
    read(host) {
      const path = fileOf(settings, host)
      if (path === undefined || removed.has(host)) return undefined
      return guarded('read', path, () => {
        try {
          return readKept(path, parts)
        } catch (error) {
          if (error instanceof FplayError) closed.add(host)
          throw error
        }
      })
    },
    write(host, kept) {
      const path = fileOf(settings, host)
      if (path === undefined || checkMode || closed.has(host)) return
      guarded('written', path, () => replaceFile(path, textOf(host, kept, parts)))
    },
    remove(host) {
      removed.add(host)
      closed.delete(host)
      const path = fileOf(settings, host)
      if (path !== undefined && !checkMode) guarded('removed', path, () => rmSync(path, { force: true }))
    },
  }
}

/** Undefined for a host whose name would lead out of the folder. */
function fileOf({ folder, prefix }: FactCacheSettings, host: string): string | undefined {
  const name = prefix + host
  return host.includes('/') || host.includes('\0') || /(^|\/)\.{0,2}$/.test(name)
    ? undefined
    : `${folder}/${name}`
}

/** Errors of the disk, of what stands in the file, and of the vault. */
function isExpected(error: unknown): error is Error {
  return (
    error instanceof FplayError ||
    error instanceof EvalError ||
    (error as { code?: unknown }).code !== undefined
  )
}

function readKept(path: string, { settings: { seconds }, vault }: FactCacheParts): KeptFacts | undefined {
  const status = statSync(path)
  if (!status.isFile()) throw new EvalError('it is not a file')
  if (seconds !== 0 && Date.now() - status.mtimeMs > seconds * 1000) return undefined
  const facts = opened(readJson(readFileSync(path, 'utf8')) as Value, path, vault)
  if (!isDict(facts)) throw new EvalError('it holds no dictionary')
  const gathered = facts.get(GATHERED) === true
  facts.delete(GATHERED)
  return { facts, gathered }
}

/** The value with what is encrypted in it decrypted, deep. */
function opened(value: Value, path: string, vault: Vault | undefined): Value {
  if (Array.isArray(value)) return value.map((item) => opened(item, path, vault))
  if (!isDict(value)) return value
  const ciphertext = value.size === 1 ? value.get(ENCRYPTED) : undefined
  if (typeof ciphertext === 'string')
    return decryptSecret(ciphertext, { file: path, line: 1, column: 1 }, vault)
  return new Map([...value].map(([key, item]) => [key, opened(item, path, vault)]))
}

/** A fact with a secret that cannot be encrypted is left out; the facts then do not count as gathered. */
function textOf(host: string, { facts, gathered }: KeptFacts, parts: FactCacheParts): string {
  const kept: Dict = new Map()
  for (const [name, value] of facts) {
    try {
      kept.set(name, sealed(value, parts))
    } catch (error) {
      if (!(error instanceof FplayError)) throw error
      parts.warn(
        `fact cache: ${String(name)} of ${host} is not kept: it holds a secret, and ${error.problems[0]!.message}`,
      )
    }
  }
  if (gathered && kept.size === facts.size) kept.set(GATHERED, true)
  return writeJson(kept as never, FORMAT)
}

/** The value with texts that hold a secret encrypted, deep. Fails with `vault-password` where that cannot be. */
function sealed(value: Value, parts: FactCacheParts): Value {
  if (value instanceof Unsafe) return sealed(value.text, parts)
  if (Array.isArray(value)) return value.map((item) => sealed(item, parts))
  if (isDict(value)) return new Map([...value].map(([key, item]) => [key, sealed(item, parts)]))
  const { secrets, vault } = parts
  if (typeof value !== 'string' || secrets.mask(value) === value) return value
  if (vault) return new Map([[ENCRYPTED, vault.encrypt(value)]])
  throw new FplayError([{ code: 'vault-password', message: 'no vault password was given' }])
}

/** Makes missing folders one by one: the recursive mkdir of Node never returns for one below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/** Writes a file whole or not at all, for its owner only. Names with a dot are none of a host to Ansible. */
function replaceFile(path: string, text: string): void {
  makeFolder(dirname(path))
  const partial = `${dirname(path)}/.fplay-${randomBytes(6).toString('hex')}`
  try {
    writeFileSync(partial, text, { mode: 0o600, flag: 'wx' })
    renameSync(partial, path)
  } finally {
    rmSync(partial, { force: true })
  }
}
