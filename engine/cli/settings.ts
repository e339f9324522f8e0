import { existsSync } from 'node:fs'
import { fail } from '../errors.js'
import type { TaskInfo } from '../events.js'
import type { LoadOptions as InventoryOptions } from '../inventory/load.js'
import type { Dict } from '../language/value.js'
import type { PromptQuestion, RunSettings, StepAnswer } from '../run/settings.js'
import type { Config } from './config.js'
import type { Desk } from './desk.js'
import type { PlaybookOptions } from './options.js'
import type { Passwords } from './passwords.js'
import type { Prompt } from './prompt.js'

/** What the settings of a run are made from. */
export interface SettingsParts {
  readonly options: PlaybookOptions
  readonly config: Config
  readonly passwords: Passwords
  readonly prompt: Prompt
  readonly extraVars: Dict
  /** `--limit` as patterns; undefined for all hosts. */
  readonly limit: readonly string[] | undefined
  readonly desk: Pick<Desk, 'settled'>
}

/** `ansible_version`: playbooks ask it which language they may use, and that is Ansible's of this version. */
const LANGUAGE = '2.14.0'

/** The settings of a run from options, settings files, environment and answers. */
export function createSettings(parts: SettingsParts): RunSettings {
  const { options, config, extraVars, limit } = parts
  return {
    checkMode: options.check,
    diff: options.diff,
    verbosity: options.verbose,
    forks: options.forks ?? config.get('DEFAULT_FORKS')!,
    connection: connectionOptions(parts),
    tags: options.tags,
    skipTags: options.skipTags,
    startAtTask: options.startAtTask,
    forceHandlers: options.forceHandlers,
    gathering: config.get('DEFAULT_GATHERING') as RunSettings['gathering'],
    factCache: factCache(config, options),
    step: options.step ? (task) => askStep(task, parts) : undefined,
    prompt: parts.prompt.interactive ? (question) => askVariable(question, parts) : undefined,
    env: config.env,
    lockTimeout: config.get('FPLAY_LOCK_TIMEOUT')!,
    version: LANGUAGE,
    limit,
    keywords: keywordDefaults(config),
    managed: config.get('DEFAULT_MANAGED_STR'),
    extraVars,
  }
}

function keywordDefaults(config: Config): RunSettings['keywords'] {
  return {
    strategy: config.get('DEFAULT_STRATEGY'),
    anyErrorsFatal: config.get('ANY_ERRORS_FATAL'),
    noLog: config.get('DEFAULT_NO_LOG'),
    timeout: config.get('TASK_TIMEOUT'),
    poll: config.get('DEFAULT_POLL_INTERVAL'),
    gatherSubset: config.get('DEFAULT_GATHER_SUBSET'),
    gatherTimeout: config.get('DEFAULT_GATHER_TIMEOUT'),
    factPath: config.get('DEFAULT_FACT_PATH'),
  }
}

function connectionOptions({ options, passwords, config }: SettingsParts): RunSettings['connection'] {
  return {
    user: options.user,
    password: passwords.login,
    privateKeyFile: options.privateKey,
    connection: options.connection,
    port: config.get('DEFAULT_REMOTE_PORT'),
    hostKeyChecking: config.get('HOST_KEY_CHECKING') as 'yes' | 'no' | 'accept-new',
    knownHostsFiles: config.get('FPLAY_KNOWN_HOSTS_FILE'),
    shell: config.get('DEFAULT_EXECUTABLE'),
    sshArgs: config.get('SSH_ARGS'),
    sshCommonArgs: options.sshCommonArgs,
    sshExtraArgs: options.sshExtraArgs,
    timeout: options.timeout,
    retries: config.get('SSH_RETRIES'),
    become: options.become,
    becomeUser: options.becomeUser,
    becomeMethod: options.becomeMethod,
    becomeExe: config.get('DEFAULT_BECOME_EXE'),
    becomeFlags: config.get('DEFAULT_BECOME_FLAGS'),
    becomePassword: passwords.become,
  }
}

/** `fact_caching` and its kin; undefined where facts are kept for one run only. */
function factCache(config: Config, { flushCache }: PlaybookOptions): RunSettings['factCache'] {
  if (!/jsonfile$/.test(config.get('CACHE_PLUGIN')!)) return undefined
  const folder = config.get('CACHE_PLUGIN_CONNECTION')
  if (folder === undefined) {
    fail({
      code: 'bad-setting',
      message: 'fact_caching is jsonfile, and no folder is named',
      cure: 'set fact_caching_connection = FOLDER',
    })
  }
  return {
    folder,
    prefix: config.get('CACHE_PLUGIN_PREFIX')!,
    seconds: config.get('CACHE_PLUGIN_TIMEOUT')!,
    flush: flushCache,
  }
}

/** The inventory sources of -i or the settings, or Ansible's own file where it exists. */
export function inventorySources(
  options: Pick<PlaybookOptions, 'inventory'>,
  config: Config,
): readonly string[] {
  if (options.inventory.length) return options.inventory
  return config.get('DEFAULT_HOST_LIST')!.filter((file) => existsSync(file))
}

/** What of a directory of sources is passed over. */
export function inventoryIgnores(
  config: Config,
): Pick<InventoryOptions, 'ignoreExtensions' | 'ignorePatterns'> {
  return {
    ignoreExtensions: config.get('INVENTORY_IGNORE_EXTS'),
    ignorePatterns: config.get('INVENTORY_IGNORE_PATTERNS'),
  }
}

/** Folders of roles beside those of the playbook. */
export function rolesPath(config: Config): readonly string[] {
  return config.get('DEFAULT_ROLES_PATH')!
}

/** Folders of modules beside those of playbooks and roles: those of --module-path first. */
export function modulePath(config: Config, given: readonly string[] = []): readonly string[] {
  return [...splitPaths(given), ...config.get('DEFAULT_MODULE_PATH')!]
}

/** Folders given with colons between. */
export function splitPaths(given: readonly string[]): readonly string[] {
  return given.flatMap((text) => text.split(':')).filter(Boolean)
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
