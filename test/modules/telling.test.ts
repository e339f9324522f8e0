import { expect } from 'chai'
import { linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { Unknown } from '../../engine/unknown.js'
import assert from '../../modules/assert.js'
import command from '../../modules/command.js'
import copy from '../../modules/copy.js'
import file from '../../modules/file.js'
import debug from '../../modules/debug.js'
import fail from '../../modules/fail.js'
import ping from '../../modules/ping.js'
import setFact from '../../modules/set_fact.js'
import stat from '../../modules/stat.js'
import { call, testController, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }

for (const shell of [['dash'], ['busybox', 'sh']]) {
  describe(`stat, on ${shell.join(' ')}`, () => {
    const tell = async (host: ReturnType<typeof testHost>, params: Record<string, unknown>, options = {}) =>
      (await call(host, stat, params, options)).values['stat'] as Record<string, unknown>

    it('has in a dry run all names of what only a command makes', async () => {
      const host = testHost(shell)
      const path = `${host.folder}/made`
      await call(host, command, { creates: path, argv: ['touch', path] }, DRY)
      const foretold = await tell(host, { path }, DRY)
      expect(foretold['mode']).to.be.instanceOf(Unknown)
      writeFileSync(path, '')
      expect(foretold).to.have.all.keys(Object.keys(await tell(testHost(shell), { path })))
    })

    it('tells what is there', async () => {
      const host = testHost(shell)
      const path = `${host.folder}/-a 'b'\n$(c)`
      writeFileSync(path, 'x', { mode: 0o640 })
      linkSync(path, `${host.folder}/other`)
      const { ino, mtimeMs, uid, gid } = statSync(path)
      const told = await tell(host, { path })
      expect(told['mtime']).to.be.closeTo(mtimeMs / 1000, 1)
      expect(told).to.include({
        exists: true,
        path,
        isreg: true,
        isdir: false,
        islnk: false,
        mode: '0640',
        size: 1,
        nlink: 2,
        inode: ino,
        uid,
        gid,
        checksum: '11f6ad8ec52a2984abaafd7c3b516503785c2072',
        rusr: true,
        wgrp: false,
        xoth: false,
      })
      expect(await tell(host, { path: `${host.folder}/none` })).to.deep.equal({ exists: false })
      expect(await tell(host, { path: host.folder })).to.include({ isdir: true, isreg: false })
    })

    it('tells of a link, or of what it points to', async () => {
      const host = testHost(shell)
      mkdirSync(`${host.folder}/d`)
      symlinkSync('d', `${host.folder}/l`)
      symlinkSync('none', `${host.folder}/dangling`)
      expect(await tell(host, { path: `${host.folder}/l` })).to.include({
        islnk: true,
        lnk_target: 'd',
        lnk_source: `${host.folder}/d`,
      })
      expect(await tell(host, { path: `${host.folder}/l`, follow: true })).to.include({
        isdir: true,
        islnk: false,
      })
      expect(await tell(host, { path: `${host.folder}/dangling` })).to.include({ exists: true, islnk: true })
      expect(await tell(host, { path: `${host.folder}/dangling`, follow: true })).to.deep.equal({
        exists: false,
      })
    })

    it('tells in a dry run what earlier tasks would have made', async () => {
      const host = testHost(shell)
      const path = `${host.folder}/f`
      await call(host, copy, { content: 'x', dest: path, mode: '0600' }, DRY)
      const told = await tell(host, { path }, DRY)
      expect(told).to.include({ exists: true, isreg: true, mode: '0600', size: 1 })
      expect(told['checksum']).to.equal('11f6ad8ec52a2984abaafd7c3b516503785c2072')
      expect(told['mtime']).to.be.instanceOf(Unknown)
      await call(host, file, { path: `${path}2`, state: 'touch' }, DRY)
      const empty = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'
      expect(await tell(host, { path: `${path}2` }, DRY)).to.include({ size: 0, checksum: empty })
    })
  })
}

describe('assert', () => {
  it('says that all holds, or which condition does not, without a round trip', async () => {
    const host = testHost()
    const held = await call(host, assert, { that: ['true', true] })
    expect(held).to.include({ status: 'ok' })
    expect(held.values).to.deep.equal({ msg: 'All assertions passed' })
    expect((await call(host, assert, { that: ['true'], success_msg: 'fine' })).values).to.deep.equal({
      msg: 'fine',
    })
    expect((await call(host, assert, { that: ['true'], quiet: true })).values).to.deep.equal(held.values)
    for (const options of [{}, DRY]) {
      const failed = await call(
        host,
        assert,
        { that: ['true', 'x > 1'], fail_msg: ['too', 'small'] },
        options,
      )
      expect(failed).to.include({ status: 'failed', message: 'too\nsmall' })
      expect(failed.values).to.include({ assertion: 'x > 1', evaluated_to: false })
    }
    expect((await call(host, assert, { that: [false] })).message).to.equal('Assertion failed: false')
    const { message, values } = await call(host, assert, { that: ['x > 1'] })
    expect([message, values['msg']]).to.deep.equal(['Assertion failed: x > 1', 'Assertion failed'])
    expect(host.connection.counts.roundTrips).to.equal(0)
  })

  it('leaves to the run what only the run can tell', async () => {
    const controller = { ...testController(), evaluate: () => new Unknown('output of a command') as never }
    const result = await call(testHost(), assert, { that: ['x'] }, { controller, ...DRY })
    expect(result).to.include({ status: 'ok' })
    expect(result.values['msg']).to.be.instanceOf(Unknown)
  })
})

describe('debug, fail, set_fact and ping', () => {
  it('show a text, or a value under its expression', async () => {
    const host = testHost()
    expect((await call(host, debug, { msg: ['a', 1] })).values).to.deep.equal({ msg: ['a', 1] })
    expect((await call(host, debug, {})).values).to.deep.equal({ msg: 'Hello world!' })
    const controller = { ...testController(), display: (expression: string) => `value of ${expression}` }
    const shown = await call(host, debug, { var: 'a.b' }, { controller })
    expect(shown.values).to.deep.equal({ 'a.b': 'value of a.b' })
  })

  it('fail as told, in a dry run too', async () => {
    for (const options of [{}, DRY]) {
      const failed = await call(testHost(), fail, { msg: 'no' }, options)
      expect(failed).to.include({ status: 'failed', message: 'no', changed: false })
      expect(failed.values['msg']).to.equal('no')
    }
  })

  it('make variables of the host, not changed', async () => {
    const set = await call(testHost(), setFact, { a: 1, b: ['x'], cacheable: true })
    expect(set).to.include({ status: 'ok', changed: false, cacheable: true })
    expect(set.facts).to.deep.equal(
      new Map<string, unknown>([
        ['a', 1],
        ['b', ['x']],
      ]),
    )
    expect(set.values).to.deep.equal({ ansible_facts: { a: 1, b: ['x'] } })
  })

  it('prove that a shell answers', async () => {
    const host = testHost()
    expect((await call(host, ping, {})).values).to.deep.equal({ ping: 'pong' })
    expect(host.connection.counts.roundTrips).to.equal(1)
    expect((await call(host, ping, { data: 'crash' })).message).to.equal('boom')
  })
})
