import { expect } from 'chai'
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import copy from '../../modules/copy.js'
import tempfile from '../../modules/tempfile.js'
import { call, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }

for (const program of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`tempfile, on ${program.join(' ')}`, () => {
    it('makes a file that only its owner may read, each time another one', async () => {
      const host = testHost(program)
      const given = { path: host.folder, prefix: `-it's $(a)\n名 `, suffix: '.x' }
      const first = await call(host, tempfile, given)
      const second = await call(host, tempfile, given)
      expect(first, first.message).to.include({ status: 'changed' })
      expect(first.values).to.include({ state: 'file', mode: '0600', size: 0, owner: 'root', uid: 0 })
      expect(first.values['path']).to.match(/^\/.*\/-it's \$\(a\)\n名 [a-z0-9_]{8}\.x$/)
      expect(first.values['path']).to.not.equal(second.values['path'])
      expect(readdirSync(host.folder)).to.have.length(2)
      expect(host.connection.counts.roundTrips).to.equal(4)
    })

    it('makes a folder where the host has its temporary files', async () => {
      const host = testHost(program)
      const made = await call(
        host,
        tempfile,
        { state: 'directory' },
        { environment: { TMPDIR: host.folder } },
      )
      const path = String(made.values['path'])
      expect(path).to.match(new RegExp(`^${host.folder}/ansible\\.[a-z0-9_]{8}$`))
      expect(statSync(path).mode & 0o7777).to.equal(0o700)
      const usual = await call(
        host,
        tempfile,
        {},
        { ...DRY, environment: { TMPDIR: '/none', TEMP: '', TMP: '' } },
      )
      expect(usual.values['path']).to.match(/^\/tmp\/ansible\./)
      chmodSync(host.folder, 0o2775)
      const inherited = await call(host, tempfile, { state: 'directory', path: host.folder })
      expect(inherited.values, inherited.message).to.include({ mode: '2700' })
    })

    it('is foreseen with a name that later tasks of a dry run build on', async () => {
      const host = testHost(program)
      mkdirSync(`${host.folder}/d`)
      const dry = await call(host, tempfile, { state: 'directory', path: `${host.folder}/d` }, DRY)
      expect(dry).to.include({ status: 'changed', unproven: 'the run will make up another name' })
      const path = String(dry.values['path'])
      expect(existsSync(path)).to.equal(false)
      const inside = await call(host, copy, { content: 'x', dest: `${path}/f` }, DRY)
      expect(inside, inside.message).to.include({ status: 'changed' })
      const real = await call(testHost(program), tempfile, { state: 'directory' })
      expect(Object.keys(dry.values)).to.deep.equal(Object.keys(real.values))
    })

    it('fails where the folder is missing, in a dry run too', async () => {
      for (const options of [{}, DRY]) {
        const done = await call(testHost(program), tempfile, { path: '/none' }, options)
        expect(done).to.include({ status: 'failed' })
        expect(done.message).to.match(/^\[Errno 2\] No such file or directory: '\/none\/.*'; make \/none/)
      }
    })
  })
}
