import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { changes, foretells } from '../support/foretell.js'
import { shellOn, useLab } from '../support/lab.js'
import { itInFull } from '../support/long.js'
import { makeOpenPgpKey } from '../support/openpgp.js'
import { useWorkplace } from '../support/workplace.js'
import type { Ran } from '../support/workplace.js'

const PACK = readFileSync(join(import.meta.dirname, '../support/pack-docker.sh'), 'utf8')
const CARRY = `
- hosts: all
  gather_facts: false
  tasks:
    - fetch: { src: "{{ item }}", dest: "{{ into }}/", flat: true }
      loop: [/root/packages/docker.io.deb, /root/packages/containerd.deb, /root/packages/runc.deb, /root/docker-compose]
`

describe('playbook that prepares hosts', function () {
  this.timeout(900_000)
  const lab = useLab(['debian'])
  const workplace = useWorkplace(() => lab().environment)
  const shell = (script: string): Promise<string> => shellOn(lab(), 1, script)

  /** As somebody whose key no host knows, and who may use sudo with a password. */
  function argv(...more: string[]): string[] {
    const password = workplace.write('password', 'dev\n', 0o600)
    return [
      'playbooks/prepare.yml',
      '-i',
      workplace.path('inventory'),
      '-e',
      `ansible_user=dev ansible_ssh_private_key_file=${workplace.path('key')} use_sudo=true`,
      '--become-password-file',
      password,
      ...more,
    ]
  }
  const withPassword = (...more: string[]): string[] =>
    argv('--connection-password-file', workplace.path('password'), ...more)
  const carried = (): string[] => [
    '-e',
    `docker_from=files docker_files=${workplace.path('carried')} compose_file=${workplace.path('carried/docker-compose')}`,
  ]
  const prepare = async (vars: object): Promise<Ran> => workplace.run(argv('-e', JSON.stringify(vars)))

  before(async () => {
    const [host] = await lab().hosts()
    const { status, stderr } = await lab().run(1, ['sh', '-s', `fp-${lab().name}-1`], PACK)
    expect(status, stderr).to.equal(0)
    const hosts = workplace.write('hosts', `one ansible_host=${host!.address}\n`)
    const playbook = workplace.write('carry.yml', CARRY)
    const fetched = await workplace.run([playbook, '-i', hosts, '-e', `into=${workplace.path('carried')}`])
    expect(fetched.code, fetched.out).to.equal(0)
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', workplace.path('key')])
    workplace.write('ca.crt', 'certificate of the registry\n')
    workplace.write(
      'inventory/parties.yml',
      `plugin: fate_parties\nregistry: 192.168.10.1:5000/federatedai\ncompute_core: 4\nparties: [{id: 10000, address: ${host!.address}, serving_address: ${host!.address}}]\n`,
    )
  })

  it('say what is missing where nothing tells where Docker comes from', async () => {
    const { code, out } = await workplace.run(withPassword('-e', 'docker_from=repository'))
    expect(code).to.equal(2)
    expect(out).to.include('the host has Docker Engine none and Compose none')
    expect(out).to.include('repository needs docker_repository')
  })

  it('make a host ready from nothing but a password, as foretold', async () => {
    await shell('rm -rf /home/dev/.ssh /etc/sysctl.d/90-fate.conf /etc/security/limits.d/90-fate.conf')
    const more = [...carried(), '-e', `registry_ca=${workplace.path('ca.crt')}`]
    const vars = ['-e', '{"insecure_registries": ["192.168.10.1:5000"]}']
    await foretells({ workplace, lab: lab(), hosts: [1], argv: withPassword(...more, ...vars) })
    expect(await shell('docker info 2>/dev/null')).to.match(/Insecure Registries:\s+192\.168\.10\.1:5000/)
    expect(await shell('cat /etc/docker/certs.d/192.168.10.1:5000/ca.crt')).to.equal(
      'certificate of the registry',
    )
    expect(await shell('ls -A /var/tmp /etc/docker')).not.to.match(/fate|not-read/)
    expect(await shell('stat -c %U:%G:%a /data/projects/fate')).to.equal('fate:docker:755')
    expect(await shell('cat /etc/sysctl.d/90-fate.conf')).to.match(/^net\.ipv4\.ip_forward ?= ?1$/m)
    expect(await shell('cat /etc/security/limits.d/90-fate.conf')).to.match(/^fate hard nofile 65535$/m)
  })

  it('leave a host on which the user of the deployment logs in without a password and may use Docker', async () => {
    const as = ['-e', `ansible_ssh_private_key_file=${workplace.path('key')}`]
    const { code, out } = await workplace.run([
      workplace.write(
        'who.yml',
        '- hosts: parties\n  gather_facts: false\n  tasks: [{ command: docker ps -q }]\n',
      ),
      '-i',
      workplace.path('inventory'),
      ...as,
    ])
    expect(code, out).to.equal(0)
  })

  it('keep what daemon.json has, and restart the engine only when told to while containers run', async () => {
    const settings = { 'log-level': 'warn', 'insecure-registries': ['old.example:5000'] }
    await shell(`echo '${JSON.stringify(settings)}' >/etc/docker/daemon.json`)
    const libraries =
      '/usr/bin/sleep /lib64 /lib /usr/lib64 /usr/lib/x86_64-linux-gnu/libc.so.6 /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'
    await shell(`tar -c ${libraries} 2>/dev/null | docker import - sleeper >/dev/null
      docker run -d --name busy --network none --restart always sleeper sleep 9999`)
    const started = async (): Promise<string> => shell("docker inspect -f '{{.State.StartedAt}}' busy")
    const before = await started()
    const vars = {
      insecure_registries: ['192.168.10.1:5000'],
      docker_daemon: { 'max-concurrent-downloads': 2 },
    }
    const merged = {
      ...settings,
      'insecure-registries': ['old.example:5000', '192.168.10.1:5000'],
      'max-concurrent-downloads': 2,
    }
    const read = await prepare(vars)
    expect(read.code, read.out).to.equal(0)
    expect(JSON.parse(await shell('cat /etc/docker/daemon.json'))).to.deep.equal(merged)
    expect(await started()).to.equal(before)

    const pools = { docker_daemon: { 'default-address-pools': [{ base: '10.199.0.0/16', size: 24 }] } }
    const refused = await prepare(pools)
    expect([refused.code, changes(refused.recap)], refused.out).to.deep.equal([2, []])
    expect(refused.out).to.match(
      /default-address-pools in .* and these containers would stop\s+meanwhile: busy/,
    )
    expect(JSON.parse(await shell('cat /etc/docker/daemon.json'))).to.deep.equal(merged)
    const elsewhere = await prepare({ docker_daemon: { 'data-root': '/data/docker' }, restart_docker: true })
    expect([elsewhere.code, changes(elsewhere.recap)], elsewhere.out).to.deep.equal([2, []])
    expect(elsewhere.out).to.include('another data-root hides what the engine holds now')
    const done = await prepare({ ...pools, restart_docker: true })
    expect(done.code, done.out).to.equal(0)
    expect(await started()).not.to.equal(before)
    expect(JSON.parse(await shell('cat /etc/docker/daemon.json'))).to.deep.equal({
      ...merged,
      ...pools.docker_daemon,
    })
  })

  it('restart an engine that an interrupted run has left with old settings', async () => {
    const before = await shell('cat /var/run/docker.pid')
    await shell(
      'docker rm -f busy; echo restart >/etc/docker/daemon.json.not-read-yet; mkdir /var/tmp/fate-packages',
    )
    const { code, out } = await prepare({})
    expect(code, out).to.equal(0)
    expect(await shell('cat /var/run/docker.pid')).not.to.equal(before)
    expect(await shell('ls -A /var/tmp /etc/docker')).not.to.match(/fate|not-read/)
  })

  itInFull('install from a given repository, and as from the distribution, as foretold', async () => {
    // A repository on the host itself, beside sources that do not answer.
    const index = `for file in *.deb; do dpkg-deb -f $file; echo "Filename: ./$file"; echo "Size: $(stat -c %s $file)"
      echo "SHA256: $(sha256sum $file | cut -d' ' -f1)"; echo; done >Packages`
    const remove =
      'dpkg --purge docker.io containerd runc && rm -rf /usr/local/lib/docker /etc/apt/sources.list.d/fate-docker.list'
    await shell(
      `mkdir /srv/repository && cd /srv/repository && cp /root/packages/*.deb . && ${index} && ${remove}`,
    )
    const key = makeOpenPgpKey()
    const release = await shell(`cd /srv/repository && { LC_ALL=C date -u '+Date: %a, %d %b %Y %H:%M:%S UTC'
      echo SHA256:; echo " $(sha256sum Packages | cut -d' ' -f1) $(stat -c %s Packages) Packages"; } | tee Release`)
    await lab().run(1, ['sh', '-c', 'cat >/srv/repository/Release.gpg'], key.sign(`${release}\n`))
    const source = '[trusted=yes] file:/srv/unsigned ./'
    const packages = { docker_packages: ['docker.io', 'containerd', 'runc'] }
    const compose = ['-e', `compose_file=${workplace.path('carried/docker-compose')}`]
    const from = (vars: object): string[] =>
      withPassword('-e', JSON.stringify({ ...packages, ...vars }), ...compose)
    const repository = {
      docker_from: 'repository',
      docker_repository: 'file:/srv/repository ./',
      docker_repository_key: workplace.write('key.asc', key.armoured),
    }
    await foretells({ workplace, lab: lab(), hosts: [1], argv: from(repository) })
    await shell(
      `cp /etc/apt/sources.list /root/ && mv /srv/repository /srv/unsigned && rm /srv/unsigned/Release* && ${remove} && echo 'deb ${source}' >/etc/apt/sources.list`,
    )
    await foretells({ workplace, lab: lab(), hosts: [1], argv: from({ docker_from: 'distribution' }) })
    expect(await shell('docker version -f "{{.Server.Version}}"')).to.match(/^20\./)
    await shell('mv /root/sources.list /etc/apt/; rm -rf /srv/unsigned')
  })
})
