import { expect } from 'chai'
import apt from '../../modules/apt.js'
import type { Key, OwnState, View } from '../../engine/module/contract.js'
import { Fail } from '../../engine/module/contract.js'
import { PACKAGES } from '../../engine/module/packages/installed.js'
import { withDefaults } from '../support/envelope.js'
import { pureView } from '../support/pure-view.js'
import type { Module } from '../../engine/module/contract.js'

type Params = Readonly<Record<string, unknown>>
const module = apt as unknown as Module
const given = (params: Params) => withDefaults(module, params) as never

/** What a host answers, and with it a view. */
function view(stdout: string, laid: OwnState = {}, params: Params = { name: ['foo'] }, uid = 0): View {
  const [ask] = module.probe!(given(params), undefined)
  if (ask?.kind !== 'own') throw new Error('no question')
  const found = { ...ask.read({ stdout, stderr: '', code: 0 }), ...laid }
  const base = pureView({})
  return { ...base, session: { ...base.session, uid, user: uid === 0 ? 'root' : 'dev' }, own: () => found }
}
/** What is wished for, and the commands that make it. */
function plan(
  params: Params,
  stdout: string,
  laid: OwnState = {},
): { wish: Record<string, unknown>; script: string } {
  const before = view(stdout, laid, params)
  const wishes = module.wanted!(given(params), before, undefined)
  const wished = wishes.get(PACKAGES) as Record<string, unknown>
  const names = Object.keys(wished).filter(
    (name) => (before.own(PACKAGES)[name] ?? 'absent') !== wished[name],
  )
  const differing = new Map(
    [...wishes]
      .filter(([key]) => key !== PACKAGES || names.length)
      .map(([key]) => [key, { before: {}, wished, names }]),
  )
  const script =
    differing.size === 0 ? '' : module.converge!(given(params), before, differing, undefined).script.text
  return {
    wish: Object.fromEntries(names.map((name) => [name, wished[name]])),
    script: script
      .slice(script.lastIndexOf('\n}\n') + 1)
      .replace(/ +/g, ' ')
      .replace(/^\}\n?/, ''),
  }
}

const policy = (name: string, installed: string, candidate: string, ...versions: string[]): string =>
  [`${name}:`, `  Installed: ${installed}`, `  Candidate: ${candidate}`, '  Version table:', ...versions.map((version) => ` ${version === installed ? '***' : '   '} ${version} 500\n        500 http://deb.debian.org/debian bookworm/main amd64 Packages`)]
    .join('\n').replace(/^/gm, 'p ') // prettier-ignore
const here = (name: string, version: string, status = 'install ok installed'): string =>
  `dpkg\t${name}\tamd64\t${status}\t${version}\n`
const INDEX = 'index 1795642097 1795642100\n'
const OPTIONS = '-q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold'

