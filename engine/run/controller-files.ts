import { readFileSync, statSync } from 'node:fs'
import { contentOf, unhashedContent } from '../content.js'
import type { Content } from '../content.js'
import { fail } from '../errors.js'
import { largeContent, largeFile, type LargeFile } from '../large-file.js'
import { isVaultText } from '../language/vault.js'
import type { Vault } from '../language/vault.js'
import type { Value } from '../language/value.js'
import { isUnknown, type Maybe } from '../unknown.js'
import { loadYamlFile } from '../language/yaml.js'

/** Files of the controller, each read once a run as long as it does not change; vault-encrypted ones decrypted. */
export interface ControllerFiles {
  /** With `decrypt` false the bytes as they are. */
  content(path: string, decrypt?: boolean): Promise<Content>
  /** The same, but a large one is hashed only when it is sent, or somebody waits for it. */
  unhashed(path: string, decrypt?: boolean): Promise<Content>
  /** Read in parts, never decrypted. */
  large(path: string): LargeFile
  text(path: string): string
  /** The value of a YAML or JSON file, with its places. */
  yaml(path: string): Value
  /** What a dry run foresees of a file that an earlier task would have written here. */
  foreseen(path: string): Maybe<Content> | undefined
}

/** In a dry run: only the run can tell what is in a file of the controller. */
export class Late extends Error {}

/** Reads files; `vault` decrypts those that need it, `foreseen` has those that are there only in a dry run. */
export function createControllerFiles(
  vault?: Vault,
  foreseen: ControllerFiles['foreseen'] = () => undefined,
): ControllerFiles {
  const contents = remember((path) => readContent(path, vault))
  const asTheyAre = remember(unhashedContent)
  const large = remember(largeFile)
  const texts = remember((path) => plainBytes(readFileSync(path), path, vault).toString('utf8'))
  const values = remember((path) => loadYamlFile(path, { vault }).value)
  const unhashed: ControllerFiles['unhashed'] = async (path, decrypt = true) =>
    known(foreseen(path)) ?? readable(path, decrypt ? contents : asTheyAre)
  return {
    foreseen,
    content: async (path, decrypt) => {
      const content = await unhashed(path, decrypt)
      await content.hash?.()
      return content
    },
    unhashed,
    large: (path) => {
      const content = known(foreseen(path))
      return content === undefined ? readable(path, large) : largeContent(path, content)
    },
    text: (path) => known(foreseen(path))?.text() ?? readable(path, texts),
    yaml: (path) => readable(path, values),
  }
}

function known(content: Maybe<Content> | undefined): Content | undefined {
  if (isUnknown(content)) throw new Late(content.why)
  return content
}

/** Bytes every vault file begins with. */
const VAULT_START = '$ANSIBLE_VAULT;'

async function readContent(path: string, vault: Vault | undefined): Promise<Content> {
  const content = await unhashedContent(path)
  if (!content.slice(0, VAULT_START.length).equals(Buffer.from(VAULT_START))) return content
  return contentOf(plainBytes(content.bytes(), path, vault))
}

function plainBytes(bytes: Buffer, path: string, vault: Vault | undefined): Buffer {
  const start = bytes.subarray(0, VAULT_START.length).toString('latin1')
  if (!isVaultText(start)) return bytes
  const place = { file: path, line: 1, column: 1 }
  if (vault) return vault.decryptBytes(bytes.toString('utf8'), place)
  return fail({
    code: 'vault-password',
    message: 'the file is encrypted and no vault password was given',
    place,
    cure: 'use --ask-vault-pass, --vault-password-file or --vault-id',
  })
}

function remember<T>(read: (path: string) => T): (path: string) => T {
  const known = new Map<string, { readonly stamp: string; readonly value: T }>()
  return (path) => {
    const { mtimeMs, size, ino } = statSync(path)
    const stamp = `${mtimeMs} ${size} ${ino}`
    const old = known.get(path)
    if (old?.stamp === stamp) return old.value
    const value = read(path)
    known.set(path, { stamp, value })
    return value
  }
}

/** Calls `read`; what the file system refuses becomes an error that names the file. */
function readable<T>(path: string, read: (path: string) => T): T {
  try {
    return read(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (!code || error instanceof TypeError) throw error
    return fail({
      code: code === 'ENOENT' ? 'file-not-found' : 'file-unreadable',
      message: `${path} cannot be read (${code})`,
    })
  }
}
