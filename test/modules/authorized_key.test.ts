import { expect } from 'chai'
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import authorized_key from '../../modules/authorized_key.js'
import { call, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIa'
const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIb'

for (const program of [['dash'], ['busybox', 'sh']]) {
  describe(`authorized_key, on ${program.join(' ')}`, () => {
    it('makes the folder and the file for the account alone, once, as foreseen', async () => {
      const host = testHost(program)
      const path = `${host.folder}/-it's $(a)\n名/keys`
      const given = {
        user: 'root',
        key: `${KEY} it's $(id) "x" 名`,
        path,
        key_options: 'command="a \'b\' $(c)",no-pty',
      }
      const dry = await call(host, authorized_key, given, DRY)
      expect(dry, dry.message).to.include({ status: 'changed' })
      expect(existsSync(path)).to.equal(false)
      expect(await call(host, authorized_key, given, DRY)).to.include({ status: 'ok' })
      host.forecast.states.clear()
      const made = await call(host, authorized_key, given)
      expect(made, made.message).to.include({ status: 'changed' })
      expect(made.values).to.deep.equal(dry.values)
      expect(made.values).to.include({ keyfile: path, comment: null, manage_dir: true })
      expect(readFileSync(path, 'utf8')).to.equal(`command="a 'b' $(c)",no-pty ${KEY} it's $(id) "x" 名\n`)
      expect(statSync(path).mode & 0o777).to.equal(0o600)
      expect(statSync(dirname(path)).mode & 0o777).to.equal(0o700)
      const trips = host.connection.counts.roundTrips
      expect(await call(host, authorized_key, given)).to.include({ status: 'ok' })
      expect(host.connection.counts.roundTrips - trips).to.equal(1)
    })

    it('leaves quotes and blanks of options as they are, its own and those of others', async () => {
      const host = testHost(program)
      const path = `${host.folder}/keys`
      const options = 'command="a  \\"it\'s, b\\" ssh-rsa x",environment="A=,"'
      const other = `${options},no-pty ssh-rsa AAAAX c  d\n`
      writeFileSync(path, other)
      const given = {
        user: 'root',
        path,
        manage_dir: false,
        key: KEY,
        key_options: options,
        comment: 'e  "f',
      }
      for (const status of ['changed', 'ok']) {
        const done = await call(host, authorized_key, given)
        expect(done, done.message).to.include({ status })
        expect(readFileSync(path, 'utf8')).to.equal(
          `${other.replace('c  d', 'c d')}${options} ${KEY} e  "f\n`,
        )
      }
    })

    it('adds, removes, and keeps only what is named, among many', async () => {
      const host = testHost(program)
      const path = `${host.folder}/keys`
      const many = Array.from(
        { length: 9000 },
        (_, i) => `${KEY}${i} user ${i} of a long list of people\n`,
      ).join('')
      writeFileSync(path, many, { mode: 0o644 })
      const given = { user: 'root', path, manage_dir: false }
      const folder = statSync(host.folder).mode
      expect(await call(host, authorized_key, { ...given, key: `${OTHER} x\n\n# y\n${KEY}7` })).to.include({
        status: 'changed',
      })
      expect(readFileSync(path, 'utf8')).to.equal(
        `${many.replace(`${KEY}7 user 7 of a long list of people\n`, '')}${OTHER} x\n${KEY}7 \n`,
      )
      expect(statSync(path).mode & 0o777).to.equal(0o600)
      expect(statSync(host.folder).mode).to.equal(folder)
      const gone = await call(host, authorized_key, { ...given, key: OTHER, state: 'absent' }, { diff: true })
      expect(gone).to.include({ status: 'changed' })
      expect(readFileSync(path, 'utf8')).to.not.include(OTHER)
      await call(host, authorized_key, { ...given, key: OTHER, exclusive: true })
      expect(readFileSync(path, 'utf8')).to.equal(`${OTHER} \n`)
    })

    it('reads through a link, and replaces it unless it is to follow', async () => {
      const host = testHost(program)
      mkdirSync(`${host.folder}/d`)
      writeFileSync(`${host.folder}/goal`, `${KEY} x\n`)
      symlinkSync('../goal', `${host.folder}/d/keys`)
      const given = { user: 'root', path: `${host.folder}/d/keys` }
      expect(await call(host, authorized_key, { ...given, key: `${KEY} x` })).to.include({ status: 'ok' })
      const followed = await call(host, authorized_key, { ...given, key: `${OTHER} x`, follow: true })
      expect(followed, followed.message).to.include({ status: 'changed' })
      expect(readFileSync(`${host.folder}/goal`, 'utf8')).to.equal(`${KEY} x\n${OTHER} x\n`)
      await call(host, authorized_key, { ...given, key: KEY, state: 'absent' })
      expect(lstatSync(`${host.folder}/d/keys`).isFile()).to.equal(true)
      expect(readFileSync(`${host.folder}/d/keys`, 'utf8')).to.equal(`${OTHER} x\n`)
    })

    it('refuses what is no key, no account, no folder, in a dry run too', async () => {
      for (const options of [{}, DRY]) {
        const host = testHost(program)
        const said = async (params: object) =>
          (
            await call(
              host,
              authorized_key,
              { user: 'root', key: KEY, path: `${host.folder}/k`, ...params },
              options,
            )
          ).message
        expect(await said({ key: `${KEY}\nssh-rsa` })).to.match(/^invalid key specified: ssh-rsa/)
        expect(await said({ user: 'nobody-here' })).to.match(/^Failed to lookup user nobody-here/)
        expect(await said({ path: `${host.folder}/a/b/keys` })).to.match(
          /^Failed to create directory .*a\/b: .*a does/,
        )
        expect(await said({ path: host.folder })).to.match(/is a directory/)
        expect(await said({ key: 'http://127.0.0.1:1/keys' })).to.equal(
          'Error getting key from: http://127.0.0.1:1/keys',
        )
      }
    })
  })
}

describe('authorized_key of a URL', () => {
  let server: Server
  before(
    (done) =>
      void (server = createServer((_, response) => response.end(`${KEY} a\n${OTHER} b\n`)).listen(0, done)),
  )
  after(() => server.close())

  it('lets the host read the keys, in a dry run too', async () => {
    const host = testHost()
    const path = `${host.folder}/keys`
    const key = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.keys`
    for (const options of [DRY, {}]) {
      const done = await call(host, authorized_key, { user: 'root', key, path }, options)
      expect(done, done.message).to.include({ status: 'changed' })
      expect(done.values).to.include({ key })
      host.forecast.states.clear()
    }
    expect(readFileSync(path, 'utf8')).to.equal(`${KEY} a\n${OTHER} b\n`)
  })
})
