import { expect } from 'chai'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import uri from '../../modules/uri.js'
import { pathWith, servePages, type Page } from '../support/pages.js'
import { call, testController, testHost } from '../support/envelope.js'

/** Any bytes, with NUL, line ends and what is no UTF-8. */
const BYTES = Buffer.from([0, 1, 10, 13, 10, 255, 254, 39, 92, 36, 0, 10])

const LARGE = Buffer.alloc(10 * 1024 * 1024 + 7, 'large ')

const PAGES: Readonly<Record<string, Page>> = {
  '/bytes': (_, response) => response.end(BYTES),
  '/large': (_, response) => response.writeHead(200, { 'Content-Length': LARGE.length }).end(LARGE),
  '/json': (_, response) => response.setHeader('Content-Type', 'application/json').end('{"a": 1}'),
  '/named': (_, response) =>
    response.setHeader('Content-Disposition', 'attachment; filename="../../given name"').end('named'),
  '/short': (_, response) => {
    response.writeHead(200, { 'Content-Length': 100 }).write('short')
    setTimeout(() => response.destroy(), 50)
  },
  '/moved': (_, response) => response.writeHead(302, { Location: '/in/target%20x' }).end(),
  '/in/target%20x': (_, response) => response.end('moved'),
  '/echo': (request, response, body) => {
    sent.push({ type: request.headers['content-type'], length: request.headers['content-length'], body })
    response.end('thanks')
  },
}

const sent: { type: string | undefined; length: string | undefined; body: string }[] = []

