import { existsSync, mkdirSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fail } from '../../errors.js'
import { isVaultText } from '../../language/vault.js'
import { sealEnvelope } from '../../language/vault-format.js'
import type { VaultPassword } from '../../language/vault-password.js'
import { splitWords } from '../../module/words.js'
import type { Caller } from '../caller.js'
import type { Config } from '../config.js'
import type { Prompt } from '../prompt.js'
import { editText } from './editor.js'
import { openSource, readSources, writeTarget } from './files.js'
import { readingKeys, renewingKey, writingKey } from './keys.js'
import type { VaultAction, VaultOptionsGiven } from './options.js'
import { formatString, readTexts } from './strings.js'

/** What an action works with. */
export interface VaultCall {
  readonly operands: readonly string[]
  readonly options: VaultOptionsGiven
  readonly caller: Caller
  readonly config: Config
  readonly prompt: Prompt
}

/** What each action does. All files are read, and opened, before the first is written. */
export const VAULT_ACTIONS: Readonly<Record<VaultAction, (call: VaultCall) => Promise<void>>> = {
  create,
  decrypt,
  edit,
  encrypt,
  'encrypt-string': encryptString,
  rekey,
  view,
}

async function encrypt({ operands, options, caller, prompt }: VaultCall): Promise<void> {
  checkOutput(operands, options.output)
  inputIsFree(operands, options, prompt)
  const key = await writingKey(options, prompt)
  const sources = await readSources(operands, caller)
  const done = sources.find(({ bytes }) => isVaultText(bytes.toString('latin1')))
  if (done) fail({ code: 'vault-format', message: `${done.name} is already encrypted` })
  for (const { path, bytes } of sources) {
    const target = options.output ?? path
    writeTarget(target, seal(bytes, key), caller, { shred: target === path })
  }
  tell(caller, 'Encryption successful')
}

async function decrypt({ operands, options, caller, prompt }: VaultCall): Promise<void> {
  checkOutput(operands, options.output)
  inputIsFree(operands, options, prompt)
  const keys = await readingKeys(options, prompt)
  const sources = await readSources(operands, caller)
  const opened = sources.map((source) => ({ source, plain: openSource(source, keys).plain }))
  for (const { source, plain } of opened) writeTarget(options.output ?? source.path, plain, caller)
  tell(caller, 'Decryption successful')
}

async function view({ operands, options, caller, prompt }: VaultCall): Promise<void> {
  needFiles(operands)
  const keys = await readingKeys(options, prompt)
  const plain = (await readSources(operands, caller)).map((source) => openSource(source, keys).plain)
  for (const text of plain) await showText(text, caller)
}

async function edit({ operands, options, caller, prompt }: VaultCall): Promise<void> {
  needFiles(operands)
  const keys = await readingKeys(options, prompt)
  for (const source of await readSources(operands, caller)) {
    const { plain, used, id } = openSource(source, keys)
    const edited = await editText(plain, source.path, caller)
    // The id of the file stays, whichever password opened it.
    if (!edited.equals(plain))
      writeTarget(source.path, sealEnvelope(edited, used.password, id), caller, { keepMode: true })
  }
}

async function create({ operands, options, caller, prompt }: VaultCall): Promise<void> {
  const [file, ...more] = operands
  if (file === undefined || more.length)
    return fail({ code: 'bad-option', message: 'fplay vault create makes one file' })
  if (existsSync(file))
    fail({ code: 'bad-option', message: `${file} exists`, cure: 'use fplay vault edit, or encrypt' })
  const key = await writingKey(options, prompt)
  mkdirSync(dirname(file), { recursive: true })
  writeTarget(file, seal(await editText(Buffer.alloc(0), file, caller), key), caller)
}

async function rekey({ operands, options, caller, config, prompt }: VaultCall): Promise<void> {
  needFiles(operands)
  const keys = await readingKeys(options, prompt)
  const sources = await readSources(operands, caller)
  const opened = sources.map((source) => ({ source, plain: openSource(source, keys).plain }))
  const key = await renewingKey(options, config, prompt)
  for (const { source, plain } of opened)
    writeTarget(source.path, seal(plain, key), caller, { keepMode: true })
  caller.stderr.write('Rekey successful\n')
}

async function encryptString({ operands, options, caller, prompt }: VaultCall): Promise<void> {
  const { promptForString = false, showInput = false, name = [], stdinName } = options
  if (!promptForString) inputIsFree(operands.length ? operands : [], options, prompt)
  const key = await writingKey(options, prompt)
  const texts = await readTexts(operands, { promptForString, showInput, name, stdinName }, caller, prompt)
  if (texts.length > 1) {
    for (const [at, text] of texts.entries()) {
      const called = text.name === undefined ? '' : ` (${text.name})`
      caller.stderr.write(`# text ${at + 1} of ${texts.length}${called}, from ${text.source}\n`)
    }
  }
  writeTarget(options.output ?? '-', texts.map((text) => formatString(text, key)).join(''), caller)
  tell(caller, 'Encryption successful')
}

function seal(plain: Buffer, key: VaultPassword): string {
  return sealEnvelope(plain, key.password, key.id)
}

function needFiles(operands: readonly string[]): void {
  if (!operands.length) fail({ code: 'bad-option', message: 'no file is named' })
}

function checkOutput(operands: readonly string[], output: string | undefined): void {
  if (output !== undefined && operands.length > 1)
    fail({ code: 'bad-option', message: `--output takes one file, and ${operands.length} are named` })
}

/** The input cannot give both the text and the password. */
function inputIsFree(operands: readonly string[], options: VaultOptionsGiven, prompt: Prompt): void {
  const reads = !operands.length || operands.includes('-')
  const named = [...options.vaultId, ...options.vaultPasswordFile]
  const asks = options.askVaultPass || !named.length || named.some((source) => /(^|@)prompt$/.test(source))
  if (reads && asks && !prompt.interactive)
    fail({
      code: 'bad-option',
      message: 'the text is read from the input, so nobody can be asked for the vault password',
      cure: 'use --vault-password-file or --vault-id',
    })
}

/** Only a person wants to read it. */
function tell({ stdout, stderr }: Caller, text: string): void {
  if (stdout.isTTY) stderr.write(`${text}\n`)
}

/** Through a pager at a terminal, so that a secret does not stay on the screen. */
async function showText(text: Buffer, caller: Caller): Promise<void> {
  if (!caller.stdout.isTTY || !(await page(text, caller.env))) caller.stdout.write(text)
}

function page(text: Buffer, env: Caller['env']): Promise<boolean> {
  const [program = 'less', ...words] = splitWords(env['PAGER'] || 'less')
  return new Promise((resolve) => {
    const child = spawn(program, words, {
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { LESS: 'RX', ...env },
    })
    child.on('error', () => resolve(false))
    child.on('exit', () => resolve(true))
    child.stdin.on('error', () => undefined)
    child.stdin.end(text)
  })
}
