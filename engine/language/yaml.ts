import { readFileSync } from 'node:fs'
import { fail } from '../errors.js'
import type { Problem } from '../errors.js'
import type { Secrets } from '../secrets.js'
import { isDict } from './value.js'
import type { Value } from './value.js'
import { decryptVault, isVaultText } from './vault.js'
import type { VaultReader } from './vault.js'
import { compose } from './yaml-compose.js'
import type { YamlOptions } from './yaml-compose.js'

/** A YAML file, read. */
export interface Yaml {
  /** Null for an empty file. */
  readonly value: Value
  /** What Ansible warns of: duplicate keys, of which the last one counts. */
  readonly warnings: readonly Problem[]
}

/** A YAML file that may have several documents. */
export interface YamlStream {
  readonly documents: readonly Value[]
  readonly warnings: readonly Problem[]
}

/**
 * Reads YAML (or JSON) as Ansible does, with the place of every container, key and value kept in place.ts. The
 * place of a scalar is where its text begins: after the quote, and for `|` and `>` on the first line of text.
 * Fails with `yaml-syntax`; more than one document is such a failure too.
 */
export function parseYaml(text: string, file: string, options: YamlOptions = {}): Yaml {
  const composer = compose(text, file, options)
  const second = composer.starts[1]
  if (second) {
    fail({
      code: 'yaml-syntax',
      place: second,
      message: 'a second document begins here',
      cure: 'keep one document in a file; remove the line "---"',
    })
  }
  return { value: composer.documents[0] ?? null, warnings: composer.warnings }
}

/** Reads YAML with any number of documents. Fails with `yaml-syntax`. */
export function parseYamlStream(text: string, file: string, options: YamlOptions = {}): YamlStream {
  const { documents, warnings } = compose(text, file, options)
  return { documents, warnings }
}

/**
 * Reads a YAML file, which may be encrypted as a whole. Fails with `file-not-found`, `file-unreadable`,
 * `yaml-syntax`, `vault-password` or `vault-format`.
 */
export function loadYamlFile(file: string, options: YamlOptions = {}): Yaml {
  const text = readFile(file)
  if (!isVaultText(text)) return parseYaml(text, file, options)
  const yaml = parseYaml(decryptVault(text, { file, line: 1, column: 1 }, options.vault), file, options)
  noteSecrets(yaml.value, options.vault!.secrets)
  return yaml
}

/** Text of an encrypted file is secret, except short plain words: masking a user name hides half of every output. */
function noteSecrets(value: Value, secrets: Secrets): void {
  if (typeof value === 'string' && !/^[a-z]{0,7}$/.test(value)) secrets.add(value)
  if (Array.isArray(value)) for (const item of value) noteSecrets(item, secrets)
  if (isDict(value)) for (const item of value.values()) noteSecrets(item, secrets)
}

/** The text of a file, decrypted if it is a vault file. Fails as {@link loadYamlFile} does. */
export function readTextFile(file: string, vault?: VaultReader): string {
  const text = readFile(file)
  return isVaultText(text) ? decryptVault(text, { file, line: 1, column: 1 }, vault) : text
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') fail({ code: 'file-not-found', message: `there is no file ${file}` })
    return fail({ code: 'file-unreadable', message: `${file} cannot be read: ${code ?? String(error)}` })
  }
}
