import { expect } from 'chai'
import { join } from 'node:path'
import type { Converged } from '../../engine/run/target.js'
import docker_container from '../../modules/docker_container.js'
import docker_container_info from '../../modules/docker_container_info.js'
import docker_network from '../../modules/docker_network.js'
import docker_prune from '../../modules/docker_prune.js'
import docker_volume from '../../modules/docker_volume.js'
import { call, testHost, type TestHost } from '../support/envelope.js'
import { useLab } from '../support/lab.js'

const LISTED =
  'docker ps -a --no-trunc --format "{{.ID}} {{.Names}} {{.State}}"; docker images -a --no-trunc --format "{{.ID}} {{.Repository}}:{{.Tag}}" | sort; docker network ls --no-trunc; docker volume ls'

describe('docker_network, docker_volume, docker_container_info and docker_prune', function () {
  this.timeout(120_000)
  const lab = useLab(['debian:docker', 'debian:docker'])
  const hostOf = (): TestHost =>
    testHost([join(import.meta.dirname, '../../lab/lab'), 'run', lab().name, '2', 'sh'])
  const said = async (script: string): Promise<string> =>
    (await lab().run(2, ['sh', '-c', script])).stdout.trim()

  /** Foretold without a trace, done, and then nothing to do in one round trip. */
  async function thrice(module: unknown, params: Record<string, unknown>): Promise<Converged> {
    const before = await said(LISTED)
    const dry = await call(hostOf(), module, params, { checkMode: true })
    expect(dry, dry.message).to.include({ status: 'changed', changed: true })
    expect(await said(LISTED)).to.equal(before)
    const done = await call(hostOf(), module, params)
    expect(done, done.message).to.include({ status: 'changed' })
    expect(dry.diffs.map(({ name }) => name)).to.deep.equal(done.diffs.map(({ name }) => name))
    const host = hostOf()
    const again = await call(host, module, params)
    expect(again, again.message).to.include({ status: 'ok', changed: false })
    expect(host.connection.counts.roundTrips).to.equal(1)
    return done
  }

  before(async () => {
    const programs = 'bin lib lib64 usr/bin usr/lib64 usr/lib/x86_64-linux-gnu etc/passwd etc/group tmp'
    await said(`tar -C / -c ${programs} | docker import - fp/base:1`)
  })

  it('foresees what containers use, what holds it, and what is free again', async () => {
    const net = { name: 'fp-n', ipam_config: [{ subnet: '10.205.7.0/24', gateway: '10.205.7.1' }] }
    const [c, labels] = [{ name: 'fp-u', image: 'fp/base:1' }, new Map([['a', '1']])]
    const made = {
      ...c,
      command: 'sleep 1000',
      init: true,
      stop_timeout: 0,
      volumes: ['fp-v:/v', '/etc:/e:ro'],
    }
    const networks = [{ name: 'fp-n', aliases: ['x'] }]
    const few = { privileged: false, memory: '0', volumes: ['/etc:/e:ro'], networks: [{ name: 'fp-n' }] }
    const ignored = new Map([['*', 'ignore']])
    const steps: readonly (readonly [string, unknown, Record<string, unknown>])[] = [
      ['changed', docker_network, { ...net, labels: new Map([...labels, ['b', '2']]) }],
      ['ok', docker_network, { name: 'fp-n', labels, ipam_config: [{ subnet: '10.205.7.0/24' }] }],
      ['changed', docker_volume, { volume_name: 'fp-v', labels }],
      ['ok', docker_volume, { volume_name: 'fp-v', recreate: 'options-changed' }],
      ['changed', docker_container, { ...made, networks, labels, env: new Map([...labels, ['b', '2']]) }],
      ['ok', docker_container, { ...c, ...few, env: labels }],
      ['ok', docker_container, { ...c, hostname: 'other', comparisons: ignored }],
      ['changed', docker_container, { ...c, restart_policy: 'always' }],
      ['failed', docker_volume, { volume_name: 'fp-v', state: 'absent' }],
      ['failed', docker_network, { name: 'fp-n', state: 'absent' }],
      ['changed', docker_container, { name: 'fp-u', state: 'absent' }],
      ['changed', docker_volume, { volume_name: 'fp-v', state: 'absent' }],
      ['changed', docker_network, { name: 'fp-n', state: 'absent' }],
    ]
    for (const options of [{ checkMode: true }, {}]) {
      const host = hostOf()
      const ends: (string | undefined)[] = []
      for (const [, module, params] of steps) ends.push((await call(host, module, params, options)).status)
      expect(ends, JSON.stringify(options)).to.deep.equal(steps.map(([end]) => end))
    }
    // In a network of one's own docker keeps links with the connection.
    await said(
      'docker network create fp-n; docker run -d --init --network fp-n --name fp-c fp/base:1 sleep 1000',
    )
    await thrice(docker_container, { ...made, name: 'fp-l', links: ['fp-c:other'], networks, volumes: [] })
    await said('docker rm -f fp-l fp-c; docker network rm fp-n')
  })

  it('makes, changes, connects and removes networks', async () => {
    await said(
      'docker run -d --init --name fp-one fp/base:1 sleep 1000; docker create --name fp-two fp/base:1 true',
    )
    const labels = new Map([["it's", '$(touch /x) "名"']])
    const done = await thrice(docker_network, {
      name: 'fp-net',
      labels,
      ipam_config: [{ subnet: '10.201.0.0/24' }],
    })
    expect((done.values['network'] as { Labels: object }).Labels).to.deep.equal({
      "it's": '$(touch /x) "名"',
    })
    await thrice(docker_network, { name: 'fp-net', connected: ['fp-one', 'fp-two'] })
    const moved = { name: 'fp-net', ipam_config: [{ subnet: '10.202.0.0/24', gateway: '10.202.0.9' }] }
    const { diffs } = await thrice(docker_network, moved)
    expect(diffs[0]!.after).to.include('ipam_config: 10.202.0.0/24 gateway 10.202.0.9')
    expect(await said('docker network inspect -f "{{range .Containers}}{{.Name}} {{end}}" fp-net')).to.equal(
      'fp-one',
    )
    await thrice(docker_network, { name: 'fp-net', connected: ['fp-two'] })
    // The range of the engine's own bridge is taken: the network is put back as it was.
    const taken = { name: 'fp-net', ipam_config: [{ subnet: '172.17.0.0/16' }] }
    const failed = await call(hostOf(), docker_network, taken)
    expect(failed).to.include({ status: 'failed' })
    expect(failed.message).to.match(/overlap|conflict/i)
    expect(await call(hostOf(), docker_network, moved)).to.include({ status: 'ok' })
    await said('docker network connect fp-net fp-one')
    const held = await call(
      hostOf(),
      docker_network,
      { name: 'fp-net', state: 'absent' },
      { checkMode: true },
    )
    expect(held.message).to.equal(
      'the network fp-net has containers: fp-one; remove them first, or use force, which disconnects them',
    )
    await thrice(docker_network, { name: 'fp-net', state: 'absent', force: true })
  })

  it('makes volumes, and keeps their data unless told otherwise', async () => {
    const labels = new Map([['a', 'b c']])
    const done = await thrice(docker_volume, { volume_name: 'fp-data', labels })
    expect(done.values['volume']).to.include({ Name: 'fp-data', Driver: 'local' })
    await said(
      'docker run --rm -v fp-data:/d fp/base:1 touch /d/kept; docker create --name fp-user -v fp-data:/d fp/base:1 true',
    )
    const changed = { volume_name: 'fp-data', labels: new Map([['a', 'c']]) }
    expect(await call(hostOf(), docker_volume, changed)).to.include({ status: 'ok' })
    for (const checkMode of [true, false]) {
      const used = await call(
        hostOf(),
        docker_volume,
        { ...changed, recreate: 'options-changed' },
        { checkMode },
      )
      expect(used.message).to.equal('the volume fp-data is used by fp-user; remove these containers first')
    }
    expect(await said('docker run --rm -v fp-data:/d fp/base:1 ls /d; docker rm fp-user')).to.match(/^kept/)
    await thrice(docker_volume, { ...changed, recreate: 'options-changed' })
    expect(await said('docker run --rm -v fp-data:/d fp/base:1 ls /d')).to.equal('')
    await thrice(docker_volume, { volume_name: 'fp-data', state: 'absent' })
  })

  it('tells about a container by name or id', async () => {
    const id = await said('docker inspect -f "{{.Id}}" fp-one')
    for (const name of ['fp-one', id.slice(0, 12)]) {
      const { values } = await call(hostOf(), docker_container_info, { name })
      expect(values).to.include({ exists: true })
      expect(values['container']).to.include({ Id: id, Name: '/fp-one' })
    }
    const { values } = await call(hostOf(), docker_container_info, { name: '--help' })
    expect(values).to.deep.equal({ exists: false, container: null })
  })

  it('removes what is not used, and says before what that is', async () => {
    await said(
      'docker volume create fp-spare; docker network create fp-spare; docker run --name fp-done --label x=y fp/base:1 true; echo 1 >/tmp/f; tar -C /tmp -c f | docker import - ; docker run -d --init --name fp-held --network fp-spare fp/base:1 sleep 1000; docker network create fp-free',
    )
    const filtered = { containers: true, containers_filters: new Map([['label', 'x=z']]) }
    expect(await call(hostOf(), docker_prune, filtered)).to.include({ status: 'ok' })
    const all = { containers: true, images: true, networks: true, volumes: true }
    const dry = await call(hostOf(), docker_prune, all, { checkMode: true })
    expect(dry.diffs.map(({ name }) => name.replace(/sha256:.*/, 'id'))).to.have.members([
      'container fp-done',
      'container fp-two',
      'image id',
      'network fp-free',
      'volume fp-spare',
    ])
    const done = await thrice(docker_prune, all)
    expect(done.values['networks']).to.deep.equal(['fp-free'])
    expect(done.values['containers']).to.have.length(2)
    expect(done.values['images_space_reclaimed']).to.be.greaterThan(0)
  })
})
