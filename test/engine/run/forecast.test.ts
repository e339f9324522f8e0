import { expect } from 'chai'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import type { OwnAsk, View } from '../../../engine/module/contract.js'
import { refuseChange } from '../../../engine/module/accounts.js'
import { refuseDocker } from '../../../engine/module/docker/engine.js'
import { bringsProgram, emptyForecast } from '../../../engine/run/forecast.js'
import copy from '../../../modules/copy.js'
import cron from '../../../modules/cron.js'
import getent from '../../../modules/getent.js'
import sysctl from '../../../modules/sysctl.js'
import { call, testHost, withDefaults } from '../../support/envelope.js'
import { pureView } from '../../support/pure-view.js'

const DRY = { checkMode: true }

/** A host on which nothing is in the path but what scripts need to read. */
function bareHost() {
  const host = testHost()
  for (const folder of ['empty', 'bin']) mkdirSync(`${host.folder}/${folder}`)
  for (const tool of ['cat', 'id']) {
    const folder = ['/usr/bin', '/bin'].find((one) => existsSync(`${one}/${tool}`))!
    symlinkSync(`${folder}/${tool}`, `${host.folder}/empty/${tool}`)
  }
  const environment = { PATH: `${host.folder}/empty` }
  return { host, dry: { ...DRY, environment } }
}

describe('programs that earlier tasks of a dry run would have brought', () => {
  it('are there for a crontab, which is empty then', async () => {
    const { host, dry } = bareHost()
    const job = { name: 'n', job: 'x' }
    const copied = { content: '#!/bin/sh\n', dest: `${host.folder}/bin/crontab` }
    expect(await call(host, cron, job, dry)).to.include({ status: 'failed' })
    await call(host, copy, { ...copied, mode: '0644' }, DRY)
    expect(await call(host, cron, job, dry)).to.include({ status: 'failed' })
    await call(host, copy, { ...copied, mode: '0755' }, DRY)
    const none = await call(host, cron, { name: 'm', state: 'absent' }, dry)
    expect(none, none.message).to.include({ status: 'ok' })
    const made = await call(host, cron, job, dry)
    expect(made, made.message).to.include({ status: 'changed' })
    expect(made.values['jobs']).to.deep.equal(['n'])
    expect(await call(host, cron, job, dry)).to.include({ status: 'ok' })
    writeFileSync(copied.dest, '')
    const real = await call(testHost(), cron, job, { environment: dry.environment })
    expect(real.message).to.match(/^the host has no crontab; install cron/)
  })

  it('may be in packages: then only the run can tell', async () => {
    for (const [state, status] of [
      [{ foo: '1' }, 'undecided'],
      [{ foo: 'absent', 'manual foo': false }, 'failed'],
      [{}, 'failed'],
    ] as const) {
      const { host, dry } = bareHost()
      host.forecast.states.set('packages:host', state)
      const asked = await call(host, getent, { database: 'services' }, dry)
      expect(asked, JSON.stringify(state)).to.include({ status, changed: false })
      const told = await call(host, cron, { name: 'n', job: 'x' }, dry)
      expect(told, JSON.stringify(state)).to.include({ status, changed: status === 'undecided' })
    }
  })

  it('are files and links in folders of programs that may be run', () => {
    const forecast = emptyForecast()
    const brings = (path: string, state: object): boolean => {
      forecast.states.clear()
      forecast.states.set(`path:${path}`, { ...state })
      return bringsProgram(forecast, 'git')
    }
    expect(brings('/usr/bin/git', { type: 'file', mode: 0o755 })).to.equal(true)
    expect(brings('/usr/local/sbin/git', { type: 'link', target: '/opt/git' })).to.equal(true)
    expect(brings('/usr/bin/git', { mode: 0o755 })).to.equal(true)
    expect(brings('/usr/bin/git', { mode: 0o644 })).to.equal(false)
    expect(brings('/usr/bin/git', { type: 'absent' })).to.equal(false)
    expect(brings('/usr/bin/git-lfs', { type: 'file', mode: 0o755 })).to.equal(false)
    expect(brings('/usr/share/completions/git', { type: 'file', mode: 0o755 })).to.equal(false)
  })

  it('are there for settings of the kernel, which tells them by itself, and for accounts', () => {
    const given = withDefaults(sysctl as never, { name: 'a.b', value: '1', sysctl_file: '/f' }) as never
    const ask = sysctl.probe!(given, undefined).find(({ kind }) => kind === 'own') as OwnAsk
    const view = (brought: string): View => ({
      ...pureView({ '/f': { type: 'absent' }, '/': { type: 'directory' } }),
      own: () => ask.read({ stdout: '0\n', stderr: '', code: 96 }),
      brought: (program) => program === brought,
    })
    expect(() => sysctl.wanted!(given, view(''), undefined)).to.throw('the host has no sysctl')
    const wish = sysctl.wanted!(given, view('sysctl'), undefined)
    expect([...wish.keys()]).to.deep.equal(['path:/f', 'sysctl:a.b'])
    const without = (brought: string): View => ({ ...view(brought), own: () => ({ tools: [] }) })
    expect(() => refuseChange('useradd', without(''))).to.throw('the host has no useradd')
    expect(() => refuseChange('useradd', without('useradd'))).not.to.throw()
  })

  it('are named by what misses them', () => {
    const because = (stderr: string): unknown => {
      try {
        refuseDocker({ stdout: '', stderr, code: 1 })
        return undefined
      } catch (error) {
        return (error as { because?: unknown }).because
      }
    }
    expect(because('sh: docker: not found')).to.deep.equal(['program:docker'])
    expect(because('fplay: no compose')).to.deep.equal(['program:docker-compose'])
    expect(because('Cannot connect to the Docker daemon')).to.deep.equal(['http:docker'])
  })
})
