import { expect } from 'chai'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { arch, hostname, release, totalmem, userInfo } from 'node:os'
import setup from '../../modules/setup.js'
import { call, testHost } from '../support/envelope.js'

type Facts = Readonly<Record<string, unknown>>

for (const shell of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`setup, on ${shell.join(' ')}`, () => {
    it('gathers what Ansible names so, in one round trip, and changes nothing, in a dry run too', async () => {
      const host = testHost(shell)
      const done = await call(host, setup, {}, { environment: { FPLAY_ODD: "it's $(a) 名" } })
      expect(done, done.message).to.include({ status: 'ok', changed: false })
      expect(host.connection.counts.roundTrips).to.equal(1)
      const facts = done.values['ansible_facts'] as Facts
      expect(facts).to.include({
        ansible_nodename: hostname(),
        ansible_hostname: hostname().split('.')[0],
        ansible_kernel: release(),
        ansible_system: 'Linux',
        ansible_user_id: userInfo().username,
        ansible_user_uid: userInfo().uid,
        ansible_user_dir: userInfo().homedir,
        ansible_memtotal_mb: Math.floor(totalmem() / 1024 / 1024),
      })
      if (arch() === 'x64') expect(facts['ansible_architecture']).to.equal('x86_64')
      expect(facts['ansible_env']).to.include({ FPLAY_ODD: "it's $(a) 名" })
      expect(facts['ansible_processor_nproc']).to.be.a('number').and.be.above(0)
      expect(facts['ansible_distribution']).to.be.a('string').and.not.equal('NA')
      expect(facts['ansible_os_family']).to.be.a('string').and.not.equal('NA')
      const date = facts['ansible_date_time'] as Record<string, string>
      expect(Math.abs(Date.now() / 1000 - Number(date['epoch']))).to.be.below(60)
      expect(date['iso8601']).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect([...done.facts!.keys()]).to.have.members(Object.keys(facts))
      expect(await call(host, setup, {}, { checkMode: true })).to.include({ status: 'ok', changed: false })
    })

    it('gathers only what is asked for', async () => {
      const host = testHost(shell)
      const names = async (params: Record<string, unknown>): Promise<string[]> =>
        Object.keys((await call(host, setup, params)).values['ansible_facts'] as Facts)
      expect(await names({ filter: ['ansible_hostname', 'user_*'] })).to.satisfy((all: string[]) =>
        all.every((name) => /^ansible_(hostname|user_\w+)$/.test(name)),
      )
      expect(await names({ gather_subset: ['!all'] }))
        .to.include('ansible_hostname')
        .and.not.include('ansible_memtotal_mb')
      expect(await names({ gather_subset: ['network'] }))
        .to.include('ansible_interfaces')
        .and.not.include('ansible_memtotal_mb')
      // A name with ! takes away from min, and does not stand for all the others.
      expect(await names({ gather_subset: ['!hardware'] }))
        .to.include('ansible_hostname')
        .and.not.include.members(['ansible_interfaces', 'ansible_memtotal_mb'])
      expect(await names({ gather_subset: ['!env'] }))
        .to.include('ansible_hostname')
        .and.not.include('ansible_env')
      const user = await names({ gather_subset: ['!all', '!min', 'user', 'env'] })
      expect(user.filter((name) => !/^ansible_(user|real|effective)_/.test(name)).sort()).to.deep.equal([
        'ansible_env',
        'gather_subset',
        'module_setup',
      ])
      expect(await names({ gather_subset: ['!all', '!min', 'pkg_mgr'] }))
        .to.include.members(['ansible_pkg_mgr', 'ansible_os_family'])
        .and.not.include('ansible_hostname')
      const wrong = await call(host, setup, { gather_subset: ['hardwear'] })
      expect(wrong.message).to.match(/gather_subset has no "hardwear"/)
    })

    it('reads local facts: JSON, INI and programs', async () => {
      const host = testHost(shell)
      const folder = `${host.folder}/it's $(here)`
      mkdirSync(folder)
      writeFileSync(`${folder}/a.fact`, '{"party": 10000}\n')
      writeFileSync(`${folder}/b.fact`, '[main]\nName = x\n')
      writeFileSync(`${folder}/c.fact`, '#!/bin/sh\necho "{\\"from\\": \\"program\\"}"\n')
      writeFileSync(`${folder}/d.txt`, '{}')
      chmodSync(`${folder}/c.fact`, 0o755)
      const done = await call(host, setup, { gather_subset: ['!all'], fact_path: folder })
      expect((done.values['ansible_facts'] as Facts)['ansible_local']).to.deep.equal({
        a: { party: 10000 },
        b: { main: { name: 'x' } },
        c: { from: 'program' },
      })
    })
  })
}
