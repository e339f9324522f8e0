import type { Entries } from '../entry.js'
import type { Item } from '../item.js'
import { EvalError, isItemDict, isList, isUnset, truthy, Tuple, tuple } from '../item.js'
import { order } from '../python/compare.js'
import { optionalInt, optionalText, wantInt, wantText } from '../python/convert.js'
import { formatPercent } from '../python/percent.js'
import { repr, str } from '../python/render.js'
import { capitalize, center, replaceText, split, splitLines, strip } from '../python/string-methods.js'
import { wrap } from '../python/wrap.js'

/** Text with the characters that HTML gives a meaning to written as entities. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    "'": '&#39;',
    '"': '&#34;',
  }
  return text.replace(/[&<>'"]/g, (char) => entities[char]!)
}

function title(text: string): string {
  return text
    .split(/([-\s({[<]+)/)
    .map((part) => (part ? capitalize(part) : ''))
    .join('')
}

function indent(text: string, [width, first, blank]: Item[]): string {
  const prefix = typeof width === 'string' ? width : ' '.repeat(wantInt(width, 'width'))
  const source = text + '\n'
  if (truthy(blank!)) {
    const lines = splitLines(source, false).join('\n' + prefix)
    return truthy(first!) ? prefix + lines : lines
  }
  const [head = '', ...rest] = splitLines(source, false)
  const body = [head, ...rest.map((line) => (line ? prefix + line : line))].join('\n')
  return truthy(first!) ? prefix + body : body
}

function truncate(text: string, [length, killWords, end, leeway]: Item[]): string {
  const limit = wantInt(length, 'length')
  const tail = wantText(end, 'end')
  const characters = [...text]
  if (limit < tail.length) throw new EvalError(`truncate needs a length of at least ${tail.length}`)
  if (characters.length <= limit + (optionalInt(leeway, 'leeway') ?? 5)) return text
  const cut = characters.slice(0, limit - tail.length).join('')
  if (truthy(killWords!)) return cut + tail
  const space = cut.lastIndexOf(' ')
  return (space < 0 ? cut : cut.slice(0, space)) + tail
}

function format(text: string, [args, named]: Item[]): string {
  const list = args instanceof Tuple ? args : tuple([])
  const byName = named as Map<Item, Item>
  if (list.length && byName.size) throw new EvalError('format takes values by place or by name, not both')
  return formatPercent(text, byName.size ? byName : list)
}

function wordwrap(text: string, [width, breakLong, separator, onHyphens]: Item[]): string {
  const join = optionalText(separator, 'wrapstring') ?? '\n'
  const options = {
    width: wantInt(width, 'width'),
    breakLong: truthy(breakLong!),
    onHyphens: truthy(onHyphens!),
  }
  return splitLines(text, false)
    .map((line) => wrap(line, options).join(join))
    .join(join)
}

function replace(text: string, [old, fresh, count]: Item[]): string {
  return replaceText(text, str(old!), str(fresh!), optionalInt(count, 'count') ?? -1)
}

function stripTags(text: string): string {
  const bare = text.replace(/<!--[\s\S]*?-->/g, '').replace(/<[^>]*>/g, '')
  const names: Readonly<Record<string, string>> = {
    amp: '&',
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    nbsp: '\u00a0',
  }
  return bare
    .split(/\s+/)
    .filter(Boolean)
    .join(' ')
    .replace(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole, name: string) => {
      if (/^#x/i.test(name)) return String.fromCodePoint(parseInt(name.slice(2), 16))
      if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)))
      return Object.hasOwn(names, name) ? names[name]! : whole
    })
}

/** The same value with the keys of its dictionaries in order, where they have one. */
function sorted(item: Item): Item {
  if (isList(item)) return item instanceof Tuple ? tuple(item.map(sorted)) : item.map(sorted)
  if (!isItemDict(item)) return item
  const pairs = [...item].map(([key, value]) => [key, sorted(value)] as const)
  const comparable = pairs.every(([key]) => typeof key === 'string')
  return new Map(comparable ? pairs.sort(([a], [b]) => order(a, b)) : pairs)
}

/** A filter of text: the value is made text first, as Jinja does. */
function onText(name: string, summary: string, signature: string, run: (text: string, args: Item[]) => Item) {
  return { name, summary, signature, run: (value: Item, args: Item[]) => run(str(value), args) }
}

/** A filter that takes nothing but text. */
function onlyText(
  name: string,
  summary: string,
  signature: string,
  run: (text: string, args: Item[]) => Item,
) {
  return {
    name,
    summary,
    signature,
    run: (value: Item, args: Item[]) => run(wantText(value, `the value of ${name}`), args),
  }
}

