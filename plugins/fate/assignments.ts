import type { Place, Problem } from '../../engine/errors.js'

/** One value of a list, or the value itself, and where it stands. */
export interface Word {
  readonly text: string
  readonly place: Place
}

/** `name=value` or `name=(value …)`. */
export interface Assignment {
  readonly name: string
  readonly place: Place
  /** One word, or the words of a list. */
  readonly value: Word | readonly Word[]
}

/** What a file of assignments says; of two assignments to a name the last one counts, as in a shell. */
export interface Assignments {
  readonly byName: ReadonlyMap<string, Assignment>
  readonly warnings: readonly Problem[]
}

/**
 * Reads a file of shell assignments as data: nothing is expanded or run. Lists, quotes, `\`, comments and lines that end
 * as in DOS are understood; whatever a shell would do more with goes to `problems`.
 */
export function readAssignments(text: string, file: string, problems: Problem[]): Assignments {
  const reader = new Reader(text.replace(/^\uFEFF/, '').replace(/\r\n/g, '\n'), file, problems)
  return reader.file()
}

const EXPANSION = /^(?:\$[\w{(@*#?!$-]|`)/

class Reader {
  private at = 0
  constructor(
    private readonly text: string,
    private readonly name: string,
    private readonly problems: Problem[],
  ) {}

  file(): Assignments {
    const byName = new Map<string, Assignment>()
    const warnings: Problem[] = []
    for (this.blanks(/\s/); this.at < this.text.length; this.blanks(/\s/)) {
      const found = this.assignment()
      if (!found) continue
      if (byName.has(found.name)) {
        const message = `${found.name} is set twice; the last one counts`
        warnings.push({ code: 'bad-inventory', place: found.place, message })
      }
      byName.set(found.name, found)
    }
    return { byName, warnings }
  }

  private assignment(): Assignment | undefined {
    const place = this.place()
    const [all, name] = /^(?:export +)?([A-Za-z_]\w*)=/.exec(this.text.slice(this.at)) ?? []
    if (all === undefined || name === undefined) return this.refuseLine(place)
    this.at += all.length
    const before = this.problems.length
    const value = this.text[this.at] === '(' ? this.list() : this.word(' \t\n')
    this.endOfLine()
    return this.problems.length === before && value ? { name, place, value } : undefined
  }

  /** Words between parentheses, on one line or several. */
  private list(): Word[] | undefined {
    const place = this.place()
    const words: Word[] = []
    for (this.at++, this.blanks(/\s/); this.text[this.at] !== ')'; this.blanks(/\s/)) {
      if (this.at >= this.text.length)
        return this.refuse(place, 'this list has no end', 'close it with ")" after its last value')
      const word = this.word(' \t\n)')
      if (word) words.push(word)
      else this.skipTo(')')
    }
    this.at++
    return words
  }

  /** Text up to one of the characters of `ends`, with quotes taken off; undefined when it is more than text. */
  private word(ends: string): Word | undefined {
    const place = this.place()
    let text = ''
    while (this.at < this.text.length && !ends.includes(this.text[this.at]!)) {
      const piece = this.piece()
      if (piece === undefined) return undefined
      text += piece
    }
    return { text, place }
  }

  private piece(): string | undefined {
    const char = this.text[this.at]!
    if (char === "'") return this.single()
    if (char === '"') return this.double()
    if (this.isExpansion()) return undefined
    if ('();&|<>'.includes(char)) {
      return this.refuse(this.place(), `"${char}" stands outside quotes`, 'put the value in single quotes')
    }
    if (char === '\\' && this.at + 1 < this.text.length) this.at++
    const plain = this.text[this.at++]!
    return char === '\\' && plain === '\n' ? '' : plain
  }

  private single(): string | undefined {
    const place = this.place()
    const end = this.text.indexOf("'", this.at + 1)
    if (end < 0) return this.refuse(place, 'this quote has no end', "close it with another '")
    const text = this.text.slice(this.at + 1, end)
    this.at = end + 1
    return text
  }

  private double(): string | undefined {
    const place = this.place()
    let text = ''
    for (this.at++; this.text[this.at] !== '"';) {
      if (this.at >= this.text.length)
        return this.refuse(place, 'this quote has no end', 'close it with another "')
      if (this.isExpansion()) return undefined
      const escaped = this.text[this.at] === '\\' && '$`"\\\n'.includes(this.text[this.at + 1] ?? ' ')
      if (escaped) this.at++
      const char = this.text[this.at++]!
      text += escaped && char === '\n' ? '' : char
    }
    this.at++
    return text
  }

  private isExpansion(): boolean {
    const found = EXPANSION.exec(this.text.slice(this.at, this.at + 2))
    if (found) {
      const message = `a shell would replace what begins with "${found[0]}", and this file is read as data`
      this.refuse(this.place(), message, 'write the value itself, in single quotes')
    }
    return found !== null
  }

  /** Nothing but a comment may follow a value. */
  private endOfLine(): void {
    const place = this.place()
    const blanks = this.blanks(/[ \t]/)
    const char = this.text[this.at]
    if (char === undefined || char === '\n' || (char === '#' && blanks)) return this.skipLine()
    if (!this.problems.some((one) => one.place?.line === place.line)) {
      const next = /^\S+/.exec(this.text.slice(this.at))![0]
      this.refuse(this.place(), `"${next}" follows the value`, 'put a value with blanks in quotes')
    }
    this.skipLine()
  }

  private refuseLine(place: Place): undefined {
    const line = /^[^\n]*/.exec(this.text.slice(this.at))![0].trim()
    const spaced = /^([A-Za-z_]\w*)\s*=\s*/.exec(line)
    const cure = spaced
      ? `write "${spaced[1]}=" without blanks around "="`
      : 'write name=value or name=(value value)'
    this.refuse(place, `"${line}" is no assignment`, cure)
    this.skipLine()
    return undefined
  }

  private refuse(place: Place, message: string, cure: string): undefined {
    this.problems.push({ code: 'bad-inventory', place, message, cure })
    return undefined
  }

  /** Passes over blanks and, where lines may end, over comments. Tells whether there were any. */
  private blanks(kind: RegExp): boolean {
    const start = this.at
    while (this.at < this.text.length) {
      if (kind.test(this.text[this.at]!)) this.at++
      else if (this.text[this.at] === '#' && kind.test('\n')) this.skipLine()
      else break
    }
    return this.at > start
  }

  private skipLine(): void {
    this.skipTo('\n')
  }

  private skipTo(char: string): void {
    const end = this.text.indexOf(char, this.at)
    this.at = end < 0 ? this.text.length : end
  }

  private place(): Place {
    const before = this.text.slice(0, this.at)
    return {
      file: this.name,
      line: before.split('\n').length,
      column: this.at - before.lastIndexOf('\n'),
    }
  }
}
