import { isIP } from 'node:net'
import { Fail } from '../contract.js'
import { der, oid, oidText, readAll, TAG, within, type Node } from './der.js'

/** Parts of names: their short and long names, and identifiers. */
const PARTS: readonly (readonly [string, string, string])[] = [
  ['CN', 'commonName', '2.5.4.3'], ['SN', 'surname', '2.5.4.4'], ['serialNumber', 'serialNumber', '2.5.4.5'],
  ['C', 'countryName', '2.5.4.6'], ['L', 'localityName', '2.5.4.7'], ['ST', 'stateOrProvinceName', '2.5.4.8'],
  ['street', 'streetAddress', '2.5.4.9'], ['O', 'organizationName', '2.5.4.10'],
  ['OU', 'organizationalUnitName', '2.5.4.11'], ['title', 'title', '2.5.4.12'],
  ['postalCode', 'postalCode', '2.5.4.17'], ['name', 'name', '2.5.4.41'], ['GN', 'givenName', '2.5.4.42'],
  ['initials', 'initials', '2.5.4.43'], ['generationQualifier', 'generationQualifier', '2.5.4.44'],
  ['dnQualifier', 'dnQualifier', '2.5.4.46'], ['pseudonym', 'pseudonym', '2.5.4.65'],
  ['UID', 'userId', '0.9.2342.19200300.100.1.1'], ['DC', 'domainComponent', '0.9.2342.19200300.100.1.25'],
  ['emailAddress', 'emailAddress', '1.2.840.113549.1.9.1'],
] // prettier-ignore

/** One part of a name of somebody: its kind as given, and its value. */
export type NamePart = readonly [string, string]

function partOf(kind: string): (typeof PARTS)[number] {
  const wanted = kind.toLowerCase()
  const part =
    PARTS.find((names) => names.some((name) => name.toLowerCase() === wanted)) ??
    (wanted === 'e' ? PARTS.at(-1) : undefined)
  if (part) return part
  throw new Fail(`a subject has no "${kind}"`, [], `allowed: ${PARTS.map(([short]) => short).join(', ')}`)
}

/** A name as certificates have it, a set for each part. */
export function encodeName(parts: readonly NamePart[]): Buffer {
  return der(
    TAG.sequence,
    ...parts.map(([kind, value]) =>
      der(TAG.set, der(TAG.sequence, oid(partOf(kind)[2]), partText(partOf(kind)[0], value))),
    ),
  )
}

function partText(kind: string, value: string): Buffer {
  if (kind === 'C' && !/^[A-Za-z]{2}$/.test(value))
    throw new Fail(`country_name "${value}" is not two letters`)
  if (kind === 'emailAddress' || kind === 'DC') return der(TAG.ia5, ascii(value, kind))
  const plain =
    ['C', 'serialNumber', 'dnQualifier'].includes(kind) && /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value)
  return der(plain ? TAG.printable : TAG.utf8, Buffer.from(value))
}

function ascii(value: string, what: string): Buffer {
  if (/^[\x00-\x7f]*$/.test(value)) return Buffer.from(value, 'latin1')
  throw new Fail(
    `${what} "${value}" has letters that are not ASCII`,
    [],
    'write a host name in its xn-- form',
  )
}

/** Parts of a name, whatever kind of text they are written as. */
export function readName(name: Node): readonly NamePart[] {
  return within(name, TAG.sequence).flatMap((set) =>
    within(set, TAG.set).map((pair): NamePart => {
      const [kind, value] = within(pair, TAG.sequence)
      const id = oidText(kind!)
      return [
        PARTS.find(([, , other]) => other === id)?.[1] ?? id,
        value!.body.toString(value!.tag === 0x1e ? 'utf16le' : 'utf8'),
      ]
    }),
  )
}

/** Whether two names are the same, part by part. */
export function sameName(a: readonly NamePart[], b: readonly NamePart[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Long names of the kinds. */
export function longNames(parts: readonly NamePart[]): readonly NamePart[] {
  return parts.map(([kind, value]) => [partOf(kind)[1], value])
}

/** An alternative name, `DNS:h`, `IP:10.0.0.1`, `email:a@b`, `URI:https://h` or `RID:1.2.3`, as certificates have it. */
export function encodeAlternative(text: string): Buffer {
  const [, kind, value = ''] = /^(\w+):(.+)$/s.exec(text) ?? []
  switch (kind) {
    case 'DNS':
      return der(0x82, ascii(value, 'DNS'))
    case 'email':
      return der(0x81, ascii(value, 'email'))
    case 'URI':
      return der(0x86, ascii(value, 'URI'))
    case 'IP':
      return der(0x87, addressBytes(value))
    case 'RID':
      return der(0x88, readAll(oid(value))[0]!.body)
    default:
      throw new Fail(
        `"${text}" is no alternative name`,
        [],
        'allowed: DNS:, IP:, email:, URI: and RID: before the name',
      )
  }
}

function addressBytes(text: string): Buffer {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number))
  if (isIP(text) !== 6 || text.includes('%')) throw new Fail(`"${text}" is no IP address`)
  const { hostname } = new URL(`http://[${text}]`)
  const [head = '', tail] = hostname.slice(1, -1).split('::')
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : [])
  const filled = [
    ...groups(head),
    ...Array<string>(tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length).fill('0'),
    ...groups(tail),
  ]
  return Buffer.from(filled.map((group) => group.padStart(4, '0')).join(''), 'hex')
}
