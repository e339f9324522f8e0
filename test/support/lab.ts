import { expect } from 'chai'
import type { HostKind, Lab } from '../../lab/lab.js'
import { bringUpSomewhere } from './free-lab.js'

/** The hosts that tests of the engine share: two of Debian, one of busybox, none with a Docker Engine. */
export const ENGINE_HOSTS: readonly HostKind[] = ['debian', 'debian', 'busybox']

const labs = new Map<string, Promise<Lab>>()

/**
 * For a `describe`: the lab of these hosts is up before its first test. Suites that ask for the same hosts share
 * one lab, so a test leaves nothing behind that another would stumble over. All are taken down after the last test.
 * @returns gives the lab once the tests run
 */
export function useLab(kinds: readonly HostKind[] = ENGINE_HOSTS): () => Lab {
  let ready: Lab | undefined
  before(async function () {
    this.timeout(600_000) // on a machine that has no trees yet
    ready = await sharedLab(kinds)
  })
  return () => {
    if (ready === undefined) throw new Error('the lab is there only while tests run')
    return ready
  }
}

/** What a shell's text prints on a host, as root, without blanks around it; a status other than 0 fails the test. */
export async function shellOn(lab: Lab, host: number, script: string): Promise<string> {
  const { stdout, stderr, status } = await lab.run(host, ['sh', '-c', script])
  expect(status, `${script}\n${stderr}`).to.equal(0)
  return stdout.trim()
}

function sharedLab(kinds: readonly HostKind[]): Promise<Lab> {
  const key = kinds.join()
  let lab = labs.get(key)
  if (lab === undefined) labs.set(key, (lab = bringUpSomewhere(labs.size, kinds)))
  return lab
}

after(async function () {
  this.timeout(120_000)
  for (const lab of labs.values()) {
    const up = await lab.catch(() => undefined)
    await up?.down()
  }
})
