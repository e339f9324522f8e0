import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pack } from '../../engine/module/archive/pack.js'
import { foretells } from '../support/foretell.js'
import { iniInventory } from '../support/inventories.js'
import { useLab } from '../support/lab.js'
import { until } from '../support/until.js'
import { useWorkplace } from '../support/workplace.js'

const ARCHIVE = pack(
  [{ name: 'conf/it $(id)', type: 'file', mode: 0o644, data: Buffer.from('unpacked') }],
  'gz',
)
const BIG = Buffer.alloc(1024 * 1024, "1 MB of 'text' $(id)\n")

/** What the server of the controller has, by path. */
const FILES: Readonly<Record<string, Buffer>> = { '/a.tar.gz': ARCHIVE, '/big': BIG }

describe('modules that look beyond their host', function () {
  this.timeout(180_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)
  let server: Server
  let url: string
  before(async () => {
    server = createServer(({ url: path }, response) => {
      const file = FILES[path!.replace(/\?.*/, '')]
      response.setHeader('Last-Modified', 'Thu, 01 Jan 2015 00:00:00 GMT')
      response.writeHead(file ? 200 : 404).end(file ?? 'none')
    })
    const [first] = await lab().hosts()
    // The controller's own address in the lab's net.
    const address = first!.address.replace(/\d+$/, '254')
    await new Promise<void>((resolve) => server.listen(0, address, resolve))
    url = `http://${address}:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  it('get_url, on hosts with neither curl nor wget, and what later tasks make of it', async () => {
    const playbook = `
- hosts: one,box
  gather_facts: false
  tasks:
    - file: { path: /srv/got, state: directory }
    - get_url: { url: "${url}/big?x='$(id)'", dest: "/srv/got/-it's $(id)", mode: '0600', checksum: 'sha256:${createHash('sha256').update(BIG).digest('hex')}' }
      register: big
    - assert: { that: [big.size == 1048576, big.mode == '0600', big.checksum_src is not defined or big.status_code == 200] }
    - get_url: { url: "${url}/a.tar.gz", dest: /srv/got, force: true }
      register: got
    - assert: { that: got.dest == '/srv/got/a.tar.gz' }
    - file: { path: /srv/unpacked, state: directory }
    - unarchive: { src: "{{ got.dest }}", dest: /srv/unpacked, remote_src: true }
    - slurp: { src: '/srv/unpacked/conf/it $(id)' }
      register: text
    - assert: { that: (text.content | b64decode) == 'unpacked' }
    - get_url: { url: "${url}/none", dest: /srv/got/none }
      register: missing
      ignore_errors: true
    - assert: { that: [missing is failed, missing.status_code == 404] }
    - get_url: { url: "https://192.0.2.1/x", dest: /srv/got/none }
      register: nothing
      ignore_errors: true
    - assert: { that: ["'nothing to make this request with' in nothing.msg"] }
`
    const inventory = workplace.write('hosts', await iniInventory(lab()))
    const argv = [workplace.write('got.yml', playbook), '-i', inventory]
    const ours = async (host: number): Promise<string[]> => {
      const { stdout } = await lab().run(host, [
        'find',
        '/root',
        '/srv',
        '/tmp',
        '/dev/shm',
        '-name',
        '*fplay*',
      ])
      return stdout.split('\n').filter(Boolean)
    }
    const before = (await Promise.all([1, 3].map(ours))).flat()
    const { foretold, tasks } = await foretells({ workplace, lab: lab(), hosts: [1, 3], argv })
    expect(foretold).to.equal(tasks)
    expect((await lab().run(3, ['sha1sum', "/srv/got/-it's $(id)"])).stdout).to.include(
      createHash('sha1').update(BIG).digest('hex'),
    )
    const after = (await Promise.all([1, 3].map(ours))).flat()
    expect(after.filter((path) => !before.includes(path))).to.deep.equal([])
  })

  it('hostname, now and in the file, and in the facts', async () => {
    const playbook = `
- hosts: two,box
  gather_facts: false
  tasks:
    - hostname: { name: "{{ inventory_hostname }}.example.com" }
    - assert: { that: [ansible_hostname == inventory_hostname, ansible_domain == 'example.com'] }
    - slurp: { src: /etc/hostname }
      register: kept
    - assert: { that: (kept.content | b64decode) == inventory_hostname ~ '.example.com\\n' }
`
    const names = await Promise.all(
      [2, 3].map(async (host) => (await lab().run(host, ['uname', '-n'])).stdout.trim()),
    )
    const inventory = workplace.write('hosts', await iniInventory(lab()))
    const argv = [workplace.write('name.yml', playbook), '-i', inventory]
    const { foretold, tasks } = await foretells({ workplace, lab: lab(), hosts: [2, 3], argv })
    expect((await lab().run(2, ['uname', '-n'])).stdout).to.equal('two.example.com\n')
    for (const [i, host] of [2, 3].entries()) {
      await lab().run(host, ['sh', '-c', `echo ${names[i]!} >/etc/hostname; hostname ${names[i]!}`])
    }
    expect(foretold).to.equal(tasks)
  })

  it('reboot, of a host that loses its power and comes back', async () => {
    const playbook = `
- hosts: two
  gather_facts: false
  tasks:
    - reboot:
        reboot_command: sh -c 'echo >/srv/restarting'
        boot_time_command: cut -d ' ' -f 22 /proc/1/stat
        test_command: test ! -e /srv/restarting
        connect_timeout: 5
        reboot_timeout: 120
      register: done
    - assert: { that: [done.rebooted, done.elapsed >= 0] }
    - command: cat /proc/1/comm
`
    const inventory = workplace.write('hosts', await iniInventory(lab()))
    const argv = [workplace.write('restart.yml', playbook), '-i', inventory]
    const dry = await workplace.run([...argv, '--check'])
    expect(dry.recap.tasks[0], dry.out).to.include({ status: 'changed' })
    const run = workplace.run(argv)
    await until(async () => (await lab().run(2, ['test', '-e', '/srv/restarting'])).status === 0)
    await lab().powerOff(2)
    await lab().powerOn(2)
    await lab().run(2, ['rm', '/srv/restarting'])
    const { code, out, err, recap } = await run
    expect(code, out + err).to.equal(0)
    expect(recap.tasks.map(({ status }) => status)).to.deep.equal(['changed', 'ok', 'changed'])
  })
})
