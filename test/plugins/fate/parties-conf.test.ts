import { expect } from 'chai'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FplayError } from '../../../engine/errors.js'
import type { Inventory } from '../../../engine/inventory/hosts.js'
import { loadInventory } from '../../../engine/inventory/load.js'
import { toPlain } from '../../../engine/language/value.js'
import { fplay } from '../../support/caller.js'

/** The example of KubeFATE's document on deploying FATE with Docker Compose, word for word, blanks included. */
const EXAMPLE = `user=fate
dir=/data/projects/fate
party_list=(10000 9999)
party_ip_list=(192.168.7.1 192.168.7.2)
serving_ip_list=(192.168.7.1 192.168.7.2)

# Engines:
# Computing : Eggroll, Spark, Spark_local
computing=Eggroll
# Federation: OSX(computing: Eggroll/Spark/Spark_local), Pulsar/RabbitMQ(computing: Spark/Spark_local)
federation=OSX
# Storage: Eggroll(computing: Eggroll), HDFS(computing: Spark), LocalFS(computing: Spark_local)
storage=Eggroll
# Algorithm: Basic, NN, ALL
algorithm=Basic
# Device: CPU, IPCL, GPU
device=CPU
   
# spark and eggroll 
compute_core=16
   
# You only need to configure this parameter when you want to use the GPU, the default value is 1
gpu_count=0
   
# modify if you are going to use an external db
mysql_ip=mysql
mysql_user=fate
mysql_password=fate_dev
mysql_db=fate_flow
serverTimezone=UTC
   
name_node=hdfs://namenode:9000
   
# Define fateboard login information
fateboard_username=admin
fateboard_password=admin

`

/** The .env that KubeFATE 2.0.0 ships, as far as it names images. */
const ENV = `RegistryURI=
SERVING_TAG=2.1.6-release
SSH_PORT=22
KubeFATE_Version=v2.0.0-release
FATEFlow_IMAGE=federatedai/fateflow
FATEFlow_IMAGE_TAG=2.0.0-release
EGGRoll_IMAGE=federatedai/eggroll
EGGRoll_IMAGE_TAG=2.0.0-release
OSX_IMAGE=federatedai/osx
OSX_IMAGE_TAG=2.0.0-release
MySQL_IMAGE=mysql
MySQL_IMAGE_TAG=8.0.28
Client_IMAGE=federatedai/client
Client_IMAGE_TAG=2.0.0-release
`

/** The example with lines in the place of those that set the same keys. */
function changed(...lines: string[]): string {
  return lines.reduce((text, line) => {
    const key = line.slice(0, line.indexOf('='))
    const found = new RegExp(`^${key}=.*$`, 'm')
    return found.test(text) ? text.replace(found, () => line) : `${text}${line}\n`
  }, EXAMPLE)
}

