import { expect } from 'chai'
import { FplayError } from '../../../engine/errors.js'
import { toPlain } from '../../../engine/language/value.js'
import { loadInventory } from '../../../engine/inventory/load.js'
import { createBuilder, createInventory } from '../../../engine/inventory/build.js'
import type { Dict } from '../../../engine/language/value.js'
import { parseYaml } from '../../../engine/language/yaml.js'
import {
  ALGORITHM,
  COMBINATIONS,
  COMPUTING,
  DEVICE,
  FEDERATION,
  judgeVariant,
  STORAGE,
} from '../../../plugins/fate/engines.js'
import plugin from '../../../plugins/inventory/fate_parties.js'

const TWO = `
plugin: fate_parties
parties:
  - id: 10000
    address: 192.168.7.1
  - id: "9999"
    address: 192.168.7.2
`

type Vars = Record<string, unknown>

/** Variables of the deployment and of each host, as plain objects. */
async function read(text: string): Promise<{ vars: Vars; hosts: Record<string, Vars> }> {
  const inventory = createInventory()
  const file = parseYaml(text, 'parties.yml').value as Dict
  await plugin.read(file, createBuilder(inventory, {}, []), { path: 'parties.yml' })
  return {
    vars: toPlain(inventory.groups.get('fate')!.vars) as Vars,
    hosts: Object.fromEntries([...inventory.hosts].map(([name, { vars }]) => [name, toPlain(vars) as Vars])),
  }
}

/** The problems a file is refused with, one line each; empty when it is accepted. */
async function problemsOf(text: string): Promise<string[]> {
  try {
    await read(text)
    return []
  } catch (error) {
    if (error instanceof FplayError) return error.message.split('\n')
    throw error
  }
}

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

/** A file of two parties with more lines at the top. */
const deployment = (lines: string): string => TWO.replace('parties:\n', `${lines}\nparties:\n`)

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

