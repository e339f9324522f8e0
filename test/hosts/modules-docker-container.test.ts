import { expect } from 'chai'
import { join } from 'node:path'
import { execute } from '../../lab/lab.js'
import type { Converged } from '../../engine/run/target.js'
import docker_container from '../../modules/docker_container.js'
import docker_container_exec from '../../modules/docker_container_exec.js'
import docker_container_info from '../../modules/docker_container_info.js'
import docker_network from '../../modules/docker_network.js'
import { call, testHost, type TestHost } from '../support/envelope.js'
import { useLab } from '../support/lab.js'

/** The connection of these tests starts a program with all that is said. */
const LONG = 'y'.repeat(20_000)
const ODD = 'it\'s "odd" $(touch /x)\n-名'
const BASE = { name: 'fp-c', image: 'fp/tiny:1', command: 'sleep 1000', init: true, stop_timeout: 0 }

describe('docker_container', function () {
  this.timeout(180_000)
  const lab = useLab(['debian:docker', 'debian-compose1:docker', 'busybox'])
  const hostOf = (): TestHost =>
    testHost([join(import.meta.dirname, '../../lab/lab'), 'run', lab().name, '1', 'sh'])
  const said = async (script: string): Promise<string> =>
    (await lab().run(1, ['sh', '-c', script])).stdout.trim()
  const listed = (): Promise<string> =>
    said(
      'docker ps -a --no-trunc --format "{{.ID}} {{.Names}} {{.State}}"; docker volume ls -q; docker images --no-trunc -q | sort',
    )
  const inspected = async (format: string): Promise<string> => said(`docker inspect -f '${format}' fp-c`)

  /** Foretold without a trace, done, and then nothing to do in one round trip. */
  async function thrice(params: Record<string, unknown>): Promise<Converged> {
    const before = await listed()
    const dry = await call(hostOf(), docker_container, params, { checkMode: true })
    expect(dry, dry.message).to.include({ status: 'changed', changed: true })
    expect(await listed()).to.equal(before)
    const done = await call(hostOf(), docker_container, params)
    expect(done, done.message).to.include({ status: 'changed' })
    const told = ({ diffs }: Converged) => diffs.map(({ name, before: old }) => [name, old])
    expect(told(dry)).to.deep.equal(told(done))
    const host = hostOf()
    const again = await call(host, docker_container, params)
    expect(again, JSON.stringify(again.diffs) + (again.message ?? '')).to.include({
      status: 'ok',
      changed: false,
    })
    expect(host.connection.counts.roundTrips).to.equal(1)
    expect(await said('docker ps -a --format "{{.Names}}" | grep fplay || :')).to.equal('')
    return done
  }

  before(async () => {
    const tree = `lab/lab run ${lab().name} 3 tar -C / -c bin usr/bin etc/passwd etc/group`
    const load = `lab/lab run ${lab().name} 1 docker import --change 'ENV FROM=image' --change 'LABEL by=image' - fp/tiny:1`
    const made = await execute('sh', ['-c', `${tree} | ${load}`])
    expect(made.status, made.stderr).to.equal(0)
    await said(
      'docker tag fp/tiny:1 fp/tiny:same; docker network create fp-one; docker network create --subnet 10.203.0.0/24 fp-two',
    )
  })

  it('is made with all that is said, and found to be so', async () => {
    const done = await thrice({
      ...BASE,
      entrypoint: ['/bin/sh', '-c'],
      command: ['exec sleep 1000', 'x'],
      env: new Map([
        ['ODD', ODD],
        ['dis.co-very', '-x "$(id)" \\ ü'],
        ['LONG', LONG],
        ['PATH', '/bin:/usr/bin'],
        ['DOCKER_HOST', 'tcp://nowhere:1'],
      ]),
      labels: new Map([
        ['odd', ODD],
        ['-long', LONG],
      ]),
      published_ports: ['18080:80', '127.0.0.1:19000-19001:9000-9001/udp', '443'],
      exposed_ports: ['5-6', '7/udp'],
      volumes: ['/etc:/e:ro', 'fp-data:/d', '/anon'],
      mounts: [
        { type: 'tmpfs', target: '/t', tmpfs_size: '1M', tmpfs_mode: '1700' },
        { type: 'bind', source: '/usr', target: '/u', read_only: true, propagation: 'rprivate' },
      ],
      tmpfs: ['/run2:size=1m'],
      networks: [
        { name: 'fp-one', aliases: ['web'] },
        { name: 'fp-two', ipv4_address: '10.203.0.7' },
      ],
      etc_hosts: new Map([['elsewhere', '1.2.3.4']]),
      capabilities: ['sys_time'],
      cap_drop: ['CAP_MKNOD'],
      cpu_shares: 512,
      cpus: 0.5,
      dns_servers: ['1.2.3.4'],
      groups: ['7'],
      healthcheck: { test: ['CMD', 'test', '-e', '/bin/sh'], interval: '1h', retries: 2 },
      hostname: 'inner',
      log_driver: 'json-file',
      log_options: new Map<string, unknown>([['max-file', 3]]),
      memory: '64M',
      memory_reservation: '32M',
      oom_score_adj: 5,
      pids_limit: 100,
      privileged: false,
      read_only: true,
      restart_policy: 'on-failure',
      restart_retries: 3,
      security_opts: ['no-new-privileges', 'seccomp=unconfined'],
      shm_size: '8M',
      stop_signal: 'SIGINT',
      sysctls: new Map([['net.ipv4.ip_forward', '1']]),
      ulimits: ['nofile:100:200', 'nproc=50'],
      user: '1000:1000',
      working_dir: '/tmp',
      tty: true,
    })
    const container = done.values['container'] as {
      Config: { Env: string[]; Labels: Record<string, string> }
    }
    expect(container.Config.Env).to.include.members([
      `ODD=${ODD}`,
      'dis.co-very=-x "$(id)" \\ ü',
      `LONG=${LONG}`,
      'FROM=image',
      'DOCKER_HOST=tcp://nowhere:1',
    ])
    expect(container.Config.Labels).to.include({ odd: ODD, '-long': LONG, by: 'image' })
    expect(
      await inspected('{{.State.Running}} {{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'),
    ).to.match(/^true .*10\.203\.0\.7/)
  })

  it('is made again for what cannot be changed, without losing what is in its volumes', async () => {
    await said('docker rm -f fp-c')
    const volumes = ['fp-data:/d']
    await thrice({ ...BASE, volumes })
    await said('docker exec fp-c touch /d/kept')
    const done = await thrice({ ...BASE, volumes, labels: new Map([['v', '2']]) })
    expect(done.diffs[0]!.after)
      .to.match(/labels: .*v=2/)
      .and.match(/id: new/)
    expect(await said('docker exec fp-c ls /d')).to.equal('kept')
    await thrice({ ...BASE, volumes, image: 'fp/tiny:1', memory: '64M', restart_policy: 'always', cpus: 0.5 })
    const id = await inspected('{{.Id}}')
    await thrice({ ...BASE, memory: '96M', restart_policy: 'unless-stopped', pids_limit: 50 })
    expect(await inspected('{{.Id}} {{.HostConfig.Memory}}')).to.equal(`${id} ${96 * 1024 * 1024}`)
  })

  it('puts the old one back when the new one cannot start', async () => {
    const id = await inspected('{{.Id}}')
    for (const wrong of [
      { published_ports: ['22:80'] },
      { command: 'no-such-program', init: false },
      { volumes_from: ['fp-none'] },
    ]) {
      const failed = await call(hostOf(), docker_container, { ...BASE, ...wrong })
      expect(failed, JSON.stringify(wrong)).to.include({ status: 'failed' })
      expect(await inspected('{{.Id}} {{.State.Running}}')).to.equal(`${id} true`)
      expect(await said('docker ps -a --format "{{.Names}}" | grep fplay || :')).to.equal('')
    }
  })

  it('follows its image, unless told not to', async () => {
    await said(
      'docker exec fp-c true && docker commit --change "LABEL v=2" fp-c fp/tiny:2 && docker tag fp/tiny:2 fp/tiny:1',
    )
    expect(
      await call(hostOf(), docker_container, { ...BASE, comparisons: new Map([['image', 'ignore']]) }),
    ).to.include({
      status: 'ok',
    })
    const done = await thrice(BASE)
    expect(done.diffs[0]!.after).to.match(/image: sha256:/)
    await said('docker tag fp/tiny:same fp/tiny:1')
    await thrice(BASE)
    expect(await call(hostOf(), docker_container, { ...BASE, image: 'fp/tiny:same' })).to.include({
      status: 'ok',
    })
    await thrice({ ...BASE, image: 'fp/tiny:same', image_name_mismatch: 'recreate' })
  })

  it('is connected, paused, stopped, started, restarted and removed', async () => {
    await thrice({
      ...BASE,
      image: 'fp/tiny:same',
      networks: [{ name: 'fp-one', aliases: ['a'] }],
      network_mode: 'bridge',
    })
    const params = { ...BASE, image: 'fp/tiny:same', network_mode: 'bridge' }
    const strict = new Map([['networks', 'strict']])
    await thrice({ ...params, networks: [{ name: 'fp-two' }, { name: 'bridge' }], comparisons: strict })
    await thrice({ ...params, paused: true })
    await thrice({ ...params, paused: false })
    await thrice({ ...params, state: 'stopped', force_kill: true })
    await thrice(params)
    const started = await inspected('{{.State.StartedAt}}')
    expect(await call(hostOf(), docker_container, { ...params, restart: true })).to.include({
      status: 'changed',
    })
    expect(await inspected('{{.State.StartedAt}}')).to.not.equal(started)
    await thrice({ ...params, state: 'absent' })
    await thrice({ ...params, state: 'present' })
    expect(await inspected('{{.State.Status}}')).to.equal('created')
    await thrice({ ...params, state: 'absent' })
  })

  it('waits until it is healthy, and says why it is not', async () => {
    const command = ['sh', '-c', 'sleep 1; touch /ready; sleep 1000']
    const healthcheck = { test: 'test -e /ready', interval: '500ms', retries: 20 }
    await thrice({ ...BASE, command, healthcheck, state: 'healthy' })
    const bad = {
      ...BASE,
      command: ['sh', '-c', 'echo giving up; sleep 1000'],
      healthcheck,
      state: 'healthy',
    }
    const late = await call(hostOf(), docker_container, { ...bad, healthy_wait_timeout: 3 })
    expect(late).to.include({ status: 'failed' })
    expect(late.message)
      .to.match(/is not healthy after 3 s/)
      .and.include('giving up')
    await said('docker rm -f fp-c')
  })

  it('waits for the end when told, with output and status', async () => {
    const once = { name: 'fp-c', image: 'fp/tiny:1', detach: false }
    const ended = await call(hostOf(), docker_container, {
      ...once,
      command: ['sh', '-c', 'echo out; exit 3'],
    })
    expect(ended).to.include({ status: 'failed', message: 'the container ended with status 3: out' })
    expect(ended.values).to.include({ status: 3 })
    const done = await call(hostOf(), docker_container, { ...once, command: 'echo done', cleanup: true })
    expect(done, done.message).to.include({ status: 'changed' })
    expect(done.values['status']).to.equal(0)
    expect((done.values['container'] as { Output: string }).Output).to.equal('done\n')
    const removed = await call(hostOf(), docker_container, {
      ...once,
      command: 'echo gone',
      auto_remove: true,
    })
    expect(removed, removed.message).to.include({ status: 'changed' })
    expect((await call(hostOf(), docker_container_info, { name: 'fp-c' })).values).to.include({
      exists: false,
    })
  })

  it('is foreseen for later tasks, on networks of earlier ones', async () => {
    const host = hostOf()
    const dry = { checkMode: true }
    const before = await listed()
    await call(host, docker_network, { name: 'fp-later' }, dry)
    const params = { ...BASE, networks: [{ name: 'fp-later' }] }
    expect(await call(host, docker_container, params, dry)).to.include({ status: 'changed' })
    expect(await call(host, docker_container, params, dry)).to.include({ status: 'ok' })
    const exec = await call(host, docker_container_exec, { container: 'fp-c', argv: ['true'] }, dry)
    expect(exec, exec.message).to.include({ status: 'changed' })
    const connected = { name: 'fp-later', connected: ['fp-c'] }
    expect(await call(host, docker_network, connected, dry)).to.include({ status: 'ok' })
    expect(await listed()).to.equal(before)
  })

  it('keeps values of variables out of what everybody can read', async () => {
    const host = hostOf()
    const watching = said('for i in $(seq 60); do ps -eo args | grep "^docker create"; sleep 0.02; done')
    await call(host, docker_container, {
      ...BASE,
      env: new Map(['SECRET', 'secret.too'].map((name) => [name, 'hushhush'] as const)),
    })
    expect(await watching).to.not.include('hushhush')
    expect(await inspected('{{.Config.Env}}'))
      .to.include('SECRET=hushhush')
      .and.include('secret.too=hushhush')
  })
})
