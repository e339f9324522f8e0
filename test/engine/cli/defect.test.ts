import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { reportDefect } from '../../../engine/cli/defect.js'
import { exitCodeOf } from '../../../engine/cli/exit-code.js'
import { FplayError } from '../../../engine/errors.js'
import type { ErrorCode } from '../../../engine/errors.js'

function report(env: Record<string, string>) {
  const stream = new PassThrough()
  const exit = (): never => expect.fail('must not exit')
  const code = reportDefect(new TypeError('x is not a function'), {
    env,
    stdin: stream,
    stdout: stream,
    stderr: stream,
    onDefect: exit,
    exit,
  })
  return { code, text: String(stream.read()) }
}

describe('a defect', () => {
  it('is one sentence and the name of a file', () => {
    const state = mkdtempSync(join(tmpdir(), 'fplay-defect-'))
    const { code, text } = report({ XDG_STATE_HOME: state })
    expect(code).to.equal(250)
    expect(text).to.match(
      /^ERROR: fplay met something it did not expect: x is not a function \(internal\)\nThe full log is in /,
    )
    const [, file] = /log is in (\S+);/.exec(text)!
    expect(readFileSync(file!, 'utf8')).to.include('defect.test.ts')
    rmSync(state, { recursive: true })
  })

  it('is told with its stack where no log can be written', () => {
    expect(report({ XDG_STATE_HOME: '/dev/null' }).text).to.match(
      /No log could be written[^]*defect\.test\.ts/,
    )
  })
})

describe('exitCodeOf', () => {
  const of = (...codes: ErrorCode[]) =>
    exitCodeOf(new FplayError(codes.map((code) => ({ code, message: 'x' }))))

  it('has the numbers of ansible-playbook', () => {
    expect(of('file-not-found')).to.equal(1)
    expect(of('yaml-syntax')).to.equal(4)
    expect(of('file-not-found', 'unknown-keyword')).to.equal(4)
    expect(of('bad-option')).to.equal(5)
    expect(of('interrupted')).to.equal(99)
    expect(of('internal')).to.equal(250)
    expect(exitCodeOf(new Error('x'))).to.equal(250)
  })
})
