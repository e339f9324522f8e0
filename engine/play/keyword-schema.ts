import { KEYWORDS, keywordsOf } from './keywords.js'
import type { Bearer, Keyword } from './keywords.js'
import { kindSchema } from './value-kinds.js'

/**
 * The closed JSON Schema of what a play, block, task … may say, for editors; made from the table of keywords.
 * `modules` are the schemas of parameters by the names a task may give them.
 */
export function keywordSchema(
  bearer: Bearer,
  modules: Readonly<Record<string, object>> = {},
): Readonly<Record<string, unknown>> {
  const table: Readonly<Record<string, Keyword>> = KEYWORDS
  const names = [...keywordsOf(bearer)].filter((name) => !table[name]!.refused)
  const keywords = names.map((name) => [name, propertyOf(table[name]!)])
  const isTask = bearer === 'task' || bearer === 'handler'
  return {
    type: 'object',
    properties: { ...Object.fromEntries(keywords), ...(isTask ? modules : {}) },
    ...(isTask ? { patternProperties: { '^with_[a-z_.]+$': {} } } : {}),
    // an entry of roles takes parameters of any name beside the keywords
    additionalProperties: bearer === 'role',
  }
}

function propertyOf({ kind, static: fixed, description }: Keyword): Readonly<Record<string, unknown>> {
  return { ...kindSchema(kind, fixed), description }
}
