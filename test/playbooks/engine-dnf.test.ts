import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { foretells } from '../support/foretell.js'
import { useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'

const REPOSITORY = readFileSync(join(import.meta.dirname, '../support/rpm-repository.sh'), 'utf8')

const PLAY = `
- hosts: all
  gather_facts: false
  tasks:
    - name: a repository that the host did not have
      copy:
        dest: /etc/yum.repos.d/fp.repo
        content: |
          [fp]
          name=fp
          baseurl=file:///srv/fprepo
          gpgcheck=0
    - name: a package that only it has, with what it needs
      dnf: {name: fphello-1.1, update_cache: true}
      register: hello
    - when: hello is changed
      assert: {that: ["'Installed: fphello-1.1-1.noarch' in hello.results", "'Installed: fplib-1.0-1.noarch' in hello.results"]}
    - name: there already, with the package before
      dnf: {name: [fplib, fprec]}
      register: rest
    - assert: {that: [rest.msg == 'Nothing to do', not rest.results]}
    - name: a line in a configuration file that came with it
      lineinfile: {path: /etc/fphello/fphello.conf, regexp: "^mode=", line: mode=fast}
    - name: the same line again
      lineinfile: {path: /etc/fphello/fphello.conf, line: mode=fast}
    - stat: {path: /etc/fphello/fphello.conf}
      register: conf
    - assert: {that: [conf.stat.exists, conf.stat.mode == '0640', conf.stat.pw_name == 'root']}
    - name: a file in a folder that came with it
      copy: {dest: /usr/share/fphello/more, content: x}
    - name: the file as it came
      copy: {dest: /etc/fplib/fplib.conf, content: "mode=plain\\n", mode: "0644"}
    - name: a daemon, by a file that it has, a name that something provides, a package file, and a group
      yum: {name: ["/etc/init.d/fpd", fpmail, /srv/fprepo/noarch/fpalone-1-1.noarch.rpm, "@Group of FP"]}
    - name: a folder of its account
      file: {path: /etc/fpd, state: directory, owner: fpduser, group: fpduser}
    - name: its service
      service: {name: fpd, state: started}
    - name: new enough
      dnf: {name: "fphello >= 1.0", state: latest}
    - name: newer
      dnf: {name: fphello, state: latest}
      register: newer
    - when: newer is changed
      assert: {that: ["'Installed: fphello-2.0-1.noarch' in newer.results", "'Removed: fphello-1.1-1.noarch' in newer.results"]}
    - name: newest already
      package: {name: fphello, state: latest, use: dnf}
    - stat: {path: /usr/share/fphello/version}
    - name: an older one stays away
      dnf: {name: fphello-1.0}
    - name: all that there is
      dnf: {name: "*", state: latest}
    - name: fetched only
      dnf: {name: fpextra, download_only: true, download_dir: /srv/fetched}
      changed_when: false
    - name: gone, with what needs it, and what came along stays
      dnf: {name: fpmta, state: absent}
      when: fresh | bool
      changed_when: false
    - name: never there
      dnf: {name: [fpnever, "@No such group"], state: absent}
      ignore_errors: true
`

describe('packages of dnf in a dry run', function () {
  this.timeout(400_000)
  const lab = useLab(['debian-dnf'])
  const workplace = useWorkplace(() => lab().environment)
  const run = (script: string, input?: string) => lab().run(1, ['sh', '-c', script], input)

  before(async () => {
    const made = await run('sh', REPOSITORY)
    expect(made.status, made.stderr + made.stdout).to.equal(0)
  })

  it('are foretold with repositories, files and accounts that they bring', async () => {
    const [host] = await lab().hosts()
    const inventory = workplace.write('hosts', `${host!.name} ansible_host=${host!.address}\n`)
    const play = workplace.write('play.yml', PLAY)
    // The folders of the index are there, as on any host that has used dnf.
    await run('rm /etc/yum.repos.d/*; touch /var/cache/dnf/expired_repos.json')
    const { tasks, foretold } = await foretells({
      workplace,
      lab: lab(),
      hosts: [1],
      // The index, where dnf fetches it to for a moment, and what reading a database or a package file leaves of it.
      apart: ['/var/cache/dnf', '/tmp', '/root/.rpmdb', '/srv/fprepo'],
      argv: [play, '-i', inventory, '-e', 'fresh=no'],
    })
    expect(foretold).to.equal(tasks)
    const { stdout } = await run('rpm -qa; ls /srv/fetched')
    expect(stdout.split('\n').filter(Boolean).sort()).to.deep.equal(
      ['fpalone-1-1', 'fpd-1-1', 'fpextra-1-1', 'fphello-2.0-1', 'fplib-1.0-1', 'fpmta-1-1', 'fprec-1.0-1', 'fpshell-1-1'].map((name) => `${name}.noarch${name.startsWith('fpextra') ? '.rpm' : ''}`), // prettier-ignore
    )
  })

  it('fail in a dry run where they fail for real, and are removed with what needs them', async () => {
    await run('sh', REPOSITORY)
    expect((await run('dnf -y install fphello')).status).to.equal(0)
    const [host] = await lab().hosts()
    const inventory = workplace.write('hosts', `${host!.name} ansible_host=${host!.address}\n`)
    const ending = async (params: string, flags: readonly string[]): Promise<[number, string]> => {
      const play = workplace.write(
        'one.yml',
        `- {hosts: all, gather_facts: false, tasks: [{dnf: ${params}}]}\n`,
      )
      const { code, out } = await workplace.run([play, '-i', inventory, ...flags])
      return [code, out.replace(/\s+/g, ' ')]
    }
    for (const [params, message] of [
      ['{name: [fpnowhere, fplib]}', 'No package fpnowhere available.'],
      ['{name: fpbroken}', 'nothing provides fpnowhere needed by fpbroken-1-1.noarch'],
      ['{name: "@Nobody"}', 'Nobody'],
      ['{name: /srv/none.rpm}', '/srv/none.rpm'],
      ['{name: "$(reboot) x"}', 'No package $(reboot) x available.'],
    ] as const)
      for (const flags of [['--check'], []]) {
        const [code, out] = await ending(params, flags)
        expect(code, out).to.equal(2)
        expect(out).to.contain(message)
      }
    for (const [flags, changed] of [
      [['--check'], 1],
      [[], 1],
      [[], 0],
    ] as const)
      // prettier-ignore
      expect((await ending('{name: [fplib, fpnever], state: absent}', flags))[1]).to.contain(`changed=${changed}`)
    expect((await run('rpm -qa')).stdout)
      .to.contain('fprec')
      .and.not.to.match(/fplib|fphello/)
    expect((await ending('{autoremove: true}', ['--check']))[0]).to.equal(0)
  })
})
