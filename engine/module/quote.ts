/**
 * The one door by which values reach a shell. A script is made with {@link sh}; every value put into it is
 * quoted, so a path named `-rf $(reboot)` is a path. There is no other way to make a Script.
 */
export class Script {
  /** Only {@link sh} and {@link join} make one. */
  private constructor(readonly text: string) {}

  /** For {@link sh}, {@link word} and {@link join} only: text whose foreign values are already quoted. */
  static trusted(text: string): Script {
    return new Script(text)
  }

  toString(): string {
    return this.text
  }
}

/** What may be put into a script: values become one quoted word each, lists several words, scripts stay. */
export type Piece = string | number | bigint | Script | readonly Piece[]

/**
 * Quotes a value as exactly one word of POSIX sh: any characters but NUL, which no argument can hold.
 * A leading dash is the caller's to guard (`--`): a quoted dash is still an option.
 */
export function word(value: string | number | bigint): Script {
  const text = String(value)
  if (text.includes('\0')) throw new RangeError('a NUL character cannot be an argument of a command')
  const plain = /^[A-Za-z0-9_@%+=:,./-]+$/.test(text)
  return Script.trusted(plain ? text : `'${text.replaceAll("'", `'\\''`)}'`)
}

/** POSIX sh as a tagged template: sh`mkdir -p -- ${path}`. */
export function sh(texts: TemplateStringsArray, ...pieces: Piece[]): Script {
  return Script.trusted(texts.reduce((text, part, i) => text + render(pieces[i - 1]!) + part))
}

/** Scripts one after the other, by default a line each. */
export function join(scripts: readonly Script[], separator = '\n'): Script {
  return Script.trusted(scripts.map(String).join(separator))
}

/** A script that is the text of a file of this project (a constant), not built from values. */
export function constant(texts: TemplateStringsArray): Script {
  return Script.trusted(texts.raw.join(''))
}

function render(piece: Piece): string {
  if (piece instanceof Script) return piece.text
  if (Array.isArray(piece)) return piece.map(render).join(' ')
  return word(piece as string | number | bigint).text
}
