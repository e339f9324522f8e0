import { expect } from 'chai'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Become, ConnectionSettings } from '../../engine/connection/connection.js'
import { contentOf, type Content } from '../../engine/content.js'
import { useLab } from '../support/lab.js'
import { until } from '../support/until.js'
import { ask, useConnections } from './connecting.js'
import { problemOf } from '../support/refusals.js'

const MEGABYTE = 1024 * 1024

/** A content of many bytes that is not held twice. */
function large(size: number): Content {
  const bytes = randomBytes(size)
  const refuse = (): never => {
    throw new Error('too large to be read as a whole')
  }
  const sha1 = createHash('sha1').update(bytes).digest('hex')
  return {
    sha1,
    id: sha1,
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
  this.timeout(180_000)
  const lab = useLab()
  const { connect } = useConnections(lab)

  /** How many lines of all command lines on a host match; the pattern must not match itself. */
  async function running(host: number, pattern: string): Promise<number> {
    const text = `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c '${pattern}'`
    return Number((await lab().run(host, ['sh', '-c', text])).stdout)
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
        await until(async () => (await running(host, 'sleep 98[7]')) === 0)
      })

      it(`leaves nothing running on ${kind} when it is closed`, async () => {
        const connection = connect(host)
        const ended = problemOf(connection.run('sleep 986'))
        await until(async () => (await running(host, 'sleep 98[6]')) > 0)
        await connection.close()
        expect((await ended).code).to.equal('interrupted')
        await until(async () => (await running(host, 'sleep 98[6]')) === 0)
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

    it('are read as they come, and refused by name', async () => {
      const connection = connect(1)
      await connection.run('head -c 3000000 /dev/urandom >/tmp/random')
      const hash = createHash('sha1')
      const sizes: number[] = []
      const take = (bytes: Buffer): void => {
        hash.update(bytes)
        sizes.push(bytes.length)
      }
      await connection.download('/tmp/random', 0, take)
      expect(await ask(connection, 'sha1sum </tmp/random')).to.contain(hash.digest('hex'))
      expect(sizes.reduce((sum, size) => sum + size, 0)).to.equal(3_000_000)
      expect(sizes.length).to.be.greaterThan(10)
      expect((await problemOf(connection.download('/tmp/none', 0, take))).message).to.contain('/tmp/none')
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
