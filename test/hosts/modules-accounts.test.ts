import { expect } from 'chai'
import { join } from 'node:path'
import type { Converged } from '../../engine/run/target.js'
import copy from '../../modules/copy.js'
import file from '../../modules/file.js'
import group from '../../modules/group.js'
import user from '../../modules/user.js'
import { call, testHost, type TestHost } from '../support/envelope.js'
import { useLab } from '../support/lab.js'

const HASH = '$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.'
const dry = { checkMode: true }

describe('accounts and groups', function () {
  this.timeout(60_000)
  const lab = useLab()
  const hostOf = (number: number): TestHost =>
    testHost([join(import.meta.dirname, '../../lab/lab'), 'run', lab().name, String(number), 'sh'])
  const said = async (script: string): Promise<string> =>
    (await lab().run(1, ['sh', '-c', script])).stdout.trim()

  /** A dry run of the steps, which leaves the accounts alone, then the run, then a second one. */
  async function foretold(
    steps: readonly (readonly [unknown, Record<string, unknown>])[],
  ): Promise<Converged[]> {
    const host = hostOf(1)
    const accounts = 'cat /etc/passwd /etc/group /etc/shadow; ls -ln /home /srv'
    const before = await said(accounts)
    const predicted = []
    for (const [module, params] of steps) predicted.push(await call(host, module, params, dry))
    expect(await said(accounts)).to.equal(before)
    host.forecast.states.clear()
    const results = []
    for (const [i, [module, params]] of steps.entries()) {
      const done = await call(host, module, params)
      expect(done.status, done.message).to.equal(predicted[i]!.status)
      expect(done.status, done.message).to.be.oneOf(['changed', 'ok'])
      results.push(done)
    }
    return results
  }

  it('make a group and an account that later tasks of the dry run build on', async () => {
    const steps = [
      [group, { name: 'fpgroup', gid: 4321 }],
      [
        user,
        {
          name: 'fpuser',
          group: 'fpgroup',
          home: '/srv/homes/fpuser',
          shell: '/bin/bash',
          comment: "it's $(a) 名",
        },
      ],
      [file, { path: '/srv/fpdir', state: 'directory', owner: 'fpuser', group: 'fpgroup' }],
      [file, { path: '/srv/homes/fpuser', mode: '0750' }],
      [copy, { dest: '/srv/homes/fpuser/made', content: 'x', owner: 'fpuser' }],
    ] as const
    const [made, account] = await foretold(steps)
    expect(made!.values).to.include({ gid: 4321 })
    expect(account!.values).to.include({ home: '/srv/homes/fpuser', group: 4321 })
    expect(await said('getent passwd fpuser')).to.match(
      /^fpuser:x:\d+:4321:it's \$\(a\) 名:\/srv\/homes\/fpuser:\/bin\/bash$/,
    )
    expect(await said('stat -c "%U %G %a" /srv/homes/fpuser')).to.equal('fpuser fpgroup 750')
    expect(await said('ls -A /srv/homes/fpuser')).to.match(/\.profile/)
    for (const [module, params] of steps) {
      const again = await call(hostOf(1), module, params)
      expect(again, again.message).to.include({ status: 'ok', changed: false })
    }
  })

  it('change what differs, and only that', async () => {
    await foretold([
      [group, { name: 'fpone' }],
      [group, { name: 'fptwo' }],
      [user, { name: 'fpchange', groups: ['fpone'], create_home: false }],
    ])
    expect(await said('id -Gn fpchange')).to.equal('fpchange fpone')
    expect(await said('ls -d /home/fpchange; grep fpchange /etc/shadow')).to.match(/^fpchange:!:/)
    const [appended] = await foretold([
      [user, { name: 'fpchange', groups: ['fptwo'], append: true, create_home: false }],
      [user, { name: 'fpchange', groups: ['fpone', 'fptwo'], create_home: false }],
    ])
    expect(appended!.diffs).to.deep.equal([
      { name: 'user fpchange', before: 'groups: fpone\n', after: 'groups: fpone,fptwo\n' },
    ])
    await foretold([
      [user, { name: 'fpchange', uid: 4545, comment: 'new', expires: 1893456000, shell: '/bin/dash' }],
      [user, { name: 'fpchange', uid: 4545, comment: 'new', expires: 1893456000, shell: '/bin/dash' }],
      [user, { name: 'fpchange', groups: [] }],
    ])
    expect(await said('id fpchange')).to.match(
      /^uid=4545\(fpchange\) gid=\d+\(fpchange\) groups=\d+\(fpchange\)$/,
    )
    expect(await said('getent shadow fpchange')).to.match(/:21915:$/)
    expect(await said('stat -c "%U %G" /home/fpchange')).to.equal('fpchange fpchange')
    await foretold([
      [group, { name: 'fptwo', gid: 4646 }],
      [user, { name: 'fpchange', expires: -1 }],
    ])
    expect(await said('getent group fptwo')).to.equal('fptwo:x:4646:')
  })

  it('set, lock and unlock a password without showing it', async () => {
    const [set] = await foretold([
      [user, { name: 'fppass', password: HASH }],
      [user, { name: 'fppass', password: HASH }],
      [user, { name: 'fppass', password: '$6$other', update_password: 'on_create' }],
      [user, { name: 'fppass', password_lock: true }],
    ])
    expect(JSON.stringify(set)).not.to.include(HASH)
    expect(await said('getent shadow fppass')).to.include(`fppass:!${HASH}:`)
    await foretold([[user, { name: 'fppass', password_lock: false }]])
    expect(await said('getent shadow fppass')).to.include(`fppass:${HASH}:`)
    const host = hostOf(1)
    await call(host, user, { name: 'fppass', password: '*' })
    expect(host.connection.sent.join('\n')).not.to.include('fppass:*')
  })

  it('remove an account with its home and its own group', async () => {
    const [, removed] = await foretold([
      [user, { name: 'fpgone' }],
      [user, { name: 'fpgone', state: 'absent', remove: true }],
      [user, { name: 'fpgone', state: 'absent', remove: true }],
      [group, { name: 'fpgone', state: 'absent' }],
      [group, { name: 'fprest' }],
      [group, { name: 'fprest', state: 'absent' }],
    ])
    expect(removed).to.include({ status: 'changed' })
    expect(await said('getent passwd fpgone; getent group fpgone fprest; ls -d /home/fpgone')).to.equal('')
  })

  it('say what is wrong before anything is done, the same in a dry run', async () => {
    const refused = async (
      module: unknown,
      params: object,
      number = 1,
      words: readonly string[] = [],
    ): Promise<string> => {
      const results = []
      for (const checkMode of [true, false]) {
        const host = words.length ? testHost(words) : hostOf(number)
        results.push(await call(host, module, params as Record<string, unknown>, { checkMode }))
      }
      expect(results.map(({ status }) => status)).to.deep.equal(['failed', 'failed'])
      return results[0]!.message!
    }
    expect(await refused(user, { name: 'fpx', group: 'nogroup-here' })).to.match(
      /Group nogroup-here does not exist/,
    )
    expect(await refused(user, { name: 'fpx', uid: 0 })).to.match(/the uid 0 belongs to root/)
    expect(await refused(group, { name: 'fpx', gid: 0 })).to.match(/the gid 0 belongs to the group root/)
    expect(await refused(group, { name: 'dev', state: 'absent' })).to.match(/dev is the primary group of dev/)
    expect(await refused(user, { name: 'fpx', comment: 'a:b' })).to.match(/comment has a colon/)
    for (const name of ['', '-rf', 'a b', 'a:b', 'a\nb', '$(reboot)', '42']) {
      expect(await refused(user, { name })).to.match(/cannot be the name of a user/)
      expect(await refused(group, { name })).to.match(/cannot be the name of a group/)
    }
    expect(await refused(group, { name: 'fpx' }, 3)).to.match(
      /the host has no groupadd; install the shadow tools/,
    )
    const script = join(import.meta.dirname, '../../lab/lab')
    const asDev = [
      script,
      'run',
      lab().name,
      '1',
      'setpriv',
      '--reuid=dev',
      '--regid=dev',
      '--clear-groups',
      'sh',
    ]
    expect(await refused(group, { name: 'fpx' }, 1, asDev)).to.match(
      /only root can .*runs as dev; use become/,
    )
    expect(await call(testHost(asDev), group, { name: 'dev' })).to.include({ status: 'ok' })
    expect(await call(testHost(asDev), user, { name: 'dev', home: '/home/dev' })).to.include({ status: 'ok' })
  })
})
