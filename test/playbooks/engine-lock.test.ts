import { expect } from 'chai'
import { setTimeout as sleep } from 'node:timers/promises'
import { iniInventory } from '../support/inventories.js'
import { useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'

describe('two runs against one host at once', function () {
  this.timeout(60_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)
  const inventory = async (): Promise<string> => workplace.write('hosts', await iniInventory(lab()))

  /** A run that takes some seconds and writes when it began and ended. */
  const slow = (name: string): string =>
    workplace.write(
      `${name}.yml`,
      `
- hosts: all
  gather_facts: false
  tasks:
    - shell: echo ${name} begins >>/tmp/order; sleep 2
    - shell: echo ${name} ends >>/tmp/order
`,
    )

  async function order(host: number): Promise<string[]> {
    const { stdout } = await lab().run(host, ['cat', '/tmp/order'])
    await lab().run(host, ['rm', '/tmp/order'])
    return stdout.split('\n').filter(Boolean)
  }

  it('go one after the other on each host, and the second says for whom it waits', async () => {
    const file = await inventory()
    const first = workplace.run([slow('first'), '-i', file])
    await sleep(800)
    const second = workplace.run([slow('second'), '-i', file])
    const [one, two] = await Promise.all([first, second])
    expect([one.code, two.code], one.out + two.out + two.err).to.deep.equal([0, 0])
    expect(two.err).to.match(
      /one: another run works on this host: \S+@\S+ since \d{4}-\d\d-\d\dT.*; waiting up to 60 s/,
    )
    for (const host of [1, 2, 3]) {
      expect(await order(host)).to.deep.equal(['first begins', 'first ends', 'second begins', 'second ends'])
    }
  })

  it('the second fails after FPLAY_LOCK_TIMEOUT seconds, and says who holds the lock and since when', async () => {
    const file = await inventory()
    const first = workplace.run([slow('first'), '-i', file])
    await sleep(800)
    const second = await workplace.run([slow('second'), '-i', file], { env: { FPLAY_LOCK_TIMEOUT: '0' } })
    expect((await first).code).to.equal(0)
    expect(second.code, second.out).to.equal(2)
    expect(second.out).to.match(/failed: \[one\].*another run works on this host: \S+@\S+ since \d{4}-/)
    expect(await order(1)).to.deep.equal(['first begins', 'first ends'])
  })

  it('a dry run waits for nobody and keeps nobody waiting', async () => {
    const file = await inventory()
    const first = workplace.run([slow('first'), '-i', file])
    await sleep(800)
    const started = performance.now()
    const checked = await workplace.run([slow('second'), '-i', file, '--check'], {
      env: { FPLAY_LOCK_TIMEOUT: '0' },
    })
    expect(performance.now() - started).to.be.lessThan(2000)
    expect([checked.code, checked.err]).to.deep.equal([0, ''])
    expect((await first).err).to.equal('')
  })
})
