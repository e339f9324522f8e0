import { expect } from 'chai'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import command from '../../../modules/command.js'
import script from '../../../modules/script.js'
import shell from '../../../modules/shell.js'
import stat from '../../../modules/stat.js'
import { call, testController, testHost } from '../../support/envelope.js'

/** Guards by what they look at: a file, a folder, links, what is not there, and patterns. */
const GUARDS = [
  'file',
  'folder',
  'link',
  'dangling',
  'none',
  'folder/none',
  'file/none',
  'f*',
  'n*',
  '[x-z]',
  "it's *",
]

for (const program of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`a command with its guard, in ${program[0]}`, () => {
    const host = testHost(program)
    const at = (path: string): string => join(host.folder, path)
    before(async () => {
      mkdirSync(at('folder'))
      writeFileSync(at('file'), '')
      writeFileSync(at("it's it"), '')
      symlinkSync('folder', at('link'))
      symlinkSync('nowhere', at('dangling'))
      await call(host, stat, { path: '/' }, { diff: false })
    })
    after(() => rmSync(host.folder, { recursive: true }))

    /** Ends and values, without times, and how many messages it took. */
    async function done(module: unknown, params: Record<string, unknown>, diff: boolean) {
      const before = host.connection.counts.roundTrips
      const lines: string[] = []
      const controller = testController({ say: 'echo "$@"; echo bad >&2; exit 3\n' })
      const options = { diff, controller, onLine: (line: string) => void lines.push(line) }
      const { status, changed, message, values } = await call(host, module, params, options)
      const rest = Object.entries(values).filter(([name]) => !['start', 'end', 'delta'].includes(name))
      return {
        told: { status, changed, message, lines, values: Object.fromEntries(rest) },
        times: ['start', 'end', 'delta'].filter((name) => typeof values[name] === 'string'),
        trips: host.connection.counts.roundTrips - before,
      }
    }

    it('ends as if the host had been asked before, in one message', async () => {
      const guards = GUARDS.flatMap((path) => [{ creates: at(path) }, { removes: at(path) }])
      const mixed = [
        { creates: at('none'), removes: at('file') },
        { creates: at('n*'), removes: at('none') },
        { creates: at('file'), removes: at('none') },
        { creates: at('folder/none'), chdir: at('folder') },
        { removes: at('file'), chdir: at('folder') },
        { creates: at('none/x'), chdir: at('none') },
      ]
      for (const params of [...guards, ...mixed].map((guard) => ({ cmd: 'echo x', ...guard }))) {
        const [guarded, asked] = [await done(command, params, false), await done(command, params, true)]
        const which = JSON.stringify(params)
        expect(guarded.told, which).to.deep.equal(asked.told)
        expect(guarded.times, which).to.deep.equal(asked.times)
        const isPlain = !/dangling|none\/x|file\/none/.test(which)
        expect(guarded.trips, which).to.be.at.most(isPlain ? 1 : 2)
      }
    })

    it('tells its status, its lines and what it read', async () => {
      const text = { cmd: 'cat; echo end >&2; exit 3', stdin: 'a\nb', creates: at('none') }
      for (const [module, params] of [
        [shell, text],
        [shell, { ...text, creates: at('file') }],
        [script, { cmd: 'say a b', creates: at('none') }],
        [script, { cmd: 'say a b', removes: at('none') }],
        [script, { cmd: 'say a b', creates: at('file'), removes: at('file') }],
      ] as const) {
        const [guarded, asked] = [await done(module, params, false), await done(module, params, true)]
        expect(guarded.told).to.deep.equal(asked.told)
        expect(guarded.trips).to.equal(1)
      }
    })
  })
}
