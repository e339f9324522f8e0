import { expect } from 'chai'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { runCommand } from '../../../engine/cli/command.js'
import { gathered } from '../../../engine/report/gathered.js'

describe('lines that are written together', () => {
  const open = (): { sinks: ReturnType<typeof gathered>; written: string[] } => {
    const written: string[] = []
    const sinkOf = (name: string): { write(text: string): void } => ({
      write: (text) => void written.push(`${name}: ${text}`),
    })
    return { sinks: gathered({ out: sinkOf('out'), err: sinkOf('err') }), written }
  }

  it('are one write, which comes by itself', async () => {
    const { sinks, written } = open()
    sinks.out.write('a\n')
    sinks.out.write('b\n')
    expect(written).to.deep.equal([])
    while (!written.length) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(written).to.deep.equal(['out: a\nb\n'])
  })

  it('are written before an error is', () => {
    const { sinks, written } = open()
    sinks.out.write('a\n')
    sinks.err.write('no\n')
    sinks.flush()
    expect(written).to.deep.equal(['out: a\n', 'err: no\n'])
  })

  it('are those of a run into a pipe', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fplay-gathered-'))
    const book = join(folder, 'play.yml')
    const tasks = '    - debug: { msg: said }\n'.repeat(50)
    writeFileSync(book, `- hosts: localhost\n  gather_facts: false\n  tasks:\n${tasks}`)
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const written: string[] = []
    stdout.on('data', (bytes: Buffer) => void written.push(String(bytes)))
    const exit = (code: number): never => {
      throw new Error(`exit ${code}`)
    }
    const env = { FPLAY_CONFIG: '/dev/null' }
    const argv = [book, '-i', 'localhost,', '-e', 'ansible_connection=local']
    expect(await runCommand(argv, { env, stdin, stdout, stderr, onDefect: () => undefined, exit })).to.equal(
      0,
    )
    rmSync(folder, { recursive: true })
    const said = written.join('').split('ok: [localhost]: said').length - 1
    expect(said).to.equal(50)
    // A heading and a result each, if every line were written by itself.
    expect(written.length).to.be.lessThan(100)
  })

  it('do not wait when they are many, nor when they are asked for', () => {
    const { sinks, written } = open()
    sinks.out.write('x'.repeat(20_000))
    sinks.out.write('y')
    expect(written.map(({ length }) => length)).to.deep.equal([20_005])
    sinks.flush()
    expect(written[1]).to.equal('out: y')
  })
})
