import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  pbkdf2Sync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/**
 * The file format of ansible-vault, versions 1.1 and 1.2 with AES256: a header line, then hexadecimal of three lines
 * (salt, HMAC, ciphertext) that are hexadecimal themselves.
 */
export interface Envelope {
  /** The id in the header of version 1.2. */
  readonly id: string | undefined
  readonly salt: Buffer
  readonly hmac: Buffer
  readonly ciphertext: Buffer
}

const ROUNDS = 10_000
const LINE = 80

/** Takes a vault text apart. Returns a sentence that says what is wrong with one that is damaged. */
export function readEnvelope(text: string): Envelope | string {
  const [header = '', ...body] = text.trim().split(/\r?\n/)
  const [magic, version, cipher, id] = header.trim().split(';')
  if (magic !== '$ANSIBLE_VAULT') return 'a vault value begins with $ANSIBLE_VAULT; and this does not'
  if (version !== '1.1' && version !== '1.2')
    return `vault format ${version ?? ''} is not known; 1.1 and 1.2 are`
  if (cipher !== 'AES256') return `vault cipher ${cipher ?? ''} is not known; AES256 is`
  const inner = unhex(body.map((line) => line.trim()).join(''))
  const parts = inner?.toString('latin1').split('\n').map(unhex)
  if (parts?.length !== 3 || parts.some((part) => part === undefined))
    return 'the vault text is damaged or cut off'
  const [salt, hmac, ciphertext] = parts as [Buffer, Buffer, Buffer]
  return { id, salt, hmac, ciphertext }
}

/** The plain bytes, or undefined when the password is not the one. */
export function openEnvelope(envelope: Envelope, password: string | Buffer): Buffer | undefined {
  const { key, hmacKey, iv } = derive(password, envelope.salt)
  const hmac = createHmac('sha256', hmacKey).update(envelope.ciphertext).digest()
  if (hmac.length !== envelope.hmac.length || !timingSafeEqual(hmac, envelope.hmac)) return undefined
  const decipher = createDecipheriv('aes-256-ctr', key, iv)
  const padded = Buffer.concat([decipher.update(envelope.ciphertext), decipher.final()])
  return padded.subarray(0, padded.length - (padded.at(-1) ?? 0))
}

/** Encrypts bytes as ansible-vault does: version 1.2 when there is an id other than `default`. */
export function sealEnvelope(
  plain: Buffer,
  password: string | Buffer,
  id?: string,
  salt: Buffer = randomBytes(32),
): string {
  const { key, hmacKey, iv } = derive(password, salt)
  const cipher = createCipheriv('aes-256-ctr', key, iv)
  const padding = 16 - (plain.length % 16)
  const ciphertext = Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(padding, padding)),
    cipher.final(),
  ])
  const hmac = createHmac('sha256', hmacKey).update(ciphertext).digest()
  const inner = [salt, hmac, ciphertext].map((part) => part.toString('hex')).join('\n')
  const hex = Buffer.from(inner, 'latin1').toString('hex')
  const header = id && id !== 'default' ? `$ANSIBLE_VAULT;1.2;AES256;${id}` : '$ANSIBLE_VAULT;1.1;AES256'
  return [header, ...(hex.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []), ''].join('\n')
}

function derive(password: string | Buffer, salt: Buffer): { key: Buffer; hmacKey: Buffer; iv: Buffer } {
  const bytes = pbkdf2Sync(password, salt, ROUNDS, 80, 'sha256')
  return { key: bytes.subarray(0, 32), hmacKey: bytes.subarray(32, 64), iv: bytes.subarray(64) }
}

function unhex(text: string): Buffer | undefined {
  return text.length > 0 && text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text)
    ? Buffer.from(text, 'hex')
    : undefined
}
