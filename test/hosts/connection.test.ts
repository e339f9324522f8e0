import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from '../../engine/connection/connect.js'
import type { Become, Connection, ConnectionSettings } from '../../engine/connection/connection.js'
import { contentOf, type Content } from '../../engine/content.js'
import type { Problem } from '../../engine/errors.js'
import { FplayError } from '../../engine/errors.js'
import { useLab } from '../support/lab.js'

const MEGABYTE = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'fplay-connection-'))

/** The first problem of a promise that must not be kept. */
async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  try {
    await promise
  } catch (error) {
    if (error instanceof FplayError) return error.problems[0]!
    throw error
  }
  throw new Error('it did not fail')
}

/** A content of many bytes that is not held twice. */
function large(size: number): Content {
  const bytes = randomBytes(size)
  const refuse = (): never => {
    throw new Error('too large to be read as a whole')
  }
  return {
    sha1: createHash('sha1').update(bytes).digest('hex'),
    size,
    open: () => Readable.from(pieces(bytes)),
    text: refuse,
    bytes: refuse,
    slice: (at, length) => bytes.subarray(at, at + length),
  }
}

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

describe('connections to hosts', function () {
  this.timeout(60_000)
  const lab = useLab()
  const opened: Connection[] = []
  let addresses: string[] = []

  before(async () => {
    addresses = (await lab().hosts()).map((host) => host.address)
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((connection) => connection.close()))
  })

  /** A connection to the n-th host, from 1. */
  function connect(host: number, settings: Partial<ConnectionSettings> = {}): Connection {
    const connection = createConnection({
      name: `host-${host}`,
      kind: 'ssh',
      address: addresses[host - 1]!,
      user: 'root',
      privateKeyFile: lab().keyFile,
      knownHostsFiles: [lab().knownHostsFile],
      hostKeyChecking: 'yes',
      timeout: 5,
      sshArgs: '-F none -o IdentityAgent=none',
      ...settings,
    })
    opened.push(connection)
    return connection
  }

  /** What a script prints, without the newline at its end. */
  async function ask(connection: Connection, script: string, become?: Become): Promise<string> {
    const reply = await connection.run(script, { become })
    expect(reply.code, reply.stderr.toString()).to.equal(0)
    return reply.stdout.toString().trimEnd()
  }

  describe('the shell', () => {
    for (const [kind, host] of [
      ['debian', 1],
      ['busybox', 3],
    ] as const) {
      it(`frames any bytes on ${kind}, one round trip a script`, async () => {
        const connection = connect(host)
        const bytes = randomBytes(100_000)
        await connection.run(':')
        const before = connection.counts.roundTrips
        const reply = await connection.run(`fplay_input 1 ${bytes.length}; echo err >&2; exit 3`, {
          inputs: [contentOf(bytes)],
        })
        expect(reply.stdout.equals(bytes)).to.equal(true)
        expect([reply.stderr.toString(), reply.code]).to.deep.equal(['err\n', 3])
        expect(connection.counts.roundTrips - before).to.equal(1)
        expect(connection.counts.connections).to.equal(1)
      })

      it(`ends what takes too long on ${kind}, with all it started`, async () => {
        const connection = connect(host)
        const error = await problemOf(connection.run('sleep 987 & sleep 987', { timeout: 300 }))
        expect(error.message).to.contain('after 0.3 s')
        expect(await ask(connection, 'ps -e 2>/dev/null | grep -c "sleep 98[7]" || :')).to.equal('0')
      })

      it(`leaves nothing running on ${kind} when it is closed`, async () => {
        const connection = connect(host)
        const running = problemOf(connection.run('sleep 986'))
        await sleep(300)
        await connection.close()
        expect((await running).code).to.equal('interrupted')
        const left = await lab().run(host, [
          'sh',
          '-c',
          'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " " | grep -c "sleep 98[6]"',
        ])
        expect(left.stdout.trim()).to.equal('0')
      })
    }

    it('is not confused by what start-up files print', async () => {
      await lab().run(1, ['sh', '-c', 'echo "echo noise; echo more >&2" >/home/dev/.bashrc'])
      try {
        expect(await ask(connect(1, { user: 'dev' }), 'echo mine')).to.equal('mine')
      } finally {
        await lab().run(1, ['rm', '/home/dev/.bashrc'])
      }
    })
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
      expect(problem.cure).to.contain(`ssh-keyscan ${addresses[0]}`)
    })

    it('that have changed are refused loudly, also with accept-new', async () => {
      const swapped = lines().replaceAll(addresses[0]!, 'x').replaceAll(addresses[1]!, addresses[0]!)
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
      expect(added).to.match(new RegExp(`^${addresses[0]} ssh-`))
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
        new RegExp(`dev@${addresses[0]} port 22: the login was refused; tried .*password`),
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
        `Host gate\n HostName ${addresses[1]}\n User dev\nHost far\n HostName ${addresses[0]}\n ProxyJump gate\n` +
          `Host *\n IdentityAgent none\n IdentityFile ${lab().keyFile}\n UserKnownHostsFile ${lab().knownHostsFile}\n`,
      )
      const settings = {
        address: 'far',
        knownHostsFiles: undefined,
        privateKeyFile: undefined,
        sshArgs: `-F ${config}`,
      }
      const [from] = (await ask(connect(1, settings), 'echo "$SSH_CONNECTION"')).split(' ')
      expect(from).to.equal(addresses[1])
      const command = `-F ${config} -o ProxyJump=none -o 'ProxyCommand=ssh -F ${config} -W %h:%p gate'`
      const [by] = (await ask(connect(1, { ...settings, sshArgs: command }), 'echo "$SSH_CONNECTION"')).split(
        ' ',
      )
      expect(by).to.equal(addresses[1])
    })

    it('says why a host cannot be reached', async () => {
      const refused = await problemOf(connect(1, { port: 2 }).open())
      expect(refused).to.include({ code: 'unreachable', host: 'host-1' })
      expect(refused.message).to.contain('port 2: the connection was refused')
      const unknown = await problemOf(connect(1, { address: 'no-such-host.invalid' }).open())
      expect(unknown.message).to.match(/name is not known|could not be looked up/)
      const silent = await problemOf(
        connect(1, { address: addresses[0]!.replace(/\d+$/, '77'), timeout: 1 }).open(),
      )
      expect(silent.message).to.match(/no answer in time|no way to the host/)
    })
  })

  describe('streams and files', () => {
    it('reach an address as the host reaches it', async () => {
      const stream = await connect(1).tcp('127.0.0.1', 22)
      const [banner] = (await stream.take(1).toArray()) as Buffer[]
      expect(banner!.toString()).to.match(/^SSH-2\.0-OpenSSH/)
      const problem = await problemOf(connect(1).tcp('127.0.0.1', 3))
      expect(problem.message).to.contain('127.0.0.1 port 3')
    })

    for (const host of [1, 3]) {
      it(`of 64 MB arrive whole on host ${host}, and half of one is not sent twice`, async () => {
        const connection = connect(host)
        const content = large(64 * MEGABYTE)
        await connection.run('mkdir -p /tmp/up; echo old >/tmp/up/file')
        const stop = new AbortController()
        const first = problemOf(
          connection.upload(content, '/tmp/up/file', {
            signal: stop.signal,
            onProgress: (sent) => sent > 32 * MEGABYTE && stop.abort(),
          }),
        )
        expect((await first).code).to.equal('interrupted')
        expect(await ask(connection, 'cat /tmp/up/file')).to.equal('old')
        let begun: number | undefined
        let last = 0
        await connection.upload(content, '/tmp/up/file', {
          onProgress: (sent) => {
            begun ??= sent
            last = sent
          },
        })
        expect(begun).to.be.greaterThan(20 * MEGABYTE)
        expect(last).to.equal(content.size)
        expect(await ask(connection, 'sha1sum </tmp/up/file; ls -A /tmp/up')).to.equal(
          `${content.sha1}  -\nfile`,
        )
      })
    }

    it('are read, with progress, and refused by name', async () => {
      const connection = connect(1)
      await connection.run('head -c 3000000 /dev/urandom >/tmp/random')
      const seen: number[] = []
      const bytes = await connection.download('/tmp/random', { onProgress: (got) => seen.push(got) })
      const sum = await ask(connection, 'sha1sum </tmp/random')
      expect(sum).to.contain(createHash('sha1').update(bytes).digest('hex'))
      expect(seen.at(-1)).to.equal(3_000_000)
      expect((await problemOf(connection.download('/tmp/none'))).message).to.contain('/tmp/none')
    })

    it('that are inputs of a script travel as the user who reads them, and leave nothing', async () => {
      const content = large(3 * MEGABYTE)
      const become: Become = { user: 'root', method: 'sudo', password: 'dev' }
      const dev = connect(1, { user: 'dev' })
      const reply = await dev.run(
        `fplay_input 1 ${content.size} | sha1sum; fplay_input_to 1 ${content.size} /root/moved; sha1sum </root/moved`,
        {
          become,
          inputs: [content],
        },
      )
      expect(reply.stdout.toString()).to.equal(`${content.sha1}  -\n`.repeat(2))
      expect(await ask(dev, 'ls -A /root/.fplay; rm /root/moved', become)).to.equal('')
    })

    it('that cannot be written are refused with the reason', async () => {
      const dev = connect(1, { user: 'dev' })
      const problem = await problemOf(dev.upload(large(2 * MEGABYTE), '/root/file'))
      expect(problem.code).to.equal('task-failed')
      expect(problem.message).to.match(/Permission denied|cannot create/)
    })
  })

  describe('a connection that breaks', () => {
    it('is lost with the host named, keeps the old file, and is made again', async () => {
      const connection = connect(1)
      await connection.run('echo old >/tmp/kept')
      const session = await ask(connection, 'echo "$PPID"')
      const content = large(256 * MEGABYTE)
      let cut: Promise<unknown> | undefined
      const lost = await problemOf(
        connection.upload(content, '/tmp/kept', {
          onProgress: (sent) => {
            if (sent > MEGABYTE) cut ??= lab().run(1, ['kill', '-9', session])
          },
        }),
      )
      await cut
      expect(lost).to.include({ code: 'connection-lost', host: 'host-1' })
      expect(await ask(connection, 'cat /tmp/kept')).to.equal('old')
      expect(connection.counts.connections).to.equal(2)
    })

    it('is lost in the middle of a script', async () => {
      const connection = connect(1)
      const session = await ask(connection, 'echo "$PPID"')
      const lost = problemOf(connection.run('sleep 20'))
      await lab().run(1, ['kill', '-9', session])
      expect((await lost).code).to.equal('connection-lost')
    })
  })

  it('tries again when sshd drops logins because many are under way', async () => {
    await lab().run(2, ['sh', '-c', '/usr/sbin/sshd -p 2222 -o MaxStartups=1:100:1 -o PidFile=/tmp/sshd.pid'])
    try {
      const settings: Partial<ConnectionSettings> = { port: 2222 }
      const many = Array.from({ length: 6 }, () => connect(2, settings))
      await Promise.all(many.map((connection) => connection.open()))
    } finally {
      await lab().run(2, ['sh', '-c', 'kill $(cat /tmp/sshd.pid)'])
    }
  })
})
