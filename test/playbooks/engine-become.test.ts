import { expect } from 'chai'
import { useLab } from '../support/lab.js'
import { useWorkplace, type Ran } from '../support/workplace.js'

const WHO = `
- hosts: all
  gather_facts: false
  tasks:
    - command: id -u
      changed_when: false
      register: login
      become: false
    - command: id -u
      changed_when: false
      register: became
    - command: sh -c 'echo "$HOME"'
      changed_when: false
      register: home
    - copy: { content: x, dest: '/tmp/by-{{ became.stdout }}' }
    - stat: { path: '/tmp/by-{{ became.stdout }}' }
      register: made
    - file: { path: '/tmp/by-{{ became.stdout }}', state: absent }
    - fail: { msg: 'login={{ login.stdout }} became={{ became.stdout }} at={{ home.stdout }} made={{ made.stat.uid }}.' }
`

describe('becoming somebody on hosts', function () {
  this.timeout(180_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)

  interface Case {
    readonly title: string
    /** Number of the host. */
    readonly host: 1 | 2 | 3
    readonly user: 'root' | 'dev' | 'dev2'
    readonly argv: readonly string[]
    readonly input?: string
    readonly vars?: string
    /** What is told at the end, or of the failure. */
    readonly expected: RegExp
  }

  const cases: readonly Case[] = [
    {
      title: 'nobody, unless asked',
      host: 1,
      user: 'dev',
      argv: [],
      expected: /login=1000 became=1000 at=.home.dev made=1000\./,
    },
    {
      title: 'sudo without a password',
      host: 1,
      user: 'dev2',
      argv: ['-b'],
      expected: /login=1001 became=0 at=.root made=0\./,
    },
    {
      title: 'sudo with -K',
      host: 1,
      user: 'dev',
      argv: ['-b', '-K'],
      input: 'dev\n',
      expected: /login=1000 became=0 at=.{5,9} made=0\./,
    },
    {
      title: 'sudo with a password file',
      host: 1,
      user: 'dev',
      argv: ['-b', '--become-password-file', 'PASSWORD'],
      expected: /login=1000 became=0 at=.{5,9} made=0\./,
    },
    {
      title: 'sudo with a variable',
      host: 2,
      user: 'dev',
      argv: ['-b'],
      vars: 'ansible_become_password=dev',
      expected: /login=1000 became=0 at=.{5,9} made=0\./,
    },
    {
      title: 'ansible_become for a host, which wins over become of a task',
      host: 2,
      user: 'dev2',
      argv: [],
      vars: 'ansible_become=true',
      expected: /login=0 became=0 at=.root made=0\./,
    },
    {
      title: 'somebody else than root',
      host: 1,
      user: 'root',
      argv: ['-b', '--become-user', 'dev2'],
      expected: /login=0 became=1001 at=.home.dev2 made=1001\./,
    },
    {
      title: 'su with the password of root',
      host: 1,
      user: 'dev',
      argv: ['-b', '--become-method', 'su', '-K'],
      input: 'root\n',
      expected: /login=1000 became=0 at=.{5,9} made=0\./,
    },
    {
      title: 'su on busybox',
      host: 3,
      user: 'dev',
      argv: ['-b', '--become-method', 'su', '-K'],
      input: 'root\n',
      expected: /login=1000 became=0 at=.{5,9} made=0\./,
    },
    {
      title: 'su from root on busybox',
      host: 3,
      user: 'root',
      argv: ['-b', '--become-method', 'su', '--become-user', 'dev'],
      expected: /login=0 became=1000 at=.home.dev made=1000\./,
    },
    {
      title: 'a wrong password',
      host: 1,
      user: 'dev',
      argv: ['-b', '-K'],
      input: 'wrong\n',
      expected: /did not accept the password/,
    },
    { title: 'no password', host: 1, user: 'dev', argv: ['-b'], expected: /asks for a password.*-K/s },
    {
      title: 'login with -k, and its password for sudo',
      host: 1,
      user: 'dev',
      argv: ['-b', '-k', '-K'],
      input: 'dev\n\n',
      expected: /login=1000 became=0 at=.{5,9} made=0\./,
    },
    {
      title: 'login with -k on busybox',
      host: 3,
      user: 'dev',
      argv: ['-k', '-b', '--become-method', 'su', '-K'],
      input: 'dev\nroot\n',
      expected: /login=1000 became=0 at=.{5,9} made=0\./,
    },
  ]

  async function run({ host, user, argv, input, vars = '' }: Case): Promise<Ran> {
    const { address } = (await lab().hosts())[host - 1]!
    const inventory = workplace.write('hosts', `h ansible_host=${address} ansible_user=${user} ${vars}\n`)
    const password = workplace.write('password', 'dev\n', 0o600)
    const words = argv.map((each) => (each === 'PASSWORD' ? password : each))
    const env = argv.includes('-k') ? { ANSIBLE_PRIVATE_KEY_FILE: '' } : undefined
    return workplace.run([workplace.write('who.yml', WHO), '-i', inventory, ...words], { env, input })
  }

  for (const each of cases) {
    it(each.title, async () => {
      const { code, out, err } = await run(each)
      expect(out + err, out + err).to.match(each.expected)
      expect(code).to.be.oneOf([2, 4])
      expect(out + err).not.to.contain('wrong')
    })
  }

  it('several in one play, with files that belong to whom they should', async () => {
    const playbook = `
- hosts: all
  gather_facts: false
  become: true
  tasks:
    - file: { path: /srv/become, state: directory, mode: '0777' }
    - copy: { content: big, dest: '/srv/become/{{ item }}' }
      become_user: '{{ item }}'
      loop: [root, dev, dev2]
    - copy: { src: large, dest: /srv/become/large }
      become_user: dev
    - stat: { path: '/srv/become/{{ item }}' }
      loop: [root, dev, dev2]
      register: stats
      become_user: dev2
    - assert: { that: item.stat.pw_name == item.item }
      loop: '{{ stats.results }}'
    - shell: echo "$HOME $(id -un)"
      register: home
      become_user: dev
    - assert: { that: "home.stdout == '/home/dev dev'" }
    - file: { path: /srv/become, state: absent }
`
    workplace.write('large', Buffer.alloc(2_000_000, 'large'))
    const find = ['find', '/root/.fplay', '/home', '/tmp', '-name', '*fplay*']
    // A suite that cuts connections leaves its partial file, as it should.
    const before = await lab().run(1, find)
    const { address } = (await lab().hosts())[0]!
    const inventory = workplace.write(
      'hosts',
      `h ansible_host=${address} ansible_user=dev ansible_become_pass=dev\n`,
    )
    const { code, out, err } = await workplace.run([
      workplace.write('several.yml', playbook),
      '-i',
      inventory,
    ])
    expect(code, out + err).to.equal(0)
    const left = await lab().run(1, find)
    expect(left.stdout).to.equal(before.stdout)
  })
})
