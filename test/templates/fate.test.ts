import { expect } from 'chai'
import fc from 'fast-check'
import { readdirSync } from 'node:fs'
import { createBuilder, createInventory } from '../../engine/inventory/build.js'
import { toPlain } from '../../engine/language/value.js'
import type { Dict, Value } from '../../engine/language/value.js'
import { parseYaml } from '../../engine/language/yaml.js'
import { COMBINATIONS } from '../../plugins/fate/engines.js'
import plugin from '../../plugins/inventory/fate_parties.js'
import { javaValue, renderTemplate, worked } from '../support/fate-templates.js'

/** Variables of a host, as the playbook has them when it renders. */
async function varsOf(parties: string, host: string): Promise<Map<string, Value>> {
  const inventory = createInventory()
  const file = parseYaml(parties, 'parties.yml').value as Dict
  await plugin.read(file, createBuilder(inventory, {}, []), { path: 'parties.yml' })
  return new Map([...inventory.groups.get('fate')!.vars, ...inventory.hosts.get(host)!.vars, ...worked] as [
    string,
    Value,
  ][])
}

interface Compose {
  readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly volumes: object
}

async function composeOf(parties: string): Promise<Compose> {
  const text = render('docker-compose.yml', await varsOf(parties, 'party-10000'))
  return toPlain(parseYaml(text, 'c').value) as Compose
}

/** Two parties that run these engines. */
const engines = (combination: string, more = ''): string => {
  const [computing, federation, storage] = combination.split(', ')
  return `{computing: ${computing}, federation: ${federation}, storage: ${storage}, compute_core: 12, ${more}${TWO}}`
}

const render = (template: string, vars: ReadonlyMap<string, Value>): string =>
  renderTemplate(`templates/${template}.hbs`, vars)

const TWO = 'parties: [{id: 10000, address: 192.168.7.1}, {id: 9999, address: 192.168.7.2}]'

/** Java's reading of a line `key=value`. */
function property(text: string, key: string): string {
  const line = text.split('\n').find((one) => one.startsWith(`${key}=`))!
  return javaValue(line.slice(key.length + 1))
}

/** MySQL's reading of a string in double quotes, in SQL and in option files. */
function mysqlString(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(/\\(.)/g, (_, char: string) => ({ t: '\t', n: '\n', r: '\r' })[char] ?? char)
}

/** The files of the compose file that these engines use. */
function serviceFiles(vars: ReadonlyMap<string, Value>): string[] {
  const files: Record<string, string> = {
    clustermanager: 'eggroll',
    namenode: 'hadoop',
    'spark-master': 'spark',
  }
  return (toPlain(vars.get('services')!) as string[]).map((name) => `compose/${files[name] ?? name}`)
}

