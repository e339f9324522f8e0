import { expect } from 'chai'
import { Fail, type OwnState } from '../../engine/module/contract.js'
import { serviceConverge, serviceWish } from '../../engine/module/service/change.js'
import { readService, serviceAsks, type ServiceParams } from '../../engine/module/service/look.js'
import { pureView } from '../support/pure-view.js'

/** What systemd 252 prints for a running service, shortened to what is looked at and what is odd. */
const RUNNING = `systemd
Type=notify
Restart=always
RemainAfterExit=no
ExecMainStartTimestampMonotonic=9144386
ExecStart={ path=/usr/sbin/dockerd ; argv[]=/usr/sbin/dockerd -H fd:// ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }
Environment=A=1 B=2
InvocationID=27a2c0e0c5e54d0ca0ac53b8a0c0ff6d
Id=docker.service
Description=Docker = Engine
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
NeedDaemonReload=no

enabled
`
const with_ = (text: string, changes: Readonly<Record<string, string>>): string =>
  Object.entries(changes).reduce(
    (out, [name, value]) => out.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`),
    text,
  )
const STOPPED = with_(RUNNING, {
  ActiveState: 'inactive',
  SubState: 'dead',
  ExecMainStartTimestampMonotonic: '0',
}).replace(/enabled\n$/, 'disabled\n')
const MISSING = `systemd\nId=x.service\nLoadState=not-found\nLoadError=org.freedesktop.systemd1.NoSuchUnit "Unit x.service not found."\nActiveState=inactive\n\n`
const SYSV = 'sysv\nfound\nrunning\n'

/** What would differ, and the script for it; a wish like what is there is left out. */
function plan(stdout: string, params: ServiceParams, managers: 'systemd' | 'any' = 'any', unitFile = false) {
  const found: OwnState = { ...readService({ stdout, stderr: '', code: 0 }) }
  const file = { type: unitFile ? 'file' : 'absent' } as const
  const paths = serviceAsks(params).flatMap((ask) => (ask.kind === 'path' ? [[ask.path, file] as const] : []))
  const view = { ...pureView(Object.fromEntries(paths)), own: () => found }
  const [[key, wished]] = [...serviceWish(params, view, managers)] as [['service:x', OwnState]]
  const names = Object.keys(wished).filter((name) => wished[name] !== found[name])
  const script =
    names.length === 0
      ? ''
      : serviceConverge(params, view, new Map([[key, { before: found, wished, names }]])).script.text
  return script
}

describe('services', () => {
  it('are read from what systemctl prints', () => {
    const state = readService({ stdout: RUNNING, stderr: '', code: 0 })
    expect(state).to.include({
      manager: 'systemd',
      found: true,
      active: 'running',
      enabled: true,
      masked: false,
      stale: false,
      once: false,
    })
    expect(state.status).to.include({
      Description: 'Docker = Engine',
      Environment: 'A=1 B=2',
      UnitFileState: 'enabled',
    })
    expect(readService({ stdout: MISSING, stderr: '', code: 0 })).to.include({
      found: false,
      active: 'stopped',
    })
    expect(readService({ stdout: STOPPED, stderr: '', code: 0 })).to.include({
      found: true,
      active: 'stopped',
      enabled: false,
    })
    for (const [word, enabled] of [
      ['static', true],
      ['enabled-runtime', true],
      ['indirect', false],
      ['alias', false],
      ['masked', false],
    ] as const) {
      const stdout = RUNNING.replace(/enabled\n$/, `${word}\n`)
      expect(readService({ stdout, stderr: '', code: 0 }).enabled, word).to.equal(enabled)
    }
    expect(readService({ stdout: SYSV, stderr: '', code: 0 })).to.include({
      manager: 'sysv',
      active: 'running',
      enabled: false,
    })
  })

  it('are started, stopped, enabled and disabled only where that makes a difference', () => {
    const name = 'docker'
    expect(plan(RUNNING, { name, state: 'started', enabled: true })).to.equal('')
    expect(plan(STOPPED, { name, state: 'started', enabled: true })).to.equal(
      'systemctl enable -- docker\nsystemctl start -- docker',
    )
    expect(plan(RUNNING, { name, state: 'stopped', enabled: false })).to.equal(
      'systemctl disable -- docker\nsystemctl stop -- docker',
    )
    expect(plan(STOPPED, { name, state: 'stopped', enabled: false })).to.equal('')
    const leaving = with_(RUNNING, { ActiveState: 'deactivating' })
    expect(plan(leaving, { name, state: 'started' })).to.equal('systemctl start -- docker')
    expect(plan(leaving, { name, state: 'stopped' })).to.equal('systemctl stop -- docker')
    expect(plan(with_(STOPPED, { ActiveState: 'failed' }), { name, state: 'started' })).to.equal(
      'systemctl start -- docker',
    )
  })

  it('are restarted and reloaded each time, and started where they do not run', () => {
    expect(plan(RUNNING, { name: 'd', state: 'restarted' })).to.equal('systemctl restart -- d')
    expect(plan(RUNNING, { name: 'd', state: 'reloaded' })).to.equal('systemctl reload -- d')
    expect(plan(STOPPED, { name: 'd', state: 'restarted' })).to.equal('systemctl start -- d')
    expect(plan(STOPPED, { name: 'd', state: 'reloaded' })).to.equal('systemctl start -- d')
    const once = with_(STOPPED, { Type: 'oneshot' })
    expect(plan(once, { name: 'd', state: 'started' }), 'what ends by itself').to.equal(
      'systemctl start -- d',
    )
  })

  it('are masked, and unit files read again, before anything else', () => {
    const stale = with_(STOPPED, { NeedDaemonReload: 'yes' })
    expect(
      plan(stale, { name: 'd', daemon_reload: true, state: 'started', masked: false }, 'systemd'),
    ).to.equal('systemctl daemon-reload\nsystemctl start -- d')
    expect(plan(RUNNING, { name: 'd', daemon_reload: true })).to.equal('')
    expect(plan(RUNNING, { name: 'd', masked: true })).to.equal('systemctl mask -- d')
    expect(plan('systemd\nNeedDaemonReload=no\nNeedDaemonReload=yes\n', { daemon_reload: true })).to.equal(
      'systemctl daemon-reload',
    )
    expect(plan(STOPPED, { name: "a 'b'", state: 'started', no_block: true })).to.equal(
      "systemctl --no-block start -- 'a '\\''b'\\'''",
    )
    expect(plan(STOPPED, { name: 'd', state: 'started', scope: 'user' })).to.match(
      /^XDG_RUNTIME_DIR=.*\nsystemctl --user start -- d$/,
    )
  })

  it('of init scripts are managed by service and update-rc.d', () => {
    expect(plan(SYSV, { name: 'd', state: 'started' })).to.equal('')
    expect(plan(SYSV, { name: 'd', state: 'restarted' })).to.equal('service d restart')
    expect(plan('sysv\nfound\n', { name: 'd', state: 'started', enabled: true })).to.match(
      /update-rc.d d defaults[^]*\nservice d start$/,
    )
  })

  it('of init scripts take words, a pause, and a look at the process list', () => {
    const name = 'd'
    expect(plan('sysv\nfound\n', { name, state: 'started', arguments: "a 'b c'" })).to.equal(
      "service d start a 'b c'",
    )
    expect(plan(SYSV, { name, state: 'restarted', sleep: 3 })).to.equal(
      'service d stop; sleep 3; service d start',
    )
    const [ask] = serviceAsks({ name, pattern: "my 'daemon" })
    expect(ask?.kind === 'own' && ask.script.text).to.contain(`case $P in *'my '\\''daemon'*) echo running`)
  })

  it('of OpenRC are managed by rc-service and rc-update', () => {
    const openrc = 'openrc\nfound\n'
    expect(plan(openrc, { name: 'd', state: 'started', enabled: true })).to.equal(
      'rc-update add d default\nrc-service d start',
    )
    expect(
      plan(`${openrc}running\nenabled\n`, { name: 'd', state: 'stopped', enabled: false, runlevel: 'boot' }),
    ).to.equal('rc-update del d boot\nrc-service d stop')
    expect(plan(`${openrc}running\nenabled\n`, { name: 'd', state: 'started', enabled: true })).to.equal('')
    expect(plan(`${openrc}running\n`, { name: 'd', state: 'reloaded' })).to.equal('rc-service d reload')
  })

  it('of systemd are enabled for all users, and over links in the way', () => {
    expect(plan(STOPPED, { name: 'd', enabled: true, force: true })).to.equal('systemctl enable --force -- d')
    expect(plan(STOPPED, { name: 'd', enabled: true, scope: 'global' })).to.equal(
      'systemctl --global enable -- d',
    )
  })

  it('are foreseen where an earlier task of the dry run would have written the unit file', () => {
    expect(plan(MISSING, { name: 'x', state: 'started' }, 'any', true)).to.equal('systemctl start -- x')
  })

  it('fail where there is no such service, no manager, or no unit file that can be loaded', () => {
    expect(() => plan(MISSING, { name: 'x', state: 'started' })).to.throw(
      Fail,
      'Could not find the requested service x: ',
    )
    expect(() => plan('none\n', { name: 'x', state: 'started' })).to.throw(
      Fail,
      'neither systemd, OpenRC nor init scripts',
    )
    expect(() => plan(SYSV, { name: 'x', state: 'started' }, 'systemd')).to.throw(
      Fail,
      'the host has no systemd',
    )
    expect(() => plan(RUNNING, { name: 'x*', state: 'started' })).to.throw(Fail, 'is a pattern')
    const broken = with_(RUNNING, { LoadState: 'error' }).replace(
      'LoadState',
      'LoadError=Invalid argument\nLoadState',
    )
    expect(() => plan(broken, { name: 'x', state: 'started' })).to.throw(
      Fail,
      'cannot be loaded: Invalid argument',
    )
    expect(() => readService({ stdout: 'systemd\n', stderr: 'Failed to connect to bus', code: 3 })).to.throw(
      Fail,
      'systemctl says: Failed to connect',
    )
  })
})
