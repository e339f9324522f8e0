import { Fail } from './contract.js'

/** Encodings that Python names, without `-`, `_` and case, and how texts become their bytes. */
const ENCODERS: ReadonlyMap<string, (text: string) => Buffer | undefined> = new Map([
  ...named('utf8 u8 utf', (text) => Buffer.from(text, 'utf8')),
  ...named('utf8sig', (text) => Buffer.from(`\ufeff${text}`, 'utf8')),
  ...named('utf16 u16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')),
  ...named('utf16le', (text) => Buffer.from(text, 'utf16le')),
  ...named('utf16be', (text) => Buffer.from(text, 'utf16le').swap16()),
  ...named('utf32 u32', (text) => utf32(`\ufeff${text}`)),
  ...named('utf32le', utf32),
  ...named('utf32be', (text) => utf32(text).swap32()),
  ...named('ascii usascii 646', (text) => low(text, 0x7f)),
  ...named('latin1 l1 latin iso88591 88591 cp819', (text) => low(text, 0xff)),
  ...Array.from({ length: 15 }, (_, i) => i + 2)
    .filter((part) => part !== 9 && part !== 12)
    .flatMap((part) => named(`iso8859${part}`, (text) => byTable(text, `iso-8859-${part}`))),
  ...named('latin2 l2', (text) => byTable(text, 'iso-8859-2')),
  ...named('latin9 l9', (text) => byTable(text, 'iso-8859-15')),
  ...Array.from({ length: 9 }, (_, i) => i + 1250).flatMap((page) =>
    named(`cp${page} windows${page}`, (text) => byTable(text, `windows-${page}`)),
  ),
  ...named('koi8r', (text) => byTable(text, 'koi8-r')),
  ...named('gbk cp936 936 ms936 gb2312 euccn chinese', (text) => byTable(text, 'gbk')),
  ...named('gb18030 gb180302000', (text) => byTable(text, 'gb18030')),
  ...named('big5 big5tw csbig5', (text) => byTable(text, 'big5')),
  ...named('eucjp ujis', (text) => byTable(text, 'euc-jp')),
  ...named('shiftjis sjis', (text) => byTable(text, 'shift_jis')),
  ...named('euckr korean', (text) => byTable(text, 'euc-kr')),
])

function named(
  names: string,
  encode: (text: string) => Buffer | undefined,
): [string, (text: string) => Buffer | undefined][] {
  return names.split(' ').map((name) => [name, encode])
}

/** The text as bytes of an encoding named as Python names it. Fails for one that is not known, and for letters that it does not have. */
export function encode(text: string, name: string): Buffer {
  const encoder = ENCODERS.get(name.toLowerCase().replace(/[-_ ]/g, ''))
  if (!encoder) throw new Fail(`unknown encoding: ${name}`, [], 'use utf-8, utf-16, latin-1, gbk or the like')
  const bytes = encoder(text)
  if (bytes) return bytes
  const letter = [...text].find((one) => encoder(one) === undefined)
  throw new Fail(`'${name}' codec can't encode character ${JSON.stringify(letter)}`, [], 'use utf-8')
}

function utf32(text: string): Buffer {
  const codes = [...text].map((letter) => letter.codePointAt(0)!)
  const bytes = Buffer.alloc(codes.length * 4)
  codes.forEach((code, i) => bytes.writeUInt32LE(code, i * 4))
  return bytes
}

/** One byte a letter, its own number. */
function low(text: string, last: number): Buffer | undefined {
  return [...text].some((letter) => letter.codePointAt(0)! > last) ? undefined : Buffer.from(text, 'latin1')
}

function byTable(text: string, label: string): Buffer | undefined {
  const table = tableOf(label)
  const parts = [...text].map((letter) => table.get(letter) ?? beyond(letter, label))
  return parts.includes(undefined) ? undefined : Buffer.concat(parts as Buffer[])
}

const tables = new Map<string, ReadonlyMap<string, Buffer>>()

/** Node only decodes; what each sequence of one or two bytes means, read backwards, encodes. */
function tableOf(label: string): ReadonlyMap<string, Buffer> {
  const known = tables.get(label)
  if (known) return known
  const table = new Map<string, Buffer>()
  const note = (bytes: Buffer): void => {
    const letter = label === 'windows-1252' ? western(bytes[0]!) : decode(bytes, label)
    if (letter !== undefined && !table.has(letter)) table.set(letter, bytes)
  }
  for (let byte = 0; byte < 256; byte++) note(Buffer.of(byte))
  if (MANY_BYTES.has(label)) {
    // The lower rows of Big5 are additions of Hong Kong, with letters that have a place above.
    for (let lead = label === 'big5' ? 0xa1 : 0x81; lead < 0xff; lead++)
      for (let trail = 0x40; trail < 0xff; trail++) note(Buffer.of(lead, trail))
  }
  if (label === 'gb18030') for (let index = 0; index < 39_420; index++) note(fourBytes(index))
  tables.set(label, table)
  return table
}

/** Node takes Windows 1252 for Latin 1; these are what the two differ in, from 0x80. A blank has no letter. */
const WESTERN = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ'

function western(byte: number): string | undefined {
  const letter = byte < 0x80 || byte > 0x9f ? String.fromCharCode(byte) : WESTERN[byte - 0x80]!
  return letter === ' ' && byte !== 0x20 ? undefined : letter
}

const MANY_BYTES = new Set(['gbk', 'gb18030', 'big5', 'euc-jp', 'shift_jis', 'euc-kr'])

/** The one letter that the bytes mean; undefined for none or several. */
function decode(bytes: Buffer, label: string): string | undefined {
  try {
    const text = new TextDecoder(label, { fatal: true }).decode(bytes)
    return [...text].length === 1 ? text : undefined
  } catch (error) {
    if (error instanceof RangeError) throw new Fail(`this Node.js does not know the encoding ${label}`)
    return undefined
  }
}

/** GB 18030 counts all that has no two bytes in four; what is above the first plane comes after a gap. */
function beyond(letter: string, label: string): Buffer | undefined {
  const code = letter.codePointAt(0)!
  return label === 'gb18030' && code >= 0x10000 ? fourBytes(189_000 + code - 0x10000) : undefined
}

function fourBytes(index: number): Buffer {
  const [tens, hundreds] = [Math.floor(index / 10), Math.floor(index / 1260)]
  return Buffer.of(
    0x81 + Math.floor(index / 12_600),
    0x30 + (hundreds % 10),
    0x81 + (tens % 126),
    0x30 + (index % 10),
  )
}
