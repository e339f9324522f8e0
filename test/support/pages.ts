import { mkdtempSync, symlinkSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Answers one request; `body` is all that it brought. */
export type Page = (request: IncomingMessage, response: ServerResponse, body: string) => void

/** A web server of a suite's own. */
export interface Pages {
  /** `http://127.0.0.1:PORT`, once the suite has begun. */
  base: string
  /** `METHOD PATH` of each request of the test that runs. */
  asked: string[]
}

/** Serves pages by path, and 404 elsewhere, as long as the tests of the suite run. */
export function servePages(pages: Readonly<Record<string, Page>>): Pages {
  const served: Pages = { base: '', asked: [] }
  const server = pageServer(pages)
  server.on('request', ({ method, url }: IncomingMessage) => void served.asked.push(`${method} ${url}`))
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    served.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  beforeEach(() => (served.asked = []))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return served
}

/** A server, not listening yet, that has pages by path, and 404 elsewhere. */
export function pageServer(pages: Readonly<Record<string, Page>>): Server {
  return createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const page = pages[request.url!.split('?')[0]!]
      if (page) page(request, response, body)
      else response.writeHead(404).end('nothing here')
    })
  })
}

/** Programs that scripts of modules use beside the shell's own commands and an HTTP client. */
const TOOLS = [
  'cat', 'timeout', 'stat', 'id', 'readlink', 'grep', 'sha1sum', 'sha256sum', 'md5sum', 'dd', 'mktemp', 'rm', 'mv', 'sed', 'tail',
  'head', 'awk', 'gzip', 'wc', 'date', 'base64', 'mkdir', 'rmdir', 'chmod', 'chown', 'sync', 'cp',
] // prettier-ignore

/** Folder of programs in which there is no HTTP client but this one; `nc` is that of busybox, `none` none. */
export function pathWith(client: 'curl' | 'wget' | 'bash' | 'nc' | 'none'): string {
  const folder = mkdtempSync(join(tmpdir(), 'fplay-path-'))
  for (const name of TOOLS) symlinkSync(`/usr/bin/${name}`, `${folder}/${name}`)
  if (client !== 'none')
    symlinkSync(`/usr/bin/${client === 'nc' ? 'busybox' : client}`, `${folder}/${client}`)
  return folder
}
