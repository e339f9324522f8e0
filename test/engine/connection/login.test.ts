import { expect } from 'chai'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { ConnectionSettings } from '../../../engine/connection/connection.js'
import { loginOf, type Login } from '../../../engine/connection/login.js'
import { refusal } from '../../support/refusals.js'

const folder = mkdtempSync(join(tmpdir(), 'fplay-login-'))

/** The login to an address with a configuration file of this text. */
function login(config: string, settings: Partial<ConnectionSettings> = {}): Login {
  const file = join(folder, 'config')
  writeFileSync(file, config)
  const { sshArgs = '', ...others } = settings
  return loginOf({
    name: 'party',
    kind: 'ssh',
    address: 'alpha',
    hostKeyChecking: 'yes',
    timeout: 10,
    sshArgs: `-F '${file}' ${sshArgs}`,
    ...others,
  })
}

describe('how to log in', () => {
  it('is as OpenSSH has it, where nothing is said', () => {
    const found = login('')
    expect(found).to.include({
      address: 'alpha',
      port: 22,
      user: userInfo().username,
      checking: 'yes',
      knownAs: 'alpha',
    })
    expect(found.keyFiles.map((key) => key.path)).to.contain(join(homedir(), '.ssh', 'id_ed25519'))
    expect(found.knownHostsFiles[0]).to.equal(join(homedir(), '.ssh/known_hosts'))
    expect(found.methods).to.deep.equal(['publickey', 'keyboard-interactive', 'password'])
    expect(found.timeout).to.equal(10_000)
  })

  it('takes the first value that ssh_config has for the host', () => {
    const found = login(`
      # a comment
      Host *.org !alpha
        User nobody
      Host alpha beta
        HostName %h.example.org
        Port=2222
      Host al*
        Port 3333
        User "some body"
        IdentityFile ~/keys/%n
        IdentityFile /keys/\${FPLAY_NO_SUCH}%r
      Host *
        StrictHostKeyChecking accept-new
    `)
    expect(found).to.include({
      address: 'alpha.example.org',
      knownAs: 'alpha.example.org',
      port: 2222,
      user: 'some body',
      checking: 'accept-new',
    })
    expect(found.keyFiles.map((key) => key.path)).to.deep.equal([
      join(homedir(), 'keys/alpha'),
      '/keys/${FPLAY_NO_SUCH}some body',
    ])
  })

  it('understands Match and Include', () => {
    writeFileSync(join(folder, 'part-a'), 'Port 2201\n')
    writeFileSync(join(folder, 'part-b'), 'Port 2202\nUser included\n')
    const found = login(`
      Match host other
        User other
      Match canonical
        User canonical
      Match originalhost alpha !host beta
        Include ${folder}/part-*
      Match exec "test %n = beta"
        ProxyJump wrong
      Match all
        HostKeyAlias shared
    `)
    expect(found).to.include({ port: 2201, user: 'included', knownAs: 'shared' })
    expect(found.jumps).to.deep.equal([])
  })

  it('lets settings win over arguments, and arguments over ssh_config', () => {
    const config = 'Port 1\nUser one\nStrictHostKeyChecking no\nUserKnownHostsFile /known/one\n'
    const args = '-o Port=2 -o User=two -oUserKnownHostsFile=/known/two'
    const found = login(config, { port: 3, sshArgs: args })
    expect(found).to.include({ port: 3, user: 'two', checking: 'no' })
    expect(found.knownHostsFiles[0]).to.equal('/known/two')
    expect(login(config, { hostKeyChecking: 'accept-new' }).checking).to.equal('accept-new')
    expect(login(config, { sshArgs: '-o "StrictHostKeyChecking yes"' }).checking).to.equal('yes')
  })

  it('understands the arguments that people give', () => {
    const found = login('', {
      sshArgs:
        '-C -o ControlMaster=auto -o ControlPersist=60s -J me@[::1]:2200,gate -i /k -4 -o ServerAliveInterval=5 ' +
        '-o PreferredAuthentications=password,publickey -o PubkeyAuthentication=no -o IdentityAgent=none',
    })
    expect(found.jumps).to.deep.equal([
      { address: '::1', user: 'me', port: 2200 },
      { address: 'gate', user: undefined, port: undefined },
    ])
    expect(found).to.include({ compression: true, family: 4, agent: undefined })
    expect(found.alive.interval).to.equal(5000)
    expect(found.methods).to.deep.equal(['password'])
    expect(found.keyFiles).to.deep.equal([{ path: '/k', named: true }])
  })

  it('fills in a ProxyCommand', () => {
    const args = `-o 'ProxyCommand=nc -x "a b" %h %p %r %%' -l me`
    expect(login('', { sshArgs: args }).proxyCommand).to.equal('nc -x "a b" alpha 22 me %')
    expect(login('ProxyCommand none\n').proxyCommand).to.equal(undefined)
  })

  it('refuses what it does not know, with what it knows', () => {
    expect(refusal(() => login('', { sshArgs: '-o StrictHostKeyCheking=no' }))).to.contain(
      'did you mean "StrictHostKeyChecking"?',
    )
    expect(refusal(() => login('', { sshArgs: '-Z' }))).to.contain('-Z')
    expect(refusal(() => login('', { sshArgs: '-o' }))).to.contain('no value')
    expect(refusal(() => login('', { sshArgs: '-o Port' }))).to.contain('Name=value')
    expect(refusal(() => login('Port many\n'))).to.contain('a whole number')
    expect(refusal(() => login('', { sshArgs: '-F /no/such/file' }))).to.contain('/no/such/file')
    expect(refusal(() => login('', { privateKeyFile: '/no/such/key' }))).to.contain('/no/such/key')
  })
})
