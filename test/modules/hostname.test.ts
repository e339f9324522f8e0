import { expect } from 'chai'
import { contentOf } from '../../engine/content.js'
import type { Ask, OwnAsk, View } from '../../engine/module/contract.js'
import hostname from '../../modules/hostname.js'
import { pureView } from '../support/pure-view.js'

const FILES = ['/etc/hostname', '/etc/HOSTNAME', '/etc/conf.d/hostname', '/etc/sysconfig/network']
type Given = Parameters<NonNullable<typeof hostname.wanted>>[0]

/** A host that says this of itself and has these files. */
function host(said: string, files: Readonly<Record<string, string>> = {}): View {
  const ask = hostname.probe!({ name: 'x' } as Given, undefined).find(
    ({ kind }: Ask) => kind === 'own',
  ) as OwnAsk
  const state = ask.read({ stdout: said, stderr: '', code: 0 })
  const paths = FILES.map((path) => {
    const text = files[path]
    return [
      path,
      text === undefined
        ? { type: 'absent' }
        : { type: 'file', content: contentOf(text), sha1: contentOf(text).sha1 },
    ]
  })
  const folders = FILES.map((path) => [path.slice(0, path.lastIndexOf('/')), { type: 'directory' }])
  return { ...pureView(Object.fromEntries([...folders, ...paths]) as never), own: () => state }
}

/** What is wished for: texts of files, and the rest as it is. */
function wished(given: object, view: View): Record<string, unknown> {
  const wish = hostname.wanted!(given as Given, view, undefined)
  return Object.fromEntries(
    [...wish].map(([key, state]) => [
      key,
      'content' in state ? (state as { content: { text(): string } }).content.text() : state,
    ]),
  )
}

const DEBIAN = 'now old\nstatic old\nfile yes\nid debian\n'

describe('hostname', () => {
  it('chooses by systemd, then by what the system calls itself or is like', () => {
    const cases: readonly (readonly [string, string | undefined])[] = [
      ['now old\nsystemd yes\nstatic old\nid centos\nlike rhel fedora\n', 'hostname:now'],
      ['now old\nid ubuntu\nlike debian\n', 'path:/etc/hostname'],
      ['now old\nid raspbian\nlike debian\n', 'path:/etc/hostname'],
      ['now old\nid alpine\n', 'path:/etc/hostname'],
      ['now old\nid centos\nlike rhel fedora\n', 'path:/etc/sysconfig/network'],
      ['now old\nid opensuse-leap\nlike suse opensuse\n', 'path:/etc/HOSTNAME'],
      ['now old\nid gentoo\n', 'path:/etc/conf.d/hostname'],
      ['now old\nfile yes\n', 'path:/etc/hostname'],
    ] // prettier-ignore
    for (const [said, key] of cases)
      expect(Object.keys(wished({ name: 'new' }, host(said)))[0], said).to.equal(key)
    expect(() => wished({ name: 'new' }, host('now old\nid odd\n'))).to.throw(
      'does not say how it keeps its name',
    )
  })

  it('wishes for the name now and in the file of the strategy', () => {
    expect(wished({ name: 'web-01.example.com' }, host(DEBIAN, { '/etc/hostname': 'old\n' }))).to.deep.equal({
      'path:/etc/hostname': 'web-01.example.com\n',
      'hostname:now': { now: 'web-01.example.com' },
    })
    expect(wished({ name: 'new', use: 'systemd' }, host(DEBIAN))).to.deep.equal({
      'hostname:now': { now: 'new', static: 'new' },
    })
    expect(wished({ name: 'new', use: 'generic' }, host(DEBIAN))).to.deep.equal({
      'hostname:now': { now: 'new' },
    })
    const network = { '/etc/sysconfig/network': 'NETWORKING=yes\nHOSTNAME=old\nGATEWAY=1\n' }
    expect(
      wished({ name: 'new', use: 'redhat' }, host(DEBIAN, network))['path:/etc/sysconfig/network'],
    ).to.equal('NETWORKING=yes\nHOSTNAME=new\nGATEWAY=1\n')
    expect(wished({ name: 'new', use: 'openrc' }, host(DEBIAN))['path:/etc/conf.d/hostname']).to.equal(
      'hostname="new"\n',
    )
  })

  it('leaves a file alone that has the name, also without a line end', () => {
    const view = host('now new\nid debian\n', { '/etc/hostname': 'new' })
    expect(wished({ name: 'new' }, view)).to.deep.equal({
      'path:/etc/hostname': 'new',
      'hostname:now': { now: 'new' },
    })
  })

  it('sets with hostnamectl only what differs, elsewhere by the kernel', () => {
    const script = (given: object, view: View, names: readonly string[]): string => {
      const difference = { before: {}, wished: {}, names }
      const differing = new Map([['hostname:now' as const, difference]])
      return hostname.converge!(given as Given, view, differing, undefined).script.text.trim()
    }
    const systemd = host('now old\nsystemd yes\nstatic new\n')
    expect(script({ name: 'new' }, systemd, ['now'])).to.match(
      /^:\nhostnamectl --transient set-hostname new$/,
    )
    expect(script({ name: 'new' }, systemd, ['now', 'static'])).to.include(
      'hostnamectl --static set-hostname new',
    )
    expect(script({ name: "it's", use: 'generic' }, systemd, ['now'])).to.include(
      "printf %s 'it'\\''s' >/proc/sys/kernel/hostname",
    )
  })

  it('gives the facts that follow from the name', () => {
    const { values, facts } = hostname.result!(
      { name: 'web.example.com' } as Given,
      host(DEBIAN),
      host(DEBIAN),
      { kind: 'nothing' },
      undefined,
    )
    expect(values['ansible_facts']).to.deep.equal({
      ansible_hostname: 'web', ansible_nodename: 'web.example.com', ansible_fqdn: 'web.example.com', ansible_domain: 'example.com',
    }) // prettier-ignore
    expect(facts!.get('ansible_hostname')).to.equal('web')
  })

  it('refuses what is no name', () => {
    for (const name of [
      '',
      'a b',
      'a\nb',
      '-a',
      '$(id)',
      'a"b',
      "it's",
      'x/y',
      'a'.repeat(65),
      'ü'.repeat(33),
    ]) {
      expect(() => hostname.probe!({ name, use: undefined }, undefined), name).to.throw(
        'is no name of a host',
      )
    }
    expect(() => hostname.probe!({ name: 'ü'.repeat(32), use: undefined }, undefined)).to.not.throw()
  })
})
