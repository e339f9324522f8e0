import { expect } from 'chai'
import { Unknown } from '../../../engine/unknown.js'
import { fakeConverge, outcomeOn, playText } from './playing.js'

const PLAY = `
- hosts: all
  gather_facts: false
  tasks:
`

describe('a task in a dry run', () => {
  it('does not go through items that only the run can tell, in any kind of loop', async () => {
    const lines = new Unknown('lines of a command that was not run')
    const { converge } = fakeConverge({
      command: () => ({ changed: true, values: { stdout_lines: lines } }),
    })
    const loops = [
      "with_subelements: ['{{ r.results }}', stdout_lines]",
      "with_nested: ['{{ r.results[0].stdout_lines }}', [a]]",
      "with_together: [[a], '{{ r.results[0].stdout_lines }}']",
      "with_flattened: ['{{ r.results[0].stdout_lines }}', b]",
      "with_dict: '{{ r.results[0].stdout_lines }}'",
      "with_items: '{{ r.results[0].stdout_lines }}'",
    ]
    const played = await playText(
      `${PLAY}\n    - {command: x, register: r, loop: [1]}\n${loops.map((loop, i) => `    - {name: n${i}, ping: , ${loop}}\n`).join('')}`,
      { hosts: 'a,', parts: { converge }, settings: { checkMode: true } },
    )
    for (const [i, loop] of loops.entries())
      expect(outcomeOn(played, `n${i}`).status, loop).to.equal('undecided')
  })

  it('is undecided when its condition rests on a command that was not run', async () => {
    const unknown = new Unknown('stdout of a command that was not run')
    const { converge } = fakeConverge({ command: () => ({ changed: true, values: { stdout: unknown } }) })
    const played = await playText(
      `${PLAY}
    - {name: not run, command: x, register: r}
    - {name: condition, ping: , when: r.stdout == 'x', register: q}
    - {name: parameter, stat: {path: '{{ r.stdout }}'}, register: p}
    - {name: change, file: {path: '{{ r.stdout }}', state: absent}, notify: h}
    - {name: loop, ping: , loop: '{{ r.stdout.split() }}'}
    - {name: shown, debug: {msg: 'is {{ r.stdout }}'}}
    - {name: later, ping: , when: q.ping == 'pong' and p.stat.exists}
    - {name: certain, ping: , when: [false, r.stdout == 'x']}
  handlers:
    - {name: h, ping: }
`,
      { hosts: 'a,', parts: { converge }, settings: { checkMode: true } },
    )
    expect(outcomeOn(played, 'not run')).to.include({ status: 'changed', changed: true })
    expect(outcomeOn(played, 'condition')).to.include({ status: 'undecided', changed: false })
    expect(outcomeOn(played, 'condition').message).to.contain('stdout of a command that was not run')
    expect(outcomeOn(played, 'parameter')).to.include({ status: 'undecided', changed: false })
    expect(outcomeOn(played, 'change')).to.include({ status: 'undecided', changed: true })
    expect(outcomeOn(played, 'loop').status).to.equal('undecided')
    expect(outcomeOn(played, 'later')).to.include({ status: 'undecided', changed: false })
    expect(outcomeOn(played, 'certain').status).to.equal('skipped')
    expect(outcomeOn(played, 'h').status).to.equal('ok')
    const records = Object.fromEntries(played.end.tasks.map(({ task, status }) => [task, status]))
    expect(records).to.include({
      condition: 'skipped',
      parameter: 'ok',
      change: 'changed',
      later: 'skipped',
      loop: 'ok',
    })
    expect(played.end.hosts['a']).to.include({ failed: 0, changed: 2, skipped: 3 })
  })

  it('gives the call the mode the task asks for', async () => {
    const { converge, calls } = fakeConverge()
    const text = `${PLAY}    - {ping: }\n    - {ping: , check_mode: false, diff: true}\n`
    await playText(text, { hosts: 'a,', parts: { converge }, settings: { checkMode: true } })
    expect(calls.map(({ call }) => [call.checkMode, call.diff])).to.deep.equal([
      [true, false],
      [false, true],
    ])
  })
})
