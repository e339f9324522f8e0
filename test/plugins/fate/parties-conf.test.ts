import { expect } from 'chai'
import { writeFileSync } from 'node:fs'
import type { Inventory } from '../../../engine/inventory/hosts.js'
import { loadInventory } from '../../../engine/inventory/load.js'
import { toPlain } from '../../../engine/language/value.js'
import { fplay } from '../../support/caller.js'
import { changed, ENV, EXAMPLE, useConfFolder } from './conf-folder.js'

describe('parties.conf', () => {
  const { load, path, problems } = useConfFolder()

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
      const { out, code } = await fplay(['inventory', '-i', path('parties.conf'), '--list', '--yaml'])
      expect(code).to.equal(0)
      expect(out).to.match(/^plugin: fate_parties\n/)
      writeFileSync(path('parties.yml'), out)
      const again = await loadInventory([path('parties.yml')])
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

  it('without a list of parties is none', async () => {
    expect(await problems('user=fate')).to.deep.equal([
      'parties.conf:1:1: there is no party_list; add the party ids: party_list=(10000 9999) (bad-inventory)',
    ])
  })
})
