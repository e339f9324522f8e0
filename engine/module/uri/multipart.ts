import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Content } from '../../content.js'
import { Fail, type Controller, type Dict, type Value } from '../contract.js'
import { textBody, type HttpBody } from '../http-request.js'
import { join, sh, type Script } from '../quote.js'

/** A form with files, and what Content-Type says of it. */
export interface Multipart {
  readonly body: HttpBody
  readonly type: string
}

/** One field: its head, and a text or a file. */
interface Part {
  readonly head: string
  readonly text?: string
  readonly content?: Content
  /** Path of a file of the host. */
  readonly path?: string
}

/**
 * Writes a dictionary as multipart/form-data, as Ansible does: fields by name, texts with CRLF, files as base64. Throws Fail
 * for what is no such form.
 * @param isRemote  files are those of the host
 */
export async function multipart(
  body: Value | undefined,
  isRemote: boolean,
  controller: Controller,
): Promise<Multipart> {
  if (!(body instanceof Map)) throw new Fail('a form-multipart body is a dictionary')
  const fields = [...(body as Dict)].map(([name, value]) => [String(name), value] as const)
  const parts: Part[] = []
  for (const [name, value] of fields.sort(([a], [b]) => (a < b ? -1 : 1))) {
    parts.push(await partOf(name, value, isRemote, controller))
  }
  const boundary = boundaryOf(parts)
  const pieces = parts.flatMap((part, i) => [
    textBody(`${i === 0 ? '' : '\r\n'}--${boundary}\r\n${part.head}\r\n\r\n`),
    piece(part),
  ])
  const start = parts.length === 0 ? `--${boundary}\r\n` : ''
  const all = [...pieces, textBody(`${start}\r\n--${boundary}--\r\n`)]
  return { type: `multipart/form-data; boundary="${boundary}"`, body: together(all) }
}

async function partOf(name: string, value: Value, isRemote: boolean, controller: Controller): Promise<Part> {
  if (typeof value === 'string') return { head: headOf('text/plain', name), text: value }
  if (!(value instanceof Map)) {
    throw new Fail(`the field "${name}" of a form-multipart body is neither a text nor a dictionary`)
  }
  const told = (key: string): string | undefined => {
    const found = (value as Dict).get(key)
    return found === undefined || found === null || found === '' ? undefined : controller.text(found)
  }
  const [filename, content] = [told('filename'), told('content')]
  if (filename === undefined && content === undefined) {
    throw new Fail(`the field "${name}" of a form-multipart body needs filename or content`)
  }
  const type = told('mime_type') ?? typeOf(filename ?? '')
  if (/[\r\n]/.test(type)) throw new Fail(`mime_type of the field "${name}" has a line end`)
  const head = headOf(type, name, filename)
  if (content !== undefined) return { head, text: content }
  const encoded = `Content-Transfer-Encoding: base64\r\n${head}`
  if (isRemote) return { head: encoded, path: filename! }
  return { head: encoded, content: await controller.content(filename!, 'files', false) }
}

function headOf(type: string, name: string, filename?: string): string {
  const file = filename === undefined ? '' : `; ${parameter('filename', posix.basename(filename))}`
  return `Content-Type: ${type}\r\nContent-Disposition: form-data; ${parameter('name', name)}${file}`
}

/** A name in a head: in quotes, or, with other letters than those of ASCII, as RFC 2231 has it. */
function parameter(key: string, text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `${key}="${text.replace(/["\\]/g, '\\$&')}"`
  const escaped = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${key}*=utf-8''${escaped}`
}

/** The same for the same form, so that a dry run and the run send the same bytes. */
function boundaryOf(parts: readonly Part[]): string {
  const hash = createHash('sha1')
  for (const { head, text = '', content, path = '' } of parts) {
    hash.update(JSON.stringify([head, text, content?.sha1, path]))
  }
  return `fplay-${hash.digest('hex')}`
}

function piece({ text, content, path }: Part): HttpBody {
  if (path !== undefined) {
    const print = sh`base64 <${path} | sed "s/\$/$(printf '\\r')/"`
    return { print, size: undefined, files: [path] }
  }
  if (content)
    return textBody(
      content
        .bytes()
        .toString('base64')
        .replace(/.{1,76}/g, '$&\r\n'),
    )
  return textBody(text!.replace(/\r\n|\r|\n/g, '\r\n'))
}

function together(pieces: readonly HttpBody[]): HttpBody {
  const sizes = pieces.map(({ size }) => size)
  const print: Script = join(pieces.map((part) => part.print))
  return {
    print,
    size: sizes.reduce((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0),
    files: pieces.flatMap(({ files }) => files),
  }
}

/** What a file is, by the end of its name. */
function typeOf(filename: string): string {
  return TYPES[posix.extname(filename).toLowerCase()] ?? 'application/octet-stream'
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.tar': 'application/x-tar',
  '.txt': 'text/plain',
  '.xml': 'text/xml',
  '.zip': 'application/zip',
}
