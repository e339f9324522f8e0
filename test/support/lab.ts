import { expect } from 'chai'
import type { HostKind, Lab } from '../../lab/lab.js'
import { bringUpSomewhere } from './free-lab.js'

/** The hosts of most tests of the engine: two of Debian, one of busybox, none with a Docker Engine. */
export const ENGINE_HOSTS: readonly HostKind[] = ['debian', 'debian', 'busybox']

/**
 * For a `describe`: a lab of its own is up before its first test, and gone after its last. So no suite finds what another
 * has left, whatever their order and wherever they fail, and none tidies up for the others.
 * @returns gives the lab once the tests run
 */
export function useLab(kinds: readonly HostKind[] = ENGINE_HOSTS): () => Lab {
  let ready: Lab | undefined
  before(async function () {
    this.timeout(600_000) // on a machine that has no trees yet
    const lab = await bringUpSomewhere(kinds)
    ready = lab
    // Registered only now, so that hooks of the suite that still need the lab come before.
    this.test!.parent!.afterAll('the lab is taken down', async function () {
      this.timeout(120_000)
      ready = undefined
      await lab.down()
    })
  })
  return () => {
    if (ready === undefined) throw new Error('the lab is there only while tests of its suite run')
    return ready
  }
}

/** What a shell's text prints on a host, as root, without blanks around it; a status other than 0 fails the test. */
export async function shellOn(lab: Lab, host: number, script: string): Promise<string> {
  const { stdout, stderr, status } = await lab.run(host, ['sh', '-c', script])
  expect(status, `${script}\n${stderr}`).to.equal(0)
  return stdout.trim()
}