describe('fate_parties refuses, with the place and the cure', () => {
  const cases: readonly [string, string, RegExp][] = [
    [
      'the old name of OSX',
      deployment('federation: Eggroll'),
      /yml:3:13: federation is "Eggroll"; allowed: OSX, Pulsar, RabbitMQ; since FATE 2/,
    ],
    [
      'a key that does not exist',
      deployment('compute_cores: 4'),
      /yml:3:1: a parties file has no key "compute_cores"; did you mean "compute_core"\?/,
    ],
    [
      'a key of a party that does not exist',
      TWO.replace('address: 192.168.7.1', 'adress: 192.168.7.1'),
      /yml:5:5: a party has no key "adress"; did you mean "address"/,
    ],
    ['a party without address', 'parties: [{id: 1}]', /yml:1:11: party 1 has no address; add address/],
    [
      'party 0',
      'parties: [{id: 0, address: 10.0.0.1}]',
      /yml:1:16: id is 0; allowed: digits, not beginning with 0/,
    ],
    ['an id that is no number', 'parties: [{id: a1, address: 10.0.0.1}]', /id is "a1"/],
    [
      'the same id twice, once as text',
      TWO.replace('"9999"', '"10000"'),
      /yml:6:10: party 10000 is in the list twice/,
    ],
    [
      'two parties of which one is localhost',
      TWO.replace('192.168.7.1', 'localhost\n    bind_address: 192.168.7.1'),
      /yml:5:14: party 10000 cannot be reached by the others at localhost/,
    ],
    [
      'a host name without an address to bind to',
      'parties: [{id: 1, address: a.example.org}]',
      /has no bind_address/,
    ],
    ['no parties', 'plugin: fate_parties', /there is no list of parties/],
    ['too few cores', deployment('compute_core: 3'), /compute_core is 3; allowed: 4 to 4096; the toy test/],
    ['a port that is none', deployment('ports: {osx: 70000}'), /ports.osx is 70000; allowed: 1 to 65535/],
    [
      'a port name that is none',
      deployment('ports: {oxs: 9370}'),
      /ports has no key "oxs"; did you mean "osx"/,
    ],
    ['a public subnet', deployment('subnet: 192.167.0.0/16'), /hides public addresses/],
    [
      'a subnet over a party',
      deployment('subnet: 192.168.7.0/24'),
      /covers the address 192\.168\.7\.1 of a party/,
    ],
    [
      'a registry that Docker takes for a namespace',
      deployment('registry: harbor/fate'),
      /Docker takes "harbor" for a namespace/,
    ],
    [
      'images of another line than the templates',
      deployment('images: {osx: "federatedai/osx:2.0.0-release"}'),
      /image osx has the tag 2\.0\.0-release, and fate_version is 2\.2; allowed: fate_version 2\.2, 2\.0/,
    ],
    [
      'a line of FATE that is none',
      deployment('fate_version: 1.11'),
      /fate_version is "1\.11"; allowed: 2\.2, 2\.0/,
    ],
    [
      'GPUs that are not counted',
      deployment('algorithm: NN\ndevice: GPU'),
      /party 10000 has device GPU and no gpu_count; add gpu_count: 1/,
    ],
    [
      'TLS of OSX without a key',
      deployment('osx_tls: {ca: ca.pem, certificate: a.pem}'),
      /osx_tls has no key; add key: the path of a PEM file/,
    ],
    [
      'TLS of OSX at one party only',
      'plugin: fate_parties\nparties: [{id: 1, address: 10.0.0.1, osx_tls: {ca: a, certificate: b, key: c}}, {id: 2, address: 10.0.0.2}]',
      /party 1 has osx_tls and party 2 has not: their OSX cannot talk/,
    ],
    [
      'TLS of OSX in a line that reads other settings',
      deployment('fate_version: 2.0\nosx_tls: {ca: a, certificate: b, key: c}'),
      /osx_tls needs fate_version 2\.2/,
    ],
    [
      'an exchange for Pulsar',
      deployment('exchange: 10.0.0.9\ncomputing: Spark\nfederation: Pulsar\nstorage: HDFS'),
      /yml:3:11: party 10000 has federation Pulsar, and an exchange passes on OSX's messages only/,
    ],
    [
      'an exchange at the port of a party',
      deployment('exchange: {address: 192.168.7.2, port: 9370}'),
      /the exchange and party 9999 both want port 9370 of the same host/,
    ],
    [
      'an exchange whose own address nobody knows',
      deployment('exchange: exchange.example.org'),
      /yml:3:11: exchange has no bind_address; add bind_address/,
    ],
    [
      'streams for queues',
      `${TWO}    computing: Spark\n    storage: HDFS`,
      /party 9999 computes with Spark and party 10000 with Eggroll: their OSX cannot talk/,
    ],
    [
      'a name node that is none',
      deployment('name_node: namenode:9000'),
      /name_node is "namenode:9000"; allowed: hdfs:\/\/host:port/,
    ],
    [
      'Eggroll with Pulsar',
      deployment('federation: Pulsar'),
      /with Eggroll computing the federation cannot be Pulsar; allowed .*: Eggroll, OSX, Eggroll; Spark, OSX, HDFS; Spark, Pulsar/,
    ],
    [
      'Eggroll with HDFS',
      deployment('storage: HDFS'),
      /with Eggroll computing the storage cannot be HDFS; allowed .*: Eggroll, OSX, Eggroll; Spark/,
    ],
    ["KubeFATE's STANDALONE", deployment('computing: STANDALONE'), /computing is "STANDALONE".*Spark_local/],
    [
      'ALL on CPU',
      deployment('algorithm: ALL'),
      /no FATE images exist for algorithm ALL on CPU; allowed: Basic on CPU/,
    ],
    [
      'a shared host',
      TWO.replace('192.168.7.2', '192.168.7.1'),
      /share the host 192\.168\.7\.1 and both want port 9370 \(osx\)/,
    ],
    [
      'a shared host with one subnet',
      TWO.replace('192.168.7.2', '192.168.7.1'),
      /their subnets 172\.29\.0\.0\/24 and 172\.29\.0\.0\/24 overlap/,
    ],
    [
      'two serving clusters on one host',
      'parties: [{id: 1, address: 10.0.0.1, serving_address: 10.0.0.5}, {id: 2, address: 10.0.0.2, serving_address: 10.0.0.5}]',
      /yml:1:110: the serving clusters of parties 1 and 2 both want port 8000 \(serving_server\) and 3 more of 10\.0\.0\.5; give/,
    ],
    [
      'a serving cluster at the port of a party',
      'parties: [{id: 1, address: 10.0.0.1, serving_address: 10.0.0.1, ports: {fateboard: 8000}}]',
      /the serving cluster of party 1 and party 1 both want port 8000 \(serving_server, fateboard\) of 10\.0\.0\.1/,
    ],
    [
      'one port for two services',
      deployment('ports: {osx: 8080}'),
      /publishes osx and fateboard at the same port 8080/,
    ],
    [
      'a login for a party of somebody else',
      `${TWO}  - {id: 1, managed: false, peer_address: 10.0.0.9, ssh_user: root}`,
      /a party that is not managed has no key "ssh_user"/,
    ],
    [
      'a party of somebody else without address',
      `${TWO}  - {id: 1, managed: false}`,
      /party 1 has no peer_address/,
    ],
    [
      'an image without tag',
      deployment('images: {osx: federatedai/osx}'),
      /images.osx is "federatedai\/osx"; allowed: name:tag/,
    ],
    [
      'a folder that is no path',
      deployment('dir: projects/fate'),
      /dir is "projects\/fate"; allowed: an absolute path/,
    ],
    [
      'a folder that leads elsewhere',
      deployment('dir: /data/../etc'),
      /dir is "\/data\/..\/etc"; allowed: an absolute path .* without ".."/,
    ],
    [
      'different transports',
      `${TWO}    federation: Pulsar\n    computing: Spark\n    storage: HDFS`,
      /party 9999 has federation Pulsar and party 10000 has OSX: they cannot talk/,
    ],
  ]
  for (const [name, text, message] of cases) {
    it(name, async () => {
      expect((await problemsOf(text)).join('\n')).to.match(message)
    })
  }

  it('every combination that does not exist, with those that do', async () => {
    const engines = COMPUTING.flatMap((computing) =>
      FEDERATION.flatMap((federation) => STORAGE.map((storage) => [computing, federation, storage])),
    )
    expect(engines).to.have.length(27)
    for (const [computing, federation, storage] of engines) {
      const found = await problemsOf(
        deployment(`computing: ${computing}\nfederation: ${federation}\nstorage: ${storage}`),
      )
      const exists = COMBINATIONS.includes(`${computing}, ${federation}, ${storage}`)
      expect(found, `${computing}, ${federation}, ${storage}`).to.have.length(exists ? 0 : 1)
      if (!exists) expect(found[0]).to.include(`storage): ${COMBINATIONS.join('; ')}`)
    }
    for (const algorithm of ALGORITHM)
      for (const device of DEVICE) {
        const found = await problemsOf(deployment(`algorithm: ${algorithm}\ndevice: ${device}\ngpu_count: 1`))
        const exists = judgeVariant({ algorithm, device }) === undefined
        expect(found, `${algorithm} on ${device}`).to.have.length(exists ? 0 : 1)
        if (!exists)
          expect(found[0]).to.include(
            'allowed: Basic on CPU, NN on CPU, Basic on IPCL, NN on GPU, ALL on GPU',
          )
      }
  })

  it('everything that is wrong at once', async () => {
    expect(await problemsOf(deployment('compute_core: 1\nfederation: osxx\ncolour: red'))).to.have.length(3)
  })
})
