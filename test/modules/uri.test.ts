import { expect } from 'chai'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import uri from '../../modules/uri.js'
import { pathWith, servePages, type Page } from '../support/pages.js'
import { call, testHost } from '../support/envelope.js'

/** What the server of these tests answers, by path. */
const PAGES: Readonly<Record<string, Page>> = {
  '/json': (_, response) => {
    response.setHeader('Content-Type', 'application/json; charset=utf-8')
    response.end('{"a": [1, "ü"]}')
  },
  '/echo': (request, response, body) => {
    response.setHeader('Content-Type', 'application/json')
    response.setHeader('X-Two-Words', 'yes')
    response.end(JSON.stringify({ method: request.method, headers: request.headers, body }))
  },
  '/baked': (_, response) => {
    response.setHeader('Set-Cookie', [
      'a=1; Path=/',
      'b="2"; HttpOnly',
      'old=3; Max-Age=0',
      'gone=4; Expires=Thu, 01 Jan 2015 00:00:00 GMT',
    ])
    response.end('cake')
  },
  '/packed': (request, response) => {
    response.setHeader('Content-Encoding', 'gzip')
    response.end(request.method === 'HEAD' ? undefined : gzipSync('{"packed": "ü"}'))
  },
  '/damaged': (_, response) => {
    response.setHeader('Content-Encoding', 'gzip')
    response.end('no gzip')
  },
  '/moved': (_, response) => response.writeHead(302, { Location: '/json' }).end('elsewhere'),
  '/broken': (_, response) => response.writeHead(503).end('HTTP/1.1 200 OK\r\n\r\nnot so'),
  '/locked': (request, response) => {
    exposed.push(...commandLines().filter((line) => line.includes(PASSWORD)))
    const right = `Basic ${Buffer.from(`me:${PASSWORD}`).toString('base64')}`
    if (request.headers.authorization === right) response.end('open')
    else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="r"' }).end('HTTP/1.1 200')
  },
  '/silent': () => {},
}

const exposed: string[] = []
/** Of this file alone: others try requests with passwords at the same time. */
const PASSWORD = 's "e\\c of uri'

/** Command lines of the programs that make requests. */
function commandLines(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return '' // it has ended
      }
    })
    .filter((line) => /^(?:\S*\/)?(?:curl|wget|bash|timeout|nc)\0/.test(line))
}

