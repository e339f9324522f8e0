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
    script: script
      .slice(script.lastIndexOf('; fi\n') + 1)
      .replace(/^ fi\n/, '')
      .replace(/ +/g, ' '),
  }
}

/** As dnf 4.14 prints it. */
const list = (name: string, version: string): string =>
  `available\n${name.padEnd(42)}${version.padEnd(35)}fp\n`

describe('dnf', () => {
  it('installs, upgrades and removes where that makes a difference', () => {
    const missing = `name foo\n${list('foo.noarch', '2.0-1')}`
    const old = 'name foo\ninstalled\nfoo\t1.0-1\n'
    expect(plan(dnf, { name: ['foo'] }, missing)).to.deep.equal({
      wish: { foo: '2.0-1' },
      script: 'fplay_dnf install -- foo',
    })
    expect(plan(dnf, { name: ['foo'], state: 'installed' }, old).wish).to.deep.equal({})
    const newer = `${old}available\nfoo.noarch   1:2.0-1.el9   fp\n`
    expect(
      plan(dnf, { name: ['foo'], state: 'latest', enablerepo: ['epel'], disable_gpg_check: true }, newer),
    ).to.deep.equal({
      wish: { foo: '1:2.0-1.el9' },
      script: 'fplay_dnf --enablerepo=epel --nogpgcheck upgrade -- foo',
    })
    expect(plan(dnf, { name: ['foo'], state: 'latest' }, old).wish).to.deep.equal({})
    expect(
      plan(dnf, { name: ['foo', 'bar'], state: 'latest' }, `${newer}name bar\n${list('bar.x86_64', '1-1')}`)
        .script,
    ).to.equal('fplay_dnf install -- bar\nfplay_dnf upgrade -- foo')
    expect(plan(dnf, { name: ['foo'], state: 'removed' }, old)).to.deep.equal({
      wish: { foo: 'absent' },
      script: 'fplay_dnf remove -- foo',
    })
    expect(plan(dnf, { name: ['foo'], state: 'absent' }, 'name foo\n').wish).to.deep.equal({})
    expect(plan(dnf, { update_cache: true }, '').script).to.equal('fplay_dnf makecache')
  })

  it('reads no headings as versions, and epochs of 0 as none', () => {
    expect(
      plan(dnf, { name: ['foo'] }, 'name foo\navailable\nAvailable Packages\nfoo.noarch  0:2.0-1  fp\n').wish,
    ).to.deep.equal({ foo: '2.0-1' })
  })

  it('says what keeps it: no dnf, no such package, not root, what is no name', () => {
    expect(() => plan(dnf, { name: ['foo'] }, 'lacking\n')).to.throw(Fail, 'the host has no dnf or yum')
    expect(() => plan(dnf, { name: ['foo'] }, 'name foo\navailable\n')).to.throw(
      Fail,
      'no package foo is available',
    )
    expect(() => plan(dnf, { name: ['foo'] }, `name foo\n${list('foo.noarch', '2.0-1')}`, 1000)).to.throw(
      Fail,
      'packages are changed by root',
    )
    for (const name of ['@group', 'http://x/y.rpm', '/srv/x.rpm', 'foo*', '-y', '$(x)'])
      expect(() => plan(dnf, { name: [name] }, '')).to.throw(Fail, 'is no name of a package')
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
    expect(plan(package_, given, `manager dnf\nname foo\n${list('foo.noarch', '2.0-1')}`).script).to.equal(
      'fplay_dnf install -- foo',
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
      return ask?.kind === 'own' ? ask.script.text : ''
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
    expect(() => plan(package_, { name: ['foo=1.*'], state: 'present' }, 'manager dnf\n')).to.throw(
      Fail,
      'is no name of a package',
    )
  })
})
