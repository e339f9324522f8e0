import { expect } from 'chai'
import type { RunParts } from '../../../engine/run/run.js'
import { fakeConverge, outcomeOn, playText } from './playing.js'

const PLAY = `
- hosts: all
  gather_facts: false
  tasks:
`

describe('what becomes of a task', () => {
  it('judges by changed_when and failed_when, which see the result', async () => {
    const ends = {
      command: () => ({ status: 'failed' as const, changed: true, message: 'no', values: { rc: 3 } }),
    }
    const { converge } = fakeConverge(ends)
    const played = await playText(
      `${PLAY}
    - {name: fine, command: x, register: r, failed_when: [r.rc == 3, r.rc > 5], changed_when: r.rc == 4}
    - {name: bad, command: x, register: r, failed_when: r.rc == 3, ignore_errors: true}
    - {name: undefined, command: x, failed_when: q.rc == 3, ignore_errors: true}
`,
      { hosts: 'a,', parts: { converge } },
    )
    expect(outcomeOn(played, 'fine')).to.include({ status: 'ok', changed: false })
    expect(outcomeOn(played, 'fine').values).to.include({ failed: false, failed_when_result: false, rc: 3 })
    expect(outcomeOn(played, 'bad').status).to.equal('ignored')
    expect(outcomeOn(played, 'undefined').message).to.match(/"q(.rc)?" is undefined/)
  })

  it('fails by conditions that cannot be evaluated, and keeps what the module returned', async () => {
    const played = await playText(`${PLAY}
    - {name: c, set_fact: {a: 1}, changed_when: nobody, register: c, ignore_errors: true}
    - {name: f, set_fact: {a: 1}, failed_when: nobody, register: f, ignore_errors: true}
    - {name: seen, debug: {msg: '{{ [c is failed, "nobody" in c.changed_when_result, c.ansible_facts.a, f is failed, "nobody" in f.failed_when_result] }}'}}
`)
    expect(outcomeOn(played, 'seen').values['msg']).to.deep.equal([true, true, 1, true, true])
  })

  it('tries again until the condition holds, and tells each time', async () => {
    let calls = 0
    const { converge } = fakeConverge({ command: () => ({ values: { rc: ++calls < 3 ? 1 : 0 } }) })
    const text = `${PLAY}    - {name: wait, command: x, register: r, until: r.rc == 0, retries: 5, delay: 0}\n`
    const played = await playText(text, { hosts: 'a,', parts: { converge } })
    expect(outcomeOn(played, 'wait').values).to.include({ attempts: 3, failed: false })
    const left = played.events.flatMap((event) => (event.kind === 'host-retry' ? [event.left] : []))
    expect(left).to.deep.equal([5, 4])
  })

  it('has not failed when attempts are used up and failed_when does not hold, though the result says so', async () => {
    const { converge } = fakeConverge({ command: () => ({ values: { rc: 1 } }) })
    const played = await playText(
      `${PLAY}
    - {name: tried, command: x, register: r, until: r.rc == 0, retries: 1, delay: 0, failed_when: false}
    - {name: seen, debug: {msg: '{{ r.attempts }} {{ r is failed }}'}}
`,
      { hosts: 'a,', parts: { converge } },
    )
    expect(outcomeOn(played, 'tried').status).to.equal('ok')
    expect(outcomeOn(played, 'seen').values['msg']).to.equal('1 True')
  })

  it('tells a rescue of the failure: its name for each host, and all items of a loop', async () => {
    const { converge } = fakeConverge({
      command: ({ params }) => (params['cmd'] === 'bad' ? { status: 'failed' } : {}),
    })
    const played = await playText(
      `${PLAY}
    - block:
        - {name: 'on {{ inventory_hostname }}', command: '{{ item }}', loop: [good, bad]}
      rescue:
        - {name: seen, debug: {msg: '{{ ansible_failed_task.name }} {{ ansible_failed_result.results | length }}'}}
    - block: [{command: bad}]
      rescue: [{name: unnamed, debug: {msg: '<{{ ansible_failed_task.name }}>'}}]
`,
      { parts: { converge } },
    )
    expect(outcomeOn(played, 'seen', 'b').values['msg']).to.equal('on b 2')
    expect(outcomeOn(played, 'unnamed').values['msg']).to.equal('<>')
  })

  it('ends a task after its timeout', async () => {
    const slow: RunParts['converge'] = (call) =>
      new Promise((_resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('the signal came too late')), 5000)
        call.signal!.addEventListener('abort', () => {
          clearTimeout(timer)
          reject(call.signal!.reason as Error)
        })
      })
    const played = await playText(`${PLAY}    - {name: slow, command: x, timeout: 1}\n`, {
      hosts: 'a,',
      parts: { converge: slow },
    })
    expect(outcomeOn(played, 'slow').message).to.match(/failed to execute in the expected time frame \(1\)/)
  })
})
