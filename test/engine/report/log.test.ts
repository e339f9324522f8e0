import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createLog, logFolder } from '../../../engine/report/log.js'

describe('the log of an unexpected failure', () => {
  let state: string
  beforeEach(() => (state = mkdtempSync(join(tmpdir(), 'fplay-log-'))))
  afterEach(() => rmSync(state, { recursive: true }))
  const log = () =>
    createLog({
      env: { XDG_STATE_HOME: state },
      version: '1.2.3',
      mask: (text) => text.replaceAll('hunter22', '****'),
    })

  it('has the error and what came before it, masked, for the user only', () => {
    const own = log()
    own.listen({ kind: 'message', level: 'info', text: 'pw hunter22' })
    const file = own.write(new Error('boom hunter22'))
    const text = readFileSync(file, 'utf8')
    expect(text).to.match(/^fplay 1\.2\.3, Node\.js v/)
    expect(text).to.include('Error: boom ****')
    expect(text).to.include('log.test.ts')
    expect(text).to.include("text: 'pw ****'")
    expect(statSync(file).mode & 0o777).to.equal(0o600)
    expect(statSync(join(state, 'fplay')).mode & 0o777).to.equal(0o700)
  })

  it('keeps the last ten, and nothing but logs is removed', () => {
    log().write('first')
    writeFileSync(join(state, 'fplay', 'mine.log'), '')
    for (let day = 10; day < 25; day++) writeFileSync(join(state, 'fplay', `2020-01-${day}.log`), '')
    log().write('last')
    const left = readdirSync(join(state, 'fplay'))
    expect(left).to.have.lengthOf(11)
    expect(left).to.include('mine.log')
  })

  it('lies where the system keeps such files', () => {
    expect(logFolder({ HOME: '/home/me' })).to.equal('/home/me/.local/state/fplay')
    expect(logFolder({ HOME: '/home/me', XDG_STATE_HOME: '/s' })).to.equal('/s/fplay')
  })
})
