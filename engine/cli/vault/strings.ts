import { fail } from '../../errors.js'
import { sealEnvelope } from '../../language/vault-format.js'
import type { VaultPassword } from '../../language/vault-password.js'
import type { Caller } from '../caller.js'
import type { Prompt } from '../prompt.js'
import { readSources } from './files.js'

/** A text that is to be encrypted. */
export interface PlainText {
  /** Name of its variable; undefined for a bare value. */
  readonly name: string | undefined
  readonly bytes: Buffer
  /** Where it comes from, in words. */
  readonly source: string
}

/** What says which texts are encrypted. */
export interface StringOptions {
  readonly promptForString: boolean
  readonly showInput: boolean
  readonly name: readonly string[]
  readonly stdinName: string | undefined
}

/** The texts of the command line, the input and the prompt. Fails with `bad-option`. */
export async function readTexts(
  operands: readonly string[],
  options: StringOptions,
  caller: Caller,
  prompt: Prompt,
): Promise<PlainText[]> {
  const args = operands.filter((word) => word !== '-')
  const fromInput =
    operands.includes('-') ||
    options.stdinName !== undefined ||
    (!operands.length && !options.promptForString)
  if (options.promptForString && fromInput)
    fail({ code: 'bad-option', message: '--prompt and a text from the input exclude each other' })
  if (options.name.length > args.length)
    fail({
      code: 'bad-option',
      message: `--name is given ${options.name.length} times, for ${args.length} texts`,
      cure: fromInput ? 'the name of the text from the input is given with --stdin-name' : undefined,
    })
  const texts: PlainText[] = []
  if (options.promptForString) texts.push(await askText(options.showInput, prompt))
  if (fromInput) {
    const input = await readSources([], caller)
    const bytes = Buffer.concat(input.map((source) => source.bytes))
    texts.push({ name: options.stdinName, bytes, source: 'the input' })
  }
  for (const [at, text] of args.entries())
    texts.push({ name: options.name[at], bytes: Buffer.from(text), source: 'the command line' })
  const empty = texts.find(({ bytes }) => !bytes.length)
  if (empty) fail({ code: 'bad-option', message: `the text from ${empty.source} is empty` })
  return texts
}

async function askText(shown: boolean, prompt: Prompt): Promise<PlainText> {
  const name = await prompt.ask('Variable name (enter for no name): ')
  const text = shown
    ? await prompt.ask('String to encrypt: ')
    : await prompt.askHidden('String to encrypt (hidden): ')
  return { name: name || undefined, bytes: Buffer.from(text), source: 'the prompt' }
}

/** YAML of a `!vault` value, ready to be pasted. */
export function formatString({ name, bytes }: PlainText, key: VaultPassword): string {
  const lines = sealEnvelope(bytes, key.password, key.id).trimEnd().split('\n')
  const indented = lines.map((line) => `          ${line}\n`).join('')
  return `${name === undefined ? '' : `${name}: `}!vault |\n${indented}`
}