/** Filters of text. */
export const TEXT_FILTERS: Entries = [
  onText('upper', 'The text in capitals.', '', (text) => text.toUpperCase()),
  onText('lower', 'The text in small letters.', '', (text) => text.toLowerCase()),
  onText('capitalize', 'The text with a capital first letter, the rest small.', '', capitalize),
  onText('title', 'The text with a capital at the beginning of each word.', '', title),
  onText(
    'trim',
    'The text without spaces, or the characters given, at both ends.',
    'chars=None',
    (text, [chars]) => strip(text, optionalText(chars, 'chars'), true, true),
  ),
  onText('center', 'The text in the middle of a width.', 'width=80', (text, [width]) => {
    const wanted = wantInt(width, 'width')
    const missing = wanted - [...text].length
    return missing > 0 ? center(text, missing, ' ', wanted) : text
  }),
  onlyText(
    'indent',
    'The text with every line but the first moved to the right.',
    'width=4, first=False, blank=False',
    indent,
  ),
  onlyText(
    'truncate',
    'The beginning of the text, up to a length, with an end that shows it was cut.',
    "length=255, killwords=False, end='...', leeway=None",
    truncate,
  ),
  onText(
    'wordcount',
    'How many words the text has.',
    '',
    (text) => text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0,
  ),
  onlyText(
    'wordwrap',
    'The text broken into lines of a width.',
    'width=79, break_long_words=True, wrapstring=None, break_on_hyphens=True',
    wordwrap,
  ),
  onText(
    'replace',
    'The text with one part replaced by another, at most count times.',
    'old, new, count=None',
    replace,
  ),
  onText(
    'format',
    'Values put into a printf-style text: "%s is %d"|format(a, b).',
    '*args, **kwargs',
    format,
  ),
  onText('striptags', 'The text without HTML tags, spaces reduced to one.', '', stripTags),
  onText('escape', 'The text with the characters special in HTML as entities.', '', escapeHtml),
  onText('e', 'The same as escape.', '', escapeHtml),
  onText('forceescape', 'The same as escape.', '', escapeHtml),
  onText('safe', 'The text as it is; nothing is escaped unless escape is called.', '', (text) => text),
  {
    name: 'quote',
    summary: 'The text quoted for a POSIX shell.',
    signature: '',
    run: (value) => quote(value === null ? '' : str(value)),
  },
  {
    name: 'pprint',
    summary: 'The value as Python writes it in code.',
    signature: '',
    run: (value) => repr(sorted(value)),
  },
  {
    name: 'split',
    summary: 'The parts of a text between separators, or between spaces.',
    signature: 'sep=None, maxsplit=-1',
    run: (value, [separator, limit]) =>
      split(
        wantText(value, 'the value of split'),
        optionalText(separator, 'sep'),
        wantInt(limit, 'maxsplit'),
      ),
  },
  {
    name: 'comment',
    summary: 'The text as a comment in the style plain, erlang, c, cblock or xml.',
    signature: "style='plain', **kw",
    run: (value, [style, options]) =>
      comment(wantText(value, 'the value of comment'), style!, options as Map<Item, Item>),
  },
]

function quote(text: string): string {
  return text !== '' && /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'"'"'`)}'`
}

const STYLES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ['plain', { decoration: '# ' }],
  ['erlang', { decoration: '% ' }],
  ['c', { decoration: '// ' }],
  ['cblock', { beginning: '/*', decoration: ' * ', end: ' */' }],
  ['xml', { beginning: '<!--', decoration: ' - ', end: '-->' }],
])

function comment(text: string, style: Item, options: Map<Item, Item>): string {
  const base = STYLES.get(wantText(style, 'style'))
  if (!base)
    throw new EvalError(
      `there is no comment style "${str(style)}"`,
      'expression-failed',
      `allowed: ${[...STYLES.keys()].join(', ')}`,
    )
  const option = (name: string, fallback: string) => {
    const given = options.get(name)
    return isUnset(given) ? (base[name] ?? fallback) : str(given!)
  }
  const newline = option('newline', '\n')
  const decoration = option('decoration', '')
  const edge = decoration.trimEnd()
  const repeat = (name: string) => Number(option(`${name}_count`, '1'))
  const beginning = option('beginning', '')
  const prefix = option('prefix', edge)
  const postfix = option('postfix', edge)
  const end = option('end', '')
  const body = (decoration + text.split(newline).join(newline + decoration))
    .split(decoration + newline)
    .join(edge + newline)
  return [
    beginning && beginning + newline,
    prefix && (prefix === newline ? newline : prefix + newline).repeat(repeat('prefix')),
    body,
    (newline + postfix).repeat(repeat('postfix')),
    end && newline + end,
  ].join('')
}
