import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { Become, ConnectionSettings } from '../../engine/connection/connection.js'
import { contentOf } from '../../engine/content.js'
import { useLab } from '../support/lab.js'
import { ask, useConnections } from './connecting.js'
import { problemOf } from '../support/refusals.js'

/** How ssh2 speaks. */
const Protocol = createRequire(import.meta.url)('ssh2/lib/protocol/Protocol.js') as {
  readonly prototype: { openssh_hostKeysProve(keys: unknown): unknown }
}
const folder = mkdtempSync(join(tmpdir(), 'fplay-connection-'))

describe('logins to hosts', function () {
  this.timeout(60_000)
  const lab = useLab()
  const { connect, address } = useConnections(lab)

  it('does not have a host prove its other keys, which costs it a signature each', async () => {
    const asked: unknown[] = []
    const { openssh_hostKeysProve: prove } = Protocol.prototype
    Protocol.prototype.openssh_hostKeysProve = function (keys) {
      asked.push(keys)
      return prove.call(this, keys)
    }
    try {
      // The host tells its keys before it answers anything.
      expect(await ask(connect(1), 'echo in')).to.equal('in')
      expect(asked).to.have.length(0)
      const bare = new ssh2.Client()
      const told = new Promise((resolve, reject) => bare.once('hostkeys', resolve).once('error', reject))
      bare.connect({ host: address(1), username: 'root', privateKey: readFileSync(lab().keyFile) })
      await told
      bare.end()
      expect(asked, 'ssh2 by itself').to.have.length(1)
    } finally {
      Protocol.prototype.openssh_hostKeysProve = prove
    }
  })

  describe('becoming another user', () => {
    const sudo: Become = { user: 'root', method: 'sudo' }
    const su: Become = { user: 'root', method: 'su', password: 'root' }

    it('goes by sudo, with a password or without, in a shell for each user', async () => {
      const dev = connect(1, { user: 'dev' })
      const become = { ...sudo, password: 'dev' }
      expect(await ask(dev, 'id -un; echo "$HOME"', become)).to.equal('root\n/root')
      expect(await ask(dev, 'id -un')).to.equal('dev')
      expect(await ask(connect(1, { user: 'dev2' }), 'id -un', sudo)).to.equal('root')
      const before = dev.counts.roundTrips
      await Promise.all([ask(dev, 'id -un', become), ask(dev, 'id -un', become)])
      expect(dev.counts.roundTrips - before).to.equal(2)
    })

    it('goes by su on Debian and on busybox', async () => {
      for (const host of [1, 3]) {
        expect(await ask(connect(host, { user: 'dev' }), 'id -un', su)).to.equal('root')
      }
    })

    it('is not needed where the login user is meant', async () => {
      expect(await ask(connect(3), 'id -un', sudo)).to.equal('root')
    })

    it('shows no password in a process list, nor in the environment, on either side', async () => {
      const secret = `secret-${process.pid}`
      await lab().run(2, ['chpasswd'], `dev:${secret}\n`)
      try {
        const dev = connect(2, { user: 'dev' })
        await ask(dev, ':', { ...sudo, password: secret })
        await ask(connect(2, { user: 'dev2' }), ':', { user: 'dev', method: 'su', password: secret })
        const all = `cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -c secret[-] || :`
        expect(await ask(connect(2), all)).to.equal('0')
        expect(execFileSync('/bin/sh', ['-c', all], { encoding: 'utf8' }).trim()).to.equal('0')
      } finally {
        await lab().run(2, ['chpasswd'], 'dev:dev\n')
      }
    })

    it('fails with the cure, and at once where it need not wait', async () => {
      const dev = connect(1, { user: 'dev' })
      const missing = await problemOf(dev.run(':', { become: sudo }))
      expect(missing.code).to.equal('become-failed')
      expect(missing.cure).to.contain('-K')
      const wrong = await problemOf(dev.run(':', { become: { ...sudo, password: 'wr0ng secret' } }))
      expect(wrong.message).to.contain('did not accept the password')
      expect(JSON.stringify(wrong)).to.not.contain('wr0ng')
      expect((await problemOf(dev.run(':', { become: { ...su, password: undefined } }))).cure).to.contain(
        "root's password",
      )
      expect((await problemOf(dev.run(':', { become: { ...su, password: 'no' } }))).message).to.contain(
        'did not accept',
      )
      expect(
        (await problemOf(dev.run(':', { become: { ...sudo, user: 'nobody-here', password: 'dev' } })))
          .message,
      ).to.match(/cannot become nobody-here with sudo: .*unknown user/)
      const none = await problemOf(connect(3, { user: 'dev' }).run(':', { become: sudo }))
      expect(none.message).to.contain('not found')
      expect(none.cure).to.contain('install sudo')
    })

    it('uses a terminal where sudo insists on one, and keeps the streams apart there', async () => {
      await lab().run(1, ['sh', '-c', 'echo "Defaults:dev requiretty" >/etc/sudoers.d/tty'])
      try {
        const dev = connect(1, { user: 'dev' })
        const become = { ...sudo, password: 'dev' }
        const bytes = randomBytes(20_000)
        const reply = await dev.run(`id -un >&2; fplay_input 1 ${bytes.length}; exit 5`, {
          become,
          inputs: [contentOf(bytes)],
        })
        expect(reply.stdout.equals(bytes)).to.equal(true)
        expect([reply.stderr.toString(), reply.code]).to.deep.equal(['root\n', 5])
        expect(await ask(dev, 'echo again', become)).to.equal('again')
      } finally {
        await lab().run(1, ['rm', '/etc/sudoers.d/tty'])
      }
    })
  })

  describe('host keys', () => {
    const known = (name: string, text: string): string => {
      const file = join(folder, name)
      writeFileSync(file, text)
      return file
    }
    const lines = (): string => readFileSync(lab().knownHostsFile, 'utf8')

    it('that are unknown are refused with fingerprint and cure', async () => {
      const problem = await problemOf(connect(1, { knownHostsFiles: [known('empty', '')] }).open())
      expect(problem.code).to.equal('host-key')
      expect(problem.message).to.match(/is not known: \S+ SHA256:\S{43}/)
      expect(problem.cure).to.contain(`ssh-keyscan ${address(1)}`)
    })

    it('that have changed are refused loudly, also with accept-new', async () => {
      const swapped = lines().replaceAll(address(1), 'x').replaceAll(address(2), address(1))
      const file = known('swapped', swapped)
      for (const hostKeyChecking of ['yes', 'accept-new'] as const) {
        const problem = await problemOf(connect(1, { knownHostsFiles: [file], hostKeyChecking }).open())
        expect([problem.code, problem.message.includes('HAS CHANGED')]).to.deep.equal(['host-key', true])
        expect(problem.message).to.contain(`${file}:`)
      }
    })

    it('are added once with accept-new, and not asked for with no', async () => {
      const file = known('new', '')
      await connect(1, { knownHostsFiles: [file], hostKeyChecking: 'accept-new' }).open()
      const added = readFileSync(file, 'utf8')
      expect(added).to.match(new RegExp(`^${address(1)} ssh-`))
      await connect(1, { knownHostsFiles: [file], hostKeyChecking: 'accept-new' }).open()
      await connect(1, { knownHostsFiles: [file] }).open()
      expect(readFileSync(file, 'utf8')).to.equal(added)
      await connect(1, { knownHostsFiles: ['/dev/null'], hostKeyChecking: 'no' }).open()
    })

    it('are found hashed', async () => {
      const file = known('hashed', lines())
      execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' })
      await connect(1, { knownHostsFiles: [file] }).open()
      await connect(3, { knownHostsFiles: [file] }).open()
    })
  })

  describe('logging in', () => {
    const key = (name: string): string => {
      const file = join(folder, name)
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'a passphrase', '-f', file])
      return file
    }
    const without: Partial<ConnectionSettings> = {
      privateKeyFile: undefined,
      sshArgs: '-F none -o IdentityAgent=none -o IdentityFile=/dev/null',
    }

    it('works with a password, on OpenSSH and on dropbear', async () => {
      for (const host of [1, 3]) {
        const dev = connect(host, { ...without, user: 'dev', password: 'dev' })
        expect(await ask(dev, 'id -un')).to.equal('dev')
      }
    })

    it('says who, where and what was tried when it is refused', async () => {
      const problem = await problemOf(connect(1, { ...without, user: 'dev', password: 'wr0ng' }).open())
      expect(problem.code).to.equal('unreachable')
      expect(problem.message).to.match(
        new RegExp(`dev@${address(1)} port 22: the login was refused; tried .*password`),
      )
      expect(JSON.stringify(problem)).to.not.contain('wr0ng')
      expect(problem.cure).to.contain('--private-key')
    })

    it('opens keys with a passphrase, and names those that it cannot open', async () => {
      const file = key('locked')
      await lab().run(1, ['sh', '-c', 'cat >>/home/dev2/.ssh/authorized_keys'], readFileSync(`${file}.pub`))
      const settings = { user: 'dev2', privateKeyFile: file }
      expect(await ask(connect(1, { ...settings, passphrase: 'a passphrase' }), 'id -un')).to.equal('dev2')
      expect((await problemOf(connect(1, settings).open())).message).to.contain(
        `${file} is encrypted and no passphrase`,
      )
      expect((await problemOf(connect(1, { ...settings, passphrase: 'no' }).open())).message).to.contain(
        `${file} cannot be decrypted`,
      )
    })

    it('asks the agent, and survives one that is gone', async () => {
      const socket = join(folder, 'agent')
      const started = execFileSync('ssh-agent', ['-s', '-a', socket], { encoding: 'utf8' })
      try {
        execFileSync('ssh-add', ['-q', lab().keyFile], {
          env: { ...process.env, SSH_AUTH_SOCK: socket },
          stdio: 'ignore',
        })
        const sshArgs = `-F none -o IdentityAgent=${socket}`
        expect(await ask(connect(1, { ...without, sshArgs }), 'id -un')).to.equal('root')
      } finally {
        process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(started)![1]))
      }
      const sshArgs = `-F none -o IdentityAgent=${socket}-gone`
      expect(await ask(connect(1, { sshArgs }), 'id -un')).to.equal('root')
      const problem = await problemOf(connect(1, { ...without, sshArgs }).open())
      expect(problem.message).to.contain('does not answer')
    })

    it('goes through other hosts, each with its own user and key', async () => {
      const config = join(folder, 'config')
      writeFileSync(
        config,
        `Host gate\n HostName ${address(2)}\n User dev\nHost far\n HostName ${address(1)}\n ProxyJump gate\n` +
          `Host *\n IdentityAgent none\n IdentityFile ${lab().keyFile}\n UserKnownHostsFile ${lab().knownHostsFile}\n`,
      )
      const settings = {
        address: 'far',
        knownHostsFiles: undefined,
        privateKeyFile: undefined,
        sshArgs: `-F ${config}`,
      }
      const [from] = (await ask(connect(1, settings), 'echo "$SSH_CONNECTION"')).split(' ')
      expect(from).to.equal(address(2))
      const command = `-F ${config} -o ProxyJump=none -o 'ProxyCommand=ssh -F ${config} -W %h:%p gate'`
      const [by] = (await ask(connect(1, { ...settings, sshArgs: command }), 'echo "$SSH_CONNECTION"')).split(
        ' ',
      )
      expect(by).to.equal(address(2))
    })

    it('says why a host cannot be reached', async () => {
      const refused = await problemOf(connect(1, { port: 2 }).open())
      expect(refused).to.include({ code: 'unreachable', host: 'host-1' })
      expect(refused.message).to.contain('port 2: the connection was refused')
      const unknown = await problemOf(connect(1, { address: 'no-such-host.invalid' }).open())
      expect(unknown.message).to.match(/name is not known|could not be looked up/)
      const silent = await problemOf(
        connect(1, { address: address(1).replace(/\d+$/, '77'), timeout: 1 }).open(),
      )
      expect(silent.message).to.match(/no answer in time|no way to the host/)
    })
  })
})
