import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createConfig } from '../../../engine/cli/config.js'
import { findConfigFile, parseConfig } from '../../../engine/cli/config-file.js'
import { settingRemarks } from '../../../engine/cli/config-remarks.js'
import { knownKeys, UNFOLLOWED } from '../../../engine/cli/setting-notes.js'
import { SETTINGS } from '../../../engine/cli/setting-table.js'
import { FplayError } from '../../../engine/errors.js'
import { fplay } from '../../support/caller.js'

describe('settings', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-config-'))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const write = (name: string, text: string): string => {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  }
  const read = (text: string, env: Record<string, string> = {}) =>
    createConfig({ HOME: folder, FPLAY_CONFIG: write('fplay.cfg', text), ...env })

  it('are read as configparser reads them', () => {
    const text =
      '# all\n[defaults]\nForks = 7 ; many\nremote_user: joe#2\n; roles_path = x\ninventory=a,\n  b\n\n[diff]\nalways=yes\n'
    const values = [...parseConfig(text, 'f')].map(([name, { value }]) => [name, value])
    expect(Object.fromEntries(values)).to.deep.equal({
      'defaults.forks': '7',
      'defaults.remote_user': 'joe#2',
      'defaults.inventory': 'a,\nb',
      'diff.always': 'yes',
    })
  })

  it('have types, origins and paths from the folder of the file', () => {
    const config = read(
      '[defaults]\nforks=7\ninventory=hosts,/etc/hosts\nroles_path=roles:~/r\nhost_key_checking=False\n' +
        'private_key_file=$HOME/k\n[privilege_escalation]\nbecome=True\nbecome_user="ops"\n',
      { ANSIBLE_TIMEOUT: '30', ANSIBLE_SSH_TIMEOUT: '40' },
    )
    expect(config.get('DEFAULT_FORKS')).to.equal(7)
    expect(config.origin('DEFAULT_FORKS')).to.equal(`${folder}/fplay.cfg:2`)
    expect(config.get('DEFAULT_HOST_LIST')).to.deep.equal([`${folder}/hosts`, '/etc/hosts'])
    expect(config.get('DEFAULT_ROLES_PATH')).to.deep.equal([`${folder}/roles`, `${folder}/r`])
    expect(config.get('HOST_KEY_CHECKING')).to.equal('no')
    expect(config.get('DEFAULT_PRIVATE_KEY_FILE')).to.equal(`${folder}/k`)
    expect(config.get('DEFAULT_BECOME')).to.equal(true)
    expect(config.get('DEFAULT_BECOME_USER')).to.equal('ops')
    expect(config.get('DEFAULT_TIMEOUT')).to.equal(40)
    expect(config.origin('DEFAULT_TIMEOUT')).to.equal('env: ANSIBLE_SSH_TIMEOUT')
    expect(config.origin('DEFAULT_GATHERING')).to.equal('default')
  })

  it('come from the environment, the home or nowhere; the file of fplay comes first', () => {
    const found = (env: Record<string, string>) => findConfigFile({ HOME: folder, ...env }, () => undefined)
    const theirs = write('.ansible.cfg', '')
    expect(found({})).to.equal(theirs)
    const ours = write('.fplay.cfg', '')
    expect(found({})).to.equal(ours)
    mkdirSync(join(folder, 'sub'))
    writeFileSync(join(folder, 'sub', 'ansible.cfg'), '')
    expect(found({ ANSIBLE_CONFIG: join(folder, 'sub') })).to.equal(join(folder, 'sub', 'ansible.cfg'))
    const said: string[] = []
    findConfigFile({ HOME: folder, FPLAY_CONFIG: '/none.cfg' }, ({ message }) => said.push(message))
    expect(said).to.deep.equal(['FPLAY_CONFIG names /none.cfg, which does not exist'])
  })

  it('are not read from a working folder that everybody may write to', () => {
    const here = process.cwd()
    write('ansible.cfg', '')
    const warnings: string[] = []
    try {
      process.chdir(folder)
      expect(findConfigFile({ HOME: '/nowhere' }, () => undefined)).to.equal(join(folder, 'ansible.cfg'))
      chmodSync(folder, 0o777)
      expect(findConfigFile({ HOME: '/nowhere' }, ({ message }) => warnings.push(message))).to.equal(
        undefined,
      )
    } finally {
      process.chdir(here)
    }
    expect(warnings.join()).to.match(/ansible\.cfg is not read, because everybody may write/)
  })

  it('are refused with their place, all at once', () => {
    const config = read('[defaults]\nforks=0\ngathering = always\nhash_behaviour=merge\n')
    try {
      config.check()
      expect.fail('accepted')
    } catch (error) {
      if (!(error instanceof FplayError)) throw error
      const lines = error.message.split('\n')
      expect(lines).to.have.lengthOf(3)
      expect(lines[0]).to.match(/fplay\.cfg:2:1: defaults\.forks is "0"; allowed: a whole number from 1 on/)
      expect(lines[1]).to.match(/:3:1: .*"always"; allowed: implicit, smart, explicit/)
    }
    expect(() => read('forks=5\n').check()).to.throw(/fplay\.cfg:1:1: .*a \[section\] comes first/)
    expect(() => read('[a]\nx=1\nX=2\n').check()).to.throw(/:3:1: a\.x is set twice; first in line 2/)
  })

  it('that have no effect are said, unless nothing is lost', () => {
    const config = read(
      '[defaults]\nfroks=5\nstrategy_plugins=/x\nnocows=1\nretry_files_enabled=False\n[ssh_connection]\npipelining=True\n[x]\ny=1\n',
      { ANSIBLE_FILTER_PLUGINS: '/lib' },
    )
    expect(settingRemarks(config).map(({ message, allowed }) => [message, allowed])).to.deep.equal([
      ['there is no setting defaults.froks', 'did you mean "forks"?'],
      ['there is no setting x.y', 'fplay has no section [x]'],
      [
        'settings that have no effect here: ANSIBLE_FILTER_PLUGINS (/lib), defaults.strategy_plugins (/x)',
        undefined,
      ],
    ])
  })

  it('have one meaning each', () => {
    const names = [...Object.keys(SETTINGS), ...UNFOLLOWED.map(({ name }) => name)]
    expect(new Set(names).size).to.equal(names.length)
    expect(new Set(knownKeys()).size).to.equal(knownKeys().length)
  })

  it('are dumped with their origin', async () => {
    const file = write('x.cfg', '[defaults]\nforks=9\ncallback_plugins=/x\n')
    const env = { FPLAY_CONFIG: file, HOME: folder, ANSIBLE_BECOME: 'yes' }
    const { code, out, err } = await fplay(['config', 'dump', '--only-changed'], env)
    expect([code, err]).to.deep.equal([0, ''])
    expect(out).to.equal(
      `CONFIG_FILE(found) = ${file}\nDEFAULT_BECOME(env: ANSIBLE_BECOME) = true\nDEFAULT_FORKS(${file}:2) = 9\n\n` +
        `Set, and without effect:\ndefaults.callback_plugins(${file}:3) = /x\n` +
        '    no effect: plugins of Ansible are Python and cannot be loaded\n',
    )
    const all = await fplay(['config', 'dump', '--format=json'], env)
    const rows = JSON.parse(all.out) as { name: string }[]
    expect(rows).to.deep.include({ name: 'DEFAULT_GATHERING', origin: 'default', value: 'implicit' })
    expect(rows.length).to.be.above(Object.keys(SETTINGS).length)
    expect(await fplay(['config', 'list'])).to.include({ code: 5 })
  })

  it('stop a run before anything else when they are wrong, but not its help', async () => {
    const env = { FPLAY_CONFIG: write('x.cfg', '[defaults]\nforks=no\n') }
    const { code, err } = await fplay(['x.yml'], env)
    expect(code).to.equal(5)
    expect(err).to.match(/^ERROR: .*x\.cfg:2:1: defaults\.forks is "no"/)
    expect(await fplay(['--help'], env)).to.include({ code: 0 })
  })
})
