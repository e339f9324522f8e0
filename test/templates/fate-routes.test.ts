import { expect } from 'chai'
import { toPlain } from '../../engine/language/value.js'
import { parseYaml } from '../../engine/language/yaml.js'
import { type Compose, composeOf, engines, property, render, TWO, varsOf } from './rendering.js'

describe('routes in templates of FATE', () => {
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
})
