import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/**
 * A registry that keeps what is pushed in memory: as much of its HTTP interface as `docker push`, `pull` and `manifest
 * inspect` use. Run as a program with a port; it says `ready` when it listens.
 */
const blobs = new Map<string, Buffer>()
const manifests = new Map<string, { readonly type: string; readonly body: Buffer }>()

const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat((await request.toArray()) as Buffer[])
}

function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number> = {},
  body?: Buffer,
): void {
  response.writeHead(status, { 'Content-Length': body?.length ?? 0, ...headers }).end(body)
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url!, 'http://registry')
  const method = request.method!
  const [, name, kind, what] = /^\/v2\/(.+)\/(blobs|manifests)\/(.*)$/.exec(url.pathname) ?? []
  if (name === undefined) return send(response, 200)
  if (what!.startsWith('uploads/')) return upload(request, response, name, what!, url)
  if (kind === 'blobs') return read(response, method, blobs.get(what!), 'application/octet-stream', what!)
  if (method === 'PUT') {
    const body = await bodyOf(request)
    const manifest = { type: request.headers['content-type']!, body }
    for (const reference of [what!, digestOf(body)]) manifests.set(`${name}:${reference}`, manifest)
    return send(response, 201, { 'Docker-Content-Digest': digestOf(body) })
  }
  const manifest = manifests.get(`${name}:${what!}`)
  read(response, method, manifest?.body, manifest?.type ?? '', manifest ? digestOf(manifest.body) : '')
}

async function upload(
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  what: string,
  url: URL,
): Promise<void> {
  const id = what.slice('uploads/'.length) || String(blobs.size)
  const body = Buffer.concat([blobs.get(id) ?? Buffer.alloc(0), await bodyOf(request)])
  blobs.set(id, body)
  const place = { Location: `/v2/${name}/blobs/uploads/${id}`, Range: `0-${Math.max(0, body.length - 1)}` }
  if (request.method !== 'PUT') return send(response, 202, { ...place, 'Docker-Upload-UUID': id })
  blobs.delete(id)
  blobs.set(url.searchParams.get('digest')!, body)
  send(response, 201, { Location: `/v2/${name}/blobs/${url.searchParams.get('digest')!}` })
}

function read(
  response: ServerResponse,
  method: string,
  body: Buffer | undefined,
  type: string,
  digest: string,
): void {
  if (!body) return send(response, 404)
  const headers = { 'Content-Type': type, 'Docker-Content-Digest': digest, 'Content-Length': body.length }
  response.writeHead(200, headers).end(method === 'HEAD' ? undefined : body)
}

createServer((request, response) => {
  response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0')
  void answer(request, response)
}).listen(Number(process.argv[2]), () => console.log('ready'))
