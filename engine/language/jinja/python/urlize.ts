/** How links look. */
export interface LinkLook {
  /** Longest text of a link; longer ones end in three dots. */
  readonly limit: number
  /** Attributes of links to pages, with a blank before each. */
  readonly attributes: string
  /** Beginnings of words that are links too: `ftp:`. */
  readonly schemes: readonly string[]
}

const HOST = String.raw`(?:[\w%-]+\.)*(?:[a-z]{2,63}|xn--[\w%]{2,59})`
const KNOWN = String.raw`(?:[\w%-]{2,63}\.)+(?:com|net|int|edu|gov|org|info|mil)`
const NUMBERS = String.raw`https?://(?:\d{1,3}(?:\.\d{1,3}){3}|\[(?:[\da-f]{0,4}:){2}(?:[\da-f]{0,4}:?){1,6}\])`
/** An address of the web: with a scheme or www, under a well known domain, or a scheme with an IP address. */
const PAGE = new RegExp(
  `^(?:(?:https?://|www\\.)${HOST}|${KNOWN}|${NUMBERS})(?::\\d{1,5})?(?:[/?#]\\S*)?$`,
  'i',
)
const MAIL = /^\S+@\w[\w.-]*\.\w+$/
const OPENING = /^(?:[(<]|&lt;)+/
const CLOSING = /(?:[)>.,\n]|&gt;)+$/

/** Makes links of the addresses in a text whose mark-up is escaped already; brackets and full stops around them stay outside. */
export function linkWords(escaped: string, look: LinkLook): string {
  return escaped
    .split(/(\s+)/)
    .map((word) => linkWord(word, look))
    .join('')
}

function linkWord(word: string, look: LinkLook): string {
  const head = OPENING.exec(word)?.[0] ?? ''
  const rest = word.slice(head.length)
  const end = CLOSING.exec(rest)
  const cut = end ? end.index : rest.length
  const [middle, tail] = balanced(rest.slice(0, cut), rest.slice(cut))
  return head + link(middle, look) + tail
}

const BRACKETS = [
  ['(', ')'],
  ['<', '>'],
  ['&lt;', '&gt;'],
] as const

/** Where more brackets open in an address than close, as many closing ones behind it belong to it. */
function balanced(middle: string, tail: string): [string, string] {
  let [inner, outer] = [middle, tail]
  for (const [open, close] of BRACKETS) {
    const opening = count(inner, open)
    if (opening <= count(inner, close)) continue
    for (let moves = Math.min(opening, count(outer, close)); moves > 0; moves--) {
      const end = outer.indexOf(close) + close.length
      inner += outer.slice(0, end)
      outer = outer.slice(end)
    }
  }
  return [inner, outer]
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}

function link(text: string, { limit, attributes, schemes }: LinkLook): string {
  const anchor = (to: string, shown: string, more = ''): string => `<a href="${to}"${more}>${shown}</a>`
  if (PAGE.test(text)) {
    const shown = text.length > limit ? `${text.slice(0, limit)}...` : text
    return anchor(/^https?:\/\//.test(text) ? text : `https://${text}`, shown, attributes)
  }
  if (text.startsWith('mailto:') && MAIL.test(text.slice(7))) return anchor(text, text.slice(7))
  if (!text.startsWith('www.') && !text.includes(':') && MAIL.test(text))
    return anchor(`mailto:${text}`, text)
  const scheme = schemes.some((one) => text.startsWith(one) && text !== one)
  return scheme ? anchor(text, text, attributes) : text
}
