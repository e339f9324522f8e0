import { expect } from 'chai'
import { execute, type Lab, type Outcome } from '../../lab/lab.js'
import { useLab } from '../support/lab.js'

describe('lab hosts', function () {
  this.timeout(180_000)
  const lab = useLab(['debian:docker', 'debian', 'busybox', 'debian-compose1:docker'])

  it('let root log in, with the host key checked strictly', async () => {
    for (const host of await lab().hosts()) {
      const login = await ssh(lab(), `root@${host.address}`, 'id -u; hostname')
      expect(login, login.stderr).to.include({ status: 0, stdout: `0\n${host.name}\n` })
    }
  })

  it('are told apart by their keys', async () => {
    const [first, second] = await lab().hosts()
    const login = await ssh(lab(), `root@${first?.address}`, 'true', `HostKeyAlias=${second?.address}`)
    expect(login.status).to.equal(255)
    expect(login.stderr).to.contain('REMOTE HOST IDENTIFICATION HAS CHANGED')
  })

  it('have neither Node nor Python where people look for them', async () => {
    for (const { number } of await lab().hosts()) {
      const found = await lab().run(number, ['sh', '-c', 'command -v node nodejs python python3; true'])
      expect(found.stdout).to.equal('')
    }
  })

  it('have nothing but busybox on the busybox host', async () => {
    const tools = await lab().run(3, ['sh', '-c', 'for tool in sh stat; do readlink -f /bin/$tool; done'])
    expect(tools.stdout).to.equal('/usr/bin/busybox\n/usr/bin/busybox\n')
    expect((await lab().run(3, ['sh', '-c', 'command -v bash'])).status).to.not.equal(0)
  })

  it('let dev become root by sudo with a password, dev2 without, and anybody by su', async () => {
    const [, debian, busybox] = await lab().hosts()
    const as = async (user: string, host: string | undefined, command: string) =>
      (await ssh(lab(), `${user}@${host}`, command)).stdout
    expect(await as('dev', debian?.address, 'sudo -n id -u')).to.equal('')
    expect(await as('dev', debian?.address, 'echo dev | sudo -S id -u')).to.equal('0\n')
    expect(await as('dev2', debian?.address, 'sudo -n id -u')).to.equal('0\n')
    expect(await as('dev', debian?.address, 'echo root | su -c "id -u"')).to.equal('0\n')
    expect(await as('dev', busybox?.address, 'echo root | su -c "id -u"')).to.equal('Password: \n0\n')
  })

  it('have Compose v2 on one kind and v1 on the other', async () => {
    expect((await lab().run(1, ['docker', 'compose', 'version', '--short'])).stdout).to.match(/^2\./)
    expect((await lab().run(4, ['docker-compose', 'version', '--short'])).stdout).to.match(/^1\.2[79]/)
    expect((await lab().run(4, ['docker', 'compose', 'version'])).status).to.not.equal(0)
  })

  it('run a container whose published port another host reaches', async () => {
    const copied = await pipeToHost(lab(), 3, 'tar -C / -c bin usr/bin', 1, 'docker import - lab/web:1')
    expect(copied.status, copied.stderr).to.equal(0)
    const serve = 'mkdir /www; echo served >/www/index.html; exec httpd -f -h /www'
    const run = ['docker', 'run', '-d', '--name', 'web', '-p', '8080:80', 'lab/web:1', 'sh', '-c', serve]
    const started = await lab().run(1, run)
    expect(started.status, started.stderr).to.equal(0)
    const fetched = await lab().run(3, ['wget', '-q', '-O', '-', `http://${lab().name}-1:8080/`])
    expect(fetched, fetched.stderr).to.include({ status: 0, stdout: 'served\n' })
    expect((await lab().run(1, ['docker', 'exec', 'web', 'hostname'])).status).to.equal(0)
    await lab().run(1, ['docker', 'rm', '-f', 'web'])
  })

  it('answer no more when their power fails, and keep their disk', async () => {
    const [, host] = await lab().hosts()
    await lab().run(2, ['sh', '-c', 'echo kept >/root/note'])
    await lab().powerOff(2)
    expect((await lab().hosts()).map(({ on }) => on)).to.deep.equal([true, false, true, true])
    expect((await ssh(lab(), `root@${host?.address}`, 'true', 'ConnectTimeout=1')).status).to.equal(255)

    await lab().powerOn(2)
    const login = await ssh(lab(), `root@${host?.address}`, 'cat /root/note')
    expect(login, login.stderr).to.include({ status: 0, stdout: 'kept\n' })
  })

  it('lose packets one way only where a wire is cut', async () => {
    const arrives = async (from: number, to: number) => {
      const before = await refused(to)
      await lab().run(from, ['bash', '-c', `echo hello >/dev/udp/${lab().name}-${to}/9`])
      return (await refused(to)) > before
    }
    /** How many datagrams came in for a port where nobody listens. */
    const refused = async (host: number) =>
      Number((await lab().run(host, ['awk', '/^Udp: [0-9]/ { print $3 }', '/proc/net/snmp'])).stdout)

    await lab().cut(1, 2)
    expect(await arrives(1, 2), 'the way that is cut').to.equal(false)
    expect(await arrives(2, 1), 'the other way').to.equal(true)
    expect(await arrives(1, 4), 'to another host').to.equal(true)
    await lab().mend(1, 2)
    expect(await arrives(1, 2), 'mended').to.equal(true)
  })

  it('say that the internet cannot be reached, and do not wait for it', async () => {
    expect((await lab().run(1, ['getent', 'hosts', 'nobody.example'])).status).to.equal(2)
    expect((await lab().run(3, ['nc', '-w', '5', '203.0.113.1', '80'])).stderr).to.contain('unreachable')
  })
})

/** As a user would: OpenSSH with strict checking, and nothing of the user's own configuration. */
function ssh(lab: Lab, target: string, command: string, ...options: string[]): Promise<Outcome> {
  const strict = ['StrictHostKeyChecking=yes', 'IdentitiesOnly=yes', 'BatchMode=yes']
  const known = [`UserKnownHostsFile=${lab.knownHostsFile}`, 'GlobalKnownHostsFile=/dev/null']
  const all = [...options, ...strict, ...known].flatMap((option) => ['-o', option])
  return execute('ssh', ['-F', 'none', '-i', lab.keyFile, ...all, target, command])
}

/** Bytes from a command on one host to a command on another. */
function pipeToHost(lab: Lab, from: number, source: string, to: number, sink: string): Promise<Outcome> {
  return execute('sh', [
    '-c',
    `lab/lab run ${lab.name} ${from} ${source} | lab/lab run ${lab.name} ${to} ${sink}`,
  ])
}
