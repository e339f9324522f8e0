import { createHash, getHashes } from 'node:crypto'
import { bytesOfText, textOf } from '../../../surrogates.js'
import type { Entries } from '../entry.js'
import type { Item } from '../item.js'
import { EvalError, isItemDict, isList, isUnset, iterate } from '../item.js'
import { Bytes } from '../python/bytes.js'
import { wantText } from '../python/convert.js'
import { dictGet } from '../python/compare.js'
import { str } from '../python/render.js'
import { quoteUrl, splitNetloc, splitUrl, unquoteUrl } from '../python/url.js'
import { linkWords } from '../python/urlize.js'
import { escapeHtml } from './text.js'

/** Namespace of the UUIDs that Ansible makes of names. */
const UUID_NAMESPACE = '361e6d51-faec-444a-9079-341386da8e2e'
const ENCODINGS: ReadonlyMap<string, BufferEncoding> = new Map([
  ['utf-8', 'utf8'],
  ['utf8', 'utf8'],
  ['ascii', 'ascii'],
  ['latin-1', 'latin1'],
  ['latin1', 'latin1'],
  ['iso-8859-1', 'latin1'],
  ['utf-16-le', 'utf16le'],
  ['utf-16le', 'utf16le'],
])

function encodingOf(item: Item | undefined): BufferEncoding {
  const name = wantText(item, 'encoding')
  const encoding = ENCODINGS.get(name.toLowerCase().replace(/_/g, '-'))
  if (!encoding)
    throw new EvalError(
      `unknown encoding "${name}"`,
      'expression-failed',
      `allowed: ${[...ENCODINGS.keys()].join(', ')}`,
    )
  return encoding
}

function bytesOf(value: Item, encoding: BufferEncoding = 'utf8'): Buffer {
  if (value instanceof Bytes) return value.data
  return encoding === 'utf8' ? bytesOfText(str(value)) : Buffer.from(str(value), encoding)
}

function decodeBase64(value: Item, [encoding]: Item[]): Item {
  const text = bytesOf(value)
    .toString('latin1')
    .replace(/[^A-Za-z0-9+/=]/g, '')
  if (text.replace(/=+$/, '').length % 4 === 1 || (text.length % 4 !== 0 && text !== '')) {
    throw new EvalError('the text is not base64: its length is wrong')
  }
  const bytes = Buffer.from(text, 'base64')
  const wanted = encodingOf(encoding)
  return wanted === 'utf8' ? textOf(bytes) : bytes.toString(wanted)
}

function digest(value: Item, algorithm: string): string {
  const name = algorithm.toLowerCase().replace(/_/g, '-')
  if (!getHashes().includes(name)) throw new EvalError(`there is no hash "${algorithm}"`)
  return createHash(name).update(bytesOf(value)).digest('hex')
}

function uuid(value: Item, [namespace]: Item[]): Item {
  const hex = wantText(namespace, 'namespace').replace(/[{}-]/g, '')
  if (!/^[\da-f]{32}$/i.test(hex)) throw new EvalError(`the namespace "${str(namespace!)}" is not a UUID`)
  const hash = createHash('sha1')
    .update(Buffer.from(hex, 'hex'))
    .update(str(value), 'utf8')
    .digest()
    .subarray(0, 16)
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function urlEncode(value: Item): Item {
  if (!isItemDict(value) && !isList(value)) return quoteUrl(str(value))
  const pairs = isItemDict(value) ? [...value] : value.map(pairOf)
  const part = (item: Item) => quoteUrl(str(item), '').replace(/%20/g, '+')
  return pairs.map(([key, item]) => `${part(key)}=${part(item)}`).join('&')
}

function urlSplit(value: Item, [query]: Item[]): Item {
  const parts = splitUrl(wantText(value, 'the value of urlsplit'))
  if (!parts) throw new EvalError(`"${str(value)}" is not a URL`)
  const entries = [...Object.entries(parts), ...Object.entries(splitNetloc(parts.netloc))]
  const all = new Map<Item, Item>(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  if (query === '') return all
  const found = dictGet(all, query!)
  if (found === undefined)
    throw new EvalError(
      `a URL has no part "${str(query!)}"`,
      'expression-failed',
      `allowed: ${[...all.keys()].map(str).join(', ')}`,
    )
  return found
}

function pairOf(item: Item): [Item, Item] {
  const [key, value, ...more] = iterate(item)
  if (key === undefined || value === undefined || more.length)
    throw new EvalError('urlencode needs pairs of name and value')
  return [key, value]
}

/** Wraps addresses in a text as links of HTML. */
function urlize(value: Item, [limit, nofollow, target, rel, schemes]: Item[]): Item {
  const relations = [
    ...(typeof rel === 'string' ? rel.split(/\s+/) : []),
    ...(nofollow === true ? ['nofollow'] : []),
    'noopener',
  ]
  const relation = ` rel="${escapeHtml([...new Set(relations)].sort().join(' '))}"`
  return linkWords(escapeHtml(str(value)), {
    limit: typeof limit === 'number' ? limit : Infinity,
    attributes: `${relation}${typeof target === 'string' ? ` target="${escapeHtml(target)}"` : ''}`,
    schemes: isUnset(schemes) ? [] : [...iterate(schemes)].map(str),
  })
}

function hashing(name: string, algorithm: string, summary: string) {
  return { name, summary, signature: '', run: (value: Item) => digest(value, algorithm) }
}

/** Filters that encode and take apart. */
export const ENCODE_FILTERS: Entries = [
  {
    name: 'b64encode',
    summary: 'The text in base64.',
    signature: "encoding='utf-8'",
    run: (value, [encoding]) => bytesOf(value, encodingOf(encoding)).toString('base64'),
  },
  {
    name: 'b64decode',
    summary:
      'The text that base64 stands for; bytes that are no text are kept, and come back when it is written.',
    signature: "encoding='utf-8'",
    run: decodeBase64,
  },
  hashing('md5', 'md5', 'The MD5 checksum in hexadecimal.'),
  hashing('sha1', 'sha1', 'The SHA-1 checksum in hexadecimal.'),
  hashing('checksum', 'sha1', 'The checksum that modules report for files (SHA-1).'),
  {
    name: 'hash',
    summary: 'A checksum in hexadecimal.',
    signature: "hashtype='sha1'",
    run: (value, [type]) => digest(value, wantText(type, 'hashtype')),
  },
  {
    name: 'to_uuid',
    summary: 'The UUID (version 5) of a name.',
    signature: `namespace='${UUID_NAMESPACE}'`,
    run: uuid,
  },
  {
    name: 'urlencode',
    summary: 'The text, or the entries of a dictionary, as part of a URL.',
    signature: '',
    run: urlEncode,
  },
  {
    name: 'urldecode',
    summary: 'The text that percent-encoding stands for.',
    signature: "encoding='utf-8', errors='replace'",
    run: (value) => unquoteUrl(str(value)),
  },
  {
    name: 'urlsplit',
    summary: 'The parts of a URL, or one of them.',
    signature: "query='', alias='urlsplit'",
    run: urlSplit,
  },
  {
    name: 'urlize',
    summary: 'The text with its addresses as links of HTML.',
    signature: 'trim_url_limit=None, nofollow=False, target=None, rel=None, extra_schemes=None',
    run: urlize,
  },
]
