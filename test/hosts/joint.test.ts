import { expect } from 'chai'
import { createConnection } from '../../engine/connection/connect.js'
import { converge } from '../../engine/run/converge.js'
import { play } from '../engine/run/playing.js'
import { told, withoutTimes } from '../engine/run/sending.js'
import { iniInventory } from '../support/inventories.js'
import { shellOn, useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'

const LONG = 'x'.repeat(250)
const FOUND = `cd /srv/joint && find . -exec stat -c '%n %f %U %G %s' {} + | sort; find . -type f -exec sha1sum {} + | sort`
/** Folders in one another, files of any bytes in two of them, empty ones; then two that cannot be made as they are. */
const playbook = (owner: string): string => `
- hosts: all
  gather_facts: false
  tasks:
    - file: { path: '/srv/joint/top/{{ item }}', state: directory, mode: '0750'${owner} }
      loop: [a, b, c/d, 'with blank']
    - file: { path: /srv/joint/set, state: directory, mode: '2775' }
    - copy: { src: bytes, dest: /srv/joint/top/a/bytes, mode: '0640'${owner} }
    - copy: { content: '', dest: /srv/joint/top/a/none, mode: '0640'${owner} }
    - copy: { content: "\\n\\n", dest: /srv/joint/top/a/lines, mode: '0640'${owner} }
    - template: { src: bytes.hbs, dest: '/srv/joint/top/with blank/-t', mode: '0400' }
    - lineinfile: { path: /srv/joint/top/a/limits, line: one, create: true, mode: '0640'${owner} }
    - copy: { src: many/, dest: /srv/joint/top/b/${owner} }
    - file: { path: '/srv/joint/top/{{ item }}', state: touch }
      loop: '{{ range(70) | list }}'
    - copy: { content: s, dest: /srv/joint/set/s }
    - copy: { content: t, dest: /srv/joint/set/t, mode: '4755' }
    - copy: { content: '{{ item }}', dest: '/srv/joint/{{ item }}' }
      loop: [u, v, ${LONG}, w, y]
      ignore_errors: true
    - copy: { content: before, dest: /srv/joint/before }
    - copy: { content: between, dest: /srv/joint/between }
    - copy: { content: long, dest: '/srv/joint/${LONG}' }
    - copy: { content: behind, dest: /srv/joint/behind }
`

describe('files that are made jointly on hosts', function () {
  this.timeout(120_000)
  const lab = useLab(['debian', 'busybox'])
  const workplace = useWorkplace(() => lab().environment)

  /** What a run leaves and tells, and the processes it has started on each host, each one's last number being known. */
  async function ended(user: string, together: boolean): Promise<{ end: string; processes: number[] }> {
    const reset = `rm -rf /srv/joint; mkdir -p /srv/joint; chown ${user} /srv/joint`
    await Promise.all([1, 2].map((host) => shellOn(lab(), host, reset)))
    const pids = (): Promise<number[]> =>
      Promise.all([1, 2].map(async (host) => Number(await shellOn(lab(), host, `sh -c 'echo $$'`))))
    const before = await pids()
    const { keyFile, knownHostsFile } = lab()
    const { events } = await play(
      workplace.write('site.yml', playbook(user === 'root' ? ', owner: dev, group: dev' : '')),
      [workplace.write('hosts', await iniInventory(lab(), ['one', 'box']))],
      { connection: { become: false, user, privateKeyFile: keyFile, knownHostsFiles: [knownHostsFile] } },
      {
        // These hosts have no folder of this machine's tests.
        lockPath: undefined,
        connect: createConnection,
        converge: (call, target) => converge(together ? call : { ...call, successors: undefined }, target),
      },
    )
    const after = await pids()
    const found = await Promise.all([1, 2].map((host) => shellOn(lab(), host, FOUND)))
    return {
      end: [...told(events, '/srv/joint').map(withoutTimes), ...found].join('\n'),
      processes: after.map((last, i) => last - before[i]!),
    }
  }

  for (const user of ['root', 'dev']) {
    it(`are those that are made one by one, for ${user}, with fewer processes`, async () => {
      workplace.write('bytes', Buffer.from(Array.from({ length: 256 }, (_, i) => i)))
      workplace.write('bytes.hbs', '{{inventory_hostname}}\\0\n')
      for (let i = 0; i < 20; i++) workplace.write(`many/${i % 2}/${i}`, `${i}\0`)
      const [many, sole] = [await ended(user, true), await ended(user, false)]
      expect(many.end).to.equal(sole.end)
      expect(many.end).to.include('\n./top/69 ').and.include('\n./before ').and.not.include('\n./behind ')
      many.processes.forEach((count, i) => expect(count).to.be.lessThan(sole.processes[i]! / 3))
    })
  }
})
