import { expect } from 'chai'
import { emptyForecast } from '../../engine/run/forecast.js'
import docker_network from '../../modules/docker_network.js'
import { planOf, type Plan } from '../support/plan.js'

/** What docker 20.10 says of a network, shortened. */
const network = (changes: object = {}): string =>
  JSON.stringify({
    Name: 'shop',
    Id: 'ab12',
    Scope: 'local',
    Driver: 'bridge',
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: {}, Config: [{ Subnet: '172.20.0.0/16', Gateway: '172.20.0.1' }] },
    Internal: false,
    Attachable: false,
    Containers: { c1: { Name: 'web' }, c2: { Name: 'db' } },
    Options: { 'com.docker.network.bridge.name': 'br-shop' },
    Labels: { team: 'a', stage: 'test' },
    ...changes,
  })
const container = (name: string, networks: object, mode = 'shop'): string =>
  JSON.stringify({
    Id: `id-${name}`,
    Name: `/${name}`,
    State: { Status: 'exited' },
    HostConfig: { NetworkMode: mode },
    NetworkSettings: { Networks: networks },
  })
const NONE = { stdout: '\n', stderr: 'Error: No such network: shop\n' }

const plan = (params: object, output: string | object = `${network()}\n`): Plan =>
  planOf(docker_network, { name: 'shop', ...params }, { 'network:shop': output as string })

describe('docker_network', () => {
  it('is made with all that is said', () => {
    const params = {
      driver_options: new Map([['com.docker.network.bridge.name', 'br "x"']]),
      ipam_config: [
        {
          subnet: '10.1.0.0/24',
          gateway: '10.1.0.1',
          iprange: '10.1.0.0/28',
          aux_addresses: new Map([['h', '10.1.0.9']]),
        },
      ],
      internal: true,
      enable_ipv6: true,
      attachable: false,
      labels: new Map([['a', 'b']]),
    }
    const { differs, script } = plan(params, NONE)
    expect(differs['network:shop.state']).to.equal('present')
    expect(script).to.equal(
      `docker network create --driver bridge --opt 'com.docker.network.bridge.name=br "x"' --subnet 10.1.0.0/24 --gateway 10.1.0.1 --ip-range 10.1.0.0/28 --aux-address h=10.1.0.9 --ipv6 --internal --label a=b -- shop >/dev/null`,
    )
  })

  it('is left alone when it has at least what is asked for', () => {
    expect(plan({}).differs).to.deep.equal({})
    expect(plan({ labels: new Map([['team', 'a']]) }).differs).to.deep.equal({})
    expect(plan({ ipam_config: [{ subnet: '172.20.0.0/16' }], internal: false }).differs).to.deep.equal({})
    expect(plan({ ipam_driver_options: new Map() }).differs).to.deep.equal({})
  })

  it('is made again when an option differs, its containers connected as before, and put back when that fails', () => {
    const { differs, script } = plan({ internal: true })
    expect(Object.keys(differs)).to.have.members(['network:shop.internal', 'network:shop.id'])
    expect(script).to.match(
      /^docker network disconnect -f -- shop db\ndocker network disconnect -f -- shop web\ndocker network rm -- shop/,
    )
    expect(script).to.include('if ! docker network create --driver bridge --internal -- shop')
    expect(script).to.include(
      'docker network create --driver bridge --opt com.docker.network.bridge.name=br-shop --ipam-driver default --subnet 172.20.0.0/16 --gateway 172.20.0.1 --label stage=test --label team=a -- shop',
    )
    expect(script).to.match(
      /exit 1; fi\ndocker network connect -- shop db\ndocker network connect -- shop web$/,
    )
    expect(plan({ ipam_config: [{ subnet: '10.9.0.0/24' }] }).differs).to.have.property('network:shop.id')
    expect(plan({ force: true }).differs).to.have.property('network:shop.id')
  })

  it('connects and disconnects as told, ones that do not run too', () => {
    const output = `${network()}\ncontainers\n${container('web', { shop: {} })}\n${container('job', { shop: {} })}\n`
    expect(plan({ connected: ['web', 'job'] }, output).script).to.equal(
      'docker network disconnect -f -- shop db',
    )
    const other = `${network()}\ncontainers\n${container('new', { other: {} })}\n`
    expect(plan({ connected: ['new'], appends: true }, other).script).to.equal(
      'docker network connect -- shop new',
    )
    expect(plan({ connected: ['id-new'], appends: true }, other).script).to.equal(
      'docker network connect -- shop new',
    )
    const alone = `${network()}\ncontainers\n${container('new', {}, 'host')}\n`
    expect(plan({ connected: ['new'] }, alone).failed).to.match(
      /network mode host, so it can join no network/,
    )
    const missing = { stdout: `${network()}\ncontainers\n`, stderr: 'Error: No such container: x\n' }
    expect(plan({ connected: ['x'] }, missing).failed).to.equal('there is no container x')
  })

  it('goes only without containers, unless by force', () => {
    expect(plan({ state: 'absent' }).failed).to.match(
      /^the network shop has containers: db, web; remove them/,
    )
    expect(plan({ state: 'absent', force: true }).script).to.match(
      /disconnect.*db\n.*disconnect.*web\ndocker network rm/s,
    )
    expect(plan({ state: 'absent' }, NONE).differs).to.deep.equal({})
  })

  it('goes in a dry run when earlier tasks would have removed its containers', () => {
    const forecast = emptyForecast()
    for (const name of ['web', 'db']) forecast.states.set(`container:${name}`, { state: 'absent' })
    const outputs = { 'network:shop': network() }
    expect(
      planOf(docker_network, { name: 'shop', state: 'absent' }, outputs, { forecast }).differs,
    ).to.deep.equal({
      'network:shop.state': 'absent',
    })
    expect(
      planOf(docker_network, { name: 'shop', state: 'absent' }, outputs, { forecast }).differs,
    ).to.deep.equal({})
  })

  it('says what stands between it and the engine', () => {
    const refused = {
      stderr: 'Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?\n',
    }
    expect(plan({}, refused).failed).to.match(/does not answer; start it/)
    expect(plan({}, { stderr: 'sh: docker: not found' }).failed).to.match(
      /no docker program on the host; install/,
    )
  })
})
