import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { foretells } from '../support/foretell.js'
import { shellOn, useLab } from '../support/lab.js'
import { makeOpenPgpKey } from '../support/openpgp.js'
import { useWorkplace } from '../support/workplace.js'

const REPOSITORY = readFileSync(join(import.meta.dirname, '../support/apt-repository.sh'), 'utf8')

/** Nothing of the sources that the host had. */
const PREPARE =
  'rm -rf /etc/apt/sources.list* /var/lib/apt/lists; mkdir -p /var/lib/apt/lists /etc/apt/sources.list.d; touch -d 2001-01-01 /var/lib/apt/lists'

const PLAY = `
- hosts: all
  gather_facts: false
  become: true
  tasks:
    - name: a source that the host did not have
      copy:
        dest: /etc/apt/sources.list.d/fp.list
        content: "deb [trusted=yes] file:/srv/fprepo ./\\n"
    - name: a package that only that source has, with what it needs
      apt: {name: "fphello>=1.1", cache_valid_time: 3600}
      register: hello
    - assert: {that: ["'fplib' in hello.stdout | default('fplib')", hello.cache_update_time is defined]}
    - name: the index, which is new enough by then
      apt: {update_cache: true, cache_valid_time: 3600}
    - name: there already, with the package before
      apt: {name: [fphello, fprec], install_recommends: true}
      register: rest
    - name: a line in a configuration file that came with it
      lineinfile: {path: /etc/fphello/fphello.conf, regexp: "^mode=", line: mode=fast}
      register: line
      notify: restart fpd
    - name: the same line again
      lineinfile: {path: /etc/fphello/fphello.conf, line: mode=fast}
    - stat: {path: /etc/fphello/fphello.conf}
      register: conf
    - assert: {that: [conf.stat.exists, conf.stat.mode == '0640', conf.stat.pw_name == 'root']}
    - name: a file in a folder that came with it
      copy: {dest: /usr/share/fphello/more, content: x}
    - name: the file as it came
      copy: {dest: /etc/fplib/fplib.conf, content: "mode=plain\\n", mode: "0640"}
    - name: a daemon
      apt: {name: fpd}
    - name: a file of its account
      file: {path: /etc/fpd/private, state: directory, owner: fpduser, group: fpduser}
    - name: its service
      service: {name: fpd, state: started, enabled: true}
    - name: again
      service: {name: fpd, state: started, enabled: true}
    - package_facts:
    - service_facts:
    - assert:
        that:
          - ansible_facts.packages.fphello[0].version == '2.0'
          - "'fplib' in ansible_facts.packages and 'fpnever' not in ansible_facts.packages"
          - ansible_facts.services.fpd.state == 'running'
    - name: newer
      apt: {name: fphello, state: latest}
    - name: newest already
      apt: {name: fphello, state: latest}
    - stat: {path: /usr/share/fphello/version}
      register: version
    - name: a name that one package provides
      apt: {name: fpmail}
    - name: gone again
      apt: {name: fpmta, state: absent}
      when: fresh | bool
      changed_when: false
    - name: never there
      apt: {name: fpnever, state: absent}
  handlers:
    - name: restart fpd
      service: {name: fpd, state: restarted}
`

/** Prints what is signed of the repository, which has other names too. */
const RELEASE = `cd /srv/fprepo && {
  echo Origin: fp; echo "Date: $(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')"; echo SHA256:
  echo " $(sha256sum Packages | cut -d' ' -f1) $(stat -c %s Packages) Packages"
} >Release && ln -sf fprepo /srv/fpsecond && ln -sf fprepo /srv/fpthird && cat Release`

/** Keys of both kinds, within apt's folder and outside, and sources of both forms. */
const SIGNED = `
- hosts: all
  gather_facts: false
  tasks:
    - name: a folder of keys that the host did not have
      file: {path: "{{ item }}", state: directory, mode: "0755"}
      loop: [/etc/apt/keyrings, /opt/fp]
    - name: a key in it
      copy: {src: "{{ key }}.asc", dest: /etc/apt/keyrings/fp.asc}
    - name: a key elsewhere
      copy: {src: "{{ key }}.gpg", dest: "{{ item }}"}
      loop: [/usr/share/keyrings/fp.gpg, /opt/fp/fp.gpg]
    - name: a source that one key signs
      copy:
        dest: /etc/apt/sources.list.d/fp.list
        content: |
          deb [signed-by=/etc/apt/keyrings/fp.asc] file:/srv/fprepo ./
    - name: a source in the other form
      copy:
        dest: /etc/apt/sources.list.d/fpsecond.sources
        content: |
          Types: deb
          URIs: file:/srv/fpsecond
          Suites: ./
          Signed-By: /usr/share/keyrings/fp.gpg
    - name: a source whose key has a folder of its own
      copy:
        dest: /etc/apt/sources.list.d/fpthird.list
        content: |
          deb [arch=all signed-by=/opt/fp/fp.gpg] file:/srv/fpthird ./
    - name: a package
      apt: {name: fpmta, update_cache: true, update_cache_retries: 1}
`

