import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FplayError, suggest } from '../../engine/errors.js'
import type { Place, Problem } from '../../engine/errors.js'
import type { Translation } from '../../engine/inventory/plugin.js'
import { setKeyPlace, setPlace } from '../../engine/language/place.js'
import { isDict } from '../../engine/language/value.js'
import type { Dict, Value } from '../../engine/language/value.js'
import { readAssignments } from './assignments.js'
import type { Assignment, Assignments, Word } from './assignments.js'
import { addImages, ENV_KEYS } from './env-file.js'
import { DEPLOYMENT, PARTY, SHARED } from './settings.js'

/** Scalars of parties.conf, and the setting of a parties file that says the same. */
const SCALARS: Readonly<Record<string, string>> = {
  user: 'user',
  dir: 'dir',
  computing: 'computing',
  federation: 'federation',
  storage: 'storage',
  algorithm: 'algorithm',
  device: 'device',
  compute_core: 'compute_core',
  gpu_count: 'gpu_count',
  exchangeip: 'exchange',
  mysql_ip: 'mysql_host',
  mysql_user: 'mysql_user',
  mysql_password: 'mysql_password',
  mysql_db: 'mysql_db',
  serverTimezone: 'server_timezone',
  name_node: 'name_node',
  fateboard_username: 'fateboard_username',
  fateboard_password: 'fateboard_password',
  serving_admin_username: 'serving_admin_username',
  serving_admin_password: 'serving_admin_password',
}
/** Lists of parties.conf, one value for each party, and what that is of a party. */
const LISTS: Readonly<Record<string, string>> = {
  party_list: 'id',
  party_ip_list: 'address',
  serving_ip_list: 'serving_address',
}
/** Known to KubeFATE, and of no use here; a value is answered with a warning. */
const UNUSED: Readonly<Record<string, string>> = {
  notebook_hashed_password: 'no notebook is deployed; the command line of FATE is in the FATE-Flow container',
}
const KEYS = [...Object.keys(SCALARS), ...Object.keys(LISTS), ...Object.keys(UNUSED)]
/** Keys whose empty value means that they are not set. */
const MAY_BE_EMPTY = ['exchangeip', 'serving_ip_list', 'name_node', 'mysql_ip', ...Object.keys(UNUSED)]

/**
 * Reads KubeFATE's parties.conf, and the .env beside it, as the parties file that says the same. Both are data: nothing
 * in them is expanded or run. Fails with `bad-inventory`, naming the line of every mistake.
 */
export function translatePartiesConf(text: string, path: string): Translation {
  const problems: Problem[] = []
  const conf = readAssignments(text, path, problems)
  const envPath = join(dirname(path), '.env')
  const env = existsSync(envPath)
    ? readAssignments(readFileSync(envPath, 'utf8'), envPath, problems)
    : undefined
  const warnings = [...conf.warnings, ...(env?.warnings ?? [])]
  const writer = new Writer(problems, warnings)
  const file = writer.file(conf, env, { file: path, line: 1, column: 1 })
  if (problems.length > 0) throw new FplayError(problems)
  return { file, warnings }
}

class Writer {
  constructor(
    private readonly problems: Problem[],
    private readonly warnings: Problem[],
  ) {}

  file(conf: Assignments, env: Assignments | undefined, place: Place): Dict {
    const file: Dict = new Map([['plugin', 'fate_parties']])
    setPlace(file, place)
    for (const found of conf.byName.values()) this.conf(file, found)
    if (env) {
      for (const found of env.byName.values()) this.env(file, found)
      addImages(file, env, this.problems)
    }
    file.set('parties', this.parties(conf, place))
    setPlace(file, conf.byName.get('party_list')?.place ?? place, 'parties')
    return file
  }

  private conf(file: Dict, found: Assignment): void {
    const { name, value, place } = found
    if (Object.hasOwn(LISTS, name)) return
    const setting = Object.hasOwn(SCALARS, name) ? SCALARS[name] : undefined
    if (!setting && !Object.hasOwn(UNUSED, name)) {
      const message = `parties.conf has no key "${name}"`
      return this.refuse(place, message, suggest(name, KEYS))
    }
    const word = this.word(found)
    if (!word || (word.text === '' && MAY_BE_EMPTY.includes(name))) return
    if (setting) return this.set(file, setting, name, word, kubefateSpelling(setting, word.text))
    this.warnings.push({
      code: 'bad-inventory',
      place: Array.isArray(value) ? place : word.place,
      message: `${name} is not used: ${UNUSED[name]!}`,
    })
  }

