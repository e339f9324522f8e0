/** What is shown in place of a secret. */
export const MASK = '********'

/** Texts that must never be shown: passwords, decrypted vault values. One registry serves a whole run. */
export interface Secrets {
  /** Notes a secret. Texts under four characters are not masked: they would black out ordinary output. */
  add(text: string): void
  /** The text with every secret in it replaced by {@link MASK}. */
  mask(text: string): string
}

const SHORTEST = 4

/** An empty registry. */
export function createSecrets(): Secrets {
  const known = new Set<string>()
  let pattern: RegExp | undefined
  return {
    add(text) {
      const before = known.size
      for (const form of forms(text)) if (form.length >= SHORTEST) known.add(form)
      if (known.size > before) pattern = undefined
    },
    mask(text) {
      if (known.size === 0) return text
      pattern ??= compile(known)
      return text.replace(pattern, MASK)
    },
  }
}

/** A secret is also met line by line, without its final line break, and escaped in JSON. */
function* forms(text: string): Iterable<string> {
  for (const part of new Set([text.trim(), ...text.split(/\r?\n/).map((line) => line.trim())])) {
    yield part
    yield JSON.stringify(part).slice(1, -1)
  }
}

/** The longest first, so that a secret that contains another is replaced whole. */
function compile(known: ReadonlySet<string>): RegExp {
  const longestFirst = [...known].sort((a, b) => b.length - a.length)
  return new RegExp(longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g')
}
