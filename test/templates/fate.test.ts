import { expect } from 'chai'
import fc from 'fast-check'
import { readdirSync } from 'node:fs'
import { toPlain } from '../../engine/language/value.js'
import { parseYaml } from '../../engine/language/yaml.js'
import { COMBINATIONS } from '../../plugins/fate/engines.js'
import { composeOf, engines, mysqlString, property, render, serviceFiles, TWO, varsOf } from './rendering.js'

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
