import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { HostCounts } from '../../../engine/events.js'
import type { RunSettings } from '../../../engine/run/settings.js'
import { play, traceOf } from './playing.js'

interface Expected {
  readonly exit: number
  readonly hosts: Readonly<Record<string, Partial<HostCounts>>>
  readonly trace: readonly string[]
}

const FOLDER = join(import.meta.dirname, 'recorded')
const FLAGS: Readonly<Record<string, Partial<RunSettings>>> = {
  tags: { tags: ['wanted'] },
  check: { checkMode: true },
}

const { cases } = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as {
  cases: Record<string, Expected>
}

/** Where fplay differs on purpose; the reasons are in docs/differences.md. */
const DIFFERENT = new Set(['check'])

describe('playbooks that ansible-playbook has run', () => {
  for (const [name, expected] of Object.entries(cases)) {
    if (DIFFERENT.has(name)) continue
    it(`${name}: same recap, same exit status, same tasks in the same order`, async () => {
      const { end, events } = await play(
        join(FOLDER, `${name}.yml`),
        [join(FOLDER, 'inventory.ini')],
        FLAGS[name],
      )
      const problems = events.filter(({ kind }) => kind === 'problem')
      expect(problems).to.deep.equal([])
      expect(columns(end.hosts)).to.deep.equal(expected.hosts)
      expect(end.exitCode).to.equal(expected.exit)
      if (name !== 'free') expect(traceOf(events)).to.deep.equal(expected.trace)
    })
  }
})

/** Recap columns without the zeros. */
function columns(hosts: Readonly<Record<string, HostCounts>>): Record<string, Partial<HostCounts>> {
  return Object.fromEntries(
    Object.entries(hosts).map(([name, counts]) => [
      name,
      Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    ]),
  )
}
