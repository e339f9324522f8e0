import { expect } from 'chai'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import known_hosts from '../../modules/known_hosts.js'
import { call, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEjcFvE5bkCqHzT7zXvT3vO0y9cJm2gkP4mTdXbXK0cV'

for (const program of [['dash'], ['busybox', 'sh']]) {
  describe(`known_hosts, on ${program.join(' ')}`, () => {
    it('adds a key once, as foreseen and shown, and removes all keys of a host', async () => {
      const host = testHost(program)
      const path = `${host.folder}/it's $(a)\n名`
      const given = { name: 'Party.Example', key: `party.example ${KEY}`, path }
      const dry = await call(host, known_hosts, given, DRY)
      expect(dry, dry.message).to.include({ status: 'changed' })
      expect(existsSync(path)).to.equal(false)
      expect(await call(host, known_hosts, given, DRY)).to.include({ status: 'ok' })
      host.forecast.states.clear()
      const made = await call(host, known_hosts, given)
      expect(made.diffs.at(-1)!.after).to.equal(`party.example ${KEY}\n`)
      expect(made.values).to.deep.equal({ ...given, hash_host: false, state: 'present' })
      expect(readFileSync(path, 'utf8')).to.equal(`party.example ${KEY}\n`)
      const trips = host.connection.counts.roundTrips
      expect(await call(host, known_hosts, given)).to.include({ status: 'ok' })
      expect(host.connection.counts.roundTrips - trips).to.equal(1)
      writeFileSync(
        path,
        `other ${KEY}\nparty.example ${KEY}\n*.example ssh-rsa AAAAB3NzaC1yc2EAAAA\n`.repeat(9000),
      )
      const gone = { name: 'party.example', path, state: 'absent' }
      expect(await call(host, known_hosts, gone)).to.include({ status: 'changed' })
      expect(readFileSync(path, 'utf8')).to.equal(`other ${KEY}\n`.repeat(9000))
      expect(await call(host, known_hosts, gone)).to.include({ status: 'ok' })
      expect(await call(host, known_hosts, { ...gone, path: `${host.folder}/none` })).to.include({
        status: 'ok',
      })
    })

    it('writes names as hashes, and finds them again', async () => {
      const host = testHost(program)
      const path = `${host.folder}/f`
      writeFileSync(path, 'no line end')
      const given = { name: '[10.0.0.2]:2222', key: `[10.0.0.2]:2222 ${KEY}`, path, hash_host: true }
      expect(await call(host, known_hosts, given)).to.include({ status: 'changed' })
      expect(readFileSync(path, 'utf8')).to.match(
        /^no line end\n\|1\|[^|]{28}\|[^|]{28} ssh-ed25519 AAAA\S+\n$/,
      )
      expect(await call(host, known_hosts, given)).to.include({ status: 'ok' })
      await call(host, known_hosts, { name: given.name, path, state: 'absent' })
      expect(readFileSync(path, 'utf8')).to.equal('no line end\n')
    })

    it('refuses a key of another host, no key, and a folder that is not there, in a dry run too', async () => {
      for (const options of [{}, DRY]) {
        const host = testHost(program)
        const said = async (params: object) =>
          (await call(host, known_hosts, { name: 'a', path: `${host.folder}/f`, ...params }, options)).message
        expect(await said({ key: `b ${KEY}` })).to.match(/^Host parameter does not match/)
        expect(await said({ key: `a ${KEY.slice(0, -9)}~` })).to.match(/^Host parameter does not match/)
        expect(await said({ key: KEY })).to.match(/^Host parameter does not match/)
        expect(await said({})).to.match(/^No key specified when adding a host/)
        expect(await said({ name: 'a,b', key: `a,b ${KEY}` })).to.match(/^Comma separated list/)
        const away = { key: `a ${KEY}`, path: `${host.folder}/none/f` }
        expect(await said(away)).to.match(/^the folder .*none does not exist/)
      }
    })
  })
}
