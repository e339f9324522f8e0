import { expect } from 'chai'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import v8 from 'node:v8'
import { fplay } from '../../support/caller.js'

describe('a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fplay-run-'))
  const set = v8.setFlagsFromString
  let flags: string[] = []

  before(() => {
    v8.setFlagsFromString = (flag) => void flags.push(flag)
    syncBuiltinESMExports()
    writeFileSync(join(folder, 'site.yml'), '- {hosts: h1, gather_facts: false, tasks: [debug: ]}\n')
  })
  beforeEach(() => (flags = []))
  after(() => {
    v8.setFlagsFromString = set
    syncBuiltinESMExports()
    rmSync(folder, { recursive: true })
  })

  it('collects sooner what it leaves behind where there are more than a hundred hosts', async () => {
    for (const [hosts, told] of [
      [100, []],
      [101, ['--heap-growing-percent=100']],
    ] as const) {
      writeFileSync(join(folder, 'hosts'), `h[1:${hosts}]\n`)
      const { code, err } = await fplay([join(folder, 'site.yml'), '-i', join(folder, 'hosts')])
      expect(code, err).to.equal(0)
      expect(flags, `${hosts} hosts`).to.deep.equal(told)
    }
  })
})
