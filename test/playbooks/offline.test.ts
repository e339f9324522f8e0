import { expect } from 'chai'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { changes, foretells } from '../support/foretell.js'
import { shellOn, useLab } from '../support/lab.js'
import { carry, giveWget, harborInstaller, loadImages } from '../support/offline.js'
import { useWorkplace, type Ran } from '../support/workplace.js'
import { itInFull } from '../support/long.js'

const IMAGES = [
  'federatedai/eggroll:3.2.0-release',
  'federatedai/fateboard:2.1.1-release',
  'federatedai/fateflow:2.2.0-release',
  'federatedai/osx:2.2.0-release',
  'mysql:8.0.28',
]

describe('sites without internet', function () {
  this.timeout(600_000)
  // Host 1 first stands for the machine with a way to the images, then for that of the registry.
  const lab = useLab(['debian:docker', 'debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  let net: string
  let file: string
  let installer: string

  before(async () => {
    net = (await lab().hosts())[0]!.address.replace(/\d+$/, '')
    installer = await harborInstaller()
    await loadImages(lab(), 1)
    workplace.write(
      'inventory/parties.yml',
      `plugin: fate_parties\nssh_user: root\nregistry: ''\nparties:\n  - {id: 10000, address: ${net}2}\n  - {id: 9999, address: ${net}3}\n`,
    )
    workplace.write(
      'inventory/registry.yml',
      `registry: {hosts: {harbor: {ansible_host: ${net}1, harbor_installer: ${installer}}}}\n`,
    )
    file = workplace.path('fate-images.tar')
  })

  const argv = (playbook: string, ...more: string[]): string[] => [
    `playbooks/${playbook}.yml`,
    '-i',
    workplace.path('inventory'),
    '-T',
    '3',
    '-e',
    `output_dir=${workplace.path('outputs')}`,
    '-e',
    `images_file=${file}`,
    ...more,
  ]
  const run = async (playbook: string, ...more: string[]): Promise<Ran> =>
    workplace.run(argv(playbook, ...more))

  const shell = (host: number, script: string): Promise<string> => shellOn(lab(), host, script)

  const images = async (host: number): Promise<string[]> =>
    (await shell(host, 'docker images --format "{{.Repository}}:{{.Tag}}" | sort')).split('\n')
  const forgetImages = (host: number): Promise<string> =>
    shell(host, 'docker rmi -f $(docker images -q) >/dev/null')

  /** An engine goes on for a while with what a client that is gone has sent, and tidies up after it. */
  const engineAtRest = (host: number): Promise<string> =>
    shell(
      host,
      'n=0; while [ $n -lt 10 ]; do sleep 0.2; now=$(find /var/lib/docker 2>/dev/null | cksum); [ "$now" = "$old" ] && n=$((n + 1)) || n=0; old=$now; done',
    )

  /** Runs it with a part of the file or with one byte changed: refused, and no host is touched. */
  async function refusesBroken(
    path: string,
    playbook: string,
    set: (path: string) => string[],
  ): Promise<string[]> {
    const whole = readFileSync(path)
    const damaged = Buffer.from(whole)
    damaged[Math.floor(whole.length / 2)]! ^= 0x55
    const said: string[] = []
    for (const bytes of [whole.subarray(0, Math.floor(whole.length / 2)), damaged]) {
      const broken = workplace.path('broken')
      writeFileSync(broken, bytes)
      for (const more of [['--check'], []]) {
        const { code, out, recap } = await run(playbook, ...set(broken), ...more)
        expect([code, changes(recap)], out).to.deep.equal([2, []])
        said.push(out)
      }
    }
    return said
  }

  it('save all images of a deployment into one file, and change nothing when run again', async () => {
    const save = argv(
      'images/save',
      '-e',
      'images_host=harbor',
      '-e',
      '{"images_file": "/srv/fate images.tar"}',
    )
    const { ran } = await foretells({ workplace, lab: lab(), hosts: [1], argv: save })
    expect(ran.out).to.match(/5 images, [\d.]+ MB: \/srv\/fate images.tar/)
    writeFileSync(file, await carry(lab(), 1, '/srv/fate images.tar'))
    expect(await shell(1, 'ls -A /srv')).to.equal('fate images.tar')
  })

  it('find a broken or short file before anything is touched', async () => {
    const said = await refusesBroken(file, 'images/load', (broken) => ['-e', `images_file=${broken}`])
    for (const out of said) expect(out).to.match(/broken is not a whole file of images: .*copy it again/)
    for (const host of [2, 3]) expect(await images(host)).to.deep.equal([''])
    const none = await run('images/load', '-e', 'images_file=/nowhere/x.tar')
    expect(none.out).to.match(/there is no file \/nowhere\/x.tar on this machine/)
  })

  it('load them on hosts without a registry, also after a cut, and only what is missing', async () => {
    const cut = workplace.start(argv('images/load'))
    await cut.until(/changed: \[party-.*item=federatedai\/eggroll/)
    cut.child.kill('SIGKILL')
    await cut.end
    for (const host of [2, 3]) await engineAtRest(host)
    await foretells({ workplace, lab: lab(), hosts: [2, 3], argv: argv('images/load') })
    for (const host of [2, 3]) expect(await images(host)).to.deep.equal(IMAGES)
    await shell(3, `docker rmi ${IMAGES[3]}`)
    const again = await run('images/load')
    expect(again.code, again.out).to.equal(0)
    expect(again.out.match(/^changed: .*/gm)).to.deep.equal([`changed: [party-9999] (item=${IMAGES[3]})`])
  })

  it('refuse an installer that is not whole, and settings that Harbor refuses', async () => {
    for (const host of [1, 2, 3]) await forgetImages(host)
    const said = await refusesBroken(installer, 'registry/install', (broken) => [
      '-e',
      `harbor_installer=${broken}`,
    ])
    for (const out of said) expect(out).to.match(/broken is not a whole offline installer of Harbor/)
    expect(await shell(1, 'ls /opt')).not.to.include('harbor')
    const refused = await run('registry/install', '-e', '{"harbor_settings": {"_version": "1.9.3"}}')
    expect(refused.code).to.equal(2)
    expect(refused.out).to.match(/install.sh ended with status 1.*\n.*is of version 1.9.3, not 2.11.0/s)
  })

  it('go on where an installation was cut off', async () => {
    const cut = workplace.start(argv('registry/install'))
    await cut.until(/TASK \[Run install.sh\]/)
    cut.child.kill('SIGKILL')
    await cut.end
    const { code, out } = await run('registry/install')
    expect(code, out).to.equal(0)
    expect(await shell(1, 'docker ps --format "{{.Names}}" | sort')).to.equal('nginx\nregistry')
    await shell(1, 'docker stop nginx registry')
    const stopped = await run('registry/install')
    expect(stopped.code, stopped.out).to.equal(0)
    expect(changes(stopped.recap).map((line) => line.replace(/.* /, ''))).to.deep.equal(['stopped'])
    // For what follows, as if it had never been there.
    await shell(
      1,
      'cd /opt/harbor && docker compose down -v && rm -rf /opt/harbor /data/harbor && docker rmi -f $(docker images -q)',
    )
  })

  it('bring the registry up, fill it and let the parties use it, as foretold, and move no image again', async () => {
    const { ran } = await foretells({
      workplace,
      lab: lab(),
      hosts: [1, 2, 3],
      argv: argv('registry/deploy'),
    })
    expect(ran.out).not.to.match(/undecided/)
    expect(readFileSync(workplace.path('inventory/parties.yml'), 'utf8')).to.include(
      `\nregistry: ${net}1/federatedai\n`,
    )
    // Only images that the engine lacks are loaded and pushed again.
    await shell(1, `docker rmi ${IMAGES[3]} localhost:80/${IMAGES[3]}`)
    const again = await run('registry/deploy')
    expect(again.out.match(/^changed: .*/gm)).to.deep.equal([
      `changed: [harbor] (item=${IMAGES[3]})`,
      `changed: [harbor] (item=${IMAGES[3]})`,
    ])
  })

  it('keep every secret where nobody else reads it', async () => {
    const folder = workplace.path('inventory/passwords/harbor')
    const { out, err } = await run('registry/deploy', '-vvv', '--diff')
    const log = out + err
    for (const name of readdirSync(folder)) {
      expect(statSync(`${folder}/${name}`).mode & 0o777).to.equal(0o600)
      expect(log).not.to.include(readFileSync(`${folder}/${name}`, 'utf8').trim())
    }
    expect(readdirSync(folder)).to.have.length(4)
    expect(await shell(1, 'stat -c %a /opt/harbor/harbor.yml')).to.equal('600')
    expect(await shell(2, 'stat -c %a /root/.docker/config.json')).to.equal('600')
  })

  itInFull(
    'say when Harbor has another password than is known, and give robots new secrets when theirs are lost',
    async () => {
      const wrong = await run('registry/install', '-e', 'harbor_admin_password=Wrong0ne')
      expect([wrong.code, changes(wrong.recap)], wrong.out).to.deep.equal([2, []])
      expect(wrong.out).to.match(/does not take the password of admin/)
      writeFileSync(workplace.path('inventory/passwords/harbor/robot_pull.txt'), 'another1A\n', {
        mode: 0o600,
      })
      const { ran } = await foretells({
        workplace,
        lab: lab(),
        hosts: [1, 2, 3],
        argv: argv('registry/deploy'),
      })
      expect(changes(ran.recap).map((line) => line.replace(/.*yml:\d+ /, ''))).to.deep.equal([
        'Give fplay-pull its secret',
        'Log in to pull',
        'Log in to pull',
      ])
    },
  )

  it('deploy FATE from it, with toy tests that succeed', async () => {
    const { code, out } = await run('deploy')
    expect(code, out).to.equal(0)
    for (const [guest, host] of [
      ['10000', '9999'],
      ['9999', '10000'],
    ])
      expect(out).to.match(new RegExp(`guest ${guest}, host ${host}: toy test job \\d+ is success`))
    expect(await images(2)).to.deep.equal(
      IMAGES.map((name) => `${net}1/federatedai/${name.split('/').at(-1)!}`).sort(),
    )
  })

  it('change to https with a CA that is made, which the parties then trust', async () => {
    await giveWget(lab(), 1)
    // Over http the engines were told not to ask for certificates.
    for (const host of [2, 3])
      await shell(
        host,
        `echo '{"insecure-registries": []}' >/etc/docker/daemon.json; kill -HUP "$(cat /var/run/docker.pid)"`,
      )
    const registry = workplace.path('inventory/registry.yml')
    writeFileSync(registry, readFileSync(registry, 'utf8').replace('}}}', ', harbor_https: true}}}'))
    const { code, out } = await run('registry/deploy')
    expect(code, out).to.equal(0)
    const again = await run('registry/deploy')
    expect([again.code, changes(again.recap)], again.out).to.deep.equal([0, []])
    expect(await shell(1, 'stat -c %a /opt/harbor/certificates/*.key')).to.equal('600\n600')
    const pull = `docker pull -q ${net}1/federatedai/osx:2.2.0-release`
    const trust = `/etc/docker/certs.d/${net}1`
    for (const host of [2, 3]) await shell(host, pull)
    const refused = await lab().run(2, [
      'sh',
      '-c',
      `mv ${trust} /root/ && ${pull}; mv /root/${net}1 ${trust}`,
    ])
    expect(refused.stderr).to.match(/certificate signed by unknown authority|x509/)
  })

  itInFull('make the certificate again when it ends soon, with the same CA', async () => {
    await shell(
      1,
      `cd /opt/harbor/certificates && openssl req -new -key server.key -subj /CN=x -out /tmp/csr && echo subjectAltName=IP:${net}1 >/tmp/ext && openssl x509 -req -days 20 -in /tmp/csr -CA ca.crt -CAkey ca.key -set_serial 7 -extfile /tmp/ext -out server.crt`,
    )
    const { code, out, recap } = await run('registry/deploy')
    expect(code, out).to.equal(0)
    expect(changes(recap).map((line) => line.replace(/.*yml:\d+ /, ''))).to.have.members([
      'Let Harbor be installed with another certificate',
      'Make the certificate',
      'Run install.sh',
      'Remember that it is installed',
    ])
    await shell(
      3,
      `docker rmi -f ${net}1/federatedai/osx:2.2.0-release; docker pull -q ${net}1/federatedai/osx:2.2.0-release`,
    )
  })

  itInFull('tell a login without root what root has to do, and go on when that is done', async () => {
    const use = async (): Promise<Ran> => run('registry/use', '-l', 'party-10000', '-e', 'ansible_user=dev')
    await shell(2, 'usermod -aG docker dev; mv /etc/docker/certs.d /root/')
    const refused = await use()
    expect([refused.code, changes(refused.recap)], refused.out).to.deep.equal([2, []])
    expect(refused.out).to.match(
      /and dev may not change that; as root on the host: put \S+ca\.crt\.txt of this machine as/,
    )
    await shell(2, 'mv /root/certs.d /etc/docker/')
    const { code, out } = await use()
    expect(code, out).to.equal(0)
    await shell(2, 'gpasswd -d dev docker; rm -r ~dev/.docker')
  })
})
