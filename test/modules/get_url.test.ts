import { expect } from 'chai'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { gzipSync } from 'node:zlib'
import { isUnknown } from '../../engine/unknown.js'
import { digestIn } from '../../engine/module/get-url/checksum.js'
import getUrl from '../../modules/get_url.js'
import { pathWith, servePages, type Page } from '../support/pages.js'
import { call, testHost, type TestHost } from '../support/envelope.js'

const BYTES = Buffer.from([0, 1, 255, 10, 13, 10, 0, 200])
const BIG = Buffer.alloc(11 * 1024 * 1024, 'fplay ')
const SINCE = 'Thu, 01 Jan 2015 00:00:00 GMT'
const sha = (algorithm: string, bytes: Buffer | string): string =>
  createHash(algorithm).update(bytes).digest('hex')

/** What the server of these tests answers, by path. */
const PAGES: Readonly<Record<string, Page>> = {
  '/bytes': (_, response) => response.end(BYTES),
  '/text': (_, response) => response.end('text\n'),
  '/old': (request, response) => {
    const since = request.headers['if-modified-since']
    response.setHeader('Last-Modified', SINCE)
    if (since !== undefined && Date.parse(since) >= Date.parse(SINCE)) response.writeHead(304).end()
    else response.end('text\n')
  },
  '/big': (_, response) => response.end(BIG),
  '/named': (_, response) => {
    response.setHeader('Content-Disposition', 'attachment; filename="../../a name"')
    response.end('text\n')
  },
  '/moved': (_, response) => response.writeHead(302, { Location: '/sub/elsewhere?x' }).end('gone'),
  '/sub/elsewhere': (_, response) => response.end('there\n'),
  '/cut': (_, response) => {
    response.writeHead(200, { 'Content-Length': '100' })
    response.write('half')
    setTimeout(() => response.destroy(), 50)
  },
  '/packed': (_, response) => {
    response.setHeader('Content-Encoding', 'gzip')
    response.end(gzipSync('unpacked\n'))
  },
  '/locked': (request, response) => {
    if (request.headers.authorization === `Basic ${Buffer.from('me:s "e\\c').toString('base64')}`) response.end('open')
    else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="r"' }).end()
  },
  '/headers': (request, response) => response.end(JSON.stringify(request.headers)),
  '/SUMS': (_, response) => response.end(`${sha('sha256', 'no')}  ./other\n${sha('sha256', BYTES)} *bytes\n`),
} // prettier-ignore

