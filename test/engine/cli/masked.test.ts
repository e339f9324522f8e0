import { expect } from 'chai'
import { maskedListener } from '../../../engine/cli/masked.js'
import type { RunEvent } from '../../../engine/events.js'
import { createSecrets } from '../../../engine/secrets.js'
import { outcome, taskInfo } from '../../support/events.js'

describe('maskedListener', () => {
  it('hides secrets in whatever is told', () => {
    const secrets = createSecrets()
    secrets.add('hunter22')
    const told: RunEvent[] = []
    const listen = maskedListener(secrets, [(event) => told.push(event)])
    listen({ kind: 'message', level: 'info', text: 'pw hunter22' })
    listen({
      kind: 'problem',
      problem: { code: 'internal', message: 'no hunter22', place: { file: 'hunter22', line: 1, column: 2 } },
    })
    listen({ kind: 'task-start', task: taskInfo({ name: 'set hunter22' }), hosts: ['a'] })
    expect(JSON.stringify(told)).to.not.include('hunter22')
    expect(told[1]).to.have.nested.property('problem.place.line', 1)
  })

  it('does not look into the values of outcomes, which are masked when somebody asks for them', () => {
    let asked = false
    const values = outcome('ok')
    Object.defineProperty(values, 'values', {
      get() {
        asked = true
        return {}
      },
    })
    maskedListener(createSecrets(), [() => undefined])({
      kind: 'host-result',
      task: taskInfo(),
      host: 'a',
      outcome: values,
    })
    expect(asked).to.equal(false)
  })
})
