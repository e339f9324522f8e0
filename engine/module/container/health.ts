import { Fail, type Value } from '../contract.js'
import { listed, section, type Inspected } from '../docker/inspect.js'
import type { ContainerParams } from './params.js'
import { nanosecondsOf, shellLine } from './values.js'

type Health = Readonly<Record<string, string>>

/** The wished check, as it is compared. As the docker program has it, a test is always a line for a shell. */
export function wantedHealth(given: ContainerParams['healthcheck']): Health | undefined {
  if (given === undefined) return undefined
  const test = testOf(given.test)
  if (test === 'NONE') return { test }
  const times = (['interval', 'timeout', 'start_period'] as const).flatMap((name) => {
    const text = given[name]
    return text === undefined ? [] : [[name, String(nanosecondsOf(text, `healthcheck.${name}`))]]
  })
  const retries = given.retries === undefined ? [] : [['retries', String(given.retries)]]
  return { test, ...(Object.fromEntries([...times, ...retries]) as Health) }
}

function testOf(test: Value | undefined): string {
  if (test === undefined || test === null || test === '') return 'NONE'
  if (typeof test === 'string') return test
  if (!Array.isArray(test)) throw new Fail('healthcheck.test must be a text or a list')
  const [kind, ...words] = test.map(String)
  if (kind === undefined || kind === 'NONE') return 'NONE'
  if (kind === 'CMD') return shellLine(words)
  if (kind === 'CMD-SHELL') return words.join(' ')
  throw new Fail(`healthcheck.test begins with ${kind}`, [], 'it begins with CMD, CMD-SHELL or NONE')
}

/** The check that a container has. */
export function foundHealth(container: Inspected): Health {
  const check = section(container, 'Config', 'Healthcheck')
  const test = testOf([...listed(check, 'Test')])
  if (test === 'NONE') return { test }
  return {
    test,
    interval: String(check['Interval'] ?? 0),
    timeout: String(check['Timeout'] ?? 0),
    start_period: String(check['StartPeriod'] ?? 0),
    retries: String(check['Retries'] ?? 0),
  }
}

/** Words of `docker create` for the check. */
export function healthFlags(given: ContainerParams['healthcheck']): readonly string[] {
  const { test, ...rest } = wantedHealth(given) ?? {}
  if (test === undefined) return []
  if (test === 'NONE') return ['--no-healthcheck']
  const flags = Object.entries(rest).flatMap(([name, value]) => {
    const text = name === 'retries' ? value : `${value}ns`
    return [`--health-${name.replace('_', '-')}`, text]
  })
  return ['--health-cmd', test, ...flags]
}
