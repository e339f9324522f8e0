import { expect } from 'chai'
import type { Outcome, RunEvent } from '../../../engine/events.js'
import { createPlainReport } from '../../../engine/report/plain.js'
import { Unknown } from '../../../engine/unknown.js'
import { counts, outcome, runEnd, taskInfo } from '../../support/events.js'

/** What the report writes for these events. */
function report(events: readonly RunEvent[], look: { verbosity?: number; colors?: boolean } = {}) {
  const written = { out: '', err: '' }
  const sink = (name: 'out' | 'err') => ({ write: (text: string) => (written[name] += text) })
  const { listen } = createPlainReport(
    { out: sink('out'), err: sink('err') },
    { verbosity: 0, colors: false, ...look },
  )
  events.forEach(listen)
  return written
}

const task = taskInfo()
const result = (host: string, given: Outcome, more: Partial<typeof task> = {}): RunEvent => ({
  kind: 'host-result',
  task: { ...task, ...more },
  host,
  outcome: given,
})
/** The lines below the heading of one task. */
const below = (events: readonly RunEvent[], look: { verbosity?: number } = {}): string => {
  const { out } = report([{ kind: 'task-start', task, hosts: ['a', 'b'] }, ...events], look)
  expect(out).to.match(/^\nTASK \[Install\]/)
  return out.slice(out.indexOf('\n', 1) + 1)
}

