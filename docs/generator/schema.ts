import type { Told } from '../../engine/cli/doc-text.js'
import type { ParamSpec, ParamTable, ParamType } from '../../engine/module/params.js'
import { keywordSchema } from '../../engine/play/keyword-schema.js'
import type { Bearer } from '../../engine/play/keywords.js'

type Schema = Readonly<Record<string, unknown>>

const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` })

/** The JSON Schema of playbooks, for editors; `tasks.json` takes its definitions. */
export function playbookSchema(modules: readonly (readonly [string, Told])[]): Schema {
  const bearers: readonly Bearer[] = ['play', 'block', 'task', 'handler', 'role', 'import_playbook']
  const names = Object.fromEntries(modules.map(([name]) => [name, ref(`module.${name}`)]))
  const own = Object.fromEntries(bearers.map((bearer) => [bearer, bearerSchema(bearer, names)]))
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A playbook of fplay',
    type: 'array',
    items: {
      if: {
        anyOf: ['import_playbook', 'ansible.builtin.import_playbook'].map((word) => ({ required: [word] })),
      },
      then: ref('import_playbook'),
      else: ref('play'),
    },
    definitions: {
      ...own,
      tasks: { type: ['array', 'null'], items: taskOr('task') },
      handlers: { type: ['array', 'null'], items: taskOr('handler') },
      roles: { type: ['array', 'null'], items: { anyOf: [{ type: 'string' }, ref('role')] } },
      template: { type: 'string', pattern: '\\{\\{|\\{%' },
      truth: {
        anyOf: [
          { type: 'boolean' },
          { enum: ['yes', 'no', 'on', 'off', 'Yes', 'No', 'True', 'False'] },
          ref('template'),
        ],
      },
      ...Object.fromEntries(modules.map(([name, module]) => [`module.${name}`, moduleSchema(module)])),
    },
  }
}

/** The JSON Schema of a file of tasks or handlers. */
export function tasksSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Tasks of fplay',
    $ref: 'playbook.json#/definitions/tasks',
  }
}

function taskOr(task: 'task' | 'handler'): Schema {
  return { if: { required: ['block'] }, then: ref('block'), else: ref(task) }
}

const LISTS: Readonly<Record<string, string>> = {
  pre_tasks: 'tasks',
  tasks: 'tasks',
  post_tasks: 'tasks',
  block: 'tasks',
  rescue: 'tasks',
  always: 'tasks',
  handlers: 'handlers',
  roles: 'roles',
}

/** The keywords of a bearer, lists of tasks and truths made what editors need, and modules by their full names too. */
function bearerSchema(bearer: Bearer, modules: Readonly<Record<string, Schema>>): Schema {
  const schema = keywordSchema(bearer, modules)
  const properties = schema['properties'] as Readonly<Record<string, Schema>>
  const entries = Object.entries(properties).map(([name, own]) => {
    const list = Object.hasOwn(LISTS, name) ? LISTS[name] : undefined
    if (list === undefined || own['$ref'] !== undefined) return [name, own]
    return [name, { ...ref(list), description: own['description'] }]
  })
  const isTask = bearer === 'task' || bearer === 'handler'
  const full = isTask
    ? Object.entries(modules).map(([name, own]) => [`^[a-z_]+\\.[a-z_]+\\.${name}$`, own])
    : []
  const more =
    bearer === 'import_playbook'
      ? { import_playbook: { type: 'string' }, 'ansible.builtin.import_playbook': { type: 'string' } }
      : {}
  return {
    ...schema,
    properties: { ...Object.fromEntries(entries), ...more },
    patternProperties: {
      ...(schema['patternProperties'] as object | undefined),
      ...Object.fromEntries(full),
    },
  }
}

/** A module may be given parameters, a text, or nothing. What is required may come from elsewhere. */
function moduleSchema(module: Told): Schema {
  return {
    description: module.summary,
    anyOf: [
      { type: ['string', 'null'] },
      {
        type: 'object',
        properties: tableProperties(module.params),
        additionalProperties: module.open ?? false,
      },
    ],
  }
}

function tableProperties(params: ParamTable): Schema {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, spec]) =>
      [name, ...(spec.aliases ?? [])].map((word) => [word, paramSchema(spec)]),
    ),
  )
}

function paramSchema(spec: ParamSpec): Schema {
  const about = {
    description: spec.description,
    ...(spec.default === undefined ? {} : { default: spec.default }),
  }
  if (spec.type !== 'list') return { ...about, ...itemSchema(spec, spec.type) }
  const item = itemSchema(spec, spec.elements ?? 'raw')
  return {
    ...about,
    anyOf: [
      { type: 'array', items: item },
      { type: ['string', 'number', 'null'] },
      ...(spec.options ? [item] : []),
    ],
  }
}

/** What may be written for a value: what becomes it by Ansible's conversions, and templates. */
function itemSchema(spec: ParamSpec, type: ParamType): Schema {
  if (spec.options)
    return {
      anyOf: [
        { type: 'object', properties: tableProperties(spec.options), additionalProperties: false },
        ref('template'),
      ],
    }
  if (spec.choices) return { anyOf: [{ enum: choices(spec.choices) }, ref('template')] }
  return WRITTEN[type]
}

/** YAML reads `yes` and `no` as truths where they are meant as words. */
function choices(given: readonly (string | number)[]): readonly unknown[] {
  const words: Readonly<Record<string, boolean>> = { yes: true, no: false, on: true, off: false }
  return [...new Set(given.flatMap((word) => (Object.hasOwn(words, word) ? [word, words[word]] : [word])))]
}

const WRITTEN: Readonly<Record<ParamType, Schema>> = {
  str: { type: ['string', 'number', 'boolean', 'null'] },
  path: { type: ['string', 'null'] },
  int: { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^\\s*[-+]?\\d+\\s*$' }, ref('template')] },
  float: {
    anyOf: [
      { type: 'number' },
      { type: 'string', pattern: '^\\s*[-+]?[\\d.]+(e[-+]?\\d+)?\\s*$' },
      ref('template'),
    ],
  },
  bool: {
    anyOf: [ref('truth'), { enum: [0, 1, '0', '1', 't', 'f', 'y', 'n', 'true', 'false', 'YES', 'NO'] }],
  },
  list: {},
  dict: { anyOf: [{ type: ['object', 'null'] }, ref('template'), { type: 'string' }] },
  raw: {},
  mode: { type: ['string', 'integer'] },
}
