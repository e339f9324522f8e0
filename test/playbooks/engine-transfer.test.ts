import { expect } from 'chai'
import { createHash, randomBytes } from 'node:crypto'
import { contentOfFile, TEXT_LIMIT } from '../../engine/content.js'
import { iniInventory } from '../support/inventories.js'
import { useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'

/** So many bytes are not read before it is known that they have to travel. */
const SIZE = TEXT_LIMIT + 2 * 1024 * 1024 + 1
const PLAYBOOK = `
- hosts: all
  gather_facts: false
  tasks:
    - copy: { src: big, dest: /srv/transfer, mode: '0640', owner: daemon }
`

describe('large files', function () {
  this.timeout(90_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)

  /** Bytes that host 1 has received so far. */
  async function received(): Promise<number> {
    const { stdout } = await lab().run(1, ['cat', '/proc/net/dev'])
    return Number(/eth0:\s*(\d+)/.exec(stdout)![1])
  }

  it('travel once, not at all when they are there, and by half when half of a transfer is there', async () => {
    const bytes = randomBytes(SIZE)
    const sha1 = createHash('sha1').update(bytes).digest('hex')
    const { id } = await contentOfFile(workplace.write('big', bytes))
    const argv = [
      workplace.write('site.yml', PLAYBOOK),
      '-i',
      workplace.write('hosts', await iniInventory(lab(), ['one'])),
    ]
    /** What a run makes travel, as a share of the file. */
    const share = async (changed: number): Promise<number> => {
      const before = await received()
      const { code, recap, out } = await workplace.run(argv)
      expect([code, recap.hosts['one']!.changed], out).to.deep.equal([0, changed])
      const { stdout } = await lab().run(1, [
        'sh',
        '-c',
        `sha1sum </srv/transfer; stat -c '%a %U' /srv/transfer; ls -A /srv | grep transfer; ls -A /root/.fplay 2>/dev/null | grep ${id}`,
      ])
      expect(stdout).to.equal(`${sha1}  -\n640 daemon\ntransfer\n`)
      return ((await received()) - before) / SIZE
    }
    expect(await share(1)).to.be.within(1, 1.2)
    expect(await share(0)).to.be.lessThan(0.05)
    const save = `rm /srv/transfer; mkdir -p -m 700 /root/.fplay && cat >/root/.fplay/partial-${id}`
    await lab().run(1, ['sh', '-c', save], bytes.subarray(0, SIZE / 2))
    expect(await share(1)).to.be.within(0.5, 0.6)
    await lab().run(1, ['rm', '/srv/transfer'])
  })
})
