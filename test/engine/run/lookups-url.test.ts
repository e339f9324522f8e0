import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { values } from './looking-up.js'

describe('lookups of addresses', () => {
  let server: Awaited<ReturnType<typeof startServer>>
  before(async () => void (server = await startServer()))
  after(() => server.stop())
  const ask = async (path: string, more = ''): Promise<unknown> =>
    (
      await values([`query('url', '${server.address}${path}'${more})`], {
        settings: { env: { NOBODY: '1' } },
      })
    )[0]

  it('give lines, or the text', async () => {
    expect(await ask('/lines')).to.deep.equal(['one', 'zwei ü', ''])
    expect(await ask('/lines', ', split_lines=False')).to.deep.equal(['one\r\nzwei ü\n\n'])
  })

  it('send headers, a name and a login', async () => {
    const told = async (more: string): Promise<string> => String(((await ask('/echo', more)) as string[])[0])
    expect(await told('')).to.equal('ansible-httpget - -')
    expect(await told(", http_agent='me', headers={'x-own': 'yes'}")).to.equal('me yes -')
    expect(await told(", username='u', password='p', force_basic_auth=True")).to.equal(
      'ansible-httpget - Basic dTpw',
    )
    expect(await ask('/closed', ", username='u', password='p'")).to.deep.equal(['open'])
    expect(await ask('/closed')).to.contain('/closed answers 401')
  })

  it('follow to other addresses unless told not to', async () => {
    expect(await ask('/moved')).to.deep.equal(['one', 'zwei ü', ''])
    expect(await ask('/moved', ", follow_redirects='none'")).to.contain('/moved answers 302')
    expect(await ask('/moved', ", follow_redirects='nobody'")).to.contain('follow_redirects is "nobody"')
  })

  it('say why nothing came', async () => {
    expect(await ask('/none')).to.contain('/none answers 404')
    expect(await ask('/never', ', timeout=1')).to.match(/cannot be read: .*timeout/)
    expect((await values(["lookup('url', 'ftp://x')"]))[0]).to.contain('"ftp://x" is no address of the web')
    const env = { https_proxy: 'http://proxy' }
    const [proxied] = await values(["lookup('url', 'http://x')"], { settings: { env } })
    expect(proxied).to.contain('https_proxy is set, and proxies are not supported')
  })
})

const SERVER = `
const answers = {
  '/lines': (_, to) => to.end('one\\r\\nzwei ü\\n\\n'),
  '/echo': ({ headers: h }, to) =>
    to.end([h['user-agent'], h['x-own'] ?? '-', h.authorization ?? '-'].join(' ')),
  '/closed': ({ headers: h }, to) => (h.authorization === 'Basic dTpw' ? to.end('open') : to.writeHead(401).end()),
  '/moved': (_, to) => to.writeHead(302, { location: '/lines' }).end(),
  '/never': () => undefined,
}
require('node:http')
  .createServer((from, to) => (answers[from.url] ?? ((_, end) => end.writeHead(404).end()))(from, to))
  .listen(0, '127.0.0.1', function () { console.log(this.address().port) })
`

/** A server in a process of its own: a lookup keeps this one from doing anything else. */
async function startServer(): Promise<{ readonly address: string; stop(): void }> {
  const child = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return { address: `http://127.0.0.1:${String(port).trim()}`, stop: () => void child.kill() }
}
