import { LOOKUP_NAMES } from '../language/jinja/lookup-names.js'
import type { LookupName } from '../language/jinja/lookup-names.js'
import type { Lookup, Scope } from '../language/jinja/scope.js'
import type { Task } from '../play/play.js'
import type { Run } from './context.js'
import { FILE_LOOKUPS } from './lookups/files.js'
import { LIST_LOOKUPS } from './lookups/lists.js'
import type { LookupContext, LookupPlugin } from './lookups/plugin.js'
import { PASSWORD_LOOKUPS } from './lookups/password.js'
import { SYSTEM_LOOKUPS } from './lookups/system.js'
import { TABLE_LOOKUPS } from './lookups/tables.js'

const PLUGINS: ReadonlyMap<string, LookupPlugin> = new Map(
  Object.entries({
    ...LIST_LOOKUPS,
    ...FILE_LOOKUPS,
    ...PASSWORD_LOOKUPS,
    ...SYSTEM_LOOKUPS,
    ...TABLE_LOOKUPS,
  }),
)

/** What each lookup does, for the reference. */
const SUMMARIES: Readonly<Record<LookupName, string>> = {
  cartesian: 'Every combination of an item of each list; another name of nested.',
  csvfile:
    'A column of the first row of a table that begins with the key; file=, delimiter= (TAB), col= (1), default=, encoding=.',
  dict: 'The entries of a dictionary as dictionaries with key and value.',
  env: 'Environment variables of fplay; default= is the value of one that is not set.',
  file: 'The content of files of the controller, without blanks at the end unless rstrip=false.',
  fileglob: 'The files of the controller that match patterns, by their paths.',
  first_found: 'The first of several files that exists; skip=true gives nothing when none does.',
  flattened: 'The items of lists and of lists in them, as one list.',
  indexed_items: 'Items with their positions from 0, as pairs.',
  ini: 'A value of a file of sections, or of Java properties with type=properties; file=, section=, default=, re=, case_sensitive=, allow_no_value=, encoding=.',
  inventory_hostnames: 'The hosts that match patterns.',
  items: 'The items of lists; a list in the list is opened.',
  lines: 'The lines that commands of the controller print.',
  list: 'The terms as they are.',
  nested: 'Every combination of an item of each list.',
  password:
    'A password from a file of the controller, made there when it does not exist; length=, chars=, seed=; encrypt= gives its hash, vault=true encrypts the file.',
  pipe: 'What commands of the controller print.',
  random_choice: 'One of the items, at random.',
  sequence: 'Numbers as texts: start=, end= or count=, stride=, format=.',
  subelements: 'Pairs of a dictionary and an item of a list in it.',
  template:
    'The text of template files, rendered with the variables of the task; template_vars=, convert_data=, variable_start_string= and its kin.',
  together: 'The first items of all lists, then the second, and so on.',
  unvault: 'The content of files that are encrypted with vault.',
  url: 'The lines that servers answer; split_lines=false: the whole text. headers=, username=, password=, timeout= and others.',
  varnames: 'The names of variables that match regular expressions.',
  vars: 'Variables by names that are computed; default= is the value of one that does not exist.',
}

/** Every lookup with what it does. */
export function listLookups(): { readonly name: string; readonly summary: string }[] {
  return [...LOOKUP_NAMES].sort().map((name) => ({ name, summary: SUMMARIES[name] }))
}

let refused = false

/** Evaluates something for a guess: a lookup, which may do anything, is an error meanwhile. */
export function withoutLookups<T>(evaluate: () => T): T {
  const before = refused
  refused = true
  try {
    return evaluate()
  } finally {
    refused = before
  }
}

/**
 * The lookup plugins for the expressions of a task, made when they are used.
 * @param refuse  called in place of any of them
 */
export function lookupsOf(
  run: Run,
  task?: Task,
  scope?: () => Scope,
  refuse?: () => never,
): ReadonlyMap<string, Lookup> {
  return new Lookups({ run, task, scope: scope ?? (() => ({ lookup: () => undefined })) }, refuse)
}

/** All names exist from the beginning; what belongs to a name is made when it is asked for. */
class Lookups extends Map<string, Lookup> {
  readonly #context: LookupContext
  readonly #refuse: (() => never) | undefined

  constructor(context: LookupContext, refuse: (() => never) | undefined) {
    super()
    this.#context = context
    this.#refuse = refuse
  }

  override has(name: string): boolean {
    return PLUGINS.has(name)
  }

  override get(name: string): Lookup | undefined {
    if (refused) throw new Error(`${name} is not looked up for a guess`)
    this.#refuse?.()
    return PLUGINS.get(name)?.(this.#context)
  }

  override keys(): MapIterator<string> {
    return PLUGINS.keys()
  }
}
