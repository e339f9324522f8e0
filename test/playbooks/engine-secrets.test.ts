import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { iniInventory } from '../support/inventories.js'
import { useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'

/** Prints the arguments and the environment of all processes but this one. */
const EVERYTHING = `for p in /proc/[0-9]*; do [ "$p" = "/proc/$$" ] || cat $p/cmdline $p/environ 2>/dev/null; done | tr '\\0' '\\n'`
const SECRETS = {
  login: 'l0gin-Pa$$ word',
  become: 's3sam3 "open\\n',
  vault: 'vau1t-key-Zx9',
  vaulted: 'fr0m-the-vault-77',
  hidden: 'n0-l0g-v4lue',
  input: 'through-stdin-8812',
} as const

/** `vaulted: …`, as `ansible-vault encrypt` wrote it with the vault's password. */
const VAULTED = `$ANSIBLE_VAULT;1.1;AES256
65656330376432613432343739393630313532663062383836326436323733343265363534303931
3534373035306132303333366264336634623331623765340a323066383230333338666634613561
37353136356135333935383736333436326230353639353263613365376530636462626430356537
3438656165656635300a333234333464636364383632393332363739303236363231393933366530
62643739336466373963316436323564626634343833636430663563383739323533
`

describe('secrets', function () {
  this.timeout(200_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)

  it('are in no process list, no environment, no output, no recap and no log', async () => {
    await lab().run(2, ['chpasswd'], `dev:${SECRETS.become}\n`)
    const vaultPassword = workplace.write('vault-password', `${SECRETS.vault}\n`, 0o600)
    workplace.write('vars.yml', VAULTED)
    const site = workplace.write(
      'site.yml',
      `
- hosts: all
  gather_facts: false
  become: true
  vars_files: [vars.yml]
  vars: { hidden: ${SECRETS.hidden} }
  tasks:
    - copy: { content: "{{ vaulted }} {{ hidden }}\\n", dest: /root/secret, mode: '0600' }
      no_log: true
      diff: true
    - command: { cmd: "sh -c 'cat >/dev/null; until [ -e /tmp/sampled ]; do sleep 0.31; done'", stdin: '{{ hidden }} ${SECRETS.input}' }
      no_log: true
    - command: { cmd: cat, stdin: '{{ vaulted }}' }
      register: said
    - debug: { var: said }
    - shell: echo "vaulted is {{ vaulted }}" >&2; exit 3
      ignore_errors: true
    - shell: echo "{{ hidden }}"; exit 3
      no_log: true
      ignore_errors: true
    - shell: echo "{{ hidden }}" >&2; exit 3
      no_log: true
      until: false
      retries: 1
      delay: 0
      ignore_errors: true
    - copy: { content: '{{ item }}', dest: '/root/secret-{{ index }}' }
      loop: ['${SECRETS.hidden}', b]
      loop_control: { index_var: index }
      no_log: true
    - fail: { msg: 'the password is {{ vaulted }}' }
`,
    )
    const inventory = workplace.write('hosts', await iniInventory(lab(), ['one', 'two']))
    const argv = [
      site,
      '-i',
      inventory,
      '-l',
      'two',
      '-u',
      'dev',
      '-K',
      '-vvv',
      '-D',
      '--vault-password-file',
      vaultPassword,
    ]
    const run = workplace.start(argv, { input: `${SECRETS.become}\n` })
    const seen: string[] = []
    let running = true
    void run.end.then(() => (running = false))
    while (running) {
      const there = (await lab().run(2, ['sh', '-c', EVERYTHING])).stdout
      seen.push(there)
      seen.push(execFileSync('sh', ['-c', EVERYTHING], { encoding: 'utf8', maxBuffer: 1e9 }))
      // The command goes on until it has been seen, here as well as there.
      if (there.includes('sleep\n0.31')) await lab().run(2, ['touch', '/tmp/sampled'])
      await sleep(150)
    }
    const { code, out, err, recap } = await run.end
    await lab().run(2, ['chpasswd'], 'dev:dev\n')
    await lab().run(2, ['rm', '/tmp/sampled'])
    expect([code, recap.exit_code], out + err).to.deep.equal([2, 2])
    expect(recap.hosts['two']).to.include({ failed: 1, ignored: 3 })
    expect(
      seen.some((text) => text.includes('sleep\n0.31')),
      'it was sampled while it ran',
    ).to.equal(true)
    const logs = readdirSync(workplace.folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.log'))
      .map((name) => readFileSync(workplace.path(name), 'utf8'))
    // What stands on a command line of a task is in the host's process list by nature: no task here puts it there.
    for (const [name, secret] of Object.entries(SECRETS)) {
      expect(
        seen.filter((text) => text.includes(secret)),
        `${name} in a process`,
      ).to.deep.equal([])
    }
    for (const name of ['become', 'vault', 'vaulted', 'hidden', 'input'] as const) {
      for (const text of [out, err, JSON.stringify(recap), ...logs]) {
        expect(text.includes(SECRETS[name]), `${name} in: ${text}`).to.equal(false)
      }
    }
    expect((await lab().run(2, ['cat', '/root/secret'])).stdout).to.equal(
      `${SECRETS.vaulted} ${SECRETS.hidden}\n`,
    )
  })
})
