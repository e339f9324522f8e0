import { expect } from 'chai'
import { readdirSync } from 'node:fs'
import { contentOf } from '../../../engine/content.js'
import type { Key, Module, OwnAsk } from '../../../engine/module/contract.js'
import { sh } from '../../../engine/module/quote.js'
import type { Target } from '../../../engine/run/target.js'
import { call, testHost } from '../../support/envelope.js'

/** A module that asks one question and registers the answer. */
function asking(ask: Omit<OwnAsk, 'kind' | 'key' | 'read'>): Partial<Module> {
  return {
    params: {},
    returns: { said: 'What the script said.' },
    probe: () => [{ kind: 'own', key: 'x:x', read: ({ stdout }) => ({ said: stdout }), ...ask }],
    result: (_params, before) => ({ values: { said: before.own('x:x')['said'] } }),
  }
}
const said = async (host: Target, module: Partial<Module>, checkMode = true): Promise<unknown> =>
  (await call(host, module, {}, { checkMode })).values['said']

for (const shell of [['sh'], ['bash'], ['busybox', 'sh']]) {
  describe(`a question that a dry run asks in its own way, in ${shell.join(' ')}`, () => {
    it('is brought up to date in a real run only', async () => {
      const module = asking({
        refresh: sh`echo refreshed`,
        script: sh`echo asked`,
        foretell: { script: sh`echo aside` },
      })
      expect(await said(testHost(shell), module, false)).to.equal('refreshed\nasked\n')
      expect(await said(testHost(shell), module)).to.equal('aside\n')
      expect(
        await said(testHost(shell), asking({ refresh: sh`echo refreshed`, script: sh`echo asked` })),
      ).to.equal('refreshed\nasked\n')
    })

    it('has a folder of its own that is gone afterwards, with what earlier tasks would have written and removed', async () => {
      const host = testHost(shell)
      const bytes = Buffer.from([0, 1, 255, 10, 13])
      const file = (content: Buffer | string) => ({ type: 'file', content: contentOf(content) })
      host.forecast.states.set('path:/etc/apt/sources.list', file("deb 'x' $HOME\n"))
      host.forecast.states.set("path:/etc/apt/a 'b'/key.gpg", file(bytes))
      host.forecast.states.set('path:/etc/apt/old', { type: 'absent' })
      host.forecast.states.set('path:/etc/other', file('no'))
      host.forecast.states.set('path:/etc/none', { type: 'absent' })
      host.forecast.states.set('index:apt', { fresh: true })
      const script = sh`cd "$ASIDE" && find . -type f | sort; cat foreseen/etc/apt/sources.list gone; base64 <${"foreseen/etc/apt/a 'b'/key.gpg"}; echo "$FORESEEN"; echo "$ASIDE"`
      const keys: readonly Key[] = ['index:apt', 'index:none']
      const looksAt = (path: string): boolean => path.startsWith('/etc/apt/')
      const out = String(await said(host, asking({ script: sh`:`, foretell: { script, looksAt, keys } })))
      const lines = out.trimEnd().split('\n')
      expect(lines.slice(0, -1)).to.deep.equal([
        "./foreseen/etc/apt/a 'b'/key.gpg", './foreseen/etc/apt/sources.list', './gone', "deb 'x' $HOME", '/etc/apt/old', bytes.toString('base64'), 'index:apt',
      ]) // prettier-ignore
      const aside = lines.at(-1)!
      expect(aside).to.match(/^\/dev\/shm\/fplay-aside\.\d+\.\w+$/)
      expect(readdirSync('/dev/shm')).to.not.include(aside.slice('/dev/shm/'.length))
    })

    it('reads files that earlier tasks would have written, of any bytes', async () => {
      const host = testHost(shell)
      const bytes = Buffer.from([0x7f, 0, 0xff, 0x0a, 0x80])
      host.forecast.states.set('path:/srv/x.deb', { type: 'file', content: contentOf(bytes) })
      expect(await said(host, asking({ files: ['/srv/x.deb'], script: sh`base64 <"$FILE_0"` }))).to.equal(
        `${bytes.toString('base64')}\n`,
      )
    })
  })
}

describe('what comes along with a change', () => {
  it('is foreseen by a dry run, and laid over what later tasks find', async () => {
    const host = testHost()
    const along: Partial<Module> = {
      params: {},
      returns: { nothing: 'Nothing.' },
      probe: () => [],
      wanted: () => new Map([['run:x', { run: Symbol('x') as never }]]),
      brings: () => new Map<Key, Record<string, unknown>>([
        [`path:${host.folder}/new`, { type: 'file', mode: 0o644, owner: 'root', group: 'root' }],
        ['user:brought', { exists: true }],
      ]), // prettier-ignore
    }
    await call(host, along, {}, { checkMode: true })
    const looking: Partial<Module> = {
      params: {},
      returns: { type: 'Its type.' },
      probe: () => [
        { kind: 'path', path: `${host.folder}/new`, need: 'stat' },
        { kind: 'user', name: 'brought' },
      ],
      result: (_params, before) => ({
        values: { type: before.path(`${host.folder}/new`).type, user: before.user('brought').exists },
      }),
    }
    expect((await call(host, looking, {}, { checkMode: true })).values).to.deep.equal({
      type: 'file',
      user: true,
    })
  })
})
