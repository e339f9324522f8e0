import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pageServer, type Page } from '../pages.js'

/** What the server of the controller answers; the same always, but for the header Date. */
const PAGES: Readonly<Record<string, Page>> = {
  '/text': (_, response) => answer(response, 'text/plain', 'one\ntwo\n', { 'Last-Modified': LONG_AGO }),
  '/json': (_, response) => answer(response, 'application/json; charset=utf-8', '{"a": [1, "ü"], "b": null}'),
  '/not-json': (_, response) => answer(response, 'application/json', '{"a":'),
  '/empty': (_, response) => response.writeHead(204).end(),
  '/moved': (_, response) => answer(response, 'text/plain', 'elsewhere', { Location: '/text' }, 302),
  '/none': (_, response) => answer(response, 'text/plain', 'nothing here', {}, 404),
  '/broken': (_, response) => answer(response, 'text/plain', 'sorry', {}, 503),
  '/cookies': (_, response) =>
    answer(response, 'text/plain', 'baked', { 'Set-Cookie': ['session=a1b2; Path=/; HttpOnly', 'lang=zh'] }),
  '/named': (_, response) =>
    answer(response, 'application/x-thing', 'a thing\n', {
      'Last-Modified': LONG_AGO,
      'Content-Disposition': 'attachment; filename="given name.txt"',
    }),
  '/locked': (request, response) =>
    request.headers.authorization === `Basic ${Buffer.from('me:s3cret').toString('base64')}`
      ? answer(response, 'text/plain', 'open')
      : answer(response, 'text/plain', 'closed', { 'WWW-Authenticate': 'Basic realm="here"' }, 401),
  '/echo': ({ method, headers }, response, body) => {
    const named = ['content-type', 'user-agent', 'x-mine', 'cookie']
    const told = Object.fromEntries(named.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])))
    answer(
      response,
      'application/json',
      JSON.stringify({ method, headers: told, body }),
      {},
      method === 'PUT' ? 201 : 200,
    )
  },
}

const LONG_AGO = 'Thu, 01 Jan 2015 00:00:00 GMT'

function answer(
  response: ServerResponse,
  type: string,
  text: string,
  more: Readonly<Record<string, string | string[]>> = {},
  status = 200,
): void {
  const length = Buffer.byteLength(text)
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': length, ...more }).end(text)
}

/** Serves these pages on an address of this machine, until the process ends. @returns  the URL, without a slash at its end */
export async function serveWeb(address: string): Promise<string> {
  const server = pageServer(PAGES)
  server.unref()
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  return `http://${address}:${(server.address() as AddressInfo).port}`
}
