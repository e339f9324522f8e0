import { expect } from 'chai'
import apk from '../../modules/apk.js'
import dnf from '../../modules/dnf.js'
import package_ from '../../modules/package.js'
import { Fail, type Key, type Module, type View } from '../../engine/module/contract.js'
import { PACKAGES } from '../../engine/module/packages/installed.js'
import { withDefaults } from '../support/envelope.js'
import { pureView } from '../support/pure-view.js'

/** What is wished for of a host that printed this, and the last line of the script. */
function plan(module: unknown, params: Readonly<Record<string, unknown>>, stdout: string, uid = 0) {
  const tested = module as Module
  const given = withDefaults(tested, params) as never
  const [ask] = tested.probe!(given, undefined)
  if (ask?.kind !== 'own') throw new Error('no question')
  const found = ask.read({ stdout, stderr: '', code: 0 })
  const base = pureView({})
  const view: View = { ...base, session: { ...base.session, uid, user: 'dev' }, own: () => found }
  const wish = tested.wanted!(given, view, undefined)
  const wished = wish.get(PACKAGES) as Readonly<Record<string, unknown>>
  const names = Object.keys(wished).filter((name) => (found[name] ?? 'absent') !== wished[name])
  const differing = new Map<Key, never>(
    [...wish.keys()].map((key) => [
      key,
      { before: found, wished, names: key === PACKAGES ? names : [] } as never,
    ]),
  )
  const script =
    names.length || wish.has('run:index')
      ? tested.converge!(given, view, differing, undefined).script.text
      : ''
  return {
    wish: Object.fromEntries(names.map((name) => [name, wished[name]])),
    script: (script.match(/^(?:fplay_dnf -|apk ).*$/gm) ?? []).join('\n').replace(/ +/g, ' '),
  }
}

/** A table as dnf 4.14 prints it. */
const table = (...rows: readonly string[]): string =>
  `Dependencies resolved.\n${'='.repeat(80)}\n Package  Architecture  Version  Repository  Size\n${'='.repeat(80)}\n${rows.join('\n')}\n\nTransaction Summary\n${'='.repeat(80)}\nInstall  1 Package\n\nTotal size: 6.3 k\nOperation aborted.\n`
const planned = (kind: string, text: string, status = 1): string =>
  `plan ${kind}\n${text.trimEnd()}\nstatus ${status}\n`
const row = (name: string, version: string, size = '6.3 k'): string =>
  ` ${name}   noarch   ${version}   fp   ${size}`

/** As yum 3.4 of CentOS 7 prints it, with a name that is too long for its column. */
const YUM = `Loaded plugins: fastestmirror
Resolving Dependencies
--> Finished Dependency Resolution

Dependencies Resolved

================================================================================
 Package                        Arch       Version             Repository  Size
================================================================================
Installing:
 foo                            x86_64     0:1.0-1.el7         base       1.2 M
Updating:
 a-name-that-is-longer-than-its-column-is-wide
                                noarch     2:3.0-4.el7_9       updates     84 k
     replacing  older.noarch 1.0-1.el7
Installing for dependencies:
 bar                            x86_64     1.1-2.el7           base        15 k

Transaction Summary
================================================================================
Install  1 Package (+1 Dependent package)
Upgrade  1 Package

Total download size: 1.3 M
Exiting on user command
`

/** Without `autoremove`, what nothing needs any more stays. */
const KEEP = '--setopt=clean_requirements_on_remove=False'

