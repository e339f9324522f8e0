import { expect } from 'chai'
import { toPlain } from '../../../engine/language/value.js'
import { loadInventory } from '../../../engine/inventory/load.js'
import { createBuilder, createInventory } from '../../../engine/inventory/build.js'
import type { Dict } from '../../../engine/language/value.js'
import { parseYaml } from '../../../engine/language/yaml.js'
import { COMBINATIONS } from '../../../plugins/fate/engines.js'
import plugin from '../../../plugins/inventory/fate_parties.js'
import { deployment, problemsOf, read, TWO, type Vars } from './parties-file.js'

const FLOW = { fateflow_http: 9380, fateflow_grpc: 9360, fateboard: 8080 }

/** A party of ours with OSX, as the others know it. */
const peer = (id: string, address: string, ports: Record<string, number>): Vars => ({
  id,
  host: `party-${id}`,
  managed: true,
  address,
  ports,
  doors: [{ name: 'osx', port: ports['osx'] }],
})

describe('fate_parties', () => {
  it('makes a host of each party, with what its playbooks need', async () => {
    const { vars, hosts } = await read(TWO)
    expect(Object.keys(hosts)).to.deep.equal(['party-10000', 'party-9999'])
    expect(hosts['party-10000']).to.deep.include({
      ansible_host: '192.168.7.1',
      ansible_user: 'fate',
      ansible_port: 22,
      party_id: '10000',
      project: 'confs-10000',
      bind_address: '192.168.7.1',
      fateflow_address: '172.29.0.100',
      services: ['mysql', 'clustermanager', 'nodemanager', 'osx', 'fateflow', 'fateboard'],
      peers: [peer('9999', '192.168.7.2', { osx: 9370, ...FLOW })],
    })
    expect(vars).to.deep.include({ user: 'fate', computing: 'Eggroll', compute_core: 8, exchange: null })
  })

  it('takes the words of a party before those of the deployment', async () => {
    const text = `${deployment('compute_core: 16\nssh_user: root')}    compute_core: 4\n    ports: {osx: 9470}\n`
    const { vars, hosts } = await read(text)
    expect(vars['compute_core']).to.equal(16)
    expect(hosts['party-9999']).to.deep.include({ compute_core: 4, ansible_user: 'root' })
    expect(hosts['party-9999']!['ports']).to.deep.include({ osx: 9470, fateboard: 8080 })
    expect(hosts['party-10000']!['peers']).to.deep.include.members([
      peer('9999', '192.168.7.2', { osx: 9470, ...FLOW }),
    ])
  })

  it('keeps a party of somebody else out of the hosts, and routes to it', async () => {
    const { hosts, vars } = await read(
      `${TWO}  - {id: 8888, managed: false, peer_address: fate.example.org}\n`,
    )
    expect(Object.keys(hosts)).to.deep.equal(['party-10000', 'party-9999'])
    const other = {
      id: '8888',
      host: 'party-8888',
      managed: false,
      address: 'fate.example.org',
      ports: { osx: 9370 },
      doors: [{ name: 'osx', port: 9370 }],
    }
    expect(hosts['party-10000']!['peers']).to.deep.include(other)
    expect(vars['parties']).to.deep.include(other)
  })

  it('tells the address for peers from the one for SSH and from the one to bind to', async () => {
    const { hosts } = await read(`
parties:
  - {id: 1, address: bastion.example.org, peer_address: 203.0.113.5, bind_address: 10.1.2.3}
  - {id: 2, address: 10.1.2.4}
`)
    expect(hosts['party-1']).to.deep.include({
      ansible_host: 'bastion.example.org',
      bind_address: '10.1.2.3',
    })
    expect(hosts['party-2']!['peers']).to.deep.include.members([
      peer('1', '203.0.113.5', { osx: 9370, ...FLOW }),
    ])
  })

  it('reads the inventory that is shipped', async () => {
    const { inventory, warnings } = await loadInventory(['inventory'])
    expect([...inventory.groups.get('parties')!.hosts]).to.deep.equal(['party-10000', 'party-9999'])
    expect(warnings).to.deep.equal([])
  })

  it('passes connection variables on, and takes one party alone', async () => {
    const { hosts } = await read('parties: [{id: 5, address: 127.0.0.1, ansible_connection: local}]')
    expect(hosts['party-5']).to.deep.include({ ansible_connection: 'local', bind_address: '127.0.0.1' })
  })

  it('takes engine names in any letter case, and an exchange with or without a port', async () => {
    const { vars } = await read(deployment('computing: eggroll\nfederation: osx\nexchange: 192.168.7.9'))
    expect(vars).to.deep.include({ computing: 'Eggroll', federation: 'OSX' })
    expect(vars['exchange']).to.deep.equal({ address: '192.168.7.9', port: 9371 })
  })

  it('makes a host of an exchange that is ours, which delivers to the parties', async () => {
    const hostOf = async (exchange: string): Promise<Vars | undefined> => {
      const inventory = createInventory()
      const file = parseYaml(deployment(`exchange: ${exchange}\nssh_port: 2222`), 'p').value as Dict
      await plugin.read(file, createBuilder(inventory, {}, []), { path: 'p' })
      const host = inventory.hosts.get('exchange-osx')
      return host && (toPlain(host.vars) as Vars)
    }
    expect(await hostOf('{address: 10.0.0.9, peer_address: 203.0.113.9, port: 9471}')).to.deep.include({
      ansible_host: '10.0.0.9',
      ansible_port: 2222,
      project: 'confs-exchange',
      services: ['exchange'],
      bind_address: '10.0.0.9',
      ports: { osx: 9471 },
      images: { osx: 'federatedai/osx:2.2.0-release' },
      exchange: null,
      peers: [
        peer('10000', '192.168.7.1', { osx: 9370, ...FLOW }),
        peer('9999', '192.168.7.2', { osx: 9370, ...FLOW }),
      ],
    })
    expect(await hostOf('{address: exchange.example.org, managed: false}')).to.equal(undefined)
  })

  it('knows what each of the seven combinations runs, and what FATE-Flow calls it', async () => {
    const spark = ['namenode', 'datanode-0', 'datanode-1', 'datanode-2', 'spark-master', 'spark-worker']
    const cases: readonly [string, readonly string[], string][] = [
      ['Eggroll, OSX, Eggroll', ['clustermanager', 'nodemanager', 'osx'], 'eggroll osx eggroll osx stream'],
      ['Spark, OSX, HDFS', [...spark, 'osx'], 'spark osx hdfs osx queue'],
      ['Spark, Pulsar, HDFS', [...spark, 'pulsar', 'nginx'], 'spark pulsar hdfs nginx queue'],
      ['Spark, RabbitMQ, HDFS', [...spark, 'rabbitmq', 'nginx'], 'spark rabbitmq hdfs nginx queue'],
      ['Spark_local, OSX, LocalFS', ['osx'], 'standalone osx standalone osx queue'],
      ['Spark_local, Pulsar, LocalFS', ['pulsar', 'nginx'], 'standalone pulsar standalone nginx queue'],
      ['Spark_local, RabbitMQ, LocalFS', ['rabbitmq', 'nginx'], 'standalone rabbitmq standalone nginx queue'],
    ]
    expect(cases.map(([name]) => name)).to.deep.equal(COMBINATIONS)
    for (const [name, services, flow] of cases) {
      const [computing, federation, storage] = name.split(', ')
      const text = deployment(`computing: ${computing}\nfederation: ${federation}\nstorage: ${storage}`)
      const vars = (await read(text)).hosts['party-9999']!
      expect(vars['services'], name).to.deep.equal(['mysql', ...services, 'fateflow', 'fateboard'])
      expect(Object.values(vars['flow'] as Vars).join(' '), name).to.equal(flow)
      const image = (vars['images'] as Vars)['fateflow']
      const plain = computing !== 'Spark' && federation === 'OSX'
      expect(image, name).to.equal(`federatedai/fateflow${plain ? '' : '-spark'}:2.2.0-release`)
      expect(Object.keys(vars['images'] as Vars), name).to.include.members(['mysql', 'fateboard'])
    }
  })

  it('leaves out what a party has outside, and knows the other line of FATE', async () => {
    const text = deployment(
      'computing: Spark\nstorage: HDFS\nname_node: hdfs://10.0.0.5:8020\nmysql_host: db.example.org\nfate_version: 2.0',
    )
    const vars = (await read(text)).hosts['party-10000']!
    expect(vars['services']).to.deep.equal(['spark-master', 'spark-worker', 'osx', 'fateflow', 'fateboard'])
    expect(vars['runs']).to.deep.include({ hdfs: true, namenode: false, mysql: false, external_mysql: true })
    expect(vars['images']).to.deep.include({
      mysql: 'mysql:8.0.28',
      osx: 'federatedai/osx:2.0.0-release',
      fateflow: 'federatedai/fateflow-spark:2.0.0-release',
    })
    expect(vars['unconfirmed_images']).to.deep.equal([])
  })

  it('knows that an exchange and a serving cluster have neither database nor tables', async () => {
    const text = `${deployment(
      'computing: Spark\nstorage: HDFS\nname_node: hdfs://10.0.0.5:8020\nmysql_host: db.example.org\nexchange: 10.0.0.9',
    )}    serving_address: 10.0.0.7\n`
    const inventory = createInventory()
    await plugin.read(parseYaml(text, 'p').value as Dict, createBuilder(inventory, {}, []), { path: 'p' })
    for (const host of ['exchange-osx', 'serving-9999'])
      expect((toPlain(inventory.hosts.get(host)!.vars) as Vars)['runs'], host).to.deep.include({
        hdfs: false,
        external_mysql: false,
      })
  })

  it('knows the images by the names under which they are published, whatever the registry', async () => {
    const top = 'registry: 192.168.10.1/federatedai\nimages: {osx: "hub.example.org/x/osx:2.2.1"}'
    const vars = (await read(deployment(top))).hosts['party-10000']!
    expect(vars['images']).to.deep.include({ mysql: '192.168.10.1/federatedai/mysql:8.0.28' })
    expect(vars['published_images']).to.deep.equal({
      mysql: 'mysql:8.0.28',
      eggroll: 'federatedai/eggroll:3.2.0-release',
      osx: 'hub.example.org/x/osx:2.2.1',
      fateflow: 'federatedai/fateflow:2.2.0-release',
      fateboard: 'federatedai/fateboard:2.1.1-release',
    })
  })

  it('says which images nobody has confirmed', async () => {
    const nn = (await read(deployment('algorithm: NN'))).hosts['party-9999']!
    expect(nn['unconfirmed_images']).to.deep.equal([
      'federatedai/eggroll-nn:3.2.0-release',
      'federatedai/fateflow-nn:2.2.0-release',
    ])
    expect((await read(TWO)).hosts['party-9999']!['unconfirmed_images']).to.deep.equal([])
  })

  it('makes a host of each serving cluster, which knows FATE-Flow and the others', async () => {
    const inventory = createInventory()
    const text = `
serving_admin_password: pw
parties:
  - {id: 1, address: 10.0.0.1, peer_address: 203.0.113.1, serving_address: 10.0.0.5, ports: {fateflow_http: 9480}}
  - {id: 2, address: 10.0.0.2, serving_address: 10.0.0.2, ports: {serving_proxy_grpc: 8870}}
  - {id: 3, address: 10.0.0.3}
`
    const file = parseYaml(text, 'p').value as Dict
    await plugin.read(file, createBuilder(inventory, {}, []), { path: 'p' })
    expect([...inventory.groups.get('serving')!.hosts]).to.deep.equal(['serving-1', 'serving-2'])
    expect(toPlain(inventory.hosts.get('serving-1')!.vars)).to.deep.include({
      ansible_host: '10.0.0.5',
      project: 'serving-1',
      services: ['serving-zookeeper', 'serving-server', 'serving-proxy', 'serving-admin'],
      fateflow_url: 'http://203.0.113.1:9480',
      serving_admin_password: 'pw',
      peers: [
        {
          id: '2',
          host: 'serving-2',
          managed: true,
          address: '10.0.0.2',
          doors: [{ name: 'serving_proxy_grpc', port: 8870 }],
        },
      ],
    })
  })

  it('knows nothing of a database, a name node and GPUs at hosts that have no FATE-Flow', async () => {
    const text = `{exchange: 10.0.0.9, mysql_host: db.example, name_node: "hdfs://hdfs.example", computing: Spark, storage: HDFS,
      algorithm: NN, device: GPU, gpu_count: 1, parties: [{id: 1, address: 10.0.0.1, serving_address: 10.0.0.2}]}`
    const { hosts } = await read(text)
    const flags = { hdfs: true, external_mysql: true, gpu: true }
    expect(hosts['party-1']!['runs']).to.include(flags)
    for (const name of ['serving-1', 'exchange-osx'])
      expect(hosts[name]!['runs'], name).to.include({ hdfs: false, external_mysql: false, gpu: false })
  })

  it('lets parties share a host where nothing clashes', async () => {
    const ports = 'ports: {osx: 9470, fateflow_http: 9480, fateflow_grpc: 9460, fateboard: 8180}'
    const text = `parties: [{id: 1, address: 10.0.0.1}, {id: 2, address: 10.0.0.1, subnet: 172.29.1.0/24, ${ports}}]`
    expect(await problemsOf(text)).to.deep.equal([])
  })
})
