import { expect } from 'chai'
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { fplay } from '../support/caller.js'
import { removeParties } from '../support/fate-parties.js'
import { changes, foretells } from '../support/foretell.js'
import { shellOn, useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'
import type { Ran } from '../support/workplace.js'
import { itInFull } from '../support/long.js'

const PARTIES = ['10000', '9999'] as const

describe('playbooks of FATE', function () {
  this.timeout(600_000)
  // One party with Compose v2, the other with Compose v1.
  const lab = useLab(['debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  let net: string

  before(async () => {
    await lab().loadImages()
    net = (await lab().hosts())[0]!.address.replace(/\d+$/, '')
  })
  after(() => removeParties(lab()))

  /** A parties file of the lab's hosts, with more for the second party, at the end and at the top. */
  function inventory(second = '', more = '', top = ''): string {
    const parties = PARTIES.map(
      (id, i) => `  - {id: ${id}, address: ${net}${i + 1}${i === 1 ? second : ''}}\n`,
    )
    return workplace.write(
      'inventory/parties.yml',
      `plugin: fate_parties\nssh_user: root\n${top}compute_core: 16\nmysql_password: fate'"\\%dev\nparties:\n${parties.join('')}${more}`,
    )
  }

  function argv(playbook: string, ...more: string[]): string[] {
    return [
      `playbooks/${playbook}.yml`,
      '-i',
      workplace.path('inventory'),
      '-T',
      '3',
      '-e',
      output(),
      ...more,
    ]
  }

  const output = (): string => `output_dir=${workplace.path('outputs')}`
  const deploy = async (...more: string[]): Promise<Ran> => workplace.run(argv('deploy', ...more))

  async function purge(...ids: string[]): Promise<void> {
    const hosts = ids.map((id) => `party-${id}`).join()
    const confirmed = ['-e', 'purge=true', '-e', `confirm=${ids.join()}`, '-l', hosts]
    const { code, out } = await workplace.run(argv('delete', ...confirmed))
    expect(code, out).to.equal(0)
  }

  const shell = (host: number, script: string): Promise<string> => shellOn(lab(), host, script)

  /** `service id start-time`, one line a container of a host. */
  async function containers(host: number): Promise<Map<string, string>> {
    const format = '{{index .Config.Labels "com.docker.compose.service"}} {{.Id}} {{.State.StartedAt}}'
    const lines = await shell(host, `docker inspect --format '${format}' $(docker ps -aq)`)
    return new Map(lines.split('\n').map((line): [string, string] => [line.split(' ')[0]!, line]))
  }

  /** Services whose container is another one, or was started again. */
  function restarted(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
    return [...after]
      .filter(([service, line]) => before.get(service) !== line)
      .map(([service]) => service)
      .sort()
  }

  const sql = async (statement: string): Promise<string> =>
    shell(
      1,
      `docker exec confs-10000-mysql-1 mysql --defaults-extra-file=/etc/mysql/fate-client.cnf -N -e "${statement}" fate_flow`,
    )

  it('bring up two parties as foretold, and change nothing when run again', async () => {
    inventory()
    const { ran } = await foretells({ workplace, lab: lab(), hosts: [1, 2], argv: argv('deploy') })
    for (const [guest, host] of [PARTIES, [...PARTIES].reverse()]) {
      expect(ran.out).to.match(new RegExp(`guest ${guest}, host ${host}: toy test job \\d+ is success`))
    }
    for (const [i, id] of PARTIES.entries()) {
      const address = `${net}${i + 1}`
      expect(ran.out).to.include(`FATEBoard of party ${id}: http://${address}:8080`)
      for (const service of ['mysql', 'clustermanager', 'nodemanager', 'osx', 'fateflow', 'fateboard']) {
        expect(ran.out).to.match(new RegExp(`confs-${id}-${service}-1 .* Up .*\\(healthy\\)`))
      }
      expect(ran.out).to.include(`${address}:9370->9370/tcp`)
    }
  })

  it('keep rows and containers over a second run', async () => {
    await sql("create table kept (word varchar(9)); insert into kept values ('here')")
    const before = await containers(1)
    const { code, recap } = await deploy()
    expect([code, changes(recap)]).to.deep.equal([0, []])
    expect(restarted(before, await containers(1))).to.deep.equal([])
    expect(await sql('select word from kept')).to.equal('here')
  })

  it('let nobody but the owner read passwords, and keep them out of sight', async () => {
    const files = await shell(1, 'grep -rl "fate\'" /data/projects/fate/confs-10000/confs')
    expect(files.split('\n')).to.have.length(4)
    expect(await shell(1, 'stat -c %a%U /data/projects/fate/confs-10000/confs')).to.equal('700fate')
    expect(await shell(1, 'stat -c %a%U /data/projects/fate/confs-10000.tar')).to.equal('600fate')
    const { out, err } = await deploy('--diff', '-vv')
    expect(out + err).not.to.include(`fate'"`)
    expect(await shell(1, 'docker inspect $(docker ps -aq)')).not.to.include(`fate'`)
  })

  it('restart what a changed number of cores concerns, at that party only', async () => {
    inventory(', compute_core: 8')
    const before = [await containers(1), await containers(2)]
    const { code, recap, out } = await deploy()
    expect(code, out).to.equal(0)
    expect(recap.hosts['party-10000']).to.include({ changed: 0 })
    expect(restarted(before[0]!, await containers(1))).to.deep.equal([])
    expect(restarted(before[1]!, await containers(2))).to.deep.equal([
      'clustermanager',
      'fateflow',
      'nodemanager',
    ])
  })

  it('add a party of somebody else without a restart, route to it, and never log in to it', async () => {
    inventory(', compute_core: 8', `  - {id: 8888, managed: false, peer_address: ${net}77}\n`)
    const before = await containers(1)
    const { code, recap, out } = await deploy()
    expect(code, out).to.equal(0)
    expect(Object.keys(recap.hosts)).to.deep.equal(['party-10000', 'party-9999'])
    expect(out).to.match(new RegExp(`from party 10000, 8888 does not answer at ${net}77:9370`))
    expect(restarted(before, await containers(1))).to.deep.equal([])
    const routes = await shell(1, 'docker exec confs-10000-osx-1 cat conf/broker/route_table.json')
    expect(JSON.parse(routes)).to.have.nested.property('route_table.8888')
    inventory()
  })

  it('say between which parties and on which port the way is closed', async () => {
    await lab().cut(2, 1)
    const { code, out } = await workplace
      .run(argv('verify', '-e', 'toy_timeout=10', '-l', 'party-10000:party-9999'))
      .finally(() => lab().mend(2, 1))
    expect(code, out).to.equal(2)
    expect(out).to.match(new RegExp(`party 9999 to party 10000, ${net}1:9370 \\(osx\\): no connection`))
    expect(out).to.match(/OSX of party 9999 says:\n.*DEADLINE_EXCEEDED/)
  })

  it('stop without losing data, and remove all of it only when told to', async () => {
    const down = await workplace.run(argv('delete'))
    expect([down.code, down.recap.hosts['party-10000']!.changed]).to.deep.equal([0, 1])
    expect(
      await shell(1, 'docker ps -aq; ls /data/projects/fate/confs-10000/shared_dir/data/mysql'),
    ).to.include('fate_flow')
    const purge = await workplace.run(argv('delete', '-e', 'purge=true', '-e', 'confirm=10000,9999'))
    expect(purge.code, purge.out).to.equal(0)
    expect(purge.out).to.match(/party 10000, on \S+: all its data goes/)
    for (const host of [1, 2]) {
      expect(await shell(host, 'docker ps -aq; docker volume ls -q; ls /data/projects/fate')).to.equal('')
    }
  })

  it('bring models out of the containers that KubeFATE left, before they replace them', async () => {
    inventory()
    const old = 'docker run -d --name confs-10000-fateflow-1 --label com.docker.compose.project=confs-10000'
    await shell(
      1,
      `${old} --label com.docker.compose.service=fateflow federatedai/fateflow:2.2.0-release sleep 999`,
    )
    const model = '/data/projects/fate/fate_flow/model/m1'
    await shell(
      1,
      `docker exec confs-10000-fateflow-1 sh -c 'mkdir -p ${model}; echo trained >${model}/file'`,
    )
    const { code, out } = await deploy()
    expect(code, out).to.equal(0)
    expect(await shell(1, `docker exec confs-10000-fateflow-1 cat ${model}/file`)).to.equal('trained')
  })

  it('pass messages on by an exchange, which may stand beside a party', async () => {
    inventory('', '', `exchange: ${net}2\n`)
    const { code, out, recap } = await deploy()
    expect(code, out).to.equal(0)
    expect(recap.hosts['exchange-osx']).to.include({ failed: 0 })
    for (const [guest, host] of [PARTIES, [...PARTIES].reverse()])
      expect(out).to.match(new RegExp(`guest ${guest}, host ${host}: toy test job \\d+ is success`))
    const routes = await shell(1, 'docker exec confs-10000-osx-1 cat conf/broker/route_table.json')
    expect(JSON.parse(routes).route_table).to.have.all.keys('10000', 'default')
    const purge = await workplace.run(argv('delete', '-e', 'purge=true', '-e', 'confirm=10000,9999,exchange'))
    expect(purge.code, purge.out).to.equal(0)
    expect(await shell(2, 'docker ps -aq; ls /data/projects/fate')).to.equal('')
  })

  it('talk over TLS, one with certificates that were made, the other with some that are given', async () => {
    inventory('', '', 'osx_tls: true\n')
    const made = await workplace.run(argv('certificates'))
    expect(made.code, made.out).to.equal(0)
    const files = { ca: 'ca', certificate: '9999', key: '9999-key' }
    for (const [part, name] of Object.entries(files)) {
      const text = readFileSync(workplace.path(`inventory/passwords/certificates/${name}.txt`))
      workplace.write(`inventory/certs/${part}.pem.txt`, text, 0o600)
    }
    const given = Object.keys(files).map((part) => `${part}: certs/${part}.pem.txt`)
    inventory(`, osx_tls: {${given.join(', ')}}`, '', 'osx_tls: true\n')
    const { code, out } = await deploy()
    expect(code, out).to.equal(0)
    for (const [guest, host] of [PARTIES, [...PARTIES].reverse()])
      expect(out).to.match(new RegExp(`guest ${guest}, host ${host}: toy test job \\d+ is success`))
    const asks = `openssl s_client -connect ${net}2:9370 -CAfile /data/projects/fate/confs-10000/confs/osx/conf/tls/ca.pem -verify_ip ${net}2 </dev/null 2>/dev/null`
    expect(await shell(1, `${asks} || true`)).to.match(/Verify return code: 0 \(ok\)/)
    expect(
      await shell(1, 'stat -c %a%U /data/projects/fate/confs-10000/confs/osx/conf/tls/key.pem'),
    ).to.equal('600fate')
    const again = await deploy()
    expect([again.code, changes(again.recap)], again.out).to.deep.equal([0, []])
    await purge('10000', '9999')
  })

  itInFull(
    'pass messages on by an exchange over TLS, and tell of a certificate for another address',
    async () => {
      const top = `osx_tls: true\nexchange: ${net}2\n`
      inventory('', '', top)
      const made = await workplace.run(argv('certificates'))
      expect(made.code, made.out).to.equal(0)
      const { code, out } = await deploy()
      expect(code, out).to.equal(0)
      for (const [guest, host] of [PARTIES, [...PARTIES].reverse()])
        expect(out).to.match(new RegExp(`guest ${guest}, host ${host}: toy test job \\d+ is success`))
      // The certificate of the other party, with its key.
      const file = (name: string): string => workplace.path(`inventory/passwords/certificates/${name}.txt`)
      const wrong = `, osx_tls: {ca: ${file('ca')}, certificate: ${file('10000')}, key: ${file('10000-key')}}`
      inventory(wrong, '', top)
      const refused = await deploy('-e', 'toy_timeout=10')
      expect(refused.code, refused.out).to.equal(2)
      expect(refused.out).to.match(new RegExp(`exchange to party 9999, ${net}2:9370 \\(osx\\): open`))
      expect(refused.out).to.match(
        new RegExp(`OSX of the exchange says:\\n.*not valid for '${net.replaceAll('.', '\\.')}2'`),
      )
      const purged = await workplace.run(
        argv('delete', '-e', 'purge=true', '-e', 'confirm=10000,9999,exchange'),
      )
      expect(purged.code, purged.out).to.equal(0)
    },
  )

  itInFull('use a database on another host, and tell when its password is wrong', async () => {
    const text = inventory()
    const parties = readFileSync(text, 'utf8').replace('1}', `1, mysql_host: ${net}2}`)
    workplace.write('inventory/parties.yml', parties)
    const environment =
      '-e MYSQL_ROOT_PASSWORD=of-root -e MYSQL_DATABASE=fate_flow -e MYSQL_USER=fate -e MYSQL_PASSWORD=other'
    await shell(2, `docker run -d --name db -p ${net}2:3306:3306 ${environment} mysql:8.0.28`)
    const root = 'docker exec -i db mysql -uroot -pof-root -N'
    await shell(
      2,
      `for i in $(seq 300); do ${root} -h 127.0.0.1 -e 'select 1' && exit; sleep 0.2; done; exit 1`,
    )
    const refused = await workplace.run(argv('deploy', '-l', 'party-10000'))
    expect(refused.code, refused.out).to.equal(2)
    expect(refused.out).to.match(/fate cannot use the database fate_flow at \S+2:3306: .*Access denied/)
    await purge('10000')
    await lab().run(2, ['sh', '-c', root], `SET PASSWORD FOR 'fate'@'%' = PASSWORD('fate\\'"\\\\%dev');`)
    const only = argv('deploy', '-l', 'party-10000')
    const { ran } = await foretells({ workplace, lab: lab(), hosts: [1], argv: only })
    expect(changes(ran.recap).filter((line) => line.includes("Make Eggroll's tables"))).to.have.length(1)
    expect(await shell(1, 'docker ps --format "{{.Names}}"')).not.to.include('mysql')
    expect(Number(await shell(2, `${root} -e 'show tables' fate_flow | wc -l`))).to.be.greaterThan(10)
    await purge('10000')
    expect(await shell(2, `${root} -e 'select count(*) from node_resource' fate_flow`)).to.match(/\d/)
    await shell(2, 'docker rm -fv db')
  })

  describe('passwords that everybody knows', () => {
    const KEPT = 'inventory/passwords/party-9999'
    const one = (...more: string[]): string[] =>
      argv(
        'deploy',
        '-l',
        'party-9999',
        '--vault-password-file',
        workplace.write('vault', 'sesame\n'),
        ...more,
      )
    const kept = async (setting: string): Promise<string> => {
      const file = workplace.path(`${KEPT}/${setting}.txt`)
      const { code, out } = await fplay([
        'vault',
        'view',
        file,
        '--vault-password-file',
        workplace.path('vault'),
      ])
      expect([code, readFileSync(file, 'utf8').split(';')[0]]).to.deep.equal([0, '$ANSIBLE_VAULT'])
      return out.trim()
    }
    const rootLogin = async (options: string): Promise<string> => {
      const command = `docker exec confs-9999-mysql-1 mysql ${options} -uroot -N -e 'select 7' 2>&1 || true`
      return shell(2, command)
    }

    before(async () => {
      await removeParties(lab())
      rmSync(workplace.path('inventory/passwords'), { recursive: true, force: true })
    })

    it('give way to new ones on a new database, which are kept in vault files', async () => {
      inventory(', mysql_password: fate_dev')
      const { checked, ran } = await foretells({ workplace, lab: lab(), hosts: [2], argv: one() })
      for (const { out } of [checked, ran])
        expect(out).to.match(/has for the database, so a new one is made and kept in \S+mysql_password\.txt/)
      expect(ran.out).not.to.include('change mysql_password')
      const made = [await kept('mysql_password'), await kept('fateboard_password')]
      const root = await kept('mysql_root_password')
      expect(await rootLogin('')).to.match(/Access denied/)
      expect(await rootLogin(`-p${root}`)).to.equal('7')
      const seen = await shell(2, 'docker inspect $(docker ps -aq); docker logs confs-9999-mysql-1 2>&1')
      for (const password of [...made, root]) expect(seen + ran.out).not.to.include(password)
      expect(await shell(2, 'cd /data/projects/fate; grep -rlw fate_dev confs-9999 || true')).to.equal('')
    })

    it('are not fallen back to when the vault files are gone', async () => {
      renameSync(workplace.path(KEPT), workplace.path('away'))
      const { code, out, recap } = await workplace.run(one())
      expect([code, changes(recap)]).to.deep.equal([2, []])
      expect(out).to.match(
        /another password than the inventory has, and \S+mysql_password\.txt, .* bring it back/,
      )
      renameSync(workplace.path('away'), workplace.path(KEPT))
      const again = await workplace.run(one())
      expect([again.code, changes(again.recap)], again.out).to.deep.equal([0, []])
    })

    it('stay on a database that was made with them, with a warning', async () => {
      await purge('9999')
      rmSync(workplace.path('inventory/passwords'), { recursive: true })
      // As an earlier fplay or KubeFATE would have made it.
      const made = await workplace.run(one('-e', '{"known_passwords": []}'))
      expect(made.code, made.out).to.equal(0)
      const { code, out, recap } = await workplace.run(one())
      expect([code, changes(recap)], out).to.deep.equal([0, []])
      expect(out).to.match(
        /party 9999 has a password that everybody knows for the database; change mysql_password/,
      )
      expect(readdirSync(workplace.path(KEPT))).to.deep.equal(['mysql_root_password.txt'])
      await purge('9999')
    })
  })
})