  private env(file: Dict, found: Assignment): void {
    if (!ENV_KEYS.includes(found.name)) {
      return this.refuse(found.place, `.env has no key "${found.name}"`, suggest(found.name, ENV_KEYS))
    }
    const word = this.word(found)
    if (!word || word.text === '') return
    if (found.name === 'RegistryURI') this.set(file, 'registry', 'RegistryURI', word, word.text)
    if (found.name === 'SSH_PORT') this.set(file, 'ssh_port', 'SSH_PORT', word, word.text)
  }

  /** Judges a value under the name it was written with, so that a message speaks of what the user sees. */
  private set(target: Dict, setting: string, name: string, word: Word, text: string): void {
    const all = { ...SHARED, ...DEPLOYMENT, ...PARTY }
    const read = all[setting]!.read(text, name)
    if (!('value' in read))
      return void this.problems.push({ code: 'bad-inventory', place: word.place, ...read })
    const written = setting === 'exchange' ? text : numberIfId(setting, read.value)
    target.set(setting, typeof written === 'string' ? asTemplate(written) : written)
    setPlace(target, word.place, setting)
    setKeyPlace(target, word.place, setting)
  }

  private parties(conf: Assignments, place: Place): Value[] {
    const ids = conf.byName.get('party_list')
    if (!ids) {
      const cure = 'add the party ids: party_list=(10000 9999)'
      this.problems.push({ code: 'bad-inventory', place, message: 'there is no party_list', cure })
      return []
    }
    const columns = Object.keys(LISTS).flatMap((name) => this.column(conf, ids, name))
    const parties: Value[] = []
    for (const [index, word] of words(ids).entries()) {
      const party: Dict = new Map()
      setPlace(party, word.place)
      setPlace(parties, word.place, index)
      for (const { name, list } of columns) {
        const own = list[index]
        if (own && own.text !== '') this.set(party, LISTS[name]!, name, own, own.text)
      }
      parties.push(party)
    }
    return parties
  }

  /** A list with as many values as there are parties; anything else would give a party another's address. */
  private column(
    conf: Assignments,
    ids: Assignment,
    name: string,
  ): { name: string; list: readonly Word[] }[] {
    const found = conf.byName.get(name)
    const list = found ? words(found) : []
    const wanted = words(ids).length
    if (list.length === wanted || (list.length === 0 && MAY_BE_EMPTY.includes(name))) return [{ name, list }]
    this.problems.push({
      code: 'bad-inventory',
      place: found?.place ?? ids.place,
      message: `party_list has ${wanted} parties, and ${name} has ${list.length} addresses`,
      cure: 'give each party one address, in the same order',
    })
    return []
  }

  private word(found: Assignment): Word | undefined {
    const { name, value, place } = found
    if (!isList(value)) return value
    const cure = `write ${name}=value, without parentheses`
    this.problems.push({ code: 'bad-inventory', place, message: `${name} is a list`, cure })
    return undefined
  }

  private refuse(place: Place, message: string, allowed: string): void {
    this.problems.push({ code: 'bad-inventory', place, message, allowed })
  }
}

/** The values of a list; a single value is a list of one, as in a shell, and an empty one a list of none. */
function words({ value }: Assignment): readonly Word[] {
  if (isList(value)) return value
  return value.text === '' ? [] : [value]
}

function isList(value: Assignment['value']): value is readonly Word[] {
  return Array.isArray(value)
}

/** KubeFATE's scripts accepted STANDALONE for what its own comments call Spark_local and LocalFS, and a final slash. */
function kubefateSpelling(setting: string, text: string): string {
  if (setting === 'dir') return text.replace(/(?<=.)\/+$/, '')
  if (text.toUpperCase() !== 'STANDALONE') return text
  return ({ computing: 'Spark_local', storage: 'LocalFS' } as Record<string, string>)[setting] ?? text
}

function numberIfId(setting: string, value: Value): Value {
  return setting === 'id' && String(value).length < 16 ? Number(value) : isDict(value) ? null : value
}

/** Text that means itself where `{{` would begin an expression. */
function asTemplate(text: string): string {
  return text.replace(/\{[{%#]/g, (opening) => `{{ '${opening}' }}`)
}
