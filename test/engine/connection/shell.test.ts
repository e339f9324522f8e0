import { expect } from 'chai'
import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from '../../../engine/connection/connect.js'
import { NotRun, type Link } from '../../../engine/connection/connection.js'
import type { Connection } from '../../../engine/connection/connection.js'
import { contentOf } from '../../../engine/content.js'
import type { FplayError } from '../../../engine/errors.js'
import { word } from '../../../engine/module/quote.js'
import { localSettings, SHELLS } from './shells.js'

/** The error of a promise that must not be kept. */
async function errorOf(promise: Promise<unknown>): Promise<FplayError> {
  try {
    await promise
  } catch (error) {
    return error as FplayError
  }
  throw new Error('it did not fail')
}

/** Whether a process has this word in its command line. */
function runs(mark: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes(mark)
      } catch {
        return false
      }
    })
}

for (const [name, shell] of Object.entries(SHELLS)) {
  describe(`the framed shell on ${name}`, function () {
    let connection: Connection
    before(function () {
      if (shell === undefined) {
        console.log(`      skipped: this machine has no ${name}`)
        this.skip()
      }
    })
    beforeEach(() => (connection = createConnection(localSettings(shell))))
    afterEach(() => connection.close())

    it('keeps stdout, stderr and exit status apart', async () => {
      const reply = await connection.run('echo out; echo err >&2; exit 7')
      expect([reply.stdout.toString(), reply.stderr.toString(), reply.code]).to.deep.equal([
        'out\n',
        'err\n',
        7,
      ])
    })

    it('takes 128 + n as the status of a script that a signal ended', async () => {
      expect((await connection.run("sh -c 'kill -TERM $$'")).code).to.equal(143)
    })

    it('runs every script in a subshell of its own', async () => {
      await connection.run('cd /; x=1; set -e; trap "" TERM; exit 3')
      const reply = await connection.run('printf "%s %s" "${x-unset}" "$-"; false; printf " on"')
      expect(reply.stdout.toString()).to.match(/^unset [^e]* on$/)
      expect((await connection.run('return 4')).code).to.equal(4)
      expect((await connection.run('set -e; false; echo not reached')).stdout.toString()).to.equal('')
    })

    it('survives a script that is no shell language', async () => {
      const reply = await connection.run('if then (')
      expect(reply.code).to.not.equal(0)
      expect(reply.stderr.toString()).to.match(/syntax|unexpected/i)
      expect((await connection.run('echo on')).stdout.toString()).to.equal('on\n')
    })

    it('gives scripts no input, and positional parameters of none', async () => {
      expect((await connection.run('cat; echo "$#"')).stdout.toString()).to.equal('0\n')
    })

    it('sets LC_ALL, PATH and HISTFILE', async () => {
      const reply = await connection.run('echo "$LC_ALL ${HISTFILE-none}"; echo ":$PATH:"')
      const [first, path] = reply.stdout.toString().split('\n')
      expect(first).to.equal('C none')
      for (const folder of ['/usr/local/sbin', '/usr/sbin', '/sbin']) expect(path).to.contain(`:${folder}:`)
    })

    it('brings output of any bytes, with and without a newline at its end', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (array) => {
          const bytes = Buffer.from(array)
          const inputs = [contentOf(bytes)]
          const reply = await connection.run(`fplay_input 1 ${bytes.length}`, { inputs })
          expect(reply.stdout.equals(bytes)).to.equal(true)
          const other = await connection.run(
            `fplay_input 1 ${bytes.length} >&2; exit ${bytes.length % 256}`,
            {
              inputs,
            },
          )
          expect(other.stderr.equals(bytes)).to.equal(true)
          expect(other.code).to.equal(bytes.length % 256)
        }),
        { numRuns: 60 },
      )
    })

    it('brings values of any characters to a program unharmed', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.string({
              unit: fc.constantFrom("'", '"', '\\', '$', '`', '\n', ' ', 'é', '-', 'a', '\x81', '\r', '*'),
            }),
            {
              maxLength: 6,
            },
          ),
          async (values) => {
            const reply = await connection.run(`printf '<%s>' ${values.map((v) => word(v).text).join(' ')}`)
            const wanted = values.length ? values.map((value) => `<${value}>`).join('') : '<>'
            expect(reply.stdout.toString('utf8')).to.equal(wanted)
          },
        ),
        { numRuns: 60 },
      )
    })

    it('reads inputs in any order, large ones too, and survives those left unread', async () => {
      const large = Buffer.alloc(200_000, 'x\0y\\\n')
      const inputs = [contentOf('first\n\n'), contentOf(large)]
      const script = `fplay_input 2 ${large.length} | wc -c; fplay_input 1 7`
      const reply = await connection.run(script, { inputs })
      expect(reply.stdout.toString()).to.match(/^\s*200000\nfirst\n\n$/)
      expect((await connection.run('exit 9', { inputs })).code).to.equal(9)
      expect((await connection.run('fplay_input 2 9 | head -c 1', { inputs })).stdout.toString()).to.equal(
        'x',
      )
      expect((await connection.run('fplay_input 3 9', { inputs })).stderr.toString()).to.contain('no input 3')
      expect((await connection.run('echo on')).stdout.toString()).to.equal('on\n')
    })

    it('runs scripts of more bytes than a pipe holds', async () => {
      const script = `${': some words that do nothing\n'.repeat(8000)}echo done`
      expect((await connection.run(script)).stdout.toString()).to.equal('done\n')
    })

    it('runs concurrent calls in their order', async () => {
      const calls = Array.from({ length: 30 }, (_, i) => connection.run(`echo ${i}; exit ${i}`))
      const replies = await Promise.all(calls)
      expect(replies.map((reply) => reply.code)).to.deep.equal(replies.map((_, i) => i))
      expect(replies.map((reply) => reply.stdout.toString())).to.deep.equal(replies.map((_, i) => `${i}\n`))
    })

    it('passes over the rest of a row behind a script that failed, or what stands between', async () => {
      const ended = (script: string, link: Link): Promise<string> =>
        connection.run(script, { link }).then(
          ({ stdout, code }) => `${stdout.toString()}${code}`,
          (error) => (error instanceof NotRun ? 'not run' : String(error)),
        )
      const row = (scripts: readonly string[], between?: () => void): Promise<string[]> => {
        let link: Link = {}
        const all = scripts.map((script, n) => {
          if (n === 1) between?.()
          const one = ended(script, link)
          link = { behind: link }
          return one
        })
        return Promise.all(all)
      }
      expect(await row(['printf a', 'printf b', 'printf c'])).to.deep.equal(['a0', 'b0', 'c0'])
      expect(await row([':', 'exit 3', 'printf no', 'printf no'])).to.deep.equal([
        '0',
        '3',
        'not run',
        'not run',
      ])
      expect(await row([':', 'printf no'], () => void connection.run(':'))).to.deep.equal(['0', 'not run'])
      expect(await row(['printf x; exit 0'])).to.deep.equal(['x0'])
    })

    it('passes over a row that is cancelled', async () => {
      const stop = new AbortController()
      const link = {}
      const first = errorOf(connection.run('sleep 30', { link, signal: stop.signal }))
      const second = errorOf(
        connection.run('touch /nonexistent/second', { link: { behind: link }, signal: stop.signal }),
      )
      const third = connection.run('echo third')
      await sleep(100)
      stop.abort()
      for (const error of [first, second]) expect((await error).problems[0]!.code).to.equal('interrupted')
      expect((await third).stdout.toString()).to.equal('third\n')
    })

    it('tells output while the script runs', async () => {
      const pieces: string[] = []
      const times: number[] = []
      const reply = await connection.run('echo one; sleep 0.3; echo two >&2', {
        onOutput: (piece) => {
          pieces.push(`${piece.stream} ${piece.text}`)
          times.push(Date.now())
        },
      })
      expect(pieces).to.deep.equal(['stdout one\n', 'stderr two\n'])
      expect(times[1]! - times[0]!).to.be.greaterThan(150)
      expect(reply.stdout.toString()).to.equal('one\n')
    })

    it('does not take what an earlier script left in the background for its own output', async () => {
      await connection.run('(sleep 0.1; echo stray) & :')
      await sleep(300)
      expect((await connection.run('echo mine')).stdout.toString()).to.equal('mine\n')
    })

    it('counts a script as one round trip', async () => {
      await connection.run(':')
      const before = connection.counts.roundTrips
      await connection.run('echo once', { inputs: [contentOf('some bytes')] })
      expect(connection.counts.roundTrips - before).to.equal(1)
      expect(connection.counts.connections).to.equal(1)
    })

    it('ends a script that takes too long, with all it started, and keeps the shell', async () => {
      const [one, two, three] = ['86401.1', '86401.2', '86401.3'].map((n) => n + process.pid + name.length)
      const shellPid = (await connection.run('echo $$')).stdout.toString()
      const script = `sleep ${one} & (trap '' TERM; sleep ${two}) & (sleep ${three} & ) ; sleep 86400`
      const error = await errorOf(connection.run(script, { timeout: 200 }))
      expect(error.message).to.contain('after 0.2 s')
      expect([one, two, three].map((mark) => runs(mark!))).to.deep.equal([false, false, false])
      expect((await connection.run('echo $$')).stdout.toString()).to.equal(shellPid)
    })

    it('ends on request what runs, and does not begin what waits behind it, but what was not cancelled', async () => {
      const stop = new AbortController()
      const first = errorOf(connection.run('echo begun; sleep 60', { signal: stop.signal }))
      const second = errorOf(connection.run('touch /nonexistent/second', { signal: stop.signal }))
      const third = connection.run('echo third')
      const fourth = connection.run('echo fourth')
      await sleep(100)
      stop.abort()
      expect((await first).problems[0]!.code).to.equal('interrupted')
      expect((await second).problems[0]!.code).to.equal('interrupted')
      expect((await third).stdout.toString()).to.equal('third\n')
      expect((await fourth).stdout.toString()).to.equal('fourth\n')
      expect((await connection.run('echo on')).stdout.toString()).to.equal('on\n')
    })

    it('lets a script run to its end when only one behind it is cancelled', async () => {
      const stop = new AbortController()
      const first = connection.run('sleep 0.4; echo whole')
      const second = errorOf(connection.run('echo no', { signal: stop.signal }))
      await sleep(100)
      stop.abort()
      expect((await first).stdout.toString()).to.equal('whole\n')
      expect((await second).problems[0]!.code).to.equal('interrupted')
    })

    it('says so when the shell is killed, and opens another', async () => {
      const error = await errorOf(connection.run('kill -9 $$; sleep 1'))
      expect(error.problems[0]!.code).to.equal('connection-lost')
      expect(error.message).to.contain('signal KILL')
      expect((await connection.run('echo again')).stdout.toString()).to.equal('again\n')
    })

    it('leaves nothing running when it is closed', async () => {
      const mark = `86402.${process.pid}${name.length}`
      const error = errorOf(connection.run(`sleep ${mark}`))
      for (let i = 0; i < 50 && !runs(mark); i++) await sleep(20)
      expect(runs(mark)).to.equal(true)
      await connection.close()
      expect((await error).problems[0]!.code).to.equal('interrupted')
      expect(runs(mark)).to.equal(false)
    })
  })
}
