import { expect } from 'chai'
import { join } from 'node:path'
import docker_container_exec from '../../modules/docker_container_exec.js'
import docker_host_info from '../../modules/docker_host_info.js'
import { call, testHost, type TestHost } from '../support/envelope.js'
import { useLab } from '../support/lab.js'
import { until } from '../support/until.js'

const ODD = 'it\'s "odd" $(touch /x)\n-名'

describe('docker_container_exec and docker_host_info', function () {
  this.timeout(120_000)
  const lab = useLab(['debian:docker', 'debian', 'busybox', 'debian-compose1:docker'])
  const script = join(import.meta.dirname, '../../lab/lab')
  const hostOf = (number: number, ...as: string[]): TestHost =>
    testHost([script, 'run', lab().name, String(number), ...as, 'sh'])
  const said = async (text: string): Promise<string> => (await lab().run(1, ['sh', '-c', text])).stdout.trim()

  before(async () => {
    // An image of the host's own programs: there is no other without a network.
    const programs = 'bin lib lib64 usr/bin usr/lib64 usr/lib/x86_64-linux-gnu etc/passwd etc/group tmp'
    await said(`tar -C / -c ${programs} | docker import - fp/base:1`)
    await said(
      'docker run -d --name fp-up --label fp=yes --network none fp/base:1 sleep 1000; docker create --name fp-down fp/base:1 true',
    )
  })

  it('runs in the container as it is told', async () => {
    const host = hostOf(1)
    const text = 'cat; printf "%s|%s|%s" "$A" "$1" "$PWD"; id -u; echo late >&2'
    const done = await call(host, docker_container_exec, {
      container: 'fp-up',
      argv: ['sh', '-c', text, 'sh', ODD],
      env: new Map([
        ['A', ODD],
        ['PATH', '/usr/bin:/bin'],
        ['DOCKER_HOST', 'tcp://nowhere:1'],
      ]),
      chdir: '/tmp',
      user: '65534',
      stdin: 'from outside',
    })
    expect(done, done.message).to.include({ status: 'changed', changed: true })
    expect(done.values).to.include({ rc: 0, stdout: `from outside\n${ODD}|${ODD}|/tmp65534`, stderr: 'late' })
    const plain = await call(host, docker_container_exec, { container: 'fp-up', command: `echo "a  b" 'c'` })
    expect(plain.values).to.deep.include({ stdout: 'a  b c', stdout_lines: ['a  b c'] })
  })

  it('keeps values of variables and standard input out of what everybody can read', async () => {
    const params = {
      container: 'fp-up',
      argv: ['sh', '-c', 'until [ -e /tmp/seen ]; do sleep 0.2; done'],
      env: new Map([['SECRET', 'hushhush']]),
      stdin: 'whisper',
    }
    const running = call(hostOf(1), docker_container_exec, params)
    let processes = ''
    await until(async () => {
      processes = await said(`ps -eo args | grep '^docker exec'`)
      return processes.includes('-e SECRET')
    })
    expect(processes).to.not.match(/hushhush|whisper/)
    await said('docker exec fp-up touch /tmp/seen')
    expect(await running).to.include({ status: 'changed' })
  })

  it('fails as the program does, and foretells what cannot work', async () => {
    const failed = await call(hostOf(1), docker_container_exec, {
      container: 'fp-up',
      argv: ['sh', '-c', 'echo no >&2; exit 7'],
    })
    expect(failed).to.include({ status: 'failed', message: 'ended with status 7: no' })
    expect(failed.values).to.include({ rc: 7, stderr: 'no' })
    for (const checkMode of [true, false]) {
      const message = async (
        params: Record<string, unknown>,
        host = hostOf(1),
      ): Promise<string | undefined> => {
        const done = await call(host, docker_container_exec, { argv: ['true'], ...params }, { checkMode })
        expect(done.status).to.equal('failed')
        return done.message
      }
      expect(await message({ container: 'fp-none' })).to.equal('there is no container fp-none')
      expect(await message({ container: '--help' })).to.equal('there is no container --help')
      expect(await message({ container: 'fp-down' })).to.match(
        /does not run, it is created; see: docker logs fp-down/,
      )
      expect(await message({ container: 'x' }, hostOf(2))).to.match(
        /Docker Engine does not answer|no docker program/,
      )
      expect(await message({ container: 'x' }, hostOf(3))).to.match(/no docker program on the host; install/)
    }
    const dry = await call(
      hostOf(1),
      docker_container_exec,
      { container: 'fp-up', argv: ['touch', '/tmp/no'] },
      { checkMode: true },
    )
    expect(dry).to.include({ status: 'changed' })
    expect(await said('docker exec fp-up ls /tmp')).to.not.include('no')
  })

  it('tells about the engine, Compose of either kind, and what there is', async () => {
    for (const [number, kind] of [
      [1, 'v2'],
      [4, 'v1'],
    ] as const) {
      const host = hostOf(number)
      const done = await call(host, docker_host_info, {})
      expect(done, done.message).to.include({ status: 'ok', changed: false })
      expect(done.values['can_talk_to_docker']).to.equal(true)
      expect((done.values['host_info'] as Record<string, unknown>)['ServerVersion']).to.match(/^\d+\.\d+/)
      expect(done.values['compose']).to.include({ kind })
      expect((done.values['compose'] as { version: string }).version).to.match(/^\d+\.\d+\.\d+/)
      expect(host.connection.counts.roundTrips).to.equal(1)
    }
    const params = { containers: true, images: true, networks: true, volumes: true }
    const lists = await call(hostOf(1), docker_host_info, params, { checkMode: true })
    expect(lists.values['containers']).to.have.length(1)
    expect(lists.values['networks']).to.have.length(3)
    expect(lists.values['volumes']).to.deep.equal([])
    const all = await call(hostOf(1), docker_host_info, {
      containers: true,
      containers_all: true,
      containers_filters: new Map([['label', 'fp=yes']]),
      verbose_output: true,
    })
    expect(all.values['containers']).to.have.length(1)
    expect((all.values['containers'] as Record<string, unknown>[])[0]).to.deep.include({
      Names: ['/fp-up'],
      Labels: { fp: 'yes' },
    })
    const disk = await call(hostOf(1), docker_host_info, {
      disk_usage: true,
      networks: true,
      networks_filters: new Map([['name', 'host']]),
    })
    expect((disk.values['disk_usage'] as { LayersSize: number }).LayersSize).to.be.greaterThan(1e6)
    expect(disk.values['networks']).to.have.length(1)
    const whole = await call(hostOf(1), docker_host_info, { disk_usage: true, verbose_output: true })
    // Suites before this one may have left images.
    const images = Number(await said('docker images -q --no-trunc | sort -u | wc -l'))
    expect((whole.values['disk_usage'] as { Images: unknown[] }).Images).to.have.length(images)
    const both = await call(hostOf(1), docker_host_info, { containers: true, containers_all: true })
    expect(both.values['containers']).to.have.length(2)
  })

  it('says why the engine cannot be asked', async () => {
    expect((await call(hostOf(3), docker_host_info, {})).message).to.match(
      /no docker program on the host; install/,
    )
    const asDev = hostOf(1, 'setpriv', '--reuid=dev', '--regid=dev', '--clear-groups')
    expect((await call(asDev, docker_host_info, {})).message).to.match(
      /may not speak to the Docker Engine; put the user/,
    )
    expect((await call(hostOf(2), docker_host_info, {})).message).to.match(/does not answer; start it/)
  })
})
