import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'chai'
import type { RunEvent } from '../../../engine/events.js'
import { createLiveReport } from '../../../engine/report/live.js'
import type { Terminal } from '../../../engine/report/live-area.js'
import { progressBar } from '../../../engine/report/live-rows.js'
import type { Report } from '../../../engine/report/report.js'
import { columnsOf } from '../../../engine/report/width.js'
import { counts, outcome, runEnd, taskInfo } from '../../support/events.js'

/** A terminal that keeps all that was written to it. */
function terminal(columns = 80): Terminal & { readonly text: () => string } {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  return Object.assign(stream, { isTTY: true, columns, rows: 24, text: () => text }) as never
}

/** What was shown, once it has what is expected; or after half a minute. */
async function shown(screen: { readonly text: () => string }, expected: RegExp): Promise<string> {
  const deadline = Date.now() + 30_000
  for (;;) {
    const text = stripVTControlCharacters(screen.text())
    if (expected.test(text) || Date.now() > deadline) return text
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const LOOK = { colors: false, verbosity: 0 }
const task = taskInfo()
const start: RunEvent = { kind: 'task-start', task, hosts: ['party-10000', '甲方-主机'] }

describe('the live report', () => {
  const open: Report[] = []
  const createReport = (screen: Terminal): Report => {
    const report = createLiveReport(screen, LOOK)
    open.push(report)
    return report
  }
  afterEach(() => Promise.all(open.splice(0).map((report) => report.close())))

  it('shows the hosts of a running task side by side with what they do', async () => {
    const screen = terminal(40)
    const report = createReport(screen)
    report.listen({ kind: 'play-start', play: 'Deploy', hosts: [] })
    report.listen(start)
    report.listen({ kind: 'host-output', task, host: 'party-10000', line: 'pulling '.repeat(20) })
    report.listen({ kind: 'host-progress', task, host: '甲方-主机', sent: 4_194_304, total: 8_388_608 })
    const rows = /TASK \[Install\]\n.*party-10000\n.*pulling pulling .*…\n.*甲方-主机 {2}█{10}/
    const text = await shown(screen, rows)
    expect(text).to.match(rows)
    expect(text).to.include('PLAY [Deploy]')
    for (const line of text.split('\n')) expect(columnsOf(line)).to.be.at.most(40)
    expect(screen.text()).to.include('\u001b[?25l')
    await report.close()
    expect(screen.text().lastIndexOf('\u001b[?25h')).to.be.above(screen.text().lastIndexOf('\u001b[?25l'))
  })

  it('leaves a line for each way in which hosts ended a task, and what must be read', async () => {
    const screen = terminal()
    const report = createReport(screen)
    const end = (host: string, given: ReturnType<typeof outcome>): void =>
      report.listen({ kind: 'host-result', task, host, outcome: given })
    report.listen({ ...start, hosts: ['a', 'b', 'c', 'd', 'e'] })
    end('b', outcome('ok'))
    end('a', outcome('changed'))
    end('d', outcome('failed', { message: 'no space left' }))
    end('c', outcome('ok'))
    end('e', outcome('changed', { diffs: [{ name: 'f', before: '', after: 'x\n' }] }))
    report.listen({ kind: 'task-end', task })
    report.listen(runEnd({ a: counts({ ok: 1, changed: 1 }), d: counts({ failed: 1 }) }))
    await report.close()
    expect(stripVTControlCharacters(screen.text())).to.equal(`
TASK [Install]
failed: [d]: no space left
    at site.yml:7
changed: [e]
--- before: f
+++ after: f
@@ -0,0 +1,1 @@
+x
  ok       b c
  changed  a

PLAY RECAP
a : ok=1 changed=1 unreachable=0 failed=0
d : ok=0 changed=0 unreachable=0 failed=1

Failed:
  site.yml:7 [d] Install: no space left
Finished in 1.5 s
`)
  })

  it('says where a task went that was delegated', async () => {
    const screen = terminal()
    const report = createReport(screen)
    report.listen({ ...start, hosts: ['a', 'b', 'c'] })
    report.listen({
      kind: 'item-result',
      task,
      host: 'a',
      outcome: outcome('ok', { item: 'x', delegatedTo: 'z' }),
    })
    for (const host of ['a', 'b']) {
      report.listen({ kind: 'host-result', task, host, outcome: outcome('ok', { delegatedTo: 'z' }) })
    }
    report.listen({ kind: 'host-result', task, host: 'c', outcome: outcome('ok', { delegatedTo: 'c' }) })
    report.listen({ kind: 'task-end', task })
    await report.close()
    expect(stripVTControlCharacters(screen.text())).to.equal(`
TASK [Install]
  ok  a b -> z
  ok  c
`)
  })

  it('removes the live part before lines are written above it, and shows it again', async () => {
    const screen = terminal()
    const report = createReport(screen)
    report.listen(start)
    await shown(screen, /party-10000\n/)
    report.listen({
      kind: 'host-result',
      task,
      host: 'party-10000',
      outcome: outcome('failed', { message: 'broken' }),
    })
    const again = /failed: \[party-10000\]: broken\n {4}at [^]*TASK \[Install\]\n.*甲方-主机/
    const text = await shown(screen, again)
    expect(text).to.match(again)
    expect(text.slice(text.indexOf('broken'))).to.not.include('party-10000')
  })

  it('says what was not ended when a run is interrupted', async () => {
    const screen = terminal()
    const report = createReport(screen)
    report.listen(start)
    report.listen({ kind: 'host-result', task, host: 'party-10000', outcome: outcome('ok') })
    report.listen(runEnd({ 'party-10000': counts({ ok: 1 }) }, { interrupted: true }))
    await report.close()
    expect(stripVTControlCharacters(screen.text())).to.match(
      /TASK \[Install\]\n {2}not ended {2}甲方-主机\n[^]*Interrupted after/,
    )
  })

  it('shows no more hosts than there is room for', async () => {
    const screen = terminal()
    const report = createReport(screen)
    report.listen({ ...start, hosts: Array.from({ length: 40 }, (_, i) => `host${i}`) })
    const text = await shown(screen, /more hosts/)
    expect(text).to.match(/host8\n.*and 31 more hosts/)
    expect(text).to.not.include('host9\n')
  })

  it('draws a bar for copies', () => {
    expect(progressBar({ sent: 0, total: 1024 * 1024 })).to.equal(`${'░'.repeat(20)}   0%  0.0/1.0 MiB`)
    expect(progressBar({ sent: 5, total: 0 })).to.match(/^█{20} 100%/)
  })
})
