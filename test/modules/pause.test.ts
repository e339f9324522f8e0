import { expect } from 'chai'
import pause from '../../modules/pause.js'
import { call, testController, testHost } from '../support/envelope.js'

/** A person who answers, or nobody; and what was asked and said. */
function watched(answer: string | undefined) {
  const told: string[] = []
  const controller = {
    ...testController(),
    ask: async (question: string, hidden: boolean) => {
      told.push(`${hidden ? 'hidden' : 'shown'}: ${question}`)
      return answer
    },
    say: (text: string, level: string) => void told.push(`${level}: ${text}`),
  }
  return { told, controller }
}

describe('pause', () => {
  it('waits for the time, says what it is for, and tells how long it was', async () => {
    const host = testHost()
    const { told, controller } = watched(undefined)
    const done = await call(host, pause, { seconds: 1, prompt: 'tea' }, { controller })
    expect(done).to.include({ status: 'ok', changed: false })
    const { start, stop, delta, stdout, ...values } = done.values
    // a busy machine wakes late, never early
    expect(delta).to.be.at.least(1)
    expect(stdout).to.match(/^Paused for \d+\.\d{1,2} seconds$/)
    expect(Number.parseFloat(String(stdout).slice('Paused for '.length))).to.be.at.least(1)
    expect(values).to.deep.equal({
      stderr: '',
      rc: 0,
      echo: true,
      user_input: '',
    })
    expect(String(start)).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/)
    expect(String(stop) > String(start)).to.equal(true)
    expect(told).to.deep.equal(['info: [tested]\ntea'])
    expect(host.connection.counts.roundTrips).to.equal(0)
  })

  it('waits at least a second, and not at all in a dry run', async () => {
    const done = await call(testHost(), pause, { minutes: 0 })
    expect(done.values['delta']).to.be.within(1, 59)
    expect(done.values['stdout']).to.match(/^Paused for 0\.\d+ minutes$/)
    const dry = await call(testHost(), pause, { minutes: 9 }, { checkMode: true })
    expect(dry).to.include({ status: 'ok', changed: false })
    expect(Object.keys(dry.values)).to.have.members(Object.keys(done.values))
  })

  it('asks a person, in a dry run too, and gives the answer', async () => {
    for (const checkMode of [false, true]) {
      const { told, controller } = watched("yes, it's {{ 1 }}")
      const done = await call(testHost(), pause, { prompt: 'Go on?', echo: false }, { controller, checkMode })
      expect(done.values).to.include({ user_input: "yes, it's {{ 1 }}", echo: false, delta: 0 })
      expect(done.values['stdout']).to.equal('Paused for 0.0 minutes')
      expect(told).to.deep.equal(['hidden: [tested]\nGo on? (output is hidden)'])
    }
  })

  it('goes on where there is nobody to ask, and warns', async () => {
    const { told, controller } = watched(undefined)
    expect((await call(testHost(), pause, {}, { controller })).values).to.include({ user_input: '' })
    expect(told[0]).to.match(/^shown: \[tested\]\nPress Enter/)
    expect(told[1]).to.match(/^warning: .*\nNobody can be asked/s)
  })
})
