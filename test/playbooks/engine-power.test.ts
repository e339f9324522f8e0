import { expect } from 'chai'
import { randomBytes } from 'node:crypto'
import { iniInventory } from '../support/inventories.js'
import { useLab } from '../support/lab.js'
import { until } from '../support/until.js'
import { useWorkplace } from '../support/workplace.js'

const SITE = `
- hosts: all
  gather_facts: false
  tasks:
    - file: { path: /srv/power, state: directory }
    - copy: { content: new, dest: /srv/power/file }
      notify: told
  handlers:
    - name: told
      copy: { content: handled, dest: /srv/power/handled }
`
/** Megabytes that take long enough to travel. */
const HUGE = 200

describe('hosts that lose their power', function () {
  this.timeout(200_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)
  const inventory = async (...names: string[]): Promise<string> =>
    workplace.write('hosts', await iniInventory(lab(), names))

  afterEach(() => lab().powerOn(2))

  async function listed(host: number, folder: string): Promise<string[]> {
    const { stdout } = await lab().run(host, ['ls', '-A', folder])
    return stdout.split('\n').filter(Boolean)
  }

  it('do not keep the others from completing, are called unreachable, and are completed by the next run', async () => {
    const argv = [workplace.write('site.yml', SITE), '-i', await inventory('one', 'two', 'box'), '-T', '5']
    await lab().powerOff(2)
    const { code, out, recap } = await workplace.run(argv)
    await lab().powerOn(2)
    expect([code, recap.exit_code], out).to.deep.equal([4, 4])
    expect(recap.hosts['two']).to.include({ unreachable: 1, ok: 0, changed: 0, failed: 0 })
    expect(recap.hosts['one']).to.include({ unreachable: 0, ok: 3, changed: 3 })
    expect(recap.hosts['box']).to.include({ unreachable: 0, ok: 3, changed: 3 })
    expect(recap.tasks.find(({ host }) => host === 'two')).to.include({
      status: 'unreachable',
      changed: false,
    })
    expect(out).to.match(/unreachable: \[two\].*10\.77\.\d+\.2/)
    const next = await workplace.run(argv)
    expect([next.code, next.recap.hosts['two']!.changed, next.recap.hosts['one']!.changed]).to.deep.equal([
      0, 3, 0,
    ])
  })

  it('are told within the timeout when it goes in the middle of a run', async () => {
    const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - shell: touch /srv/power-begun; until [ -e /srv/power-go ]; do sleep 0.2; done
    - copy: { content: after, dest: /srv/power-after }
`
    const argv = [workplace.write('middle.yml', playbook), '-i', await inventory('one', 'two'), '-T', '5']
    const run = workplace.run(argv)
    await until(async () => (await lab().run(2, ['ls', '/srv/power-begun'])).status === 0)
    await lab().powerOff(2)
    await lab().run(1, ['touch', '/srv/power-go'])
    const { code, recap } = await run
    await lab().powerOn(2)
    expect(code).to.equal(4)
    expect(recap.hosts['two']).to.include({ unreachable: 1 })
    expect(recap.hosts['one']).to.include({ ok: 2, changed: 2 })
  })

  it('keep the old file when it goes in the middle of a copy; the next run removes what was sent', async () => {
    const big = workplace.write('big', Buffer.alloc(HUGE * 1024 * 1024, randomBytes(1021)))
    await lab().run(2, ['sh', '-c', 'mkdir -p /srv/power; echo old >/srv/power/big'])
    const playbook = `
- hosts: all
  gather_facts: false
  tasks:
    - copy: { src: ${big}, dest: /srv/power/big }
`
    const argv = [
      workplace.write('big.yml', playbook),
      '-i',
      await inventory('one', 'two'),
      '--limit',
      'two',
      '-T',
      '5',
    ]
    const before = await listed(2, '/srv/power')
    const run = workplace.run(argv)
    await until(async () => {
      const all = await lab().run(2, ['find', '/root', '/srv', '/tmp', '-name', '*partial*'])
      return all.stdout !== ''
    })
    await lab().powerOff(2)
    const { code } = await run
    await lab().powerOn(2)
    expect(code).to.equal(4)
    expect((await lab().run(2, ['cat', '/srv/power/big'])).stdout).to.equal('old\n')
    expect(await listed(2, '/srv/power')).to.deep.equal(before)
    const kept = await lab().run(2, ['sh', '-c', 'ls -d /root/.fplay/*'])
    expect(kept.stdout, 'one named partial file').to.match(/^\/root\/\.fplay\/partial-[0-9a-f]{40}\n$/)
    workplace.write('big', 'small now')
    expect((await workplace.run(argv)).code).to.equal(0)
    expect((await lab().run(2, ['cat', '/srv/power/big'])).stdout).to.equal('small now')
    const left = await lab().run(2, ['find', '/root', '/srv', '/tmp', '-name', '*fplay*'])
    expect(left.stdout).to.equal('')
  })
})