describe('packages in a dry run', function () {
  this.timeout(180_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)
  const run = (script: string, input?: string) => lab().run(1, ['sh', '-c', script], input)

  before(async () => {
    await run('sh', REPOSITORY)
    await run(PREPARE)
  })

  it('are foretold with sources, files, accounts and services that they bring', async () => {
    const [host] = await lab().hosts()
    const inventory = workplace.write('hosts', `${host!.name} ansible_host=${host!.address}\n`)
    const play = workplace.write('play.yml', PLAY)
    const { tasks, foretold } = await foretells({
      workplace,
      lab: lab(),
      hosts: [1],
      argv: [play, '-i', inventory, '-e', 'fresh=no'],
    })
    expect(foretold).to.equal(tasks)
  })

  it('fail in a dry run where they fail for real', async () => {
    const [host] = await lab().hosts()
    const inventory = workplace.write('hosts', `${host!.name} ansible_host=${host!.address}\n`)
    for (const [params, message] of [
      ['{name: fpnowhere}', "no package matching 'fpnowhere' is available"],
      ['{name: fpbroken}', 'fpbroken : Depends: fpnowhere'],
      ['{name: fphello=3.*}', 'no version of fphello is =3.*; there is 2.0, 1.1, 1.0'],
      [
        '{name: fphello=1.0}',
        'fphello 1.0 is older than 2.0, which is installed; let allow_downgrade be true',
      ],
      ['{name: "$(reboot) x"}', 'no package can be named "$(reboot) x"'],
      ['{deb: /srv/fprepo/pool/none.deb}', '/srv/fprepo/pool/none.deb is no package, or is not there'],
    ] as const) {
      const play = workplace.write(
        'fails.yml',
        `- {hosts: all, gather_facts: false, tasks: [{apt: ${params}}]}\n`,
      )
      for (const flags of [['--check'], []]) {
        const { code, out } = await workplace.run([play, '-i', inventory, ...flags])
        expect(code, out).to.equal(2)
        expect(out.replace(/\s+/g, ' ')).to.contain(message)
      }
    }
  })

  it('come from repositories with keys that earlier tasks would write, and only with the right ones', async () => {
    await run(`rm -rf /etc/apt/keyrings; ${PREPARE}; dpkg --purge fpmta`)
    const [host] = await lab().hosts()
    const inventory = workplace.write('hosts', `${host!.name} ansible_host=${host!.address}\n`)
    const play = workplace.write('signed.yml', SIGNED)
    const right = makeOpenPgpKey()
    for (const [name, { binary, armoured }] of Object.entries({ right, wrong: makeOpenPgpKey() })) {
      workplace.write(`${name}.gpg`, binary)
      workplace.write(`${name}.asc`, armoured)
    }
    const argv = (key: string): string[] => [play, '-i', inventory, '-e', `key=${workplace.path(key)}`]
    await run('cat >/srv/fprepo/Release.gpg', right.sign(`${await shellOn(lab(), 1, RELEASE)}\n`))
    for (const flags of [['--check'], []]) {
      const { code, out } = await workplace.run([...argv('wrong'), ...flags])
      expect(code, out).to.equal(2)
      expect(out).to.contain('NO_PUBKEY')
    }
    await run('rm -rf /etc/apt/keyrings /etc/apt/sources.list.d/fp* /usr/share/keyrings/fp.gpg /opt/fp')
    // An index of this very moment does not know the sources, and is not fresh enough without `cache_valid_time`.
    await run('touch -d "+1 hour" /var/lib/apt/lists')
    await foretells({ workplace, lab: lab(), hosts: [1], argv: argv('right') })
    await run('rm -rf /etc/apt/keyrings /usr/share/keyrings/fp.gpg /opt/fp')
  })
})
