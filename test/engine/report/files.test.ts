import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import fc from 'fast-check'
import type { RunEvent } from '../../../engine/events.js'
import { createFullLog } from '../../../engine/report/full-log.js'
import { createJsonReport } from '../../../engine/report/json.js'
import { createJunitReport } from '../../../engine/report/junit.js'
import type { Report, Sink } from '../../../engine/report/report.js'
import { Unknown } from '../../../engine/unknown.js'
import { fplay } from '../../support/caller.js'
import { counts, outcome, runEnd, taskInfo } from '../../support/events.js'

const NOW = (): Date => new Date('2026-01-02T03:04:05.678Z')
const task = taskInfo()

function told(create: (out: Sink, now: () => Date) => Report, events: readonly RunEvent[]): string {
  let text = ''
  const report = create({ write: (part: string) => (text += part) }, NOW)
  events.forEach(report.listen)
  return text
}

const result = (host: string, ...given: Parameters<typeof outcome>): RunEvent => ({
  kind: 'host-result',
  task,
  host,
  outcome: outcome(...given),
})

/** One of every kind. */
const EVENTS: readonly RunEvent[] = [
  { kind: 'run-start', checkMode: false, playbooks: ['site.yml'] },
  { kind: 'play-start', play: 'Deploy', hosts: ['a', 'b'] },
  { kind: 'no-hosts', play: 'Deploy', pattern: 'web' },
  { kind: 'task-start', task, hosts: ['a', 'b'] },
  { kind: 'host-start', task, host: 'a' },
  { kind: 'host-output', task, host: 'a', line: 'hello' },
  { kind: 'host-progress', task, host: 'a', sent: 1, total: 2 },
  { kind: 'host-retry', task, host: 'a', left: 2, message: 'not yet' },
  { kind: 'item-result', task, host: 'a', outcome: outcome('changed', { item: 'x', delegatedTo: 'b' }) },
  result('a', 'changed', {
    values: { uid: new Unknown('id of user x'), big: 2n ** 70n },
    diffs: [{ name: '/x', before: '', after: 'y' }],
    unproven: 'validate was not run',
  }),
  result('b', 'failed', { message: 'no <way>\nmore', values: { rc: 3, stderr: 'bad & "worse"\u0007' } }),
  result('c', 'unreachable', { message: 'gone' }),
  result('d', 'skipped', { message: 'not needed' }),
  result('d', 'ignored', { message: 'whatever' }),
  { kind: 'task-end', task },
  { kind: 'message', level: 'warning', text: 'odd' },
  {
    kind: 'problem',
    problem: { code: 'yaml-syntax', message: 'bad', place: { file: 'x.yml', line: 2, column: 3 } },
  },
  runEnd({ a: counts({ ok: 1 }) }),
]