describe('uri with files', () => {
  const served = servePages(PAGES)
  beforeEach(() => (sent.length = 0))

  for (const client of ['curl', 'wget', 'bash', 'nc'] as const) {
    describe(`by ${client}`, () => {
      const host = testHost()
      let environment: Record<string, string>
      before(() => (environment = { PATH: pathWith(client) }))
      const request = (path: string, params: object, options: object = {}) =>
        call(host, uri, { url: `${served.base}${path}`, ...params }, { environment, ...options })

      it('keeps an answer byte for byte, foretells it, and changes nothing the second time', async () => {
        const dest = `${host.folder}/bytes`
        const foreseen = await request('/bytes', { dest, mode: '0640' }, { checkMode: true })
        expect(foreseen, foreseen.message).to.include({ status: 'changed' })
        expect(foreseen.values).to.include({ path: dest, status: 200 })
        expect(existsSync(dest)).to.equal(false)
        const fresh = { ...host, forecast: testHost().forecast }
        const params = { url: `${served.base}/bytes`, dest, mode: '0640' }
        const done = await call(fresh, uri, params, { environment })
        expect(done, done.message).to.include({ status: 'changed' })
        expect(done.values).to.include({ path: dest, status: 200 })
        expect(readFileSync(dest)).to.deep.equal(BYTES)
        expect(statSync(dest).mode & 0o7777).to.equal(0o640)
        expect(await call(fresh, uri, params, { environment })).to.include({ status: 'ok', changed: false })
        const mode = await call(fresh, uri, { ...params, mode: '0600' }, { environment })
        expect(mode, mode.message).to.include({ status: 'changed' })
        expect(statSync(dest).mode & 0o7777).to.equal(0o600)
      })

      it('names the file in a folder as the server does, and never elsewhere', async () => {
        const folder = `${host.folder}/folder`
        mkdirSync(folder)
        const json = await request('/json', { dest: folder, return_content: true })
        expect(json.values, json.message).to.deep.include({
          path: `${folder}/json`,
          json: { a: 1 },
          content: '{"a": 1}',
        })
        const named = await request('/named', { dest: folder, creates: `${host.folder}/none` })
        expect(named.values['path'], named.message).to.equal(`${folder}/given name`)
        expect(readFileSync(`${folder}/given name`, 'utf8')).to.equal('named')
        if (client === 'curl' || client === 'wget') {
          const moved = await request('/moved', { dest: folder })
          expect(moved.values, moved.message).to.include({ path: `${folder}/target x`, redirected: true })
        }
      })

      it('keeps no answer that is not the wanted one, or not whole', async () => {
        const dest = `${host.folder}/unwanted`
        const none = await request('/none', { dest })
        expect(none).to.include({ status: 'failed' })
        expect(none.values).to.include({ status: 404, path: dest })
        const short = await request('/short', { dest })
        expect(short).to.include({ status: 'failed' })
        const posted = await request('/none', { dest, method: 'POST' })
        expect(posted.message).to.equal('Status code was 404 and not [200]: HTTP Error 404: Not Found')
        expect((await request('/short', { dest, method: 'POST' })).status).to.equal('failed')
        expect(existsSync(dest)).to.equal(false)
        const wished = await request('/none', { dest, status_code: [404] })
        expect(wished, wished.message).to.include({ status: 'changed' })
        expect(readFileSync(dest, 'utf8')).to.equal('nothing here')
      })

      it('sends a file of the controller or of the host, and keeps what is answered', async () => {
        const text = '\nfirst\r\n\'"$(id)` ü\n\n'
        const dest = `${host.folder}/thanks`
        const controller = testController({ 'a.txt': text })
        writeFileSync(`${host.folder}/on host`, text)
        const own = { src: 'a.txt', method: 'POST', dest }
        expect(await request('/echo', own, { controller, checkMode: true })).to.include({ status: 'changed' })
        expect(sent).to.deep.equal([])
        host.forecast.states.clear()
        const posted = await request('/echo', own, { controller })
        expect(posted, posted.message).to.include({ status: 'changed' })
        expect(readFileSync(dest, 'utf8')).to.equal('thanks')
        const put = { src: `${host.folder}/on host`, remote_src: true, method: 'PUT', body_format: 'json' }
        const remote = await request('/echo', put)
        expect(remote, remote.message).to.include({ status: 'changed' })
        const got = await request('/echo', { src: 'a.txt' }, { controller })
        expect(got, got.message).to.include({ status: 'ok' })
        const length = String(Buffer.byteLength(text))
        const form = 'application/x-www-form-urlencoded'
        expect(sent).to.deep.equal([
          { type: form, length, body: text },
          { type: 'application/json', length, body: text },
          { type: form, length, body: text },
        ])
      })

      it('sends a form with files as Ansible writes it', async () => {
        const body = new Map<string, unknown>([
          ['b', 'two\nlines ü'],
          ['a', new Map([['content', '{}'], ['filename', '/x/y"z.json']])], // prettier-ignore
          ['f', new Map([['filename', '文.txt'], ['mime_type', 'text/x-mine']])], // prettier-ignore
        ])
        const controller = testController({ '文.txt': 'one\n'.repeat(30) })
        const headers = new Map([['content-type', 'mine']])
        const given = { body, headers, body_format: 'form-multipart', method: 'POST' }
        expect(await request('/echo', given, { controller })).to.include({ status: 'changed' })
        writeFileSync(`${host.folder}/文.txt`, 'one\n'.repeat(30))
        const remote = new Map(body).set('f', new Map([['filename', `${host.folder}/文.txt`], ['mime_type', 'text/x-mine']])) // prettier-ignore
        const done = await request('/echo', { ...given, body: remote, remote_src: true })
        expect(done, done.message).to.include({ status: 'changed' })
        const lines = Buffer.from('one\n'.repeat(30))
          .toString('base64')
          .match(/.{1,76}/g)!
        for (const { type, length, body: text } of sent) {
          const [, boundary] = /^multipart\/form-data; boundary="([^"]+)"$/.exec(type!)!
          expect(length).to.equal(String(Buffer.byteLength(text)))
          expect(text.replaceAll(boundary!, 'B').split('\r\n')).to.deep.equal([
            '--B',
            'Content-Type: application/json',
            'Content-Disposition: form-data; name="a"; filename="y\\"z.json"',
            '',
            '{}',
            '--B',
            'Content-Type: text/plain',
            'Content-Disposition: form-data; name="b"',
            '',
            'two',
            'lines ü',
            '--B',
            'Content-Transfer-Encoding: base64',
            'Content-Type: text/x-mine',
            `Content-Disposition: form-data; name="f"; filename*=utf-8''%E6%96%87.txt`,
            '',
            ...lines,
            '',
            '--B--',
            '',
          ])
        }
        expect(sent.length).to.equal(2)
      })
    })
  }

  it('keeps an answer that is too large to be returned', async () => {
    const host = testHost()
    const dest = `${host.folder}/large`
    const params = { url: `${served.base}/large`, dest }
    const refused = await call(host, uri, { ...params, return_content: true })
    expect(refused.message).to.contain('larger than 10 MiB').and.contain('leave out return_content')
    const done = await call(host, uri, params)
    expect(done, done.message).to.include({ status: 'changed' })
    expect(readFileSync(dest).equals(LARGE)).to.equal(true)
    expect(await call(host, uri, params)).to.include({ status: 'ok', changed: false })
  })

  it('says what is wrong with dest, src and forms before anything is sent', async () => {
    const host = testHost()
    const message = async (params: object) =>
      (await call(host, uri, { url: `${served.base}/echo`, method: 'POST', ...params })).message
    expect(await message({ dest: `${host.folder}/no/where` })).to.equal(
      `the folder ${host.folder}/no does not exist; make it with file: state=directory`,
    )
    expect(await message({ dest: `${host.folder}/none/` })).to.contain('none/ does not exist')
    expect(await message({ dest: host.folder })).to.contain('known only after the request; name the file')
    const src = `${host.folder}/none`
    expect(await message({ src, remote_src: true })).to.contain(`Unable to open source file ${src}`)
    const form = (fields: readonly (readonly [string, unknown])[]) =>
      message({ body_format: 'form-multipart', body: new Map(fields) })
    expect(await message({ body_format: 'form-multipart', body: 'x' })).to.contain('is a dictionary')
    expect(await form([['a', 1]])).to.contain('neither a text nor a dictionary')
    expect(await form([['a', new Map()]])).to.contain('needs filename or content')
    expect(sent).to.deep.equal([])
  })
})
