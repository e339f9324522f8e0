import { fail } from '../errors.js'
import { parseFreeForm, Unbalanced } from '../play/free-form.js'
import { isDict } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import type { VaultReader } from '../language/vault.js'
import { loadYamlFile, parseYaml } from '../language/yaml.js'

/** Where values given with -e stand, for messages. */
const SOURCE = '--extra-vars'

/**
 * The variables of all `-e`, the later ones winning: `key=value` pairs (always texts), a JSON or YAML dictionary, or
 * `@FILE`. Fails with `bad-option`, `file-not-found` and as YAML and vault do.
 */
export function readExtraVars(given: readonly string[], vault: VaultReader | undefined): Dict {
  const all: Dict = new Map()
  for (const text of given) for (const [name, value] of readOne(text, vault)) all.set(name, value)
  return all
}

function readOne(text: string, vault: VaultReader | undefined): Dict {
  if (text.startsWith('@')) return dictionary(loadYamlFile(text.slice(1), { vault }).value, text)
  if (/^[/.]/.test(text)) return refuse(`-e "${text}" names a file without @`, `write -e @${text}`)
  if (/^[[{]/.test(text)) return dictionary(parseYaml(text, SOURCE, { vault }).value, text)
  return pairs(text)
}

function dictionary(value: Value, text: string): Dict {
  if (value === null) return new Map()
  if (isDict(value)) return value
  return refuse(
    `-e ${text} is no dictionary`,
    'give key=value, {"key": "value"}, or a file of such with @FILE',
  )
}

function pairs(text: string): Dict {
  const { options, rest } = takeApart(text)
  if (rest.trim()) refuse(`-e "${rest}" is no key=value`, 'give key=value, JSON, or @FILE')
  return new Map(options.map(({ key, value }) => [key, value]))
}

function takeApart(text: string): ReturnType<typeof parseFreeForm> {
  try {
    return parseFreeForm(text, () => true)
  } catch (error) {
    if (!(error instanceof Unbalanced)) throw error
    return refuse(`-e ${text}: ${error.message}`, 'close the quote or the bracket')
  }
}

function refuse(message: string, cure: string): never {
  return fail({ code: 'bad-option', message, cure })
}