describe('dnf', () => {
  const old = 'rpm\tfoo\t1.0-1\nhas foo\n'

  it('installs, upgrades and removes where that makes a difference', () => {
    const missing = planned(
      'install',
      table('Installing:', row('foo', '2.0-1'), 'Installing dependencies:', row('bar', '1-1')),
    )
    expect(plan(dnf, { name: ['foo'] }, missing)).to.deep.equal({
      wish: { foo: '2.0-1' },
      script: `fplay_dnf -y ${KEEP} install foo`,
    })
    expect(plan(dnf, { name: ['foo'], state: 'installed' }, old).wish).to.deep.equal({})
    const newer = old + planned('upgrade', table('Upgrading:', row('foo', '1:2.0-1.el9')))
    expect(
      plan(dnf, { name: ['foo'], state: 'latest', enablerepo: ['epel,crb'], disable_gpg_check: true }, newer),
    ).to.deep.equal({
      wish: { foo: '1:2.0-1.el9' },
      script: `fplay_dnf -y --enablerepo=epel --enablerepo=crb --nogpgcheck ${KEEP} upgrade foo`,
    })
    expect(
      plan(dnf, { name: ['foo'], state: 'latest' }, old + planned('upgrade', 'Nothing to do.', 0)).wish,
    ).to.deep.equal({})
    const both = newer + planned('install', table('Installing:', row('bar', '1-1')))
    expect(plan(dnf, { name: ['foo', 'bar'], state: 'latest', security: true }, both).script).to.equal(
      `fplay_dnf -y ${KEEP} install bar\nfplay_dnf -y ${KEEP} --security upgrade foo`,
    )
    const gone =
      old +
      planned(
        'install',
        table(
          'Removing:',
          row('foo', '1.0-1', '15  '),
          'Removing dependent packages:',
          row('baz', '1-1', '0  '),
        ),
      )
    expect(plan(dnf, { name: ['foo'], state: 'removed' }, gone)).to.deep.equal({
      wish: { foo: 'absent' },
      script: `fplay_dnf -y ${KEEP} remove foo`,
    })
    expect(plan(dnf, { name: ['foo'], state: 'absent' }, '').wish).to.deep.equal({})
    expect(plan(dnf, { name: ['*'], state: 'latest' }, newer).script).to.equal(`fplay_dnf -y ${KEEP} upgrade`)
    expect(plan(dnf, { update_cache: true }, '').wish).to.deep.equal({})
  })

  it('reads the tables of yum', () => {
    expect(plan(dnf, { name: ['foo', 'x*'] }, planned('install', YUM)).wish).to.deep.equal({
      foo: '1.0-1.el7',
      'a-name-that-is-longer-than-its-column-is-wide': '2:3.0-4.el7_9',
    })
  })

  it('reads groups as the packages that they bring', () => {
    const group = table(
      'Installing group/module packages:',
      row('foo', '1-1'),
      'Installing Groups:',
      ' Group of FP',
    )
    expect(plan(dnf, { name: ['@Group of FP'] }, planned('install', group))).to.deep.equal({
      wish: { foo: '1-1' },
      script: `fplay_dnf -y ${KEEP} install '@Group of FP'`,
    })
  })

  it('knows the packages of another root as none of the host', () => {
    const tested = dnf as unknown as Module
    const [ask] = tested.probe!(
      withDefaults(tested, { name: ['foo'], installroot: '/srv/root' }) as never,
      undefined,
    )
    expect(ask).to.include({ kind: 'own', key: 'packages:/srv/root' })
    if (ask?.kind === 'own')
      expect(ask.foretell!.script.text).to.include('--root=/srv/root').and.not.to.include('fplay_look')
  })

  it('leaves a newer one unless told otherwise', () => {
    const older = `rpm\tfoo\t2.0-1\n${planned('install', table('Downgrading:', row('foo', '1.0-1')))}`
    expect(plan(dnf, { name: ['foo-1.0'] }, older).wish).to.deep.equal({})
    expect(plan(dnf, { name: ['foo-1.0'], allow_downgrade: true }, older).wish).to.deep.equal({
      foo: '1.0-1',
    })
  })

  it('says what keeps it: no dnf, a lock, no such package, not root, what is no name, what does not go together', () => {
    expect(() => plan(dnf, { name: ['foo'] }, 'lacking\n')).to.throw(Fail, 'the host has no dnf or yum')
    expect(() => plan(dnf, { name: ['foo'] }, 'locked\n')).to.throw(Fail, 'another program holds the lock')
    const failing = (text: string) => (): unknown => plan(dnf, { name: ['foo'] }, planned('install', text))
    expect(failing('No match for argument: foo\nError: Unable to find a match: foo')).to.throw(
      Fail,
      'No package foo available.',
    )
    expect(failing('No package foo available.\nError: Nothing to do')).to.throw(
      Fail,
      'No package foo available.',
    )
    expect(failing("Module or Group 'g' is not available.\nError: Nothing to do.")).to.throw(
      Fail,
      'No group g available.',
    )
    expect(failing('Error: \n Problem: conflicting requests\n  - nothing provides x needed by foo')).to.throw(
      Fail,
      'nothing provides x needed by foo',
    )
    expect(failing("Error: Failed to download metadata for repo 'fp'")).to.throw(
      Fail,
      "metadata for repo 'fp'",
    )
    expect(() =>
      plan(dnf, { name: ['foo'] }, planned('install', table('Installing:', row('foo', '2-1'))), 1000),
    ).to.throw(Fail, 'packages are changed by root')
    for (const name of ['-y', 'a\nb'])
      expect(() => plan(dnf, { name: [name] }, '')).to.throw(Fail, 'no package can be named')
    expect(() => plan(dnf, { name: ['/srv/x.rpm'], state: 'absent' }, '')).to.throw(
      Fail,
      'Cannot remove paths',
    )
    expect(() => plan(dnf, { name: ['x'], autoremove: true, state: 'present' }, '')).to.throw(
      Fail,
      'alone or with state=absent',
    )
    for (const word of ['update_only', 'security', 'bugfix'])
      expect(() => plan(dnf, { name: ['x'], [word]: true }, '')).to.throw(Fail, 'only with state: latest')
    expect(() => plan(dnf, { name: ['x'], state: 'absent', download_only: true }, '')).to.throw(
      Fail,
      'no effect',
    )
    expect(() => plan(dnf, { name: ['x'], download_dir: '/srv' }, '')).to.throw(
      Fail,
      'only with download_only',
    )
  })
})