describe('parties.conf', () => {
  let folder: string
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'fplay-conf-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  async function load(conf: string, env?: string): Promise<Inventory> {
    writeFileSync(join(folder, 'parties.conf'), conf)
    if (env !== undefined) writeFileSync(join(folder, '.env'), env)
    const { inventory } = await loadInventory([join(folder, 'parties.conf')])
    return inventory
  }

  /** All that an inventory says, without where it stands. */
  function meaning({ hosts, groups }: Inventory): unknown {
    const hostVars = [...hosts].map(([name, { vars }]) => [name, toPlain(vars)] as const)
    return {
      hosts: hostVars.map(([name, vars]) => [name, { ...(vars as object), inventory_file: null }]),
      groups: [...groups].map(([name, group]) => [name, toPlain(group.vars), [...group.hosts]]),
    }
  }

  /** Variables as a playbook sees them. */
  async function vars(conf: string, env?: string): Promise<Record<string, unknown>> {
    const { hosts, groups } = await load(conf, env)
    return {
      ...(toPlain(groups.get('fate')!.vars) as object),
      ...(toPlain(hosts.get('party-10000')!.vars) as object),
    }
  }

  async function problems(conf: string, env?: string): Promise<string[]> {
    try {
      await load(conf, env)
      return []
    } catch (error) {
      if (error instanceof FplayError)
        return error.message.split('\n').map((line) => line.replace(`${folder}/`, ''))
      throw error
    }
  }

  it('of the document means what it says there', async () => {
    expect(await vars(EXAMPLE)).to.deep.include({
      ansible_host: '192.168.7.1',
      ansible_user: 'fate',
      ansible_port: 22,
      user: 'fate',
      dir: '/data/projects/fate',
      party_id: '10000',
      project: 'confs-10000',
      serving_address: '192.168.7.1',
      computing: 'Eggroll',
      federation: 'OSX',
      storage: 'Eggroll',
      algorithm: 'Basic',
      device: 'CPU',
      compute_core: 16,
      gpu_count: 0,
      mysql_host: 'mysql',
      mysql_user: 'fate',
      mysql_password: 'fate_dev',
      mysql_db: 'fate_flow',
      server_timezone: 'UTC',
      fateboard_username: 'admin',
      fateboard_password: 'admin',
      exchange: null,
    })
  })

  it('is printed as a parties file that means the same', async () => {
    for (const conf of [EXAMPLE, changed(`mysql_password='a{{b}} {%c \\"'`, 'exchangeip=10.0.0.9')]) {
      const read = await load(conf, ENV)
      const { out, code } = await fplay(['inventory', '-i', join(folder, 'parties.conf'), '--list', '--yaml'])
      expect(code).to.equal(0)
      expect(out).to.match(/^plugin: fate_parties\n/)
      writeFileSync(join(folder, 'parties.yml'), out)
      const again = await loadInventory([join(folder, 'parties.yml')])
      expect(meaning(again.inventory)).to.deep.equal(meaning(read))
    }
  })

  it('is data: a line that begins like a script runs nothing', async () => {
    expect(await vars(`#!/bin/bash\n${EXAMPLE}`)).to.include({ party_id: '10000' })
    expect(await problems(changed('mysql_password=`touch x`'))).to.have.length(1)
  })

  const meanings: readonly [string, string[], Record<string, unknown>][] = [
    ['user', ['user=root'], { user: 'root', ansible_user: 'root' }],
    ['dir', ['dir=/opt/fate/'], { dir: '/opt/fate' }],
    ['one party', ['party_list=10000', 'party_ip_list=(10.0.0.1)', 'serving_ip_list=()'], { peers: [] }],
    [
      'engines of Spark',
      ['computing=Spark', 'federation=RabbitMQ', 'storage=HDFS', 'name_node=hdfs://10.0.0.5:8020'],
      { computing: 'Spark', federation: 'RabbitMQ', storage: 'HDFS', name_node: 'hdfs://10.0.0.5:8020' },
    ],
    [
      "KubeFATE's STANDALONE",
      ['computing=STANDALONE', 'storage=STANDALONE'],
      { computing: 'Spark_local', storage: 'LocalFS' },
    ],
    ['letter case', ['computing=eggroll', 'federation=osx'], { computing: 'Eggroll', federation: 'OSX' }],
    [
      'GPUs',
      ['algorithm=ALL', 'device=GPU', 'gpu_count=2'],
      { algorithm: 'ALL', device: 'GPU', gpu_count: 2 },
    ],
    ['cores', ['compute_core="32" # quoted'], { compute_core: 32 }],
    ['an exchange', ['exchangeip=10.0.0.9'], { exchange: { address: '10.0.0.9', port: 9371 } }],
    ['no exchange', ['exchangeip='], { exchange: null }],
    [
      'a database outside',
      ['mysql_ip=10.0.0.7', 'mysql_user=flow', 'mysql_db=flow'],
      { mysql_host: '10.0.0.7', mysql_user: 'flow', mysql_db: 'flow' },
    ],
    [
      'a password with what shells and seds trip over',
      ["mysql_password='a/b#c&d|$e'"],
      { mysql_password: 'a/b#c&d|$e' },
    ],
    ['a time zone', ['serverTimezone=Asia/Shanghai'], { server_timezone: 'Asia/Shanghai' }],
    ['the board', ['fateboard_username=me', 'fateboard_password=pw'], { fateboard_username: 'me' }],
  ]
  for (const [name, lines, expected] of meanings) {
    it(`says ${name}`, async () => {
      expect(await vars(changed(...lines))).to.deep.include(expected)
    })
  }

  it('has the .env beside it, which tells the line of FATE, the images, the registry and the port', async () => {
    expect(await vars(EXAMPLE, ENV)).to.deep.include({ fate_version: '2.0', ansible_port: 22 })
    const env = ENV.replace('RegistryURI=', 'RegistryURI=192.168.10.1/federatedai')
      .replaceAll('2.0.0-release', '2.2.0-release')
      .replace('SSH_PORT=22', 'SSH_PORT=2222')
      .replace('MySQL_IMAGE_TAG=8.0.28', 'MySQL_IMAGE_TAG=8.0.36')
    expect(await vars(EXAMPLE, env)).to.deep.include({
      fate_version: '2.2',
      ansible_port: 2222,
      images: {
        mysql: '192.168.10.1/federatedai/mysql:8.0.36',
        eggroll: '192.168.10.1/federatedai/eggroll:2.2.0-release',
        osx: '192.168.10.1/federatedai/osx:2.2.0-release',
        fateflow: '192.168.10.1/federatedai/fateflow:2.2.0-release',
        fateboard: '192.168.10.1/federatedai/fateboard:2.1.1-release',
      },
    })
    const nn = await vars(changed('algorithm=NN'), ENV)
    expect(nn['images']).to.include({ fateflow: 'federatedai/fateflow-nn:2.0.0-release' })
  })

  const refusals: readonly [string, string[], string | undefined, RegExp][] = [
    [
      'a key',
      ['storag=HDFS'],
      undefined,
      /^parties\.conf:\d+:1: .*no key "storag"; did you mean "storage"\?/,
    ],
    ['a user', ['user=a b'], undefined, /^parties\.conf:1:8: "b" follows the value/],
    ['a folder', ['dir=data'], undefined, /^parties\.conf:2:5: dir is "data"; allowed: an absolute path/],
    [
      'an id',
      ['party_list=(10000 a1)'],
      undefined,
      /^parties\.conf:3:19: party_list is "a1"; allowed: digits/,
    ],
    [
      'an id twice',
      ['party_list=(10000 10000)'],
      undefined,
      /^parties\.conf:3:19: party 10000 is in the list twice/,
    ],
    [
      'an address',
      ['party_ip_list=(10.0.0.1 10.0.0.300)'],
      undefined,
      /^parties\.conf:4:25: party_ip_list is "10\.0\.0\.300"/,
    ],
    [
      'too few addresses',
      ['party_ip_list=(10.0.0.1)'],
      undefined,
      /^parties\.conf:4:1: party_list has 2 parties, and party_ip_list has 1 addresses/,
    ],
    [
      'too many serving hosts',
      ['serving_ip_list=(1.1.1.1 1.1.1.2 1.1.1.3)'],
      undefined,
      /^parties\.conf:5:1: .*serving_ip_list has 3/,
    ],
    [
      'a computing engine',
      ['computing=Flink'],
      undefined,
      /^parties\.conf:9:11: computing is "Flink"; allowed: Eggroll, Spark, Spark_local/,
    ],
    [
      'the old name of OSX',
      ['federation=Eggroll'],
      undefined,
      /^parties\.conf:11:12: federation is "Eggroll"; .*since FATE 2/,
    ],
    ['a storage', ['storage=S3'], undefined, /^parties\.conf:13:9: storage is "S3"/],
    [
      'a combination',
      ['federation=Pulsar'],
      undefined,
      /^parties\.conf:.*cannot be Pulsar; allowed .*: Eggroll, OSX, Eggroll; Spark, OSX, HDFS/,
    ],
    [
      'an algorithm',
      ['algorithm=LLM'],
      undefined,
      /^parties\.conf:15:11: algorithm is "LLM"; allowed: Basic, NN, ALL/,
    ],
    [
      'a variant without images',
      ['algorithm=ALL'],
      undefined,
      /no FATE images exist for algorithm ALL on CPU/,
    ],
    ['a device', ['device=TPU'], undefined, /^parties\.conf:17:8: device is "TPU"; allowed: CPU, IPCL, GPU/],
    [
      'cores',
      ['compute_core=two'],
      undefined,
      /^parties\.conf:20:14: compute_core is "two"; allowed: 4 to 4096/,
    ],
    ['GPUs', ['gpu_count=-1'], undefined, /^parties\.conf:23:11: gpu_count is "-1"/],
    ['an exchange', ['exchangeip=a b'], undefined, /^parties\.conf:\d+:14: "b" follows the value/],
    [
      'a database host',
      ['mysql_ip=db:3306'],
      undefined,
      /^parties\.conf:26:10: mysql_ip is "db:3306"; allowed: an IPv4 address or a host name/,
    ],
    ['an account', ["mysql_user='a b'"], undefined, /^parties\.conf:27:12: mysql_user is "a b"/],
    [
      'a password, without telling it',
      ["mysql_password='pä55'"],
      undefined,
      /^parties\.conf:28:16: mysql_password is no password; allowed: printable ASCII/,
    ],
    ['a database', ['mysql_db=a-b'], undefined, /^parties\.conf:29:10: mysql_db is "a-b"/],
    [
      'a time zone',
      ['serverTimezone=8'],
      undefined,
      /^parties\.conf:30:16: serverTimezone is "8"; allowed: a time zone/,
    ],
    [
      'a name node',
      ['name_node=namenode'],
      undefined,
      /^parties\.conf:32:11: name_node is "namenode"; allowed: hdfs:/,
    ],
    ['a login', ["fateboard_username='a b'"], undefined, /^parties\.conf:35:20: fateboard_username is "a b"/],
    [
      'a list for a value',
      ['computing=(Eggroll)'],
      undefined,
      /^parties\.conf:9:1: computing is a list; write computing=value/,
    ],
    ['a registry', [], 'RegistryURI=harbor/x', /^\.env:1:13: registry "harbor\/x": Docker takes "harbor"/],
    ['a port', [], 'SSH_PORT=ssh', /^\.env:1:10: SSH_PORT is "ssh"; allowed: 1 to 65535/],
    ['an image', [], 'OSX_IMAGE=Fed/osx', /^\.env:1:11: OSX_IMAGE is "Fed\/osx", which makes no image name/],
    [
      'a line of FATE',
      [],
      'FATEFlow_IMAGE_TAG=1.11.3-release',
      /^\.env:1:20: .*1\.11\.3-release; allowed: images of FATE 2\.2 or 2\.0/,
    ],
    [
      'lines that do not fit together',
      [],
      'OSX_IMAGE_TAG=2.0.0-release',
      /^\.env:1:15: the image osx has the tag 2\.0\.0-release/,
    ],
    [
      'a key of .env',
      [],
      'RegistryURL=x',
      /^\.env:1:1: \.env has no key "RegistryURL"; did you mean "RegistryURI"/,
    ],
  ]
  for (const [name, lines, env, message] of refusals) {
    it(`refuses ${name} at its place`, async () => {
      expect((await problems(changed(...lines), env)).join('\n')).to.match(message)
    })
  }

  it('without a list of parties is none', async () => {
    expect(await problems('user=fate')).to.deep.equal([
      'parties.conf:1:1: there is no party_list; add the party ids: party_list=(10000 9999) (bad-inventory)',
    ])
  })
})