describe('get_url', () => {
  const served = servePages(PAGES)

  const ways = [
    ['curl', ['dash']], ['wget', ['dash']], ['bash', ['bash']], ['nc', ['busybox', 'sh']],
  ] as const // prettier-ignore
  for (const [client, shell] of ways) {
    describe(`by ${client} in ${shell[0]}`, () => {
      let host: TestHost
      let PATH: string
      before(() => (PATH = pathWith(client)))
      beforeEach(() => (host = testHost(shell)))
      const get = (params: object, options: object = {}) =>
        call(host, getUrl, params as Record<string, unknown>, {
          environment: { PATH, HOME: host.folder },
          ...options,
        })
      const dry = { checkMode: true }

      it('puts any bytes in place, after a dry run that knew them and left nothing', async () => {
        const dest = `${host.folder}/-a $(id) 'ü'`
        const given = { url: `${served.base}/bytes?a='$(id)'&b=ü`, dest, mode: 0o640 }
        const foreseen = await get(given, dry)
        expect(foreseen, foreseen.message).to.include({ status: 'changed' })
        expect(readdirSync(host.folder)).to.deep.equal([])
        host.forecast.states.clear()
        const done = await get(given)
        expect(done, done.message).to.include({ status: 'changed' })
        expect(readFileSync(dest).equals(BYTES)).to.equal(true)
        expect(statSync(dest).mode & 0o777).to.equal(0o640)
        expect(readdirSync(host.folder), 'nothing is left behind').to.have.length(1)
        const timeless = (values: object): Record<string, unknown> => ({ ...values, elapsed: 0 })
        const values = timeless(done.values)
        expect(values).to.deep.include({
          url: given.url, dest, checksum_src: sha('sha1', BYTES), checksum_dest: null, md5sum: sha('md5', BYTES), status_code: 200,
          size: 8, mode: '0640', state: 'file',
        }) // prettier-ignore
        expect(values['msg']).to.match(/^OK \((?:8|unknown) bytes\)$/)
        expect(timeless(foreseen.values)).to.deep.equal(values)
      })

      it('leaves alone what the server has not newer, asking it once', async () => {
        const dest = `${host.folder}/file`
        writeFileSync(dest, 'mine')
        for (const options of [dry, {}]) {
          served.asked = []
          const got = await get({ url: `${served.base}/old`, dest }, options)
          expect(got, got.message).to.include({ status: 'ok' })
          expect(got.values).to.include({ msg: 'HTTP Error 304: Not Modified', status_code: 304 })
          expect(served.asked).to.have.length(1)
        }
        utimesSync(dest, 1, 1)
        expect(await get({ url: `${served.base}/old`, dest }, dry)).to.include({ status: 'changed' })
        host.forecast.states.clear()
        const done = await get({ url: `${served.base}/old`, dest, backup: true })
        expect(done, done.message).to.include({ status: 'changed' })
        expect(readFileSync(dest, 'utf8')).to.equal('text\n')
        expect(readFileSync(done.values['backup_file'] as string, 'utf8')).to.equal('mine')
      })

      if (client === 'curl') {
        it('heeds a checksum: asks nothing of a file that has it, and puts nothing else in place', async () => {
          const dest = `${host.folder}/file`
          const right = {
            url: `${served.base}/bytes`,
            dest,
            checksum: `sha256:${sha('sha256', BYTES).toUpperCase()}`,
          }
          writeFileSync(dest, 'mine')
          expect(await get(right, dry)).to.include({ status: 'changed' })
          host.forecast.states.clear()
          expect((await get(right)).status).to.equal('changed')
          served.asked = []
          const again = await get({ ...right, mode: 0o600 })
          expect(again.values['msg']).to.equal('file already exists but file attributes changed')
          expect((await get(right)).values['msg']).to.equal('file already exists')
          expect(served.asked).to.deep.equal([])
          const wrong = { ...right, checksum: `md5:${'0'.repeat(32)}` }
          for (const options of [dry, {}]) {
            const got = await get(wrong, options)
            expect(got).to.include({ status: 'failed', changed: false })
            expect(got.message).to.match(/^The checksum for .* did not match 0{32}; it was [0-9a-f]{32}\./)
          }
          expect(readFileSync(dest).equals(BYTES)).to.equal(true)
          const listed = { ...right, checksum: `sha256:${served.base}/SUMS` }
          served.asked = []
          expect(await get(listed)).to.include({ status: 'ok' })
          expect(served.asked).to.deep.equal(['GET /SUMS'])
          const unlisted = await get({ ...listed, url: `${served.base}/text` })
          expect(unlisted.message).to.match(/there is no checksum for "text" in .*SUMS/)
        })
      }

      it('says why there is no file, and leaves the old one', async () => {
        const dest = `${host.folder}/file`
        writeFileSync(dest, 'mine')
        for (const options of [dry, {}]) {
          const none = await get({ url: `${served.base}/none`, dest, force: true }, options)
          expect(none).to.include({ status: 'failed', changed: false })
          expect(none.message).to.equal('Request failed: HTTP Error 404: Not Found')
          expect(none.values).to.include({ status_code: 404, dest, url: `${served.base}/none` })
          const refused = await get({ url: 'http://127.0.0.1:1/x', dest, force: true }, options)
          expect(refused.message).to.match(/^Request failed: .*(?:refused|connect)/i)
          const cut = await get({ url: `${served.base}/cut`, dest, force: true }, options)
          expect(cut, JSON.stringify(options)).to.include({ status: 'failed', changed: false })
          const nowhere = await get({ url: `${served.base}/text`, dest: `${host.folder}/none/x` }, options)
          expect(nowhere.message).to.match(/^Destination .*none does not exist; make it/)
        }
        expect(readFileSync(dest, 'utf8')).to.equal('mine')
        expect(readdirSync(host.folder)).to.deep.equal(['file'])
      })

      if (client === 'curl' || client === 'nc')
        it('takes the name in a folder from the server or the URL, and compares', async () => {
          const dest = `${host.folder}/folder`
          mkdirSync(dest)
          for (const [path, name] of [['named', 'a name'], ['text?x=/y', 'text']] as const) {
          const given = { url: `${served.base}/${path}`, dest }
          expect((await get(given, dry)).values['dest']).to.equal(`${dest}/${name}`)
          host.forecast.states.clear()
          const done = await get(given)
          expect(done, done.message).to.include({ status: 'changed' })
          expect(readFileSync(`${dest}/${name}`, 'utf8')).to.equal('text\n')
          expect((await get(given)).status).to.equal('ok')
          expect((await get(given, dry)).status).to.equal('ok')
        } // prettier-ignore
        })

      it('unpacks what was packed for the way, unless it shall not', async () => {
        const dest = `${host.folder}/file`
        expect((await get({ url: `${served.base}/packed`, dest }, dry)).values['size']).to.equal(9)
        host.forecast.states.clear()
        await get({ url: `${served.base}/packed`, dest })
        expect(readFileSync(dest, 'utf8')).to.equal('unpacked\n')
        await get({ url: `${served.base}/packed`, dest, force: true, decompress: false })
        expect(readFileSync(dest).subarray(0, 2).toString('hex')).to.equal('1f8b')
      })

      it('sends headers, user and password, also those of the URL', async () => {
        const dest = `${host.folder}/file`
        const headers = new Map([['X-Odd', '"$(id)" \\ \'']])
        await get({ url: `${served.base}/headers`, dest, headers })
        const sent = JSON.parse(readFileSync(dest, 'utf8')) as Record<string, string>
        expect(sent).to.include({ 'x-odd': '"$(id)" \\ \'', 'user-agent': 'ansible-httpget' })
        const account = { url_username: 'me', url_password: 's "e\\c', force_basic_auth: true }
        for (const given of [account, { force_basic_auth: true }]) {
          const at = 'url_username' in given ? served.base : served.base.replace('://', '://me:s%20%22e%5Cc@')
          const got = await get({ url: `${at}/locked`, dest: `${host.folder}/open`, force: true, ...given })
          expect(got.message ?? '').to.equal('')
          expect(readFileSync(`${host.folder}/open`, 'utf8')).to.equal('open')
        }
      })

      if (client === 'curl')
        it('foretells of large files what it can, and compares them in the run', async () => {
          const dest = `${host.folder}/big`
          const given = { url: `${served.base}/big`, dest, force: true, tmp_dest: host.folder }
          const foreseen = await get(given, dry)
          expect(foreseen).to.include({ status: 'changed' })
          expect(isUnknown(foreseen.values['checksum_src'])).to.equal(true)
          host.forecast.states.clear()
          expect((await get(given)).status).to.equal('changed')
          expect(readFileSync(dest).equals(BIG)).to.equal(true)
          expect((await get(given)).status).to.equal('ok')
          expect(existsSync(`${host.folder}/.fplay`)).to.equal(false)
        })

      if (client === 'curl' || client === 'wget') {
        it('follows redirects, and names the file after where they lead', async () => {
          const got = await get({ url: `${served.base}/moved`, dest: host.folder })
          expect(got.values['dest']).to.equal(`${host.folder}/elsewhere`)
          expect(readFileSync(`${host.folder}/elsewhere`, 'utf8')).to.equal('there\n')
        })
      } else {
        it('says that it cannot follow redirects, and what would', async () => {
          const got = await get({ url: `${served.base}/moved`, dest: `${host.folder}/x` })
          expect(got.message).to.match(/redirects to .* cannot follow; install curl/)
        })
      }
    })
  }

  it('says what to install where there is nothing to ask with', async () => {
    const host = testHost()
    const environment = { PATH: pathWith('none') }
    for (const checkMode of [true, false]) {
      const got = await call(
        host,
        getUrl,
        { url: `${served.base}/text`, dest: `${host.folder}/x` },
        { environment, checkMode },
      )
      expect(got.message).to.match(/nothing to make this request with; install curl/)
    }
  })

  it('takes a file of the host, and refuses what is no URL or checksum', async () => {
    const host = testHost()
    writeFileSync(`${host.folder}/from`, BYTES)
    const given = { url: `file://${host.folder}/from`, dest: `${host.folder}/to` }
    expect((await call(host, getUrl, given, { checkMode: true })).values).to.include({
      status_code: null,
      size: 8,
    })
    host.forecast.states.clear()
    expect((await call(host, getUrl, given)).values).to.include({ status_code: null, msg: 'OK (8 bytes)' })
    expect(readFileSync(`${host.folder}/to`).equals(BYTES)).to.equal(true)
    const wrong = async (params: object): Promise<string | undefined> =>
      (await call(host, getUrl, { ...given, ...params })).message
    expect(await wrong({ url: 'ftp://h/x' })).to.match(/^unknown url type: 'ftp:..h.x'; name an http/)
    expect(await wrong({ checksum: 'crc:00' })).to.match(/is not ALGORITHM:DIGEST/)
    expect(await wrong({ checksum: 'md5:xyz' })).to.match(/is not hexadecimal/)
    expect(await wrong({ url: 'file:///none/of/it', force: true })).to.match(/Request failed: .*none\/of\/it/)
  })

  it('finds a digest as sha256sum and others write it', () => {
    expect(digestIn('abc123\n', 'x', 'u')).to.equal('abc123')
    expect(digestIn('ab  y\r\ncd  ./x\r\n', 'x', 'u')).to.equal('cd')
    expect(digestIn('ab *x', 'x', 'u')).to.equal('ab')
    expect(() => digestIn('', 'x', 'u')).to.throw('there is no checksum for "x" in u')
  })
})
