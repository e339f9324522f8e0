import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { contentOf, type Content } from '../../engine/content.js'
import type { Module, PathState } from '../../engine/module/contract.js'
import authorized_key from '../../modules/authorized_key.js'
import blockinfile from '../../modules/blockinfile.js'
import cron from '../../modules/cron.js'
import ini_file from '../../modules/ini_file.js'
import known_hosts from '../../modules/known_hosts.js'
import lineinfile from '../../modules/lineinfile.js'
import replace from '../../modules/replace.js'
import { testController, withDefaults } from '../support/envelope.js'
import { pureView } from '../support/pure-view.js'

interface Recorded {
  readonly module:
    'lineinfile' | 'blockinfile' | 'replace' | 'ini_file' | 'authorized_key' | 'known_hosts' | 'cron'
  readonly params: Readonly<Record<string, unknown>>
  readonly before: string
  readonly msg: string
  /** Null: left alone. */
  readonly after: string | null
}

const MODULES = { lineinfile, blockinfile, replace, ini_file, authorized_key, known_hosts, cron } as const
const file = process.env['EDITS'] ?? new URL('recorded/edits.json', import.meta.url)
const CASES = JSON.parse(readFileSync(file, 'utf8')) as readonly Recorded[]

describe('modules that edit files', () => {
  for (const name of Object.keys(MODULES) as Recorded['module'][]) {
    it(`make of a file what ${name} of Ansible made of it`, async () => {
      const cases = CASES.filter(({ module }) => module === name)
      expect(cases.length).to.be.greaterThan(50)
      for (const recorded of cases) {
        expect(await edit(recorded), JSON.stringify(recorded)).to.deep.equal({
          msg: recorded.msg,
          after: recorded.after ?? recorded.before,
        })
      }
    })
  }
})

async function edit({
  module: name,
  params,
  before,
}: Recorded): Promise<{ readonly msg: unknown; readonly after: string }> {
  const module = MODULES[name] as unknown as Module
  const content = contentOf(before)
  const view = {
    ...pureView({ '/f': { type: 'file', sha1: content.sha1, content }, '/': { type: 'directory' } }),
    user: () => ({ exists: true, uid: 0, gid: 0, home: '/root' }),
  }
  const given = withDefaults(module, { ...params, [name === 'cron' ? 'cron_file' : 'path']: '/f' }) as never
  const local = await module.prepare?.(given, testController())
  const wish = module.wanted!(given, view, local).get('path:/f') as PathState | undefined
  const after = wish?.type === 'absent' ? '' : ((wish?.content as Content | undefined)?.text() ?? before)
  const { values } = module.result!(given, view, view, { kind: 'nothing' }, local)
  return { msg: values['msg'] ?? '', after }
}