describe('apk', () => {
  it('installs, upgrades and removes as it says itself that it would', () => {
    const old = 'name jq\nis jq-1.6-r2 x86_64 {jq} (MIT) [installed]\n'
    expect(
      plan(
        apk,
        { name: ['jq'], no_cache: true },
        'name jq\n(1/2) Installing oniguruma (6.9.8-r1)\n(2/2) Installing jq (1.7-r0)\n',
      ),
    ).to.deep.equal({
      wish: { jq: '1.7-r0' },
      script: 'apk add --no-cache jq',
    })
    expect(plan(apk, { name: ['jq'] }, old).wish).to.deep.equal({})
    expect(
      plan(apk, { name: ['jq'], state: 'latest' }, `${old}(1/1) Upgrading jq (1.6-r2 -> 1.7-r0)\n`),
    ).to.deep.equal({ wish: { jq: '1.7-r0' }, script: 'apk add -u jq' })
    expect(plan(apk, { name: ['jq'], state: 'absent' }, old)).to.deep.equal({
      wish: { jq: 'absent' },
      script: 'apk del jq',
    })
    expect(() => plan(apk, { name: ['nothere'] }, 'name nothere\n')).to.throw(
      Fail,
      'no package nothere is available',
    )
  })
})

describe('package', () => {
  it('takes the manager that the host has', () => {
    const given = { name: ['foo'], state: 'present' }
    const missing = planned('install', table('Installing:', row('foo', '2.0-1')))
    expect(plan(package_, given, `manager dnf\n${missing}`).script).to.equal(
      `fplay_dnf -y ${KEEP} install foo`,
    )
    expect(plan(package_, given, 'manager apk\nname foo\n(1/1) Installing foo (1-r0)\n').script).to.equal(
      'apk add foo',
    )
    expect(
      plan(package_, given, 'manager apt\nindex 1 1\np foo:\np   Candidate: 3\np      3 500\n').wish,
    ).to.deep.equal({ foo: '3' })
    expect(() => plan(package_, given, 'manager none\n')).to.throw(
      Fail,
      'the host has none of apt-get, dnf, yum and apk',
    )
  })

  it('installs unless told otherwise, and has the index brought up to date', () => {
    const given = { name: ['foo'], update_cache: true }
    const asked = (more: object): string => {
      const tested = package_ as unknown as Module
      const [ask] = tested.probe!(withDefaults(tested, { name: ['foo'], ...more }) as never, undefined)
      return ask?.kind === 'own' ? `${ask.refresh?.text}${ask.script.text}` : ''
    }
    for (const sign of ['fplay_due 0', 'expire-cache', 'apk update']) {
      expect(asked({ update_cache: true })).to.contain(sign)
      expect(asked({})).not.to.contain(sign)
    }
    expect(
      plan(package_, given, 'manager apt\nindex 1 1\np foo:\np   Candidate: 3\np      3 500\n').wish,
    ).to.deep.equal({ foo: '3' })
  })

  it('reads names as that manager does', () => {
    expect(
      plan(
        package_,
        { name: ['foo=1.*'], state: 'present' },
        'manager apt\nindex 1 1\np foo:\np   Candidate: 1.2\np      1.2 500\n',
      ).wish,
    ).to.deep.equal({ foo: '1.2' })
    expect(() => plan(package_, { name: ['@group'], state: 'present' }, 'manager apt\n')).to.throw(
      Fail,
      'no package can be named',
    )
  })
})