describe('the plain report', () => {
  it('tells a run from its first line to its recap', () => {
    const second = taskInfo({ id: 2, name: 'restart', handler: true })
    const { out, err } = report([
      { kind: 'run-start', checkMode: false, playbooks: ['site.yml'] },
      { kind: 'play-start', play: 'Deploy', hosts: ['party-10000', '甲方'] },
      { kind: 'task-start', task, hosts: ['party-10000', '甲方'] },
      result('party-10000', outcome('changed')),
      result('甲方', outcome('ok')),
      { kind: 'task-end', task },
      { kind: 'task-start', task: second, hosts: ['party-10000'] },
      {
        kind: 'host-result',
        task: second,
        host: 'party-10000',
        outcome: outcome('skipped', { message: 'not needed' }),
      },
      { kind: 'message', level: 'warning', text: 'odd' },
      { kind: 'play-start', play: 'Nobody', hosts: [] },
      { kind: 'no-hosts', play: 'Nobody', pattern: 'web' },
      runEnd({ 'party-10000': counts({ ok: 1, changed: 1, skipped: 1 }), 甲方: counts({ ok: 1 }) }),
    ])
    expect(out).to.equal(`
PLAY [Deploy]

TASK [Install]
changed: [party-10000]
ok: [甲方]

HANDLER [restart]
skipped: [party-10000]

PLAY [Nobody]
skipped: no host matches web

PLAY RECAP
party-10000 : ok=1    changed=1    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0
甲方        : ok=1    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0
Finished in 1.5 s
`)
    expect(err).to.equal('WARNING: odd\n')
  })

  it('says of a failure what failed, how, and the end of its output; and repeats it below the recap', () => {
    const stderr = Array.from({ length: 30 }, (_, i) => `line ${i + 1}`).join('\n')
    const failed = outcome('failed', {
      message: 'it broke',
      values: { cmd: ['run', 'me'], rc: 137, stdout: 'no', stderr },
    })
    const { out } = report([
      { kind: 'task-start', task, hosts: ['a'] },
      result('a', failed),
      runEnd({ a: counts({ failed: 1 }) }, { exitCode: 2 }),
    ])
    expect(out).to.include(`
failed: [a]: it broke
    command: run me
    exit status 137 (signal KILL)
    stderr: (10 lines before)
    line 11
`)
    expect(out).to.include('\n    line 30\n    at site.yml:7\n')
    expect(out).to.not.match(/line 10\b|stdout/)
    expect(out).to.include('\n\nFailed:\n  site.yml:7 [a] Install: it broke\n')
  })

  it('repeats the beginning of a message as far as it says something', () => {
    const said = (message: string): string => {
      const { out } = report([
        { kind: 'task-start', task, hosts: ['a'] },
        result('a', outcome('failed', { message })),
        runEnd({ a: counts({ failed: 1 }) }, { exitCode: 2 }),
      ])
      return /Failed:\n {2}.* Install: (.*)/.exec(out)![1]!
    }
    expect(said('one\ntwo\n')).to.equal('one …')
    expect(said('ended with status 1: Error: \n Problem: x\n  - nothing provides y')).to.equal(
      'ended with status 1: Error: Problem: x …',
    )
    expect(said('Error:\n')).to.equal('Error:')
  })

  it('does not say twice what the message has said', () => {
    const values = { cmd: 'x', rc: 4, stderr: 'oops\n' }
    expect(
      below([result('a', outcome('failed', { message: 'ended with status 4: oops', values }))]),
    ).to.equal('failed: [a]: ended with status 4: oops\n    command: x\n    at site.yml:7\n')
  })

  it('shows what debug has to say', () => {
    const debug = (values: Record<string, unknown>): string =>
      below([
        result('a', outcome('ok', { values: { ...values, changed: false, failed: false } }), {
          module: 'debug',
        }),
      ])
    expect(debug({ msg: 'http://x' })).to.equal('ok: [a]: http://x\n')
    expect(debug({ msg: 'one\ntwo' })).to.equal('ok: [a]:\n    one\n    two\n')
    expect(debug({ msg: [1, 2n] })).to.equal('ok: [a]:\n    [\n      1,\n      "2"\n    ]\n')
    expect(debug({ x: new Unknown('id of user deploy') })).to.include(
      'known after the run: id of user deploy',
    )
  })

  it('names items and the host a task was delegated to', () => {
    const item = (status: Outcome['status'], name: string): RunEvent => ({
      kind: 'item-result',
      task,
      host: 'a',
      outcome: outcome(status, { item: name, delegatedTo: 'b' }),
    })
    expect(
      below([
        item('ok', '1'),
        item('changed', '2'),
        result('a', outcome('changed', { message: 'All items' })),
      ]),
    ).to.equal('ok: [a -> b] (item=1)\nchanged: [a -> b] (item=2)\n')
    expect(
      below([item('failed', '1'), result('a', outcome('ignored', { message: 'some failed' }))]),
    ).to.match(/failed: \[a -> b\] \(item=1\)\n {4}at site.yml:7\nfailed, ignored: \[a\]: some failed\n$/)
  })

  it('shows differences as unified diffs, once a name', () => {
    const diffs = [
      { name: '/etc/甲.conf', before: 'mode: 0600\n', after: 'mode: 0644\n' },
      {
        name: '/etc/甲.conf',
        before: '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
        after: '1\n2\n3\n4\n5\n6\n7\n8\nnine\n',
      },
      { name: 'same', before: 'x\n', after: 'x\n' },
    ]
    expect(below([result('a', outcome('changed', { diffs }))])).to.equal(`changed: [a]
--- before: /etc/甲.conf
+++ after: /etc/甲.conf
@@ -1,1 +1,1 @@
-mode: 0600
+mode: 0644
@@ -6,4 +6,4 @@
 6
 7
 8
-9
+nine
`)
  })

  it('says in a dry run what is a prediction, what is not proven and what nobody can know', () => {
    const { out } = report([
      { kind: 'run-start', checkMode: true, playbooks: ['site.yml'] },
      { kind: 'task-start', task, hosts: ['a'] },
      result('a', outcome('changed', { unproven: 'the validate command was not run' })),
      result('b', outcome('undecided', { message: 'depends on the output of date' })),
      runEnd({ a: counts({ ok: 1, changed: 1 }) }),
    ])
    expect(out).to.match(/^CHECK MODE: nothing is changed/)
    expect(out).to.include('changed: [a]: (unproven: the validate command was not run)')
    expect(out).to.include('undecided: [b]: depends on the output of date')
    expect(out).to.include('PLAY RECAP (check mode: nothing was changed, the counts are predictions)')
    expect(out).to.match(/Undecided, only the real run can tell:\n {2}site.yml:7 \[b\] Install: depends/)
  })

  it('tells of retries, and names the task again where results of several tasks mix', () => {
    const other = taskInfo({ id: 2, name: 'Other' })
    expect(
      below([
        { kind: 'host-retry', task, host: 'a', left: 2, message: 'not yet\nmore' },
        { kind: 'task-start', task: other, hosts: ['b'] },
        result('a', outcome('ok')),
        { kind: 'host-result', task: other, host: 'b', outcome: outcome('ok') },
      ]),
    ).to.equal(
      'retrying: [a] (2 left): not yet\n\nTASK [Other]\n\nTASK [Install]\nok: [a]\n\nTASK [Other]\nok: [b]\n',
    )
  })

  it('shows values with -v, and places and output as it comes with -vv', () => {
    const skipped = result(
      'a',
      outcome('skipped', { message: 'Conditional result was False', values: { changed: false } }),
    )
    expect(below([skipped], { verbosity: 1 })).to.equal(
      'skipped: [a]: Conditional result was False\n    {\n      "changed": false\n    }\n',
    )
    const output: RunEvent = { kind: 'host-output', task, host: 'a', line: 'pulling' }
    expect(below([output])).to.equal('')
    const { out } = report([{ kind: 'task-start', task, hosts: ['a'] }, output], { verbosity: 2 })
    expect(out).to.equal('\nTASK [Install] site.yml:7\n  a | pulling\n')
  })

  it('tells problems and an interruption', () => {
    const { out, err } = report([
      { kind: 'problem', problem: { code: 'unknown-host', message: 'nobody is there' } },
      runEnd({}, { interrupted: true, seconds: 250 }),
    ])
    expect(err).to.equal('ERROR: nobody is there (unknown-host)\n')
    expect(out).to.equal('\nInterrupted after 4 min 10 s\n')
  })

  it('has colours where they are wanted', () => {
    const { out } = report([result('a', outcome('failed', { message: 'x' }))], { colors: true })
    expect(out).to.include('\u001b[31mfailed: [a]: x\u001b[0m')
  })
})