describe('reports to files', () => {
  it('json: every line fits the schema', () => {
    const schema = JSON.parse(
      readFileSync(new URL('../../../docs/schema/report-events.json', import.meta.url), 'utf8'),
    ) as object
    const validate = new Ajv2020({ strict: false, validateFormats: false, discriminator: false }).compile(
      schema,
    )
    const lines = told(createJsonReport, EVENTS).trimEnd().split('\n')
    expect(lines).to.have.lengthOf(EVENTS.length - 1)
    for (const line of lines)
      expect(validate(JSON.parse(line)), `${line} ${JSON.stringify(validate.errors)}`).to.equal(true)
    expect(JSON.parse(lines[8]!)).to.deep.include({
      event: 'host-result',
      time: '2026-01-02T03:04:05.678Z',
      host: 'a',
      status: 'changed',
      values: { uid: 'known after the run: id of user x', big: '1180591620717411303424' },
    })
  })

  it('junit: a suite for each play and host, a case for each task', () => {
    const xml = told(createJunitReport, EVENTS)
    expect(xml.match(/<testsuite [^>]*>/g)![1]).to.equal(
      '<testsuite name="Deploy [b]" package="fplay" id="1" timestamp="2026-01-02T03:04:05" hostname="b" tests="1" failures="1" errors="0" skipped="0" time="0.100">',
    )
    expect(xml).to.match(
      /<failure message="no &lt;way&gt;" type="failed">failed: \[b\]:\n {4}no &lt;way&gt;\n {4}more[^<]*bad &amp; &quot;worse&quot;\uFFFD/,
    )
    expect(xml).to.include('<error message="gone" type="unreachable">')
    expect(xml).to.include('<error message="bad" type="yaml-syntax">x.yml:2:3: bad (yaml-syntax)</error>')
    expect(xml).to.include('tests="2" failures="0" errors="0" skipped="1"')
    expect(xml).to.match(/<skipped message="not needed"\/>/)
  })

  it('junit: is well-formed whatever hosts say', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const xml = told(createJunitReport, [result(text, 'failed', { message: text }), runEnd({})])
        expect(xml).to.match(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u)
        const bare = xml.replace(/<[a-z/?][^<>]*>/g, '')
        expect(bare).to.not.match(/[<>]|&(?!(?:amp|lt|gt|quot);)/)
      }),
    )
  })

  it('log: everything, with times', () => {
    const text = told(createFullLog, EVENTS)
    for (const line of text.trimEnd().split('\n')) expect(line).to.match(/^2026-01-02T03:04:05\.678Z( |$)/)
    expect(text).to.match(/ {2}a \| hello\n/)
    expect(text).to.include('"stderr": "bad & \\"worse\\"')
  })

  describe('from the command line', () => {
    let folder: string
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fplay-reports-'))))
    afterEach(() => rmSync(folder, { recursive: true, force: true }))
    const at = (name: string): string => join(folder, name)
    const read = (name: string): string => readFileSync(at(name), 'utf8')
    const run = (words: readonly string[], env: Record<string, string> = {}, input = '') =>
      fplay([at('site.yml'), '-i', 'one,', '-c', 'local', ...words], { HOME: folder, ...env }, input)
    const site = (tasks: string): void =>
      writeFileSync(at('site.yml'), `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`)

    it('several go to their files, and no secret is in any of them', async () => {
      site(
        '    - debug: {msg: "it is {{ ansible_password }}"}\n    - command: echo hidden-text\n      no_log: true\n' +
          '    - fail: {msg: "{{ ansible_password }} <x>"}\n',
      )
      const kinds = ['json', 'junit', 'log', 'plain']
      const words = kinds.flatMap((kind) => ['--report', `${kind}=${at(kind)}`])
      const { code, out, err } = await run(
        ['-k', '-e', 'ansible_password=sesame-42', '--recap-json', at('recap'), '-v', ...words],
        {},
        'sesame-42\n',
      )
      expect(code).to.equal(2)
      const all = [out, err, ...[...kinds, 'recap'].map(read)]
      for (const text of all) expect(text).to.not.match(/sesame|hidden-text/)
      expect(read('json')).to.include('"msg":"it is ********"')
      expect(read('log')).to.include('it is ********')
      expect(read('junit')).to.include('******** &lt;x&gt;')
      expect(read('plain')).to.match(/failed: \[one\]/)
      expect(statSync(at('log')).mode & 0o777).to.equal(0o600)
      expect(out).to.match(/PLAY RECAP/)
    })

    it('one takes the output', async () => {
      site('    - debug: {msg: hi}\n')
      const { out, err } = await run(['--report', 'json'])
      expect(err).to.equal('')
      const lines = out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { event: string })
      expect(lines[0]!.event).to.equal('run-start')
      expect(lines.at(-1)).to.deep.include({ event: 'run-end', exit_code: 0 })
    })

    it('a mistake is in them too', async () => {
      site('    - debgu: {}\n')
      await run(['--report', `junit=${at('junit')}`])
      expect(read('junit')).to.match(/<error message="[^"]*" type="unknown-module">/)
    })

    it('settings name them, and say what is told', async () => {
      site("    - debug: {msg: hi}\n    - command: 'true'\n      when: false\n    - set_fact: {a: 1}\n")
      writeFileSync(
        at('cfg'),
        '[defaults]\nlog_path = log\ndisplay_ok_hosts = no\ncallback_result_format=yaml\n[fplay]\nreport = junit=junit\n'.replace(
          'junit=junit',
          `junit=${at('junit')}`,
        ),
      )
      const { out } = await run([], { FPLAY_CONFIG: at('cfg') })
      expect(out).to.not.match(/hi|set_fact/)
      expect(out).to.match(/TASK \[command\]\nskipped: \[one\]/)
      expect(read('log')).to.match(/"msg": "hi"/)
      expect(read('junit')).to.match(/<testcase name="debug"/)
      const told = await run(['-v', '--report', 'plain'], { ANSIBLE_CALLBACK_RESULT_FORMAT: 'yaml' })
      expect(told.out).to.match(/ok: \[one\]\n {4}msg: hi\n {4}changed: false\n/)
    })

    it('a log of the settings that cannot be written is told, and the run goes on', async () => {
      site('    - debug: {msg: hi}\n')
      const { code, err, out } = await run([], { ANSIBLE_LOG_PATH: '/no/such/folder/log' })
      expect(code).to.equal(0)
      expect(err).to.match(/log_path: the report cannot be written to \/no\/such\/folder\/log: ENOENT/)
      expect(out).to.match(/hi/)
    })

    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [['--report', 'jsn'], /--report cannot be "jsn"; did you mean "json"\?/],
      [['--report', 'json', '--report', 'plain'], /json and plain would both be written to the output/],
      [['--report', 'live=x'], /the live view needs a terminal; use --report plain=x/],
      [['--report', 'live'], /the live view needs a terminal, and the output is none/],
      [['--report', 'junit='], /--report junit= names no file/],
      [['--report', 'log=/no/such/folder/log'], /the report cannot be written to .*ENOENT/],
    ]
    for (const [words, message] of refusals) {
      it(`refuses ${words.join(' ')}`, async () => {
        site('    - debug:\n')
        const { code, err } = await run(words)
        expect(code).to.be.oneOf([1, 5])
        expect(err).to.match(message)
      })
    }
  })
})
