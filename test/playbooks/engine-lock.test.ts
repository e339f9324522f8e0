import { expect } from 'chai'
import { iniInventory } from '../support/inventories.js'
import { useLab } from '../support/lab.js'
import { until } from '../support/until.js'
import { useWorkplace } from '../support/workplace.js'

describe('two runs against one host at once', function () {
  this.timeout(180_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)
  const inventory = async (): Promise<string> => workplace.write('hosts', await iniInventory(lab()))

  /** A run that stays on its hosts until it is let go, and writes when it began and ended. */
  const slow = (name: string): string =>
    workplace.write(
      `${name}.yml`,
      `
- hosts: all
  gather_facts: false
  tasks:
    - shell: echo ${name} begins >>/tmp/order; until [ -e /tmp/go ]; do sleep 0.2; done
    - shell: echo ${name} ends >>/tmp/order
`,
    )

  const HOSTS = [1, 2, 3]
  afterEach(() => Promise.all(HOSTS.map((host) => lab().run(host, ['rm', '-f', '/tmp/order', '/tmp/go']))))
  const letGo = () => Promise.all(HOSTS.map((host) => lab().run(host, ['touch', '/tmp/go'])))

  async function order(host: number): Promise<string[]> {
    const { stdout } = await lab().run(host, ['sh', '-c', 'cat /tmp/order || :'])
    return stdout.split('\n').filter(Boolean)
  }

  /** Starts the first run; resolves when it is at work on every host. The run itself stands in a list, since it is a promise too. */
  async function atWork(file: string): Promise<readonly [ReturnType<typeof workplace.run>]> {
    const run = workplace.run([slow('first'), '-i', file])
    for (const host of HOSTS) await until(async () => (await order(host)).length > 0)
    return [run]
  }

  it('go one after the other on each host, and the second says for whom it waits', async () => {
    const file = await inventory()
    const [first] = await atWork(file)
    const second = workplace.start([slow('second'), '-i', file])
    await second.until(
      /one: another run works on this host: \S+@\S+ since \d{4}-\d\d-\d\dT.*; waiting up to 60 s/,
    )
    await letGo()
    const [one, two] = await Promise.all([first, second.end])
    expect([one.code, two.code], one.out + two.out + two.err).to.deep.equal([0, 0])
    for (const host of HOSTS) {
      expect(await order(host)).to.deep.equal(['first begins', 'first ends', 'second begins', 'second ends'])
    }
  })

  it('the second fails after FPLAY_LOCK_TIMEOUT seconds, and says who holds the lock and since when', async () => {
    const file = await inventory()
    const [first] = await atWork(file)
    const second = await workplace.run([slow('second'), '-i', file], { env: { FPLAY_LOCK_TIMEOUT: '0' } })
    await letGo()
    expect((await first).code).to.equal(0)
    expect(second.code, second.out).to.equal(2)
    expect(second.out).to.match(/failed: \[one\].*another run works on this host: \S+@\S+ since \d{4}-/)
    expect(await order(1)).to.deep.equal(['first begins', 'first ends'])
  })

  it('a dry run waits for nobody and keeps nobody waiting', async () => {
    const file = await inventory()
    const [first] = await atWork(file)
    const checked = await workplace.run([slow('second'), '-i', file, '--check'], {
      env: { FPLAY_LOCK_TIMEOUT: '0' },
    })
    expect([checked.code, checked.err]).to.deep.equal([0, ''])
    await letGo()
    expect((await first).err).to.equal('')
  })
})
