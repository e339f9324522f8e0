import { ERROR_CODES } from '../errors.js'
import { FILTERS, TESTS } from '../language/jinja/filters/all.js'
import type { Entries } from '../language/jinja/entry.js'
import { KEYWORDS } from '../play/keywords.js'
import type { Keyword } from '../play/keywords.js'
import { kindWords } from '../play/value-kinds.js'
import { listLookups } from '../run/lookups.js'

/** A word that a playbook may use, and what it means. */
export interface Word {
  readonly name: string
  readonly aliases: readonly string[]
  /** How it is written: `join(d='', attribute=None)`. */
  readonly usage: string
  readonly summary: string
}

/** Kinds of words that are not modules, each with its list. */
export const WORDS = {
  filter: () => entries(FILTERS, '| '),
  test: () => entries(TESTS, 'is '),
  lookup: () =>
    listLookups().map(({ name, summary }) => ({
      name,
      aliases: [],
      usage: `lookup('${name}', …), query('${name}', …)`,
      summary,
    })),
  keyword: keywords,
  error: () =>
    Object.entries(ERROR_CODES)
      .sort()
      .map(([name, text]) => ({ name, aliases: [], usage: name, summary: `${text}.` })),
} as const satisfies Readonly<Record<string, () => Word[]>>

export type WordKind = keyof typeof WORDS

function entries(all: Entries, before: string): Word[] {
  const words = all.map(({ name, aliases = [], signature, summary }) => ({
    name,
    aliases,
    usage: `${before}${name}${signature ? `(${signature})` : ''}`,
    summary: /[.!?]$/.test(summary) ? summary : `${summary}.`,
  }))
  return words.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function keywords(): Word[] {
  const table = Object.entries(KEYWORDS as Readonly<Record<string, Keyword>>)
  return table
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { on, kind, description, alias, refused }]) => ({
      name,
      aliases: alias === undefined ? [] : [alias],
      usage: `${name}: ${kindWords(kind)}; on ${on.join(', ')}`,
      summary: refused ? `${description} Refused: ${refused.why}; ${refused.cure}.` : description,
    }))
}
