/** How a file of sections is read. */
export interface ConfigRules {
  /** Names keep their case; otherwise they are lower case. */
  readonly isCased: boolean
  /** A name may stand alone; its value is null. */
  readonly allowsNone: boolean
  /** Called with what is wrong with the file. */
  refuse(message: string): never
}

type Entries = Map<string, string | null>

/** A value of several lines while it is read. */
interface Open {
  readonly entries: Entries
  readonly name: string
  readonly indent: number
}

const DEFAULTS = 'DEFAULT'

/**
 * The sections of a file as Python's `configparser` reads them: `=` or `:` after a name, values that go on in lines
 * further in, comments in lines of their own, values of DEFAULT in every section, `%(name)s` for another value.
 */
export function readConfig(text: string, rules: ConfigRules): ReadonlyMap<string, Entries> {
  const sections = new Map<string, Entries>([[DEFAULTS, new Map()]])
  const seen = new Set<string>()
  let entries: Entries | undefined
  let open: Open | undefined
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim()
    const indent = line.length - line.trimStart().length
    if (/^[#;]/.test(trimmed)) continue
    if (trimmed === '' || (open && indent > open.indent)) {
      if (open) goOn(open, trimmed)
      continue
    }
    open = undefined
    const header = /^\[(.+)\]/.exec(trimmed)?.[1]
    if (header !== undefined) {
      if (seen.has(header)) rules.refuse(`line ${index + 1}: a second section [${header}]`)
      seen.add(header)
      entries = sections.get(header) ?? new Map<string, string | null>()
      sections.set(header, entries)
      continue
    }
    if (!entries) return rules.refuse(`line ${index + 1}: "${trimmed}" stands before the first section`)
    const [, written, value] = /^(.*?)\s*[=:]\s*(.*)$/.exec(trimmed) ?? []
    if (written === '' || (written === undefined && !rules.allowsNone))
      rules.refuse(`line ${index + 1}: "${trimmed}" is no name with a value`)
    const name = rules.isCased ? (written ?? trimmed) : (written ?? trimmed).toLowerCase()
    if (entries.has(name)) rules.refuse(`line ${index + 1}: "${name}" stands twice in its section`)
    entries.set(name, value ?? null)
    open = { entries, name, indent }
  }
  return finished(sections, rules)
}

function goOn({ entries, name }: Open, more: string): void {
  const value = entries.get(name)
  // a name that stands alone has no value that could go on
  if (value !== null) entries.set(name, `${value}\n${more}`)
}

/** Without empty lines at the end of values, with those of DEFAULT, and with what values say of others. */
function finished(sections: Map<string, Entries>, rules: ConfigRules): ReadonlyMap<string, Entries> {
  const defaults = sections.get(DEFAULTS)!
  return new Map(
    [...sections].map(([section, own]) => {
      const all: Entries = new Map(
        [...defaults, ...own].map(([name, value]) => [name, value?.trimEnd() ?? null]),
      )
      return [section, new Map([...all].map(([name, value]) => [name, value && filled(value, all, rules)]))]
    }),
  )
}

const DEEPEST = 10

function filled(value: string, all: Entries, rules: ConfigRules, depth = 0): string {
  if (depth > DEEPEST) return rules.refuse(`"${value}" leads back to itself`)
  return value.replace(/%(?:(%)|\(([^)]*)\)s|)/g, (whole, percent?: string, name?: string) => {
    if (percent !== undefined) return '%'
    const key = rules.isCased ? name : name?.toLowerCase()
    const other = key === undefined ? undefined : all.get(key)
    if (other === undefined || other === null)
      return rules.refuse(`"${value}" has a "${whole}" that is neither "%%" nor the name of a value`)
    return filled(other, all, rules, depth + 1)
  })
}
