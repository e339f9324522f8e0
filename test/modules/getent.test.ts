import { expect } from 'chai'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { emptyForecast } from '../../engine/run/forecast.js'
import getent from '../../modules/getent.js'
import user from '../../modules/user.js'
import { call, testHost } from '../support/envelope.js'

const DRY = { checkMode: true }

for (const program of [['dash'], ['busybox', 'sh']]) {
  describe(`getent, on ${program.join(' ')}`, () => {
    const look = async (params: object, options: object = {}) =>
      (await call(testHost(program), getent, params as Record<string, unknown>, options)).values[
        'ansible_facts'
      ]

    it('gives the fields of a key, or of all, as a fact', async () => {
      const host = testHost(program)
      const done = await call(host, getent, { database: 'passwd', key: 'root' })
      expect(done).to.include({ status: 'ok', changed: false })
      expect(done.values['ansible_facts']).to.deep.equal({
        getent_passwd: { root: ['x', '0', '0', 'root', '/root', '/bin/bash'] },
      })
      expect(done.facts!.get('getent_passwd')).to.be.instanceOf(Map)
      expect(host.connection.counts.roundTrips).to.equal(1)
      expect(await look({ database: 'passwd', key: '0' })).to.have.nested.property('getent_passwd.root')
      expect(await look({ database: 'group' })).to.have.nested.property('getent_group.root')
      expect(await look({ database: 'services', key: 'ssh' })).to.deep.equal({
        getent_services: { ssh: ['22/tcp'] },
      })
      const split = await look({ database: 'passwd', key: 'root', split: '0' })
      expect(split).to.deep.equal({ getent_passwd: { 'root:x:': [':', ':root:/root:/bin/bash'] } })
    })

    it('gives a list where a name is there more than once', async () => {
      const host = testHost(program)
      mkdirSync(`${host.folder}/bin`)
      writeFileSync(`${host.folder}/bin/getent`, '#!/bin/sh\necho "a b  c"; echo "d"; echo "a e"\n')
      chmodSync(`${host.folder}/bin/getent`, 0o755)
      const environment = { PATH: `${host.folder}/bin:${process.env['PATH']}` }
      expect(await look({ database: 'x' }, { environment })).to.deep.equal({
        getent_x: { a: [['b', 'c'], ['e']], d: [] },
      })
    })

    it('fails, or gives none, for what is not there', async () => {
      const host = testHost(program)
      const said = async (params: object, options: object = {}) =>
        (await call(host, getent, params as Record<string, unknown>, options)).message
      expect(await said({ database: 'passwd', key: "-e 'x' $(id)" })).to.match(/^One or more supplied key/)
      expect(await said({ database: 'nonesuch' })).to.match(/^Missing arguments, or database unknown/)
      const bare = { environment: { PATH: `${host.folder}/bin` } }
      mkdirSync(`${host.folder}/bin`)
      symlinkSync('/usr/bin/cat', `${host.folder}/bin/cat`)
      expect(await said({ database: 'services' }, bare)).to.match(/^the host has no getent; install it/)
      expect(await said({ database: 'passwd', key: 'nobody-here' }, bare)).to.match(
        /^One or more supplied key/,
      )
      const found = await call(host, getent, { database: 'passwd', key: '0' }, bare)
      expect(found.values).to.have.nested.property('ansible_facts.getent_passwd.root')
      const none = await call(host, getent, { database: 'group', key: 'nobody-here', fail_key: false })
      expect(none.values['ansible_facts']).to.deep.equal({ getent_group: { 'nobody-here': null } })
      expect(none).to.include({ status: 'ok' })
    })

    it('sees in a dry run the accounts that earlier tasks would have made or removed', async () => {
      const host = testHost(program)
      await call(host, user, { name: 'fpgetent', shell: '/bin/x', comment: 'ü' }, DRY)
      const made = await call(host, getent, { database: 'passwd', key: 'fpgetent' }, DRY)
      expect(made, made.message).to.include({ status: 'ok' })
      const fact = made.values['ansible_facts'] as { getent_passwd: Record<string, unknown[]> }
      const [password, uid, , comment, home, shell] = fact.getent_passwd['fpgetent']!
      expect([password, comment, home, shell]).to.deep.equal(['x', 'ü', '/home/fpgetent', '/bin/x'])
      expect(uid).to.match(/^\d+$/)
      const forecast = emptyForecast()
      forecast.states.set('user:root', { exists: false })
      const gone = await call({ ...host, forecast }, getent, { database: 'passwd', key: 'root' }, DRY)
      expect(gone).to.include({ status: 'failed' })
    })
  })
}
