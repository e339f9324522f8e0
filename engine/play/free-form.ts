/** One word of `copy: src=a dest="b c"`: its text and where it begins and ends in the whole. */
interface Word {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Text after a module's name, taken apart. */
export interface FreeForm {
  /** `key=value` words, in order. */
  readonly options: readonly { readonly key: string; readonly value: string }[]
  /** What is left: the command of `command: ls -l chdir=/x`. Empty when nothing is. */
  readonly rest: string
}

/** A quote or a template delimiter is not closed. */
export class Unbalanced extends Error {}

/**
 * Takes apart the text after a module's name as Ansible does: words end at blanks outside quotes and template
 * braces; `key=value` words for which `isOption(key)` holds are parameters, everything else stays as it was written.
 * Throws {@link Unbalanced}.
 */
export function parseFreeForm(text: string, isOption: (key: string) => boolean): FreeForm {
  const options: { key: string; value: string }[] = []
  let rest = ''
  let kept = 0
  for (const word of split(text)) {
    const option = readOption(word.text)
    if (!option || !isOption(option.key)) continue
    options.push(option)
    rest += text.slice(kept, word.start)
    kept = skipBlanks(text, word.end)
  }
  rest += text.slice(kept)
  return {
    options,
    rest: rest
      .replace(/(?<=^|\s)\\\n/g, '')
      .replaceAll('\\=', '=')
      .trim(),
  }
}

/** The first word and what follows it: the module's name in `action: copy src=a`. */
export function firstWord(text: string): { readonly word: string; readonly rest: string } {
  const match = /^\s*(\S*)\s*([\s\S]*)$/.exec(text)!
  return { word: match[1]!, rest: match[2]! }
}

function split(text: string): Word[] {
  const words: Word[] = []
  let at = skipBlanks(text, 0)
  while (at < text.length) {
    const end = wordEnd(text, at)
    words.push({ text: text.slice(at, end), start: at, end })
    at = skipBlanks(text, end)
  }
  return words
}

/** Where the word that begins at `start` ends: at a blank that is neither quoted nor inside a template. */
function wordEnd(text: string, start: number): number {
  let quote = ''
  let braces = 0
  let at = start
  for (; at < text.length; at++) {
    const char = text[at]!
    if (/\s/.test(char) && !quote && !braces) break
    if (/["']/.test(char) && text[at - 1] !== '\\') {
      if (!quote) quote = char
      else if (quote === char) quote = ''
    } else if (/^\{[{%#]/.test(text.slice(at, at + 2))) braces++
    else if (/^[}%#]\}/.test(text.slice(at, at + 2)) && braces) braces--
    else continue
    if (!/["']/.test(char)) at++
  }
  if (quote) throw new Unbalanced(`the quote ${quote} is not closed`)
  if (braces) throw new Unbalanced('a template brace is not closed')
  return at
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (at < text.length && /\s/.test(text[at]!)) at++
  return at
}

function readOption(word: string): { key: string; value: string } | undefined {
  const equals = (word.startsWith('{{') ? /^(?:\{\{.*?\}\}|[^={])+=/s : /^[^=]*?[^\\=]=/).exec(word)
  if (!equals || /^["']|^\{(?!\{)/.test(word)) return undefined
  const key = word.slice(0, equals[0].length - 1).trim()
  return { key, value: unquote(unescape(word.slice(equals[0].length))) }
}

function unquote(text: string): string {
  const quoted = text.length > 1 && /^["']/.test(text) && text.at(-1) === text[0] && text.at(-2) !== '\\'
  return quoted ? text.slice(1, -1) : text
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"',
} // prettier-ignore

function unescape(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([abfnrtv\\'"]))/g,
    (_, x?: string, u?: string, long?: string, char?: string) =>
      char ? ESCAPES[char]! : String.fromCodePoint(Number.parseInt((x ?? u ?? long)!, 16)),
  )
}
