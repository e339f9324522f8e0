import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseYaml } from '../../../engine/language/yaml.js'
import { toPlain } from '../../../engine/language/value.js'
import { fplay } from '../../support/caller.js'

describe('fplay inventory', () => {
  let folder: string
  let file: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fplay-inventory-'))
    file = join(folder, 'hosts')
    writeFileSync(
      file,
      'alone\n[web]\nw[1:2] port=80\n[db]\nd1\n[site:children]\nweb\ndb\n[site:vars]\nzone=eu\n',
    )
  })
  after(() => rmSync(folder, { recursive: true }))
  const inventory = (...argv: string[]) => fplay(['inventory', '-i', file, ...argv])

  it('lists as an inventory script does', async () => {
    const { out } = await inventory('--list')
    expect(JSON.parse(out)).to.deep.equal({
      _meta: {
        hostvars: {
          w1: { port: 80, zone: 'eu' },
          w2: { port: 80, zone: 'eu' },
          d1: { zone: 'eu' },
        },
      },
      all: { children: ['ungrouped', 'site'] },
      ungrouped: { hosts: ['alone'] },
      web: { hosts: ['w1', 'w2'] },
      db: { hosts: ['d1'] },
      site: { children: ['web', 'db'] },
    })
  })

  it('lists as YAML that can be read again', async () => {
    const { out } = await inventory('--list', '--yaml', '-l', 'd1')
    expect(toPlain(parseYaml(out, 'out').value)).to.deep.equal({
      all: {
        children: { ungrouped: {}, site: { children: { web: {}, db: { hosts: { d1: { zone: 'eu' } } } } } },
      },
    })
  })

  it('draws a tree', async () => {
    expect((await inventory('--graph', 'site', '--vars', '-l', 'w1:d1')).out).to.equal(
      '@site:\n  |--@web:\n  |  |--w1\n  |  |  |--{port = 80}\n  |  |  |--{zone = eu}\n  |--@db:\n  |  |--d1\n  |  |  |--{zone = eu}\n  |--{zone = eu}\n',
    )
  })

  it('shows one host', async () => {
    expect(JSON.parse((await inventory('--host', 'w2', '-e', 'zone=us')).out)).to.deep.equal({
      port: 80,
      zone: 'us',
    })
  })

  it('keeps variables where they are with --export, and writes to a file', async () => {
    const output = join(folder, 'out.json')
    expect(await inventory('--list', '--export', '--output', output)).to.deep.equal({
      code: 0,
      out: '',
      err: '',
    })
    const listing = JSON.parse(readFileSync(output, 'utf8')) as Record<string, unknown>
    expect(listing['site']).to.deep.equal({ children: ['web', 'db'], vars: { zone: 'eu' } })
    expect(listing['_meta']).to.deep.equal({ hostvars: { w1: { port: 80 }, w2: { port: 80 } } })
  })

  it('refuses what is not there', async () => {
    expect(await inventory('--host', 'w3')).to.include({ code: 1, out: '' })
    expect((await inventory('--host', 'w3')).err).to.match(/no host "w3"; did you mean "w1"\?/)
    expect((await inventory('--graph', 'wep')).err).to.match(/did you mean "web"\?/)
    expect((await inventory()).err).to.match(/allowed: --list, --graph, --host HOST/)
  })
})