describe('apt', () => {
  it('installs what is not there, in the version the index has', () => {
    expect(plan({ name: ['foo'] }, `${INDEX}${policy('foo', '(none)', '2.0', '2.0', '1.0')}`)).to.deep.equal({
      wish: { foo: '2.0' },
      script: `fplay_locked 60 apt-get ${OPTIONS} install foo=2.0`,
    })
    expect(plan({ name: ['foo'] }, `${INDEX}${here('foo', '1.0')}`).wish).to.deep.equal({})
    expect(
      plan(
        { name: ['foo'] },
        `${INDEX}${here('foo', '1.0', 'deinstall ok config-files')}${policy('foo', '(none)', '1.0', '1.0')}`,
      ).wish,
    ).to.deep.equal({ foo: '1.0' })
    expect(
      plan({ name: ['foo:i386'] }, `${INDEX}dpkg\tfoo\ti386\tinstall ok installed\t1\n`).wish,
    ).to.deep.equal({})
  })

  it('knows versions: exact, at least, by pattern, the latest', () => {
    const both = `${INDEX}${here('foo', '1.0')}${policy('foo', '1.0', '2.0', '2.0', '1.1', '1.0')}`
    const wish = (params: Params) => plan(params, both).wish
    expect(wish({ name: ['foo=1.0'] })).to.deep.equal({})
    expect(wish({ name: ['foo=1.1'] })).to.deep.equal({ foo: '1.1' })
    expect(wish({ name: ['foo=1.*'] }), 'as Ansible, the best that matches').to.deep.equal({ foo: '1.1' })
    expect(wish({ name: ['foo>=1.0'] })).to.deep.equal({})
    expect(wish({ name: ['foo>=1.5'] })).to.deep.equal({ foo: '2.0' })
    expect(wish({ name: ['foo'], state: 'latest' })).to.deep.equal({ foo: '2.0' })
    expect(wish({ name: ['foo>=1.0'], state: 'latest' })).to.deep.equal({ foo: '2.0' })
    expect(wish({ name: ['bar'], only_upgrade: true })).to.deep.equal({})
    expect(() => wish({ name: ['foo=3'] })).to.throw(Fail, 'no version of foo is =3')
    expect(() => wish({ name: ['foo>=3'] })).to.throw(Fail, 'no version of foo is >=3')
    expect(() => wish({ name: ['bar'] })).to.throw(Fail, "no package matching 'bar' is available")
  })

  it('changes no held package and goes back to no older version unless it is told to', () => {
    const held = `${INDEX}${here('foo', '1.0', 'hold ok installed')}${policy('foo', '1.0', '2.0', '2.0', '1.0')}`
    const newer = `${INDEX}${here('foo', '2.0')}${policy('foo', '2.0', '2.0', '2.0', '1.0')}`
    expect(() => plan({ name: ['foo'], state: 'latest' }, held)).to.throw(Fail, 'foo is held at 1.0')
    expect(plan({ name: ['foo'], state: 'latest', allow_change_held_packages: true }, held).script).to.match(
      /--allow-change-held-packages install foo=2.0$/,
    )
    expect(() => plan({ name: ['foo=1.0'] }, newer)).to.throw(Fail, 'foo 1.0 is older than 2.0')
    expect(plan({ name: ['foo=1.0'], allow_downgrade: true }, newer).script).to.match(
      /--allow-downgrades install foo=1.0$/,
    )
  })

  it('keeps what is named, also where it came for others', () => {
    expect(plan({ name: ['foo'] }, `${INDEX}${here('foo', '1.0')}auto foo\n`)).to.deep.equal({
      wish: { 'foo manual': true },
      script: 'apt-mark manual foo',
    })
  })

  it('takes a name that one package provides', () => {
    const provides = `${INDEX}p mta:\np   Installed: (none)\np   Candidate: (none)\nprovides mta a\n`
    expect(plan({ name: ['mta'] }, `${provides}${policy('a', '(none)', '1', '1')}`).wish).to.deep.equal({
      a: '1',
    })
    expect(plan({ name: ['mta'] }, `${provides}${here('a', '1')}`).wish).to.deep.equal({})
    expect(() => plan({ name: ['mta'] }, `${provides}provides mta b\n`)).to.throw(
      Fail,
      'mta is a virtual package',
    )
  })

  it('removes, with configuration where it is to be purged', () => {
    const there = `${INDEX}${here('foo', '1.0')}`
    const kept = `${INDEX}${here('foo', '1.0', 'deinstall ok config-files')}`
    expect(plan({ name: ['foo'], state: 'absent' }, there)).to.deep.equal({
      wish: { foo: 'absent' },
      script: `fplay_locked 60 apt-get ${OPTIONS} remove foo`,
    })
    expect(plan({ name: ['foo'], state: 'absent', purge: true, autoremove: true }, there).script).to.match(
      / --purge --auto-remove remove foo$/,
    )
    expect(plan({ name: ['foo'], state: 'absent' }, kept).wish).to.deep.equal({})
    expect(plan({ name: ['foo'], state: 'absent', purge: true }, kept)).to.deep.equal({
      wish: { 'foo configuration': 'absent' },
      script: 'dpkg --purge foo',
    })
    expect(plan({ name: ['foo=2.0'], state: 'absent' }, there).wish).to.deep.equal({})
    expect(
      plan({ name: ['fo*'], state: 'absent' }, `${INDEX}glob fo* foo\nglob fo* fox\n${here('foo', '1.0')}`)
        .wish,
    ).to.deep.equal({ foo: 'absent' })
  })

  it('upgrades, and removes what nobody needs, as the simulation has it', () => {
    const simulation = `${INDEX}${here('foo', '1.0')}${here('bar', '1')}simulate\nReading package lists...\nInst foo [1.0] (2.0 Debian:12/stable [amd64]) []\nInst new (1 Debian:12/stable [all])\nRemv bar [1]\nConf foo (2.0 Debian:12/stable [amd64])\n`
    expect(plan({ upgrade: 'dist' }, simulation)).to.deep.equal({
      wish: { foo: '2.0', new: '1', bar: 'absent' },
      script: `fplay_locked 60 apt-get ${OPTIONS} dist-upgrade`,
    })
    expect(plan({ name: ['*'], state: 'latest' }, simulation).script).to.match(/ upgrade --with-new-pkgs$/)
    expect(
      plan({ autoremove: true, purge: true }, `${INDEX}${here('bar', '1')}simulate\nPurg bar [1]\n`),
    ).to.deep.equal({
      wish: { bar: 'absent' },
      script: `fplay_locked 60 apt-get ${OPTIONS} --purge autoremove`,
    })
    expect(plan({ autoclean: true, clean: true }, `${INDEX}Del foo 1.0 [1 kB]\nkept\n`).script).to.equal(
      'apt-get clean\nfplay_locked 60 apt-get -q -y autoclean',
    )
  })

  it('updates the index where it is too old, which alone is a change', () => {
    const keys = (params: Params, stdout: string) => [
      ...module.wanted!(given(params), view(stdout, {}, params), undefined).keys(),
    ]
    expect(keys({ update_cache: true }, `${INDEX}due\n`)).to.include('run:index')
    expect(keys({ cache_valid_time: 3600 }, INDEX)).to.not.include('run:index')
    expect(keys({ update_cache: true, name: ['foo'] }, `${INDEX}due\n${here('foo', '1')}`)).to.not.include(
      'run:index',
    )
    const [ask] = module.probe!(given({ name: ['foo'], cache_valid_time: 60 }), undefined)
    expect(ask).to.have.property('refresh')
    expect((ask as { refresh: { text: string } }).refresh.text).to.contain('fplay_due 60')
  })

  it('installs a package file, and says why it does not', () => {
    const deb = { deb: '/srv/foo.deb' }
    expect(plan(deb, `${INDEX}deb 0 foo 2.0\n`)).to.deep.equal({
      wish: { foo: '2.0' },
      script: `fplay_locked 60 apt-get ${OPTIONS} install /srv/foo.deb`,
    })
    expect(plan(deb, `${INDEX}deb 0 foo 2.0\n${here('foo', '2.0')}`).wish).to.deep.equal({})
    expect(() => plan(deb, `${INDEX}deb 0 foo 1.0\n${here('foo', '2.0')}`)).to.throw(
      Fail,
      'a later version of foo is installed: 2.0',
    )
    expect(() => plan(deb, `${INDEX}nodeb 0\n`)).to.throw(Fail, '/srv/foo.deb is no package, or is not there')
    expect(() => plan({ ...deb, state: 'latest' }, INDEX)).to.throw(Fail, 'deb goes with state: present only')
  })

  it('fails where apt would: not root, no apt, dependencies that cannot be had, names of no package', () => {
    const index = `${INDEX}${policy('foo', '(none)', '1', '1')}`
    expect(() =>
      module.wanted!(given({ name: ['foo'] }), view(index, {}, { name: ['foo'] }, 1000), undefined),
    ).to.throw(Fail, 'packages are changed by root, and this is dev')
    expect(() => plan({ name: ['foo'] }, 'lacking\n')).to.throw(Fail, 'the host has no apt-get')
    const broken = `${index}\nsimulation failed\nsimulate\nThe following packages have unmet dependencies:\n foo : Depends: bar but it is not installable\nE: Unable to correct problems, you have held broken packages.\n`
    expect(() => plan({ name: ['foo'] }, broken)).to.throw(
      Fail,
      / foo : Depends: bar but it is not installable\nE: Unable/,
    )
    expect(plan({ name: ['foo'] }, broken, { bar: '1' }).wish, 'what it needs comes earlier').to.deep.equal({
      foo: '1',
    })
    for (const name of ['a b', '-rf', '$(x)', 'foo=$(x)', 'fo*=1'])
      expect(() => plan({ name: [name] }, INDEX), name).to.throw(Fail)
  })

  it('foretells what comes along', () => {
    const before =
      view(`${INDEX}simulate\nInst lib (1 Debian [all])\nInst foo (2.0 Debian [all])\nmerged /lib /usr/lib\npackage foo 2.0
entry drwxr-xr-x root/root         0 2024-01-01 00:00 ./etc/foo/
entry -rw-r----- root/adm          5 2024-01-01 00:00 ./etc/foo/a b.conf
entry -rwsr-xr-x root/root     12345 2024-01-01 00:00 ./lib/foo/run
entry lrwxrwxrwx root/root         0 2024-01-01 00:00 ./usr/bin/foo -> ../lib/foo/run
content YT0xCgo= /etc/foo/a b.conf
script
script useradd --system --home /var/lib/foo --shell /usr/sbin/nologin _foo
script update-rc.d foo defaults >/dev/null
script invoke-rc.d --skip-systemd-native foo $_dh_action || exit 1
script deb-systemd-helper enable 'foo-helper.service' >/dev/null || true
`)
    const along = module.brings!(given({ name: ['foo'] }), before, new Map(), undefined)
    const state = (key: Key) => along.get(key)
    expect(state(PACKAGES)).to.deep.equal({ foo: '2.0', lib: '1', 'lib manual': false })
    expect(state('path:/etc/foo')).to.include({ type: 'directory', mode: 0o755, uid: 0 })
    expect(state('path:/etc/foo/a b.conf')).to.include({ type: 'file', mode: 0o640, group: 'adm', size: 5 })
    expect(state('path:/usr/lib/foo/run')).to.include({ type: 'file', mode: 0o4755, size: 12345 })
    expect(state('path:/usr/bin/foo')).to.include({ type: 'link', target: '../lib/foo/run' })
    expect(state('user:_foo')).to.include({ exists: true, home: '/var/lib/foo' })
    expect(state('service:system foo')).to.deep.equal({ found: true, enabled: true, active: 'running' })
    expect(state('service:system foo-helper')).to.deep.equal({ found: true, enabled: true })
  })
})
