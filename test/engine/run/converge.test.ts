import { expect } from 'chai'
import { existsSync, mkdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import file from '../../../modules/file.js'
import { emptyForecast } from '../../../engine/run/forecast.js'
import { call, testHost } from '../../support/envelope.js'

for (const shell of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`the envelope, on ${shell.join(' ')}`, () => {
    it('makes a directory, with one round trip to see that nothing is to do', async () => {
      const host = testHost(shell)
      const params = { path: `${host.folder}/a/b`, state: 'directory', mode: '0750' }
      const first = await call(host, file, params)
      expect(first).to.include({ status: 'changed', changed: true })
      expect(statSync(params.path).mode & 0o7777).to.equal(0o750)
      expect(host.connection.counts.roundTrips).to.equal(2)
      const second = await call(host, file, params)
      expect(second).to.include({ status: 'ok', changed: false })
      expect(second.values).to.include({ state: 'directory', mode: '0750', path: params.path })
      expect(host.connection.counts.roundTrips).to.equal(3)
    })

    it('foresees in a dry run what a later task builds on, and leaves the host alone', async () => {
      const host = testHost(shell)
      const dry = { checkMode: true }
      const folder = `${host.folder}/x`
      expect(await call(host, file, { path: folder, state: 'directory' }, dry)).to.include({
        status: 'changed',
      })
      expect(await call(host, file, { path: folder, state: 'directory' }, dry)).to.include({ status: 'ok' })
      const touched = await call(host, file, { path: `${folder}/f`, state: 'touch' }, dry)
      expect(touched).to.include({ status: 'changed' })
      expect(await call(host, file, { path: `${folder}/f`, mode: '0600' }, dry)).to.include({
        status: 'changed',
      })
      expect(await call(host, file, { path: `${folder}/f`, mode: '0600' }, dry)).to.include({ status: 'ok' })
      expect(await call(host, file, { path: folder, state: 'absent' }, dry)).to.include({ status: 'changed' })
      expect(await call(host, file, { path: `${folder}/f`, mode: '0600' }, dry)).to.include({
        status: 'failed',
      })
      expect(existsSync(folder)).to.be.false
    })

    it('cuts off what the host has below a removed directory that is made again', async () => {
      const host = testHost(shell)
      const dry = { checkMode: true }
      const folder = `${host.folder}/d`
      mkdirSync(folder)
      writeFileSync(`${folder}/old`, 'x')
      await call(host, file, { path: folder, state: 'absent' }, dry)
      await call(host, file, { path: folder, state: 'directory' }, dry)
      expect(await call(host, file, { path: `${folder}/old`, state: 'absent' }, dry)).to.include({
        status: 'ok',
      })
    })

    it('follows a link that an earlier task of the dry run would have made', async () => {
      const host = testHost(shell)
      const dry = { checkMode: true }
      mkdirSync(`${host.folder}/real`)
      writeFileSync(`${host.folder}/real/f`, 'x', { mode: 0o644 })
      const link = { path: `${host.folder}/link`, state: 'link', src: 'real' }
      expect(await call(host, file, link, dry)).to.include({ status: 'changed' })
      const chmod = { path: `${host.folder}/link/f`, mode: '0600' }
      expect(await call(host, file, chmod, dry)).to.include({ status: 'changed' })
      expect(await call(host, file, { ...chmod, path: `${host.folder}/real/f` }, dry)).to.include({
        status: 'ok',
      })
      await call({ ...host, forecast: emptyForecast() }, file, link)
      expect(readlinkSync(link.path)).to.equal('real')
    })

    it('shows a difference and names what is wrong', async () => {
      const host = testHost(shell)
      const made = await call(host, file, { path: `${host.folder}/d`, state: 'directory', mode: '0700' })
      expect(made.diffs).to.deep.include({
        name: `${host.folder}/d`,
        before: 'type: absent\n',
        after: 'type: directory\nmode: 0700\nowner: root\ngroup: root\n'.replaceAll(
          'root',
          process.env['USER'] ?? 'root',
        ),
      })
      const missing = await call(host, file, { path: `${host.folder}/none`, owner: 'nobody-here' })
      expect(missing.status).to.equal('failed')
    })

    it('sets the attributes of a directory that is there, whatever is above it', async () => {
      const host = testHost(shell)
      mkdirSync(`${host.folder}/d/e`, { recursive: true })
      const params = { path: `${host.folder}/d/e`, mode: '0700' }
      expect(await call(host, file, params)).to.include({ status: 'changed' })
      expect(await call(host, file, params)).to.include({ status: 'ok' })
    })

    it('sets the attributes of a whole tree, names with newlines included', async () => {
      const host = testHost(shell)
      mkdirSync(`${host.folder}/t/sub`, { recursive: true })
      writeFileSync(`${host.folder}/t/sub/a\nb`, 'x', { mode: 0o644 })
      const params = { path: `${host.folder}/t`, recurse: true, mode: 'u=rwX,go=' }
      expect(await call(host, file, params)).to.include({ status: 'changed' })
      expect(statSync(`${host.folder}/t/sub/a\nb`).mode & 0o777).to.equal(0o600)
      expect(statSync(`${host.folder}/t/sub`).mode & 0o777).to.equal(0o700)
      expect(await call(host, file, params)).to.include({ status: 'ok' })
    })
  })
}
