import { expect } from 'chai'
import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { createBuilder, createInventory } from '../../engine/inventory/build.js'
import { renderHandlebars } from '../../engine/language/handlebars/render.js'
import { scopeOf } from '../../engine/language/jinja/scope.js'
import { toPlain } from '../../engine/language/value.js'
import type { Dict, Value } from '../../engine/language/value.js'
import { parseYaml } from '../../engine/language/yaml.js'
import plugin from '../../plugins/inventory/fate_parties.js'

const SERVICES = ['mysql', 'eggroll', 'osx', 'fateflow', 'fateboard']

/** Variables of a host, as the playbook has them when it renders. */
async function varsOf(parties: string, host: string): Promise<Map<string, Value>> {
  const inventory = createInventory()
  const file = parseYaml(parties, 'parties.yml').value as Dict
  await plugin.read(file, createBuilder(inventory, {}, []), { path: 'parties.yml' })
  const hashes: Dict = new Map(SERVICES.map((name) => [name, `hash of ${name}`]))
  const own = inventory.hosts.get(host)!.vars
  return new Map([...inventory.groups.get('fate')!.vars, ...own, ['config_hash', hashes]] as [
    string,
    Value,
  ][])
}

function render(template: string, vars: ReadonlyMap<string, Value>): string {
  const path = `templates/${template}.hbs`
  return String(renderHandlebars(readFileSync(path, 'utf8'), scopeOf(vars), path))
}

const TWO = 'parties: [{id: 10000, address: 192.168.7.1}, {id: 9999, address: 192.168.7.2}]'

/** Java's reading of a line `key=value`. */
function property(text: string, key: string): string {
  const line = text.split('\n').find((one) => one.startsWith(`${key}=`))!
  const value = line.slice(key.length + 1).replace(/^\s+/, '')
  return value.replace(/\\(?:u([0-9a-f]{4})|(.))/gi, (_, code: string | undefined, char: string) =>
    code ? String.fromCharCode(parseInt(code, 16)) : ({ t: '\t', n: '\n', r: '\r', f: '\f' }[char] ?? char),
  )
}

/** MySQL's reading of a string in double quotes, in SQL and in option files. */
function mysqlString(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(/\\(.)/g, (_, char: string) => ({ t: '\t', n: '\n', r: '\r' })[char] ?? char)
}

describe('templates of FATE', () => {
  it('all render for the shipped shape of an inventory, and leave nothing to fill in', async () => {
    const vars = await varsOf(TWO, 'party-10000')
    const names = readdirSync('templates', { recursive: true, encoding: 'utf8' })
    const templates = names.filter((name) => name.endsWith('.hbs')).map((name) => name.slice(0, -4))
    expect(templates).to.have.length(9)
    for (const template of templates)
      expect(render(template, vars), template).not.to.match(/\{\{|undefined|\[object/)
  })

  it('write a compose file with six services, each with a health check, limits and a place to restart at', async () => {
    const compose = toPlain(
      parseYaml(render('docker-compose.yml', await varsOf(TWO, 'party-10000')), 'c').value,
    ) as {
      services: Record<string, Record<string, unknown>>
      networks: Record<string, unknown>
    }
    expect(Object.keys(compose.services)).to.deep.equal([
      'mysql',
      'clustermanager',
      'nodemanager',
      'osx',
      'fateflow',
      'fateboard',
    ])
    for (const [name, service] of Object.entries(compose.services)) {
      expect(service, name).to.include({ restart: 'always', container_name: `confs-10000-${name}-1` })
      expect(service, name).to.include.keys('healthcheck', 'logging', 'labels')
    }
    const published = Object.values(compose.services).flatMap(
      (service) => (service['ports'] as string[]) ?? [],
    )
    expect(published.sort()).to.deep.equal([
      '192.168.7.1:8080:8080/tcp',
      '192.168.7.1:9360:9360/tcp',
      '192.168.7.1:9370:9370/tcp',
      '192.168.7.1:9380:9380/tcp',
    ])
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
