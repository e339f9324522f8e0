import { expect } from 'chai'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ACCOUNT } from '../../../engine/connection/account-script.js'
import {
  accountSections,
  readAccountAnswers,
  type AccountAnswers,
} from '../../../engine/run/account-lines.js'
import { newNonce, sectionsScript } from '../../../engine/run/probe.js'
import type { Questions } from '../../../engine/run/questions.js'
import { readSections } from '../../../engine/run/sections.js'
import { shellConnection } from '../../support/shell-connection.js'

const PASSWD = `root:x:0:0:root:/root:/bin/sh
fateful:x:10:10::/:
fate:x:1968:7:Fate, 名:/srv/fate:/bin/bash
aXb:x:11:1::/:
a.b:x:12:20::/:
old$:x:13:1::/:
`
const GROUP = 'root:x:0:\nseven:x:7:\nfate:x:1968:z,a\naXb:x:1:\na.b:x:20:\n'
const SHADOW = 'root:*:1:0:99999:7:::\nfate:!hash:19000:1:90:7::21915:\n'
const SETTINGS = {
  'login.defs': '# UMASK no\nUMASK\t\t027\n  HOME_MODE 0700\nUID_MIN 1000\nUSERGROUPS_ENAB yes\n',
  'default/useradd': '# HOME=/x\nHOME="/srv/homes"\nSHELL=/bin/sh\n',
}
/** What the name service has besides; of `fate` it tells something else. */
const SERVICE = `fate:x:5:5::/service:\nldap:x:5000:5001::/ldap:\nLDAP:x:1:1::/:\nfateful:x:10:10::/:\n`

interface Host {
  readonly nsswitch?: string
  readonly getent?: boolean
}

/** How a host with these accounts answers, and which programs it started besides one `grep`. */
async function ask(shell: readonly string[], host: Host, asked: Partial<Questions>) {
  const folder = mkdtempSync(join(tmpdir(), 'fplay-accounts-'))
  const etc = join(folder, 'etc/')
  const put = (name: string, text: string): void => writeFileSync(join(etc, name), text)
  mkdirSync(join(etc, 'default'), { recursive: true })
  mkdirSync(join(folder, 'bin'))
  symlinkSync(shell[0] === 'busybox' ? '/bin/busybox' : '/bin/grep', join(folder, 'bin/grep'))
  for (const [name, text] of Object.entries({ passwd: PASSWD, group: GROUP, shadow: SHADOW, ...SETTINGS }))
    put(name, text)
  if (host.nsswitch !== undefined) put('nsswitch.conf', host.nsswitch)
  put('service', SERVICE)
  const questions = { ...NOTHING, ...asked }
  const sections = accountSections(questions)
  const nonce = newNonce()
  const getent = `getent() { echo "getent $*" >>/etc/started; grep -i "^$2:" /etc/service; }`
  const script = `PATH=${folder}/bin
${host.getent === true ? getent : ''}
id() { echo "id $2" >>/etc/started; echo "uid=1($2) gid=7(seven) groups=7(seven),30(x),27(b)"; }
${ACCOUNT}${sectionsScript(sections, nonce).text}`
  const reply = await shellConnection(shell).run(script.replaceAll('/etc/', etc))
  expect(reply.stderr.toString()).to.equal('')
  const stdout = Buffer.from(reply.stdout.toString().replaceAll(etc, '/etc/'))
  const answers = readAccountAnswers(questions, readSections(stdout, reply.stderr, nonce, sections))
  const started = ((): string[] => {
    try {
      return readFileSync(join(etc, 'started'), 'utf8').split('\n').filter(Boolean)
    } catch {
      return []
    }
  })()
  rmSync(folder, { recursive: true })
  return { answers, started }
}

const NOTHING = { users: [], groups: [], memberships: [], owners: [], ownerGroups: [], ids: [], paths: [] }
const FATE = { exists: true, uid: 1968, gid: 7, comment: 'Fate, 名', home: '/srv/fate', shell: '/bin/bash' }
const SHADOWED = { password: '!hash', expires: '21915', minimum: 1, maximum: 90 }
const PLAIN = 'passwd:\t\tfiles\ngroup: files   \n'

