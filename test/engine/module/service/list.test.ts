import { expect } from 'chai'
import { foreseenServices, readServices } from '../../../../engine/module/service/list.js'

const list = (stdout: string) => Object.fromEntries(readServices(stdout))

describe('a list of services', () => {
  it('is read from what service says of init scripts', () => {
    expect(list('== sysv\n [ + ]  ssh\n [ - ]  cron\n [ ? ]  hwclock.sh\n')).to.deep.equal({
      ssh: { name: 'ssh', state: 'running', source: 'sysv' },
      cron: { name: 'cron', state: 'stopped', source: 'sysv' },
    })
    const line = (name: string, three: string) =>
      `${name}  \t0:off\t1:off\t2:on\t3:${three}\t4:on\t5:on\t6:off\n`
    expect(
      list(
        `== chkconfig\n\nNote: This output shows SysV services only\n${line('network', 'on')}${line('netconsole', 'off')}== running\nnetwork\n`,
      ),
    ).to.deep.equal({
      network: { name: 'network', state: 'running', status: 'enabled', source: 'sysv' },
      netconsole: { name: 'netconsole', state: 'stopped', status: 'disabled', source: 'sysv' },
    })
  })

  it('is read from what OpenRC says', () => {
    const stdout =
      '== openrc\n sshd                started 01:02:03 (0)\n crond              stopped \n== runlevels\n sshd | default boot\n crond |\n'
    expect(list(stdout)).to.deep.equal({
      sshd: { name: 'sshd', runlevels: ['default', 'boot'], state: 'started', source: 'openrc' },
      crond: { name: 'crond', runlevels: null, state: 'stopped', source: 'openrc' },
    })
  })

  it('is read from what systemd says of units and unit files', () => {
    const units = `== units
  cron.service           loaded    active   running Regular background program processing daemon
  apt-daily.service      loaded    inactive dead    Daily apt download activities
● broken.service         loaded    failed   failed  Broken
● nfs-server.service     not-found inactive dead    nfs-server.service
== files
cron.service       enabled enabled
apt-daily.service  static  -
broken.service     enabled enabled
rsync.service      disabled enabled
== active
Id=rsync.service
ActiveState=inactive

Id=cron.service
ActiveState=active
`
    expect(list(units)).to.deep.equal({
      'cron.service': { name: 'cron.service', state: 'running', status: 'enabled', source: 'systemd' },
      'apt-daily.service': {
        name: 'apt-daily.service',
        state: 'stopped',
        status: 'static',
        source: 'systemd',
      },
      'broken.service': { name: 'broken.service', state: 'stopped', status: 'failed', source: 'systemd' },
      'nfs-server.service': {
        name: 'nfs-server.service',
        state: 'stopped',
        status: 'not-found',
        source: 'systemd',
      },
      'rsync.service': { name: 'rsync.service', state: 'inactive', status: 'disabled', source: 'systemd' },
    })
  })

  it('has what earlier tasks of a dry run would have made of them', () => {
    const found = readServices('== sysv\n [ - ]  ssh\n')
    expect(
      Object.fromEntries(
        foreseenServices(found, { 'ssh state': 'running', 'fpd state': 'stopped', '(list)': found }),
      ),
    ).to.deep.equal({
      ssh: { name: 'ssh', state: 'running', source: 'sysv' },
      fpd: { name: 'fpd', state: 'stopped', source: 'sysv' },
    })
  })
})
