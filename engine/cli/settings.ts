import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import type { TaskInfo } from '../events.js'
import type { Dict } from '../language/value.js'
import type { PromptQuestion, RunSettings, StepAnswer } from '../run/settings.js'
import { fail } from '../errors.js'
import type { Caller } from './caller.js'
import type { Desk } from './desk.js'
import type { PlaybookOptions } from './options.js'
import type { Passwords } from './passwords.js'
import type { Prompt } from './prompt.js'

/** What the settings of a run are made from. */
export interface SettingsParts {
  readonly options: PlaybookOptions
  readonly env: Caller['env']
  readonly passwords: Passwords
  readonly prompt: Prompt
  readonly extraVars: Dict
  /** `--limit` as patterns; undefined for all hosts. */
  readonly limit: readonly string[] | undefined
  readonly desk: Pick<Desk, 'version' | 'settled'>
}

/** Inventory that is read when neither -i nor the environment names one, where it exists. */
const DEFAULT_INVENTORY = '/etc/ansible/hosts'
const ROLE_FOLDERS = ['~/.ansible/roles', '/usr/share/ansible/roles', '/etc/ansible/roles']

/** The settings of a run from options, environment and answers. */
export function createSettings(parts: SettingsParts): RunSettings {
  const { options, env, extraVars, limit } = parts
  return {
    checkMode: options.check,
    diff: options.diff,
    verbosity: options.verbose,
    forks: options.forks ?? 5,
    connection: connectionOptions(options, parts.passwords),
    tags: options.tags,
    skipTags: options.skipTags,
    startAtTask: options.startAtTask,
    forceHandlers: options.forceHandlers,
    gathering: gathering(env['ANSIBLE_GATHERING'] || 'implicit'),
    step: options.step ? (task) => askStep(task, parts) : undefined,
    prompt: parts.prompt.interactive ? (question) => askVariable(question, parts) : undefined,
    env,
    lockTimeout: seconds(env['FPLAY_LOCK_TIMEOUT']) ?? 60,
    version: parts.desk.version,
    limit,
    extraVars,
  }
}

function connectionOptions(options: PlaybookOptions, passwords: Passwords): RunSettings['connection'] {
  return {
    user: options.user,
    password: passwords.login,
    privateKeyFile: options.privateKey,
    connection: options.connection,
    sshCommonArgs: options.sshCommonArgs,
    sshExtraArgs: options.sshExtraArgs,
    timeout: options.timeout,
    become: options.become,
    becomeUser: options.becomeUser,
    becomeMethod: options.becomeMethod,
    becomePassword: passwords.become,
  }
}

/** The inventory sources of -i or the environment, or Ansible's own file. */
export function inventorySources(options: Pick<PlaybookOptions, 'inventory'>): readonly string[] {
  if (options.inventory.length) return options.inventory
  return existsSync(DEFAULT_INVENTORY) ? [DEFAULT_INVENTORY] : []
}

/** Folders of roles beside those of the playbook: ANSIBLE_ROLES_PATH, or Ansible's own. */
export function rolesPath(env: Caller['env']): string[] {
  const folders = env['ANSIBLE_ROLES_PATH']?.split(':').filter(Boolean) ?? ROLE_FOLDERS
  return folders.map((folder) => folder.replace(/^~(?=\/|$)/, homedir()))
}

function gathering(word: string): RunSettings['gathering'] {
  if (word === 'implicit' || word === 'smart' || word === 'explicit') return word
  return fail({
    code: 'bad-option',
    message: `ANSIBLE_GATHERING is "${word}"`,
    allowed: 'allowed: implicit, smart, explicit',
  })
}

function seconds(text: string | undefined): number | undefined {
  if (!text) return undefined
  if (/^\d+$/.test(text)) return Number(text)
  return fail({
    code: 'bad-option',
    message: `FPLAY_LOCK_TIMEOUT is "${text}"`,
    allowed: 'allowed: a number of seconds',
  })
}

async function askStep(task: TaskInfo, { prompt, desk }: SettingsParts): Promise<StepAnswer> {
  await desk.settled()
  const answer = (await prompt.ask(`Perform task: ${task.name} (N)o/(y)es/(c)ontinue: `)).trim().toLowerCase()
  if (answer === 'y' || answer === 'yes') return 'yes'
  return answer === 'c' || answer === 'continue' ? 'continue' : 'no'
}

async function askVariable(question: PromptQuestion, { prompt, desk }: SettingsParts): Promise<string> {
  await desk.settled()
  const hint = question.default === undefined ? '' : ` [${question.default}]`
  const ask = (text: string): Promise<string> => (question.hidden ? prompt.askHidden(text) : prompt.ask(text))
  for (;;) {
    const answer = (await ask(`${question.text}${hint}: `)) || (question.default ?? '')
    if (!question.confirm || (await ask(`confirm ${question.text}: `)) === answer) return answer
    await ask('The two answers differ; press Enter to try again')
  }
}
