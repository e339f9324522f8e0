import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { FplayError } from '../../../engine/errors.js'
import { createBuilder, createInventory, reconcile } from '../../../engine/inventory/build.js'
import type { Inventory } from '../../../engine/inventory/hosts.js'
import { findHost, readLimit, selectHosts, splitPatterns } from '../../../engine/inventory/pattern.js'
import { refusal } from '../../support/refusals.js'

function inventoryOf(groups: Readonly<Record<string, readonly string[]>>): Inventory {
  const inventory = createInventory()
  const builder = createBuilder(inventory, {}, [])
  for (const [group, hosts] of Object.entries(groups)) {
    builder.addGroup(group)
    for (const host of hosts) builder.addHost(host, group)
  }
  reconcile(inventory)
  return inventory
}

const INVENTORY = inventoryOf({ web: ['w1', 'w2', 'w3'], db: ['d1', 'w3'] })
const select = (pattern: string, limit?: string): string =>
  selectHosts(INVENTORY, pattern, { limit: limit === undefined ? undefined : readLimit(limit) })
    .hosts.map(({ name }) => name)
    .join(' ')

describe('host patterns', () => {
  const splits: readonly (readonly [string, readonly string[]])[] = [
    ['a:b', ['a', 'b']],
    ['a, b[1] ,c[2:3]', ['a', 'b[1]', 'c[2:3]']],
    ['web[0:2]:&db', ['web[0:2]', '&db']],
    ['host:22', ['host:22']],
    ['::1', ['::1']],
    ['2001:db8::[1:9]', ['2001:db8::[1:9]']],
    ['[2001:db8::1]:22', ['[2001:db8::1]:22']],
    ['a:!b:', ['a', '!b']],
    ['', []],
  ]
  for (const [text, parts] of splits)
    it(`${text} splits`, () => expect(splitPatterns(text)).to.deep.equal(parts))

  it('are limited in their own order', () => {
    expect(select('web', 'w3,w1')).to.equal('w1 w3')
    expect(select('all', 'db')).to.equal('w3 d1')
    expect(select('web', '!w2')).to.equal('w1 w3')
    expect(select('web', 'd1')).to.equal('')
  })

  it('are limited by a file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'fplay-limit-')), 'retry')
    writeFileSync(file, 'w2\n\n d1 \n')
    expect(select('all', `@${file}`)).to.equal('w2 d1')
    expect(refusal(() => readLimit(`@${file}x`))).to.match(/there is no limit file .*\(file-not-found\)$/)
    expect(refusal(() => readLimit('@/'))).to.match(/is a directory \(bad-pattern\)$/)
  })

  it('that match nothing are a warning with the nearest name', () => {
    const place = { file: 'p.yml', line: 2, column: 10 }
    const { hosts, warnings } = selectHosts(INVENTORY, 'web:wep', { place })
    expect(hosts).to.have.length(3)
    expect(warnings).to.deep.equal([
      {
        code: 'unknown-host',
        place,
        message: 'no host or group matches "wep"',
        allowed: 'did you mean "web"?',
      },
    ])
  })

  it('refuse a subscript beyond the hosts, and a bad regular expression', () => {
    expect(refusal(() => select('web[3]'))).to.equal(
      'the pattern "web[3]" asks for host number 3, and "web" has 3; allowed: [0] to [2], or [-1] for the last (bad-pattern)',
    )
    expect(refusal(() => select('~w('))).to.match(
      /^the regular expression "w\(" cannot be read: .*\(bad-pattern\)$/,
    )
  })

  it('know the implicit localhost', () => {
    const host = findHost(INVENTORY, '127.0.0.1')!
    expect(host.vars.get('ansible_connection')).to.equal('local')
    expect(findHost(INVENTORY, 'localhost')).to.equal(host)
    expect(select('all')).not.to.include('localhost')
    const own = inventoryOf({ g: ['localhost'] })
    expect(findHost(own, '127.0.0.1')!.vars.has('ansible_connection')).to.equal(false)
    expect(findHost(INVENTORY, 'w9')).to.equal(undefined)
  })

  it('never select a host twice or one that is not there, whatever is written', () => {
    const piece = fc.constantFrom(
      'web',
      'db',
      'w1',
      'w*',
      '!',
      '&',
      ':',
      ',',
      '[0]',
      '[1:]',
      '~',
      '?',
      '[!w]1',
      'all',
      '.',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        let selected: string[]
        try {
          selected = selectHosts(INVENTORY, pieces.join('')).hosts.map(({ name }) => name)
        } catch (error) {
          expect(error).to.be.instanceOf(FplayError)
          return
        }
        expect(new Set(selected).size).to.equal(selected.length)
        for (const name of selected) expect(INVENTORY.hosts.has(name)).to.equal(true)
      }),
    )
  })

  it('select from 10,000 hosts in 1,000 groups quickly', () => {
    const groups = Array.from({ length: 1000 }, (_, g) => [
      `g${g}`,
      Array.from({ length: 10 }, (__, h) => `h${g}-${h}`),
    ])
    const large = inventoryOf(Object.fromEntries(groups) as Record<string, string[]>)
    // a selection in quadratic time would take minutes
    const start = process.cpuUsage()
    expect(selectHosts(large, 'all:!g1*:&h*').hosts).to.have.length(8890)
    expect(process.cpuUsage(start).user / 1e6).to.be.below(5)
  })
})
