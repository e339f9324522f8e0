import { expect } from 'chai'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createRegistry } from '../../../engine/module/registry.js'
import { fplay } from '../../support/caller.js'

describe('fplay doc', () => {
  it('lists every module with its summary', async () => {
    const { code, out } = await fplay(['doc'])
    expect(code).to.equal(0)
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0])
        .filter(Boolean),
    ).to.include.members([...createRegistry().names, 'import_role'])
    expect(out).to.match(/^copy +\S/m)
  })

  it('tells all of a module, also under its full name', async () => {
    const { out } = await fplay(['doc', 'ansible.builtin.debug'])
    expect(out).to.match(/^debug: /)
    expect(out).to.match(/Parameters\n[^]*msg \(raw; default "Hello world!"\)\n {6}\S/)
    expect(out).to.match(/\nExamples\n {2}- debug:/)
  })

  it('tells of modules of a user, and one that cannot be loaded hides none of the others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fplay-doc-'))
    writeFileSync(join(folder, 'sing'), '#!/bin/sh\necho "{}"\n')
    writeFileSync(join(folder, 'broken.js'), 'export default {')
    try {
      expect((await fplay(['doc', 'sing', '-M', folder])).out).to.match(/^sing: A program/)
      const { code, out, err } = await fplay(['doc', '-l', '-M', folder])
      expect(code).to.equal(0)
      expect(out)
        .to.match(/^sing +A program/m)
        .and.match(/^copy +\S/m)
      expect(err).to.match(/^WARNING: \S+broken\.js cannot be loaded: /)
      expect((await fplay(['doc', 'broken', '-M', folder])).code).to.equal(1)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('tells of modules beside playbooks and of roles, the former first', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fplay-doc-'))
    const write = (path: string): void => {
      mkdirSync(join(folder, path, 'library'), { recursive: true })
      for (const name of [path === '' ? 'here' : basename(path), 'both'])
        writeFileSync(join(folder, path, 'library', name), '#!/bin/sh\necho "{}"\n')
    }
    try {
      for (const path of ['', 'roles/web', 'elsewhere/db']) write(path)
      writeFileSync(
        join(folder, 'library/ours.js'),
        "export default { summary: 'Ours', params: {}, returns: {}, examples: '' }",
      )
      const at = ['--playbook-dir', folder]
      const { out } = await fplay(['doc', ...at, 'here', 'web', 'both'])
      for (const file of ['library/here', 'roles/web/library/web', 'library/both'])
        expect(out).to.include(`(${join(folder, file)})`)
      const ours = await fplay(['doc', ...at, 'ours'])
      expect(ours.out, ours.err).to.include(`\nIn ${join(folder, 'library/ours.js')}\n`)
      expect((await fplay(['doc', '-l', ...at])).out).to.match(/^web +A program/m)
      expect((await fplay(['doc', 'db', ...at])).code).to.equal(1)
      expect((await fplay(['doc', 'db', ...at, '-r', join(folder, 'elsewhere')])).out).to.match(/^db: /)
      const { code, err } = await fplay(['doc', '-l', '--playbook-dir', join(folder, 'none')])
      expect([code, err]).to.deep.equal([
        5,
        `ERROR: --playbook-dir: no folder ${join(folder, 'none')} (bad-option)\n`,
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('knows what was meant', async () => {
    const { code, err } = await fplay(['doc', 'debgu'])
    expect(code).to.equal(1)
    expect(err).to.match(/did you mean "debug"\?/)
  })

  it('lists filters, tests, lookups, keywords and errors, and tells of one', async () => {
    for (const [kind, name] of [
      ['filter', 'combine'],
      ['test', 'defined'],
      ['lookup', 'fileglob'],
      ['keyword', 'delegate_to'],
      ['error', 'unknown-module'],
    ] as const) {
      expect((await fplay(['doc', '-t', kind])).out).to.match(new RegExp(`^${name} +\\S`, 'm'))
      expect((await fplay(['doc', '-t', kind, name])).out).to.include(name)
    }
    expect((await fplay(['doc', '-t', 'filter', 'd'])).out).to.match(/^\| default\([^]*also d\n/)
    expect((await fplay(['doc', '-t', 'filter', 'combin'])).err).to.match(/did you mean "combine"/)
    expect((await fplay(['doc', '-t', 'filtr'])).err).to.match(/did you mean "filter"/)
    const json = JSON.parse((await fplay(['doc', '-j', 'copy'])).out) as { copy: { params: object } }
    expect(json.copy.params).to.have.property('dest')
  })
})
