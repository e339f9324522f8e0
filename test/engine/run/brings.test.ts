import { expect } from 'chai'
import { defineModule, FRESH, Unknown, type Key, type OwnState } from '../../../engine/module/contract.js'
import { sh } from '../../../engine/module/quote.js'
import { call, testHost } from '../../support/envelope.js'

/** Counts in a file; what it will be is not known before, but it may stay the same. */
const counter = defineModule({
  summary: 'Count',
  params: {
    path: { type: 'path', required: true, description: 'File.' },
    step: { type: 'int', default: 0, description: 'How much.' },
  },
  returns: { msg: 'Nothing.' },
  examples: '- counter: {path: /x}',
  probe: ({ path }) => [
    {
      kind: 'own',
      key: 'counter:main',
      script: sh`cat -- ${path}`,
      read: ({ stdout }) => ({ count: stdout.trim() }),
      further: ({ stdout }) => new Map<Key, OwnState>([['parity:main', { odd: Number(stdout) % 2 === 1 }]]),
    },
  ],
  wanted: () => new Map([['counter:main', { count: new Unknown('the count') }]]),
  converge: ({ path, step }) => ({ script: sh`N=$(cat -- ${path}); echo $((N + ${step})) >${path}` }),
  brings: () => new Map<Key, OwnState>([['parity:main', { odd: 'perhaps' }]]),
  result: (_given, before) => ({ values: { odd: before.own('parity:main')['odd'] } }),
})

describe('what only the run can tell', () => {
  it('is undecided in a dry run, and counts when it is another after the run', async () => {
    const host = testHost()
    const path = `${host.folder}/n`
    await host.connection.run(`echo 3 >${path}`)
    expect(await call(host, counter, { path, step: 1 }, { checkMode: true })).to.include({
      status: 'undecided',
    })
    host.forecast.states.clear()
    expect(await call(host, counter, { path })).to.include({ status: 'ok', changed: false })
    const done = await call(host, counter, { path, step: 1 })
    expect(done).to.include({ status: 'changed', changed: true })
    expect(done.diffs).to.have.length(1)
  })
})

describe('what a question tells besides, and what a change brings', () => {
  it('is seen by later tasks of a dry run', async () => {
    const host = testHost()
    const path = `${host.folder}/n`
    await host.connection.run(`echo 3 >${path}`)
    const dry = { checkMode: true }
    expect((await call(host, counter, { path }, dry)).values).to.deep.equal({ odd: true })
    expect((await call(host, counter, { path }, dry)).values).to.deep.equal({ odd: 'perhaps' })
  })

  it('counts as gone when it is told no more', async () => {
    const host = testHost()
    const path = `${host.folder}/n`
    await host.connection.run(`echo 1 >${path}`)
    const eraser = {
      ...counter,
      probe: () => [
        {
          kind: 'own' as const,
          key: 'counter:main' as const,
          script: sh`cat -- ${path} 2>/dev/null || :`,
          read: () => ({}),
          further: ({ stdout }: { stdout: string }) =>
            new Map<Key, OwnState>(stdout === '' ? [] : [['file:n', { state: 'present' }]]),
        },
      ],
      wanted: () =>
        new Map<Key, OwnState>([
          ['file:n', { state: 'absent' }],
          ['counter:main', { run: FRESH }],
        ]),
      converge: () => ({ script: sh`rm -- ${path}` }),
      result: () => ({ values: {} }),
    }
    expect(await call(host, eraser, { path })).to.include({ status: 'changed' })
  })
})