describe('uri', () => {
  const served = servePages(PAGES)

  for (const client of ['curl', 'wget', 'bash', 'nc'] as const) {
    describe(`by ${client}`, () => {
      const host = testHost()
      let environment: Record<string, string>
      before(() => (environment = { PATH: pathWith(client) }))
      const request = (params: object, options: object = {}) =>
        call(host, uri, params as Record<string, unknown>, { environment, ...options })

      it('returns status, headers, content and JSON, in a dry run too', async () => {
        for (const checkMode of [false, true]) {
          const got = await request(
            { url: `${served.base}/json?a=1&b='x'`, return_content: true },
            { checkMode },
          )
          expect(got, got.message).to.include({ status: 'ok', changed: false })
          expect(got.values).to.deep.include({
            status: 200,
            content: '{"a": [1, "ü"]}',
            json: { a: [1, 'ü'] },
            content_type: 'application/json; charset=utf-8',
            redirected: false,
            url: `${served.base}/json?a=1&b='x'`,
          })
        }
      })

      it('returns cookies that have not expired, and what an answer says that is wanted though no success', async () => {
        const baked = await request({ url: `${served.base}/baked` })
        expect(baked.values).to.deep.include({ cookies: { a: '1', b: '"2"' }, cookies_string: 'a=1; b="2"' })
        const missing = await request({ url: `${served.base}/none`, status_code: [404] })
        expect(missing.values).to.deep.include({
          status: 404,
          body: 'nothing here',
          msg: 'HTTP Error 404: Not Found',
        })
        const head = await request({ url: `${served.base}/none`, method: 'HEAD', status_code: [404] })
        expect(head.values, JSON.stringify(head.values)).to.include({ status: 404, body: '' })
      })

      it('sends a method, headers and a body unharmed, as a change that a dry run only foresees', async () => {
        const hostile = '$(id) `id` "q" \'s\' \\n ü =&%'
        const given = {
          url: `${served.base}/echo`,
          method: 'PUT',
          body: hostile,
          headers: new Map([['X-Odd', hostile.replace('ü', 'u')]]),
        }
        const foreseen = await request(given, { checkMode: true })
        expect(foreseen).to.include({ status: 'changed' })
        expect(served.asked).to.deep.equal([])
        const done = await request(given)
        expect(done, done.message).to.include({ status: 'changed' })
        const { json } = done.values as {
          json: { method: string; body: string; headers: Record<string, string> }
        }
        expect(json.method).to.equal('PUT')
        expect(json.body).to.equal(hostile)
        expect(json.headers).to.include({
          'x-odd': hostile.replace('ü', 'u'),
          'user-agent': 'ansible-httpget',
        })
        expect(done.values['x_two_words']).to.equal('yes')
        expect(served.asked).to.deep.equal(['PUT /echo'])
      })

      it('posts JSON and forms', async () => {
        const json = await request({
          url: `${served.base}/echo`,
          method: 'POST',
          body: ['a'],
          body_format: 'json',
        })
        expect(json.values['json']).to.deep.include({ method: 'POST', body: '["a"]' })
        const body = new Map<string, unknown>([
          ['a b', 'ü&'],
          ['n', ['1', '2']],
        ])
        const form = await request({
          url: `${served.base}/echo`,
          method: 'POST',
          body,
          body_format: 'form-urlencoded',
        })
        expect(form.values['json']).to.deep.include({ body: 'a+b=%C3%BC%26&n=1&n=2' })
        expect((form.values['json'] as { headers: object }).headers).to.include({
          'content-type': 'application/x-www-form-urlencoded',
        })
      })

      it('fails with the status, the reason and the content of a wrong answer', async () => {
        const got = await request({ url: `${served.base}/broken`, return_content: true })
        expect(got).to.include({ status: 'failed' })
        expect(got.message).to.equal('Status code was 503 and not [200]: HTTP Error 503: Service Unavailable')
        expect(got.values).to.include({ status: 503, content: 'HTTP/1.1 200 OK\r\n\r\nnot so' })
        expect(await request({ url: `${served.base}/none`, status_code: [404] })).to.include({ status: 'ok' })
      })

      it('has status -1 where nobody listens, which a dry run leaves to the run', async () => {
        const url = 'http://127.0.0.1:1/'
        const got = await request({ url })
        expect(got).to.include({ status: 'failed' })
        expect(got.values['status']).to.equal(-1)
        expect(got.message).to.match(
          /Status code was -1 and not \[200\]: Request failed: .*(refused|no answer|Failed)/i,
        )
        const foreseen = await request({ url }, { checkMode: true })
        expect(foreseen).to.include({ status: 'ok', changed: false })
        expect(foreseen.unproven).to.contain('Status code was -1')
      })

      it('asks a socket of the host, with a hostile name, where there is curl', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'fplay-uri-'))
        const socket = join(folder, 'it\'s $(id) "ü".sock')
        const server = createServer((asked, response) => response.end(`${asked.headers.host} ${asked.url}`))
        await new Promise<void>((resolve) => server.listen(socket, resolve))
        try {
          for (const more of [{ return_content: true }, { dest: join(folder, 'kept') }]) {
            const got = await request({ url: 'http://docker/version', unix_socket: socket, ...more })
            if (client !== 'curl') expect(got.message).to.contain('nothing to make this request with')
            else if ('dest' in more) expect(readFileSync(more.dest, 'utf8')).to.equal('docker /version')
            else expect(got.values, got.message).to.deep.include({ status: 200, content: 'docker /version' })
          }
        } finally {
          await new Promise((resolve) => server.close(resolve))
          rmSync(folder, { recursive: true })
        }
      })

      it('gives up on a server that says nothing', async () => {
        expect((await request({ url: `${served.base}/silent`, timeout: 1 })).values['status']).to.equal(-1)
      })

      it('authenticates, at once or when asked, with nothing of it in a process list', async () => {
        const given = {
          url: `${served.base}/locked`,
          url_username: 'me',
          url_password: PASSWORD,
          return_content: true,
        }
        const forced = await request({ ...given, force_basic_auth: true })
        expect(forced, forced.message).to.include({ status: 'ok' })
        expect(served.asked).to.deep.equal(['GET /locked'])
        expect(exposed).to.deep.equal([])
        const challenged = await request(given)
        if (['curl', 'wget'].includes(client))
          expect(challenged.values['content'], challenged.message).to.equal('open')
        else expect(challenged.message).to.contain('use force_basic_auth')
        const wrong = await request({ ...given, url_password: 'x', force_basic_auth: true })
        expect(wrong.values['status']).to.equal(401)
      })

      it('unpacks what the server has packed, unless told not to, and passes caches by', async () => {
        const at = (path: string, more: object = {}) =>
          request({ url: `${served.base}${path}`, return_content: true, ...more })
        for (const method of ['GET', 'POST']) {
          const { values, message } = await at('/packed', { method })
          expect(values, message).to.deep.include({ content: '{"packed": "ü"}', content_encoding: 'gzip' })
        }
        expect((await at('/packed', { method: 'HEAD' })).values).to.include({ status: 200, content: '' })
        expect((await at('/packed', { decompress: false })).values['content']).to.not.include('packed')
        const { status, values } = await at('/damaged')
        expect([status, values['status']]).to.deep.equal(['failed', -1])
        for (const [dest, decompress, content] of [
          ['plain', true, Buffer.from('{"packed": "ü"}')],
          ['packed', false, gzipSync('{"packed": "ü"}')],
        ] as const) {
          for (const method of ['GET', 'POST']) {
            const path = join(host.folder, `${dest}-${method}`)
            const done = await request({ url: `${served.base}/packed`, dest: path, decompress, method })
            expect(done, done.message).to.include({ status: 'changed' })
            expect(readFileSync(path)).to.deep.equal(content)
          }
        }
        const echoed = await at('/echo', { force: true, headers: new Map([['Accept-Encoding', 'gzip']]) })
        const { headers } = JSON.parse(String(echoed.values['content'])) as { headers: object }
        expect(headers).to.include({ 'cache-control': 'no-cache', 'accept-encoding': 'gzip' })
      })

      it('follows redirects when it may', async () => {
        const followed = await request({ url: `${served.base}/moved` })
        if (['curl', 'wget'].includes(client)) {
          expect(followed, followed.message).to.include({ status: 'ok' })
          expect(followed.values).to.deep.include({
            url: `${served.base}/json`,
            redirected: true,
            json: { a: [1, 'ü'] },
          })
        } else expect(followed.message).to.contain('redirects to /json').and.contain('install curl')
        const stayed = await request({
          url: `${served.base}/moved`,
          follow_redirects: 'none',
          status_code: [302],
        })
        expect(stayed, stayed.message).to.include({ status: 'ok' })
        expect(stayed.values).to.include({ location: `${served.base}/json`, redirected: false })
      })
    })
  }

  it('asks nothing when a guard says that it is done', async () => {
    const host = testHost()
    writeFileSync(`${host.folder}/done`, '')
    const skipped = await call(host, uri, { url: `${served.base}/none`, creates: `${host.folder}/done` })
    expect(skipped).to.include({ status: 'ok' })
    expect(skipped.values['stdout']).to.equal(`skipped, since '${host.folder}/done' exists`)
    await call(host, uri, { url: `${served.base}/none`, method: 'POST', removes: `${host.folder}/none` })
    expect(served.asked).to.deep.equal([])
    expect(await call(host, uri, { url: `${served.base}/json`, creates: `${host.folder}/none` })).to.include({
      status: 'ok',
    })
    expect(served.asked).to.deep.equal(['GET /json'])
  })

  it('refuses what is no URL, no method or no header, and a host without means', async () => {
    const host = testHost()
    const message = async (params: object, environment = {}) =>
      (await call(host, uri, { url: served.base, ...params }, { environment })).message
    expect(await message({ url: 'ftp://x/' })).to.equal(
      "unknown url type: 'ftp://x/'; name an http or https URL",
    )
    expect(await message({ method: 'GET /' })).to.contain('one word in capital letters')
    expect(await message({ headers: new Map([['A', 'b\nC: d']]) })).to.contain('header "A"')
    expect(await message({ url: 'https://127.0.0.1:1/' }, { PATH: pathWith('bash') })).to.contain(
      'install curl',
    )
  })
})
