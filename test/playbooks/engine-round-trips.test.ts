import { expect } from 'chai'
import { createConnection } from '../../engine/connection/connect.js'
import type { Connection } from '../../engine/connection/connection.js'
import { play } from '../engine/run/playing.js'
import { logins } from '../support/host-state.js'
import { iniInventory } from '../support/inventories.js'
import { useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'

const FOLDERS = 12
const PLAYBOOK = `
- hosts: all
  gather_facts: false
  vars: { at: /srv/round-trips }
  tasks:
    - file: { path: '{{ at }}', state: directory, mode: '0755' }
    - copy: { content: "{{ 'x' * 5000 }}", dest: '{{ at }}/file' }
    - template: { src: a.j2, dest: '{{ at }}/template' }
    - lineinfile: { path: '{{ at }}/file', line: y, insertafter: EOF }
      when: false
    - stat: { path: '{{ at }}/file' }
    - file: { src: file, path: '{{ at }}/link', state: link }
    - file: { path: '{{ at }}/gone', state: absent }
    - command: { argv: [touch, '{{ at }}/made'], creates: '{{ at }}/made' }
    - command: cat {{ at }}/made
      changed_when: false
    - slurp: { src: '{{ at }}/file' }
    - blockinfile: { path: '{{ at }}/block', block: text, create: true }
    - debug: { msg: no trip at all }
`
/**
 * Messages for a host where nothing is to be changed: the first task asks for those too that could go along with it, the
 * link to be gone for the rest. The command that changes nothing is run, after which the last two tasks ask again.
 */
const MESSAGES = 5

describe('what a run costs', function () {
  this.timeout(180_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)

  const inventory = async (): Promise<string> => workplace.write('hosts', await iniInventory(lab()))

  /** A run without the command line, and the connections it made. */
  async function played(file: string): Promise<{ connections: Connection[]; changed: number }> {
    const connections: Connection[] = []
    const { keyFile, knownHostsFile } = lab()
    const connection = {
      become: false,
      user: 'root',
      privateKeyFile: keyFile,
      knownHostsFiles: [knownHostsFile],
    }
    const { end } = await play(
      file,
      [await inventory()],
      { connection },
      {
        // These hosts have no folder of this machine's tests.
        lockPath: undefined,
        connect: (settings) => {
          const connection = createConnection(settings)
          connections.push(connection)
          return connection
        },
      },
    )
    expect(end.exitCode).to.equal(0)
    const changed = end.tasks.filter((task) => task.changed).length
    return { connections, changed }
  }

  it('is less than one round trip for a task that has nothing to change, and one connection a host', async () => {
    workplace.write('a.j2', 'rendered {{ inventory_hostname }}\n')
    const file = workplace.write('site.yml', PLAYBOOK)
    expect((await played(file)).changed).to.be.greaterThan(0)
    const { connections, changed } = await played(file)
    expect(changed).to.equal(0)
    expect(connections).to.have.length(3)
    for (const { counts } of connections) {
      expect(counts.connections).to.equal(1)
      // Beyond the tasks': the shell is opened, and the lock given back.
      expect(counts.roundTrips).to.equal(MESSAGES + 2)
    }
  })

  it('is one login a host, as the host counts them, also with become, loops, delegation and several plays', async () => {
    const file = workplace.write(
      'plays.yml',
      `
- hosts: all
  gather_facts: false
  tasks:
    - file: { path: '/srv/round-trips/{{ item }}', state: directory }
      loop: '{{ range(${FOLDERS}) | list }}'
    - copy: { content: one, dest: /srv/round-trips/one }
      become: true
      become_user: dev
      become_method: su
      ignore_errors: true
    - stat: { path: / }
      delegate_to: '{{ groups.all.0 }}'
- hosts: all
  gather_facts: false
  strategy: free
  tasks:
    - stat: { path: / }
    - meta: refresh_inventory
    - stat: { path: /etc }
- hosts: all
  gather_facts: false
  serial: 1
  tasks: [{ ping: }]
`,
    )
    const before = await Promise.all([1, 2, 3].map((host) => logins(lab(), host)))
    const { code, recap, out, err } = await workplace.run([file, '-i', await inventory()])
    expect(code, out + err).to.equal(0)
    expect(recap.tasks).to.have.length(18)
    const after = await Promise.all([1, 2, 3].map((host) => logins(lab(), host)))
    expect(after.map((count, i) => count - before[i]!)).to.deep.equal([1, 1, 1])
  })
})
