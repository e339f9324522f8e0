import { expect } from 'chai'
import {
  ALGORITHM,
  COMBINATIONS,
  COMPUTING,
  DEVICE,
  FEDERATION,
  judgeVariant,
  STORAGE,
} from '../../../plugins/fate/engines.js'
import { deployment, problemsOf, TWO } from './parties-file.js'

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
      'an exchange at the port of a serving cluster',
      `exchange: {address: 192.168.7.1, port: 8000}\nparties: [{id: 10000, address: 192.168.7.2, serving_address: 192.168.7.1}]`,
      /the exchange and the serving cluster of party 10000 both want port 8000 of the same host/,
    ],
    [
      'an address of IPv6',
      TWO.replace('192.168.7.1', '"fd00::1"'),
      /address is "fd00::1"; allowed: an IPv4 address or a host name; FATE is deployed over IPv4: give the IPv4/,
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
