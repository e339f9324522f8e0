import { expect } from 'chai'
import { emptyForecast } from '../../engine/run/forecast.js'
import docker_container_exec from '../../modules/docker_container_exec.js'
import { planOf, type Outputs, type Plan } from '../support/plan.js'
import { container, differs, ID, IMAGE, plan, RECREATED, told } from './docker-container-plans.js'

describe('docker_container', () => {
  it('is left alone when it has at least what is asked for', () => {
    const params = {
      command: 'serve -v',
      env: new Map([['A', '1']]),
      labels: new Map([['team', 'a']]),
      memory: '64M',
      volumes: ['/srv/:/s:ro', 'data:/d', '/anon'],
      published_ports: ['8080:80', '0.0.0.0:8080:80/tcp', '127.0.0.1:90:90/udp'],
      restart_policy: 'always',
      capabilities: ['sys_time'],
      network_mode: 'bridge',
      platform: 'linux/amd64',
      healthcheck: { test: ['NONE'] },
      init: false,
      pids_limit: -1,
      stop_timeout: 77,
    }
    expect(plan(params).differs).to.deep.equal({})
    for (const name of ['labels', 'env', 'volumes', 'published_ports', 'exposed_ports']) {
      expect(plan({ ...params, comparisons: new Map([[name, 'strict']]) }).differs, name).to.deep.equal({})
    }
  })

  it('is made again for what cannot be changed, and changed in place otherwise', () => {
    expect(differs({ command: ['serve'] })).to.have.members(['command', ...RECREATED])
    expect(differs({ env: new Map([['A', '2']]) })).to.have.members(['env', ...RECREATED])
    expect(differs({ published_ports: ['8081:80'] })).to.have.members(['published_ports', ...RECREATED])
    expect(differs({ recreate: true })).to.have.members(RECREATED)
    expect(differs({ restart: true })).to.deep.equal(['started'])
    const limits = plan({ memory: '128M', restart_policy: 'on-failure', restart_retries: 3, cpu_shares: 5 })
    expect(Object.keys(limits.differs)).to.have.length(3)
    expect(limits.script).to.include(
      'docker update --cpu-shares 5 --memory 134217728 --memory-swap 268435456 --restart on-failure:3 -- web',
    )
    // docker update takes 0 for "as it is".
    expect(differs({ memory: '0' })).to.have.members(['memory', ...RECREATED])
  })

  it('heeds comparisons, and refuses what they cannot have', () => {
    const compared = (name: string, how: string, params: object): readonly string[] =>
      differs({ ...params, comparisons: new Map([[name, how]]) })
    expect(compared('env', 'strict', { env: new Map([['B', '2']]) })).to.include('env')
    expect(compared('env', 'strict', { env: new Map([['A', '1']]) })).to.deep.equal([])
    expect(compared('labels', 'strict', { labels: new Map() })).to.include('labels')
    expect(compared('ports', 'strict', { published_ports: ['8080:80'] })).to.include('published_ports')
    expect(compared('command', 'ignore', { command: 'other' })).to.deep.equal([])
    expect(compared('*', 'ignore', { command: 'other', image: 'else:1' })).to.deep.equal([])
    expect(compared('command', 'allow_more_present', { command: 'serve' })).to.deep.equal([])
    const refused = (name: string, how: string): string =>
      plan({ comparisons: new Map([[name, how]]) }).failed ?? ''
    expect(refused('memroy', 'strict')).to.match(/memroy/)
    expect(refused('memory', 'allow_more_present')).to.match(/it may be: strict, ignore/)
    expect(refused('*', 'allow_more_present')).to.match(/it may be: strict, ignore/)
    expect(
      plan({ labels: new Map(), comparisons: new Map([['labels', 'strict']]), image_label_mismatch: 'fail' })
        .failed,
    ).to.match(/labels that are not asked for: from/)
  })

  it('is made again when its image is another, not when only its name is', () => {
    const moved = told(container(), { ...IMAGE, Id: ID.new })
    expect(differs({}, moved)).to.have.members(['image', ...RECREATED])
    expect(differs({ comparisons: new Map([['image', 'ignore']]) }, moved)).to.deep.equal([])
    expect(differs({ image: 'same:2' })).to.deep.equal([])
    expect(differs({ image: 'same:2', image_name_mismatch: 'recreate' })).to.include('imageName')
    const missing = plan({ image: 'shop:2' }, told(container(), null))
    expect(missing.script).to.match(/^docker pull -- shop:2\n/)
    expect(Object.keys(missing.differs)).to.include('container:web.image').and.include('image:shop:2.id')
    expect(plan({ image: 'shop:2', pull: 'never' }, told(container(), null)).failed).to.match(
      /load, build or pull/,
    )
    expect(plan({ image: 'sha256:0123456789ab' }, told(container(), null)).failed).to.match(
      /has no image sha256/,
    )
  })

  it('asks the registry when it always pulls, and leaves it to the run where that does not answer', () => {
    const remote = (answer: Outputs[string]): Plan =>
      plan({ pull: 'true' }, told(container()), {}, { 'remote image:shop:1': answer })
    const manifest = (digest: string): string => JSON.stringify({ SchemaV2Manifest: { config: { digest } } })
    expect(remote(manifest(ID.old)).differs).to.deep.equal({})
    const newer = remote(manifest(ID.new))
    expect(newer.differs).to.include({ 'container:web.image': ID.new, 'image:shop:1.id': ID.new })
    const silent = remote({ code: 1, stderr: 'no route' })
    expect(silent.undecided).to.have.length(2)
    expect(silent.script).to.match(/^docker pull -- shop:1\nif \[ .*docker rename web web\.fplay-old/s)
  })

  it('makes the new one first, and puts the old one back when the new one does not start', () => {
    const { script } = plan({ command: 'x', force_kill: true, kill_signal: 'INT', keep_volumes: false })
    const order = [
      'docker create --name web.fplay-new',
      'docker rename web web.fplay-old; docker rename web.fplay-new web',
      'docker kill --signal INT -- web.fplay-old',
      'docker start -- web >/dev/null || {',
      'docker rename web.fplay-old web',
      'docker rm -v -- web.fplay-old',
    ].map((text) => script.indexOf(text))
    expect(order).to.not.include(-1)
    expect(order).to.deep.equal([...order].sort((a, b) => a - b))
  })

  it('gives docker all that is said, and secrets only through its environment', () => {
    const params = {
      command: ['run', '$(x) "y"'],
      entrypoint: ['/tini', '--'],
      env: new Map([
        ['SECRET', 'hush $1'],
        ['http_proxy', 'p:1'],
        ['a.b', 'hush $2'],
      ]),
      published_ports: ['127.0.0.1:7000-7001:70-71', '[::1]:9:9/udp', '443'],
      exposed_ports: ['5-6', '7/udp'],
      volumes: ['data:/d:ro'],
      mounts: [{ type: 'bind', source: '/a,b', target: '/b', read_only: true, propagation: 'rslave' }],
      etc_hosts: new Map([['h', '1.2.3.4']]),
      networks: [
        { name: 'one', aliases: ['w'], ipv4_address: '10.0.0.7' },
        { name: 'two', links: ['db:x'] },
      ],
      healthcheck: { test: ['CMD', 'curl', 'a b'], interval: '1m30s', retries: 2 },
      log_driver: 'json-file',
      log_options: new Map<string, unknown>([['max-file', 3]]),
      device_read_bps: [{ path: '/dev/sda', rate: '2M' }],
      memory_swap: 'unlimited',
      privileged: true,
      read_only: false,
      ulimits: ['nofile:1:2'],
      stop_timeout: 3,
    }
    const networks = [
      { Name: 'one', Id: '1' },
      { Name: 'two', Id: '2' },
    ]
    const { script, asks } = plan(params, told(undefined, IMAGE, networks))
    expect(script).to.include(
      [
        `docker create --name web --device-read-bps /dev/sda:2097152 --entrypoint /tini --add-host h:1.2.3.4 --expose 5/tcp --expose 6/tcp --expose 7/udp --health-cmd 'curl '\\''a b'\\''' --health-interval 90000000000ns --health-retries 2 --log-driver json-file --log-opt max-file=3 --memory-swap -1 --mount 'type=bind,"source=/a,b",target=/b,readonly,bind-propagation=rslave' --network one --privileged=true -p 127.0.0.1:7000:70/tcp -p 127.0.0.1:7001:71/tcp -p '[::1]:9:9/udp' -p 443/tcp --read-only=false --stop-timeout 3 --ulimit nofile=1:2 -v data:/d:ro --ip 10.0.0.7 --network-alias w -e http_proxy=p:1 -e SECRET --env-file /dev/fd/6 -- shop:1 -- run '$(x) "y"' >/dev/null)`,
        `docker network connect --link db:x -- two web`,
      ].join('\n'),
    )
    expect(script).to.include(`(export SECRET='hush $1'\n`).and.include("'\na.b=hush $2\n")
    expect(script).to.match(/docker start -- web >\/dev\/null$/)
    expect(JSON.stringify(asks)).to.not.include('hush')
  })

  it('refuses what docker would refuse', () => {
    expect(plan({ name: 'x' }, told(undefined)).failed).to.match(/cannot be the name of a container/)
    expect(plan({}, told(undefined)).failed).to.match(/the image shop:1 has no command of its own/)
    expect(plan({ command: 'x', networks: [{ name: 'none' }] }, told(undefined)).failed).to.match(
      /no network none; make it first/,
    )
    expect(plan({ image: undefined, command: 'x' }, told(undefined)).failed).to.match(/needs image/)
    for (const [name, value] of [
      ['memory', '1 lot'],
      ['published_ports', ['web']],
      ['healthcheck', { test: ['RUN', 'x'] }],
      ['healthcheck', { test: 'x', interval: 'soon' }],
      ['env', new Map<string, unknown>([['A', 1]])],
      ['env', new Map([['A B', '1']])],
      ['env', new Map([['a.b', '1\n2']])],
      ['env', new Map([['A', 'x'.repeat(131_070)]])],
      ['labels', new Map([['a', 'x'.repeat(131_070)]])],
    ] as const) {
      const { failed } = plan({ command: 'x', [name]: value }, told(undefined))
      expect(failed, name).to.be.a('string')
    }
  })

  it('starts, stops, pauses and removes only what is not so yet', () => {
    const as = (Status: string) => told(container({ state: { Status } }))
    expect(differs({ state: 'stopped' })).to.deep.equal(['state'])
    expect(differs({ state: 'stopped' }, as('exited'))).to.deep.equal([])
    expect(differs({ state: 'stopped' }, as('created'))).to.deep.equal([])
    expect(differs({ state: 'present' }, as('exited'))).to.deep.equal([])
    expect(differs({}, as('exited'))).to.deep.equal(['started'])
    expect(differs({}, as('paused'))).to.deep.equal([])
    expect(plan({ paused: false }, as('paused')).script).to.include('docker unpause -- web')
    expect(plan({ paused: true }).script).to.include('docker pause -- web')
    expect(plan({ state: 'absent' }).script).to.match(
      /^docker stop {2}-- web >\/dev\/null\ndocker rm {2}-- web/,
    )
    expect(plan({ state: 'absent' }, told(undefined)).differs).to.deep.equal({})
  })

  it('connects and disconnects without being made again', () => {
    const networks = [{ Name: 'one', Id: '1' }]
    const at = (found: object) =>
      told(container({ host: { NetworkMode: 'one' }, networks: found }), IMAGE, networks)
    const wanted = { networks: [{ name: 'one', aliases: ['w'] }], network_mode: 'one' }
    expect(differs(wanted, at({ one: { Aliases: ['w', 'c0ffee'] } }))).to.deep.equal([])
    const other = plan(wanted, at({ one: { Aliases: ['v'] }, two: {} }))
    expect(Object.keys(other.differs)).to.deep.equal(['container:web.networks'])
    expect(other.script).to.match(/disconnect -f -- one web\ndocker network connect --alias w -- one web/)
    expect(other.script).to.not.include(' two ')
    const strict = { ...wanted, comparisons: new Map([['networks', 'strict']]) }
    expect(plan(strict, at({ one: { Aliases: ['w'] }, two: {} })).script).to.include(
      'disconnect -f -- two web',
    )
  })

  it('waits for its health', () => {
    const health = (Status: string) => told(container({ state: { Health: { Status } } }))
    expect(plan({ state: 'healthy' }, health('healthy')).differs).to.deep.equal({})
    expect(plan({ state: 'healthy' }, health('starting')).failed).to.equal(
      'the container web is starting; see: docker logs web',
    )
    expect(plan({ state: 'healthy' }).failed).to.match(/has no health check/)
  })

  it('counts as a command when its end is waited for', () => {
    const once = { command: 'migrate', detach: false }
    const { script, differs: all } = plan({ ...once, cleanup: true }, told(undefined))
    expect(Object.keys(all)).to.deep.equal(['run:container web.run'])
    expect(script).to.include('docker start -a -- web').and.include('docker rm -f  -- web')
    expect(Object.keys(plan(once, told(undefined)).differs)).to.include('run:container web.run')
  })

  it('is seen by later tasks of a dry run', () => {
    const forecast = emptyForecast()
    const networks = [{ Name: 'one', Id: '1' }]
    const params = { command: 'x', networks: [{ name: 'one' }], volumes: ['data:/d'] }
    expect(plan(params, told(undefined, IMAGE, networks), { forecast }).failed).to.equal(undefined)
    expect(plan(params, told(undefined, IMAGE, networks), { forecast }).differs).to.deep.equal({})
    expect(forecast.states.get('network:one')).to.deep.equal({ connected: ['web'] })
    expect(forecast.states.get('volume:data')).to.include({ state: 'present', 'used by web': true })
    const exec = { container: 'web', argv: ['true'] }
    const none = { 'container:web': { stderr: 'Error: No such container: web\n' } }
    expect(planOf(docker_container_exec, exec, none, { forecast }).failed).to.equal(undefined)
    plan({ state: 'absent' }, told(undefined), { forecast })
    expect(planOf(docker_container_exec, exec, none, { forecast }).failed).to.equal(
      'there is no container web',
    )
  })

  it('finds entrypoint and command the same wherever one ends and the other begins', () => {
    const made = told(container({ config: { Entrypoint: ['/tini'], Cmd: ['--', 'serve'] } }))
    const split = { entrypoint: ['/tini', '--'], command: ['serve'] }
    expect(differs(split, made)).to.deep.equal([])
    expect(differs({ ...split, command: ['other'] }, made)).to.include('command')
    expect(differs({ entrypoint: ['/tini', '--', 'serve'] }, made)).to.deep.equal([])
  })
})
