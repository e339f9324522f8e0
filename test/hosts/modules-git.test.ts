import { expect } from 'chai'
import { giveDebianPackage } from '../support/debian-package.js'
import { changes, foretells } from '../support/foretell.js'
import { shellOn, useLab } from '../support/lab.js'
import { itInFull } from '../support/long.js'
import { useWorkplace } from '../support/workplace.js'

/** On the first host, a repository of a hostile name, with hostile names in it. */
const REPOSITORY = `set -e; export GIT_CONFIG_GLOBAL=/root/git-of-the-test
git config --global user.name a; git config --global user.email a@b; git config --global init.defaultBranch main
mkdir -p "/srv/git/it's" && cd "/srv/git/it's" && git init -q -- '-b $(id) ü' && cd './-b $(id) ü'
say() { printf '%s\\n' "$2" >"./$1"; git add -- "./$1"; git commit -qm "$2"; }
say file one; git tag -a -m first v1
git checkout -q -b side/way; say other aside
git checkout -q main; say '-$(reboot) "it'"'"'s"' two; say '中文 名' three; ln -s /etc/passwd link; git add link; git commit -qm link
chmod 755 file; git commit -qam mode`

/** The second host may log in on the first. */
const KEY =
  'mkdir -pm 700 /root/.ssh && ssh-keygen -q -t ed25519 -N "" -f "/root/.ssh/a key" && cat "/root/.ssh/a key.pub"'

const PLAY = `
- hosts: all
  gather_facts: false
  tasks:
    - git:
        repo: "{{ address }}"
        dest: "/srv/clones/-c $(id) ü/clone"
        version: "{{ version | default('HEAD') }}"
        force: "{{ force | default(false) }}"
        key_file: "{{ '/root/.ssh/a key' if inventory_hostname == 'two' else omit }}"
        accept_newhostkey: "{{ inventory_hostname == 'two' }}"
      register: got
    - assert: { that: got.after == wanted }
    - stat: { path: "/srv/clones/-c $(id) ü/clone/file" }
      register: file
    - assert: { that: [file.stat.exists, file.stat.isreg] }
`

describe('git between hosts', function () {
  this.timeout(300_000)
  const lab = useLab(['debian', 'debian'])
  const workplace = useWorkplace(() => lab().environment)
  const shell = (host: number, script: string): Promise<string> => shellOn(lab(), host, script)
  const inRepository = (script: string): Promise<string> =>
    shell(1, `export GIT_CONFIG_GLOBAL=/root/git-of-the-test; cd "/srv/git/it's/-b "*; ${script}`)
  const inClone = (host: number, script: string): Promise<string> =>
    shell(host, `cd /srv/clones/*/clone; ${script}`)

  itInFull('clones and follows a repository of the host and one that ssh leads to, as foretold', async () => {
    await giveDebianPackage(lab(), [1, 2], 'git')
    await shell(1, REPOSITORY)
    const key = await shell(2, KEY)
    await shell(1, `mkdir -pm 700 /root/.ssh && echo '${key}' >>/root/.ssh/authorized_keys`)
    const [one, two] = await lab().hosts()
    const folder = "/srv/git/it's/-b $(id) ü"
    const inventory = workplace.write(
      'hosts.yml',
      JSON.stringify({
        all: {
          hosts: {
            one: { ansible_host: one!.address, address: `file://${folder}` },
            two: { ansible_host: two!.address, address: `root@${one!.address}:${folder}` },
          },
        },
      }),
    )
    const play = workplace.write('git.yml', PLAY)
    const argv = (vars: object): string[] => [play, '-i', inventory, '-e', JSON.stringify(vars)]
    const settles = async (version: string | undefined, commit: string, more: object = {}): Promise<void> => {
      const wanted = await inRepository(`git rev-parse '${commit}^{commit}'`)
      const { ran } = await foretells({
        workplace,
        lab: lab(),
        hosts: [1, 2],
        argv: argv({ ...(version === undefined ? {} : { version }), wanted, ...more }),
      })
      expect(changes(ran.recap).length, ran.out).to.equal(2)
      for (const host of [1, 2]) expect(await inClone(host, 'git rev-parse HEAD')).to.equal(wanted)
    }

    await settles(undefined, 'main')
    for (const host of [1, 2]) {
      expect(await inClone(host, 'git symbolic-ref HEAD; ls -A; stat -c %a file')).to.equal(
        ['refs/heads/main', '-$(reboot) "it\'s"', '.git', 'file', 'link', '中文 名', '755'].join('\n'),
      )
    }
    await inRepository('echo four >file; git commit -qam four')
    await settles(undefined, 'main')
    await settles('v1', 'v1')
    await settles('side/way', 'side/way')
    const second = await inRepository('git rev-parse main~3')
    await settles(second, second)

    for (const host of [1, 2]) await inClone(host, 'echo mine >file; echo mine >untracked')
    const main = { version: 'main', wanted: await inRepository('git rev-parse main') }
    for (const flags of [['--check'], []]) {
      const refused = await workplace.run([...argv(main), ...flags])
      expect([refused.code, changes(refused.recap)], refused.out).to.deep.equal([2, []])
      expect(refused.out).to.include('Local modifications exist in the destination')
    }
    await settles('main', 'main', { force: true })
    for (const host of [1, 2]) expect(await inClone(host, 'cat file untracked')).to.equal('four\nmine')
  })
})