describe('templates of FATE', () => {
  it('all render in some combination, and leave nothing to fill in', async () => {
    const names = readdirSync('templates', { recursive: true, encoding: 'utf8' })
    const templates = names.filter((name) => name.endsWith('.hbs')).map((name) => name.slice(0, -4))
    const rendered = new Set<string>()
    for (const combination of COMBINATIONS) {
      const vars = await varsOf(engines(combination), 'party-10000')
      for (const template of templates) {
        // These stand on hosts of their own, which other tests render.
        if (/serving|exchange/.test(template)) continue
        const isOfOthers = template.startsWith('compose/') && template !== 'compose/gpu'
        if (isOfOthers && !serviceFiles(vars).includes(template)) continue
        if (
          /^(?:osx|nginx)\//.test(template) &&
          !serviceFiles(vars).includes(`compose/${template.split('/')[0]}`)
        )
          continue
        expect(render(template, vars), `${template}, ${combination}`).not.to.match(/\{\{|undefined|\[object/)
        rendered.add(template)
      }
    }
    expect([...rendered].sort()).to.deep.equal(
      templates.filter((name) => !/serving|exchange/.test(name)).sort(),
    )
  })

  for (const combination of COMBINATIONS) {
    it(`write the services of ${combination}, each with health, limits and a name`, async () => {
      const vars = await varsOf(engines(combination), 'party-10000')
      const { services } = await composeOf(engines(combination))
      expect(Object.keys(services)).to.have.members(toPlain(vars.get('services')!) as string[])
      for (const [name, service] of Object.entries(services)) {
        expect(service, name).to.include({ restart: 'always', container_name: `confs-10000-${name}-1` })
        expect(service, name).to.include.keys('healthcheck', 'logging', 'image')
        for (const need of Object.keys((service['depends_on'] as object | undefined) ?? {}))
          expect(services, `${name} needs ${need}`).to.have.property(need)
      }
    })

    it(`tell FATE-Flow of ${combination}`, async () => {
      const vars = await varsOf(engines(combination), 'party-10000')
      const conf = toPlain(parseYaml(render('fate_flow/service_conf.yaml', vars), 's').value) as Record<
        string,
        Record<string, Record<string, unknown>>
      >
      const flow = toPlain(vars.get('flow')!) as Record<string, string>
      expect(conf['default_engines']).to.deep.equal({
        computing: flow['computing'],
        federation: flow['federation'],
        storage: flow['storage'],
      })
      expect(conf['fateflow']).to.include({ proxy_name: flow['proxy'] })
      expect(Object.keys(conf['computing']!)).to.deep.equal([flow['computing']])
      expect(conf['computing']![flow['computing']!]).to.include({ cores: 12 })
      expect(Object.keys(conf['federation']!)).to.have.members([
        ...new Set([flow['federation']!, flow['proxy']!]),
      ])
      if (flow['federation'] === 'osx')
        expect(conf['federation']!['osx']).to.deep.equal({ host: 'osx', port: 9370, mode: flow['osx_mode'] })
      if (flow['storage'] === 'hdfs')
        expect(conf['storage']).to.deep.equal({ hdfs: { name_node: 'hdfs://namenode:9000' } })
    })
  }

  it('route over Pulsar, RabbitMQ and nginx to every other party', async () => {
    const third = (combination: string, ports: string): string =>
      engines(combination).replace(
        ']}',
        `, {id: 8888, managed: false, peer_address: fate.example.org, ports: {${ports}}}]}`,
      )
    const read = async (template: string, parties: string): Promise<Record<string, unknown>> =>
      toPlain(parseYaml(render(template, await varsOf(parties, 'party-9999')), 'r').value) as Record<
        string,
        unknown
      >
    expect(
      await read('fate_flow/pulsar_route_table.yaml', third('Spark, Pulsar, HDFS', 'pulsar: 6750')),
    ).to.deep.equal({
      9999: { host: 'pulsar', port: 6650, sslPort: 6651, proxy: '' },
      10000: { host: '192.168.7.1', port: 6650, sslPort: 6651, proxy: '' },
      8888: { host: 'fate.example.org', port: 6750, sslPort: 6651, proxy: '' },
    })
    expect(
      await read(
        'fate_flow/rabbitmq_route_table.yaml',
        third('Spark_local, RabbitMQ, LocalFS', 'rabbitmq: 5673'),
      ),
    ).to.deep.equal({
      9999: { host: 'rabbitmq', port: 5672 },
      10000: { host: '192.168.7.1', port: 5672 },
      8888: { host: 'fate.example.org', port: 5673 },
    })
    const nginx = await read(
      'nginx/route_table.yaml',
      third('Spark, Pulsar, HDFS', 'fateflow_http: 9480, nginx_http: 9400'),
    )
    expect(nginx).to.have.all.keys('default', '9999', '10000', '8888')
    expect(nginx['9999']).to.deep.include({
      fateflow: [{ host: 'fateflow', http_port: 9380, grpc_port: 9360 }],
    })
    expect(nginx['8888']).to.deep.equal({
      proxy: [{ host: 'fate.example.org', http_port: 9400, grpc_port: 9310 }],
      fateflow: [{ host: 'fate.example.org', http_port: 9480, grpc_port: 9360 }],
    })
    expect(await read('fate_flow/pulsar_route_table.yaml', TWO)).to.deep.equal({})
  })

  it('publish to others only what they need, and pages without a password to nobody', async () => {
    const { services } = await composeOf(engines('Spark, RabbitMQ, HDFS'))
    const published = Object.values(services).flatMap((service) => (service['ports'] as string[]) ?? [])
    const split = (address: string): string[] =>
      published.filter((one) => one.startsWith(address)).map((one) => one.slice(address.length + 1, -4))
    expect(split('192.168.7.1').sort()).to.deep.equal([
      '5672:5672',
      '8080:8080',
      '9300:9300',
      '9310:9310',
      '9360:9360',
      '9380:9380',
    ])
    expect(split('127.0.0.1').sort()).to.deep.equal(['15672:15672', '8081:8081', '8888:8080', '9870:9870'])
  })

  it('give GPUs to the processes that train', async () => {
    const gpu = 'algorithm: NN, device: GPU, gpu_count: 2, '
    const has = async (parties: string): Promise<string[]> =>
      Object.entries((await composeOf(parties)).services)
        .filter(([, service]) => JSON.stringify(service['deploy'] ?? '').includes('"count":2'))
        .map(([name]) => name)
    expect(await has(engines('Eggroll, OSX, Eggroll', gpu))).to.deep.equal(['nodemanager', 'fateflow'])
    expect(await has(engines('Spark, OSX, HDFS', gpu))).to.deep.equal(['spark-worker', 'fateflow'])
    expect(await has(engines('Spark_local, OSX, LocalFS', gpu))).to.deep.equal(['fateflow'])
  })

  it('leave a database and a name node outside to those who have them', async () => {
    const outside = 'mysql_host: db.example.org, mysql_port: 3307, name_node: "hdfs://10.0.0.5:8020", '
    const parties = engines('Spark, OSX, HDFS', outside)
    const { services } = await composeOf(parties)
    expect(services).not.to.have.any.keys('mysql', 'namenode', 'datanode-0')
    expect(Object.keys(services['fateflow']!['depends_on'] as object)).to.deep.equal([
      'spark-master',
      'spark-worker',
      'osx',
    ])
    const vars = await varsOf(parties, 'party-10000')
    const conf = toPlain(parseYaml(render('fate_flow/service_conf.yaml', vars), 's').value)
    expect(conf).to.have.nested.property('database.mysql.host', 'db.example.org')
    expect(conf).to.have.nested.property('database.mysql.port', 3307)
    expect(conf).to.have.nested.property('storage.hdfs.name_node', 'hdfs://10.0.0.5:8020')
    expect(render('mysql/client.cnf', vars)).to.match(/^host=db\.example\.org\nport=3307$/m)
    const eggroll = await varsOf(`{${outside}${TWO}}`, 'party-10000')
    expect(
      property(
        render('eggroll/eggroll.properties', eggroll),
        'eggroll.resourcemanager.clustermanager.jdbc.url',
      ),
    ).to.match(/^jdbc:mysql:\/\/db\.example\.org:3307\/fate_flow\?/)
  })

  it('speak to FATE 2.0 as its images expect', async () => {
    const parties = `{fate_version: 2.0, ${TWO}}`
    const { services } = await composeOf(parties)
    expect(services['osx']!['command']).to.include('conf/broker/:lib/*:extension/*:lib/osx-broker-1.0.0.jar')
    expect(services['fateboard']).not.to.have.property('command')
    expect(services['fateboard']!['volumes']).to.include(
      './confs/fateboard/conf:/data/projects/fate/fateboard/conf:ro',
    )
    const vars = await varsOf(parties, 'party-10000')
    expect(property(render('osx/broker.properties', vars), 'self.party')).to.equal('10000')
  })

  it('publish the ports of the party at its address, and tell no password', async () => {
    const compose = await composeOf(TWO)
    const published = Object.values(compose.services).flatMap(
      (service) => (service['ports'] as string[]) ?? [],
    )
    expect(published.sort()).to.deep.equal([
      '192.168.7.1:8080:8080/tcp',
      '192.168.7.1:9360:9360/tcp',
      '192.168.7.1:9370:9370/tcp',
      '192.168.7.1:9380:9380/tcp',
    ])
    // Compose makes a service anew where a file that it reads at its start has changed.
    for (const [name, service] of Object.entries(compose.services))
      expect(service, name).to.include.keys('labels')
    expect(compose).not.to.have.property('version')
    expect(JSON.stringify(compose)).not.to.include('fate_dev')
  })

  it('keep outside the containers whatever holds state', async () => {
    const text = render('docker-compose.yml', await varsOf(TWO, 'party-10000'))
    for (const place of [
      '/var/lib/mysql',
      '/data/projects/fate/eggroll/data',
      '/data/projects/fate/fate_flow/model',
      '/data/projects/fate/fate_flow/jobs',
      '/data/projects/fate/fate_flow/logs',
    ]) {
      expect(text).to.match(new RegExp(`- \\S+:${place}\n`))
    }
  })

  it('route to every other party, also to one that is not ours', async () => {
    const three = `${TWO.slice(0, -1)}, {id: 8888, managed: false, peer_address: fate.example.org, ports: {osx: 9470}}]`
    expect(JSON.parse(render('osx/route_table.json', await varsOf(three, 'party-9999')))).to.deep.equal({
      route_table: {
        9999: { fateflow: [{ ip: 'fateflow', port: 9360 }] },
        10000: { default: [{ ip: '192.168.7.1', port: 9370 }] },
        8888: { default: [{ ip: 'fate.example.org', port: 9470 }] },
      },
      self_party: ['9999'],
    })
  })

  it('route to an exchange and to nobody else where there is one', async () => {
    const star = `{exchange: {address: 10.0.0.9, port: 9470}, ${TWO}}`
    expect(JSON.parse(render('osx/route_table.json', await varsOf(star, 'party-10000')))).to.deep.equal({
      route_table: {
        10000: { fateflow: [{ ip: 'fateflow', port: 9360 }] },
        default: { default: [{ ip: '10.0.0.9', port: 9470 }] },
      },
      self_party: ['10000'],
    })
  })

  it('send messages between brokers over TLS, and publish no other way in', async () => {
    const tls = 'osx_tls: {ca: ca.pem, certificate: a.pem, key: a.key}'
    const folder = '/data/projects/fate/osx/conf/broker/tls'
    const endpoint = {
      ip: '192.168.7.2',
      port: 9370,
      useSSL: true,
      caFile: `${folder}/ca.pem`,
      certChainFile: `${folder}/certificate.pem`,
      privateKeyFile: `${folder}/key.pem`,
    }
    const vars = await varsOf(`{${tls}, ${TWO}}`, 'party-10000')
    const { route_table: routes } = JSON.parse(render('osx/route_table.json', vars)) as {
      route_table: object
    }
    expect(routes).to.deep.equal({
      10000: { fateflow: [{ ip: 'fateflow', port: 9360 }] },
      9999: { default: [endpoint] },
    })
    const broker = render('osx/broker.properties', vars)
    expect(property(broker, 'grpc.ssl.open.client.validate')).to.equal('true')
    expect(property(broker, 'grpc.server.private.key.file')).to.equal(`${folder}/key.pem`)
    const { services } = await composeOf(`{${tls}, ${TWO}}`)
    expect(services['osx']!['ports']).to.deep.equal(['192.168.7.1:9370:9883/tcp'])
    const exchange = await varsOf(`{exchange: 10.0.0.9, ${tls}, ${TWO}}`, 'exchange-osx')
    expect(render('osx/exchange_route_table.json', exchange)).to.include('"useSSL": true')
    expect(render('docker-compose.yml', exchange)).to.include('10.0.0.9:9371:9883/tcp')
  })

  it('deliver from an exchange to every party, with nothing else beside it', async () => {
    const star = `{exchange: 10.0.0.9, ${TWO}}`
    const vars = await varsOf(star, 'exchange-osx')
    expect(JSON.parse(render('osx/exchange_route_table.json', vars))).to.deep.equal({
      route_table: {
        10000: { default: [{ ip: '192.168.7.1', port: 9370 }] },
        9999: { default: [{ ip: '192.168.7.2', port: 9370 }] },
      },
      self_party: ['default'],
    })
    const compose = toPlain(parseYaml(render('docker-compose.yml', vars), 'c').value) as Compose
    expect(Object.keys(compose.services)).to.deep.equal(['exchange'])
    expect(compose.services['exchange']!['ports']).to.deep.equal(['10.0.0.9:9371:9370/tcp'])
    expect(compose).not.to.have.property('volumes')
  })

  it('give a serving cluster its settings and its routes', async () => {
    const two =
      '[{id: 1, address: 10.0.0.1, serving_address: 10.0.0.5}, {id: 2, address: 10.0.0.2, serving_address: 10.0.0.6}]'
    const vars = await varsOf(`{serving_admin_password: "a%b c", parties: ${two}}`, 'serving-1')
    const settings = (name: string, key: string): string =>
      property(render(`serving/${name}.properties`, vars), key)
    expect(settings('serving-server', 'model.transfer.url')).to.equal(
      'http://10.0.0.1:9380/v1/model/transfer',
    )
    expect(settings('serving-proxy', 'coordinator')).to.equal('1')
    expect(settings('serving-admin', 'admin.password')).to.equal('a%b c')
    expect(JSON.parse(render('serving/route_table.json', vars))).to.deep.equal({
      route_table: {
        1: {
          default: [{ ip: 'serving-proxy', port: 8059 }],
          serving: [{ ip: 'serving-server', port: 8000 }],
        },
        2: { default: [{ ip: '10.0.0.6', port: 8869 }] },
        default: { default: [{ ip: 'serving-proxy', port: 8869 }] },
      },
      permission: { default_allow: true },
    })
    const compose = toPlain(parseYaml(render('docker-compose.yml', vars), 'c').value) as Compose
    expect(Object.keys(compose.services)).to.deep.equal(toPlain(vars.get('services')!))
    for (const service of Object.values(compose.services))
      expect(service)
        .to.include.keys('healthcheck', 'labels', 'logging')
        .and.to.include({ restart: 'always' })
  })

  it('give the party id as text, and the cores to both that count them', async () => {
    const vars = await varsOf(`{compute_core: 12, ${TWO}}`, 'party-10000')
    const conf = toPlain(parseYaml(render('fate_flow/service_conf.yaml', vars), 's').value)
    expect(conf).to.deep.include({ party_id: '10000' })
    expect(conf).to.have.nested.property('computing.eggroll.cores', 12)
    expect(conf).to.have.nested.property('fateflow.host', '172.29.0.100')
    expect(
      property(render('eggroll/eggroll.properties', vars), 'eggroll.session.processors.per.node'),
    ).to.equal('12')
  })

  it('carry any password to each format unharmed', async () => {
    const vars = await varsOf(TWO, 'party-10000')
    const jdbc = 'eggroll.resourcemanager.clustermanager.jdbc.password'
    const check = (password: string): void => {
      vars.set('mysql_password', password).set('fateboard_password', password)
      const conf = toPlain(parseYaml(render('fate_flow/service_conf.yaml', vars), 's').value)
      expect(conf).to.have.nested.property('database.mysql.passwd', password)
      const eggroll = render('eggroll/eggroll.properties', vars)
      expect(property(eggroll, jdbc)).to.equal(password)
      expect(eggroll).not.to.include('%')
      const board = render('fate_board/application.properties', vars)
      expect(property(board, 'server.board.login.password')).to.equal(password)
      expect(mysqlString(/^password=(.*)$/m.exec(render('mysql/client.cnf', vars))![1]!)).to.equal(password)
      expect(mysqlString(/IDENTIFIED BY (.*);$/m.exec(render('mysql/10-account.sql', vars))![1]!)).to.equal(
        password,
      )
    }
    check(` p"a'b\\c %d#$e;:=!\\n\`&<u{{x}}`)
    const ascii = fc.string({
      minLength: 1,
      unit: fc.integer({ min: 32, max: 126 }).map((n) => String.fromCharCode(n)),
    })
    fc.assert(fc.property(ascii, check), { numRuns: 40 })
  })
})