for (const shell of [['dash'], ['bash'], ['busybox', 'sh']]) {
  describe(`accounts and groups asked of ${shell[0]}`, () => {
    const exists = ({ users, groups }: AccountAnswers): unknown => [
      ...[...users].map(([name, { exists, uid }]) => [name, exists, uid]),
      ...[...groups].map(([name, { exists, gid }]) => [name, exists, gid]),
    ]

    it('are told by the files where nothing else may know better', async () => {
      const { answers, started } = await ask(
        shell,
        { nsswitch: PLAIN, getent: true },
        {
          users: ['fate', 'ldap', 'a.b', 'old$', 'fat'],
          groups: ['seven', 'fate', 'a.b', 'b', 'aXb'],
          ids: [
            { kind: 'user', id: 1968 },
            { kind: 'group', id: 7 },
            { kind: 'user', id: 7 },
          ],
        },
      )
      expect(started).to.deep.equal([])
      expect(answers.users.get('fate')).to.deep.equal({ ...FATE, group: 'seven', ...SHADOWED })
      expect(answers.groups.get('fate')).to.deep.equal({ exists: true, gid: 1968, members: ['a', 'z'] })
      expect(exists(answers)).to.deep.equal([
        ['fate', true, 1968],
        ['ldap', false, undefined],
        ['a.b', true, 12],
        ['old$', true, 13],
        ['fat', false, undefined],
        ['seven', true, 7],
        ['fate', true, 1968],
        ['a.b', true, 20],
        ['b', false, undefined],
        ['aXb', true, 1],
      ])
      expect(answers.holders).to.deep.equal(
        new Map([
          ['user 1968', 'fate'],
          ['group 7', 'seven'],
          ['user 7', null],
        ]),
      )
      expect(answers.settings).to.deep.equal({
        UMASK: '027',
        HOME_MODE: '0700',
        USERGROUPS_ENAB: 'yes',
        HOME: '/srv/homes',
        SHELL: '/bin/sh',
      })
    })

    it('are told by the files, and those that are not there by the name service', async () => {
      const { answers, started } = await ask(
        shell,
        { nsswitch: 'passwd: files systemd\ngroup:files ldap # why\n', getent: true },
        { users: ['fate', 'ldap', 'none'], groups: ['seven', 'ldap'] },
      )
      expect(started).to.deep.equal([
        'getent group ldap',
        'getent passwd ldap',
        'id ldap',
        'getent passwd none',
      ])
      expect(exists(answers)).to.deep.equal([
        ['fate', true, 1968],
        ['ldap', true, 5000],
        ['none', false, undefined],
        ['seven', true, 7],
        ['ldap', true, 5000],
      ])
    })

    for (const [why, nsswitch] of [
      ['others are asked first', 'passwd: sss files\ngroup: sss files\n'],
      [
        'what is found may not be all',
        'passwd: files [SUCCESS=merge] systemd\ngroup: files [SUCCESS=merge] systemd\n',
      ],
      ['the files have lines of another kind', 'passwd: compat\ngroup: compat\n'],
      ['the order is not written down', 'hosts: files\n'],
      ['there is no such file', undefined],
    ] as const) {
      it(`are told by the name service where ${why}`, async () => {
        const host = { ...(nsswitch === undefined ? {} : { nsswitch }), getent: true }
        const { answers, started } = await ask(shell, host, { users: ['fate', 'root'], groups: ['fate'] })
        expect(started).to.deep.equal(['getent group fate', 'getent passwd fate', 'getent passwd root'])
        expect(exists(answers)).to.deep.equal([
          ['fate', true, 5],
          ['root', false, undefined],
          ['fate', true, 5],
        ])
      })
    }

    it('are told by the files where there is no getent', async () => {
      for (const nsswitch of [{}, { nsswitch: 'passwd: sss files\n' }]) {
        const { answers, started } = await ask(shell, nsswitch, {
          users: ['fate', 'ldap'],
          groups: ['seven'],
        })
        expect(started).to.deep.equal([])
        expect(exists(answers)).to.deep.equal([
          ['fate', true, 1968],
          ['ldap', false, undefined],
          ['seven', true, 7],
        ])
      }
    })

    it('have their groups told by id, where these are wanted or the primary one is not known', async () => {
      const plain = { nsswitch: PLAIN, getent: true }
      const wanted = await ask(shell, plain, { users: ['fate'], memberships: ['fate'], groups: ['seven'] })
      const unknown = await ask(shell, plain, { users: ['fate'], groups: ['fate'] })
      for (const { answers, started } of [wanted, unknown]) {
        expect(started).to.deep.equal(['id fate'])
        expect(answers.users.get('fate')).to.deep.equal({
          ...FATE,
          group: 'seven',
          groups: ['b', 'x'],
          ...SHADOWED,
        })
      }
    })

    it('as owners are looked up only where no file that was looked at is theirs', async () => {
      const paths = [{ path: '/', need: 'stat', follow: false, limit: 0 }] as const
      const questions = { owners: ['fate', 'ldap', 'none'], ownerGroups: ['seven', 'none'], paths }
      const sections = accountSections({ ...NOTHING, ...questions })
      expect(sections.map(({ name }) => name)).to.deep.equal([
        'account lines',
        'owner fate',
        'owner ldap',
        'owner none',
        'owner group seven',
        'owner group none',
      ])
      const { answers, started } = await ask(
        shell,
        { nsswitch: 'passwd: files sss\ngroup: files\n', getent: true },
        questions,
      )
      expect(started).to.deep.equal(['getent passwd ldap', 'getent passwd none'])
      expect(
        [...answers.users.values(), ...answers.groups.values()].map(({ exists }) => exists),
      ).to.deep.equal([true, true, false, true, false])
    })

    it('are only those of that very name, whatever the name service takes for it', async () => {
      const { answers } = await ask(
        shell,
        { nsswitch: 'passwd: sss\n', getent: true },
        { users: ['Fateful'] },
      )
      expect(answers.users.get('Fateful')).to.deep.equal({ exists: false })
    })
  })
}
