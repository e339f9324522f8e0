import { createHash, generateKeyPairSync, sign } from 'node:crypto'

/** A key of OpenPGP, as repositories of packages are signed with (RFC 4880, Ed25519), without the program gpg. */
export interface OpenPgpKey {
  /** The public key as it is in a file `.gpg`. */
  readonly binary: Buffer
  /** The public key as it is in a file `.asc`. */
  readonly armoured: string
  /** A signature of its own for a text, as in `Release.gpg`. */
  sign(text: string): string
}

const ED25519 = Buffer.from('092b06010401da470f01', 'hex')
const USER = Buffer.from('a test <test@example.org>')

/** A new key. */
export function makeOpenPgpKey(): OpenPgpKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const made = number(Math.floor(Date.now() / 1000), 4)
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const body = Buffer.concat([Buffer.of(4), made, Buffer.of(22), ED25519, integer(Buffer.concat([Buffer.of(0x40), point]))]) // prettier-ignore
  const hashedKey = Buffer.concat([Buffer.of(0x99), number(body.length, 2), body])
  const fingerprint = createHash('sha1').update(hashedKey).digest()

  const signature = (type: number, signed: Buffer, more: Buffer = Buffer.alloc(0)): Buffer => {
    const told = Buffer.concat([Buffer.of(5, 2), made, Buffer.of(0x16, 33, 4), fingerprint, more])
    const head = Buffer.concat([Buffer.of(4, type, 22, 8), number(told.length, 2), told])
    const digest = createHash('sha256')
      .update(Buffer.concat([signed, head, Buffer.of(4, 0xff), number(head.length, 4)]))
      .digest()
    const proof = sign(null, digest, privateKey)
    const issuer = Buffer.concat([Buffer.of(0, 10, 9, 16), fingerprint.subarray(-8)])
    const parts = [head, issuer, digest.subarray(0, 2), integer(proof.subarray(0, 32)), integer(proof.subarray(32))] // prettier-ignore
    return packet(2, Buffer.concat(parts))
  }
  const user = Buffer.concat([Buffer.of(0xb4), number(USER.length, 4), USER])
  const itself = signature(0x13, Buffer.concat([hashedKey, user]), Buffer.of(2, 27, 3))
  const binary = Buffer.concat([packet(6, body), packet(13, USER), itself])
  return {
    binary,
    armoured: armour('PUBLIC KEY BLOCK', binary),
    sign: (text) => armour('SIGNATURE', signature(0, Buffer.from(text))),
  }
}

function number(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}

/** A number of any length: how many bits, and these without zeros before. */
function integer(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const rest = bytes.subarray(first)
  return Buffer.concat([number(rest.length * 8 - (Math.clz32(rest[0]!) - 24), 2), rest])
}

function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0xc0 | tag, 0xff), number(body.length, 4), body])
}

function armour(what: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/.{64}/g, '$&\n')
  return `-----BEGIN PGP ${what}-----\n\n${lines}\n-----END PGP ${what}-----\n`
}
