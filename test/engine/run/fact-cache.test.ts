import { expect } from 'chai'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVault } from '../../../engine/language/vault.js'
import type { RunSettings } from '../../../engine/run/settings.js'
import type { RunParts } from '../../../engine/run/run.js'
import { createSecrets } from '../../../engine/secrets.js'
import { fakeConverge, outcomeOn, playText } from './playing.js'
import type { Played } from './playing.js'

const SHOW = `
- hosts: all
  tasks:
    - {name: shown, debug: {msg: "{{ [ansible_os|default('-'), ansible_facts.os|default('-'), mine|default('-')] }}"}}
`
const KEEP = `
- hosts: all
  tasks:
    - set_fact: {mine: '{{ text }}', cacheable: true}
    - set_fact: {other: 1}
`

describe('the fact cache', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-facts-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  const file = (host: string): string => join(folder, `p_${host}`)
  const keep = (facts: unknown, host = 'a'): void => writeFileSync(file(host), JSON.stringify(facts))
  const kept = (host = 'a'): unknown => JSON.parse(readFileSync(file(host), 'utf8'))

  /** A run, and the hosts that were asked for facts. */
  async function run(
    text: string,
    settings: Partial<RunSettings> = {},
    cache: Partial<NonNullable<RunSettings['factCache']>> = {},
    parts: Partial<RunParts> = {},
  ): Promise<Played & { readonly asked: number; readonly warnings: readonly string[] }> {
    const facts = new Map([['ansible_os', 'Debian']])
    const { converge, calls } = fakeConverge({ setup: () => ({ facts }) })
    const factCache = { folder, prefix: 'p_', seconds: 0, flush: false, ...cache }
    const played = await playText(text, {
      hosts: 'a,',
      settings: {
        factCache,
        gathering: 'smart',
        extraVars: new Map([['text', 'the s3cret']]),
        ...settings,
      },
      parts: { converge, ...parts },
    })
    const asked = calls.filter(({ call }) => call.moduleName === 'setup').length
    const warnings = played.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []))
    return { ...played, asked, warnings }
  }
  const shown = (played: Played): unknown => outcomeOn(played, 'shown').values['msg']

  it('keeps what was gathered and what set_fact calls cacheable, as the plugin jsonfile writes it', async () => {
    await run(KEEP, { extraVars: new Map([['text', 'é']]) })
    expect(readFileSync(file('a'), 'utf8')).to.equal(
      '{\n    "_ansible_facts_gathered": true,\n    "ansible_os": "Debian",\n    "mine": "\\u00e9"\n}',
    )
    expect(statSync(file('a')).mode & 0o777).to.equal(0o600)
    expect(readdirSync(folder)).to.deep.equal(['p_a'])
  })

  it('gives a host its facts, never as templates, and smart gathering need not gather them', async () => {
    keep({ _ansible_facts_gathered: true, ansible_os: 'Alpine', mine: '{{ 1 + 1 }}' })
    const smart = await run(SHOW)
    expect([smart.asked, shown(smart)]).to.deep.equal([0, ['Alpine', 'Alpine', '{{ 1 + 1 }}']])
    const implicit = await run(SHOW, { gathering: 'implicit' })
    expect([implicit.asked, shown(implicit)]).to.deep.equal([1, ['Debian', 'Debian', '{{ 1 + 1 }}']])
  })

  it('gathers where only facts of set_fact are kept, or where setup was asked by hand', async () => {
    keep({ mine: 'x' })
    expect((await run(SHOW)).asked).to.equal(1)
    rmSync(file('a'))
    await run('- hosts: all\n  gather_facts: false\n  tasks: [{setup: {filter: [ansible_os]}}]\n')
    expect(kept()).to.deep.equal({ ansible_os: 'Debian' })
  })

  it('forgets facts that are too old', async () => {
    keep({ _ansible_facts_gathered: true, ansible_os: 'Alpine' })
    const past = Date.now() / 1000 - 100
    utimesSync(file('a'), past, past)
    expect((await run(SHOW, {}, { seconds: 200 })).asked).to.equal(0)
    expect((await run(SHOW, {}, { seconds: 50 })).asked).to.equal(1)
  })

  it('warns of a damaged file and does without it', async () => {
    for (const text of ['{"ansible_os":', '[1]']) {
      writeFileSync(file('a'), text)
      const { asked, warnings } = await run(SHOW)
      expect(asked).to.equal(1)
      expect(warnings).to.have.length(1)
      expect(warnings[0]).to.match(/^fact cache: .*p_a cannot be read: /)
      expect(kept()).to.include({ ansible_os: 'Debian' })
    }
  })

  it('makes the folder with those above it, and warns where none can be', async () => {
    const deep = join(folder, 'a/b')
    expect((await run(SHOW, {}, { folder: deep })).warnings).to.deep.equal([])
    expect(readdirSync(deep)).to.deep.equal(['p_a'])
    const { asked, warnings } = await run(SHOW, {}, { folder: '/proc/none/of/it' })
    expect(asked).to.equal(1)
    expect(warnings.join()).to.match(/^fact cache: \/proc\/none\/of\/it\/p_a cannot be written: ENOENT/)
  })

  it('removes files at meta: clear_facts, and those of the chosen hosts at --flush-cache', async () => {
    keep({ _ansible_facts_gathered: true, ansible_os: 'Alpine' })
    keep({ ansible_os: 'Alpine' }, 'gone')
    expect((await run(SHOW, {}, { flush: true })).asked).to.equal(1)
    expect(kept('gone')).to.deep.equal({ ansible_os: 'Alpine' })
    await run('- hosts: all\n  gather_facts: false\n  tasks: [{meta: clear_facts}]\n')
    expect(existsSync(file('a'))).to.equal(false)
  })

  it('leaves files alone in a dry run, which forgets all the same', async () => {
    const old = { _ansible_facts_gathered: true, ansible_os: 'Alpine' }
    keep(old)
    const dry = await run(KEEP + SHOW, { checkMode: true }, { flush: true })
    expect([dry.asked, shown(dry)]).to.deep.equal([1, ['Debian', 'Debian', 'the s3cret']])
    await run('- hosts: all\n  gather_facts: false\n  tasks: [{meta: clear_facts}]\n', { checkMode: true })
    expect(kept()).to.deep.equal(old)
  })

  it('encrypts secrets with the vault password, and does not keep them without one', async () => {
    const secrets = createSecrets()
    secrets.add('s3cret')
    const vault = createVault([{ id: 'default', password: Buffer.from('pw') }] as never, secrets)
    await run(KEEP, {}, {}, { secrets, vault })
    expect((kept() as { mine: object }).mine).to.have.all.keys('__ansible_vault')
    expect(shown(await run(SHOW, {}, {}, { secrets, vault }))).to.deep.equal(['Debian', 'Debian', '********'])
    const sealed = kept()
    expect((await run(SHOW)).warnings.join()).to.match(/p_a cannot be read: .*no vault password was given/)
    expect(kept()).to.deep.equal(sealed)
    rmSync(file('a'))
    const { warnings } = await run(KEEP, {}, {}, { secrets })
    expect(warnings.join()).to.match(/mine of a is not kept: it holds a secret/)
    expect(kept()).to.deep.equal({ ansible_os: 'Debian' })
  })

  it('keeps nothing of a host whose name leads elsewhere', async () => {
    await run(
      '- hosts: all\n  gather_facts: false\n  tasks:\n    - add_host: {name: x/../../y}\n' +
        '- hosts: x/../../y\n  tasks: [{debug: {msg: y}}]\n',
    )
    expect(readdirSync(folder)).to.deep.equal([])
  })
})
