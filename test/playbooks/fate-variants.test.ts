import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { fateParties, removeParties } from '../support/fate-parties.js'
import { changes, foretells } from '../support/foretell.js'
import { useLab } from '../support/lab.js'
import { itInFull } from '../support/long.js'
import { useWorkplace } from '../support/workplace.js'

describe('deployments of FATE beside the common one', function () {
  this.timeout(600_000)
  // One party with Compose v2, the other with Compose v1.
  const lab = useLab(['debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  const { net, inventory, argv, play, shell, purge, bothToyTests } = fateParties(lab, workplace)

  before(() => lab().loadImages())
  beforeEach(() => removeParties(lab()))

  it('bring models out of the containers that KubeFATE left, before they replace them', async () => {
    await inventory()
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
    const { code, out } = await play('deploy')
    expect(code, out).to.equal(0)
    expect(await shell(1, `docker exec confs-10000-fateflow-1 cat ${model}/file`)).to.equal('trained')
  })

  it('pass messages on by an exchange, which may stand beside a party', async () => {
    await inventory({ top: `exchange: ${await net()}2\n` })
    const { code, out, recap } = await play('deploy')
    expect(code, out).to.equal(0)
    expect(recap.hosts['exchange-osx']).to.include({ failed: 0 })
    bothToyTests(out)
    const routes = await shell(1, 'docker exec confs-10000-osx-1 cat conf/broker/route_table.json')
    expect(JSON.parse(routes).route_table).to.have.all.keys('10000', 'default')
    const purge = await play('delete', ['-e', 'purge=true', '-e', 'confirm=10000,9999,exchange'])
    expect(purge.code, purge.out).to.equal(0)
    expect(await shell(2, 'docker ps -aq; ls /data/projects/fate')).to.equal('')
  })

  it('talk over TLS, one with certificates that were made, the other with some that are given', async () => {
    await inventory({ top: 'osx_tls: true\n' })
    const made = await play('certificates')
    expect(made.code, made.out).to.equal(0)
    const files = { ca: 'ca', certificate: '9999', key: '9999-key' }
    for (const [part, name] of Object.entries(files)) {
      const text = readFileSync(workplace.path(`inventory/passwords/certificates/${name}.txt`))
      workplace.write(`inventory/certs/${part}.pem.txt`, text, 0o600)
    }
    const given = Object.keys(files).map((part) => `${part}: certs/${part}.pem.txt`)
    await inventory({ top: 'osx_tls: true\n', second: `, osx_tls: {${given.join(', ')}}` })
    const { code, out } = await play('deploy')
    expect(code, out).to.equal(0)
    bothToyTests(out)
    const address = `${await net()}2`
    const asks = `openssl s_client -connect ${address}:9370 -CAfile /data/projects/fate/confs-10000/confs/osx/conf/tls/ca.pem -verify_ip ${address} </dev/null 2>/dev/null`
    expect(await shell(1, `${asks} || true`)).to.match(/Verify return code: 0 \(ok\)/)
    expect(
      await shell(1, 'stat -c %a%U /data/projects/fate/confs-10000/confs/osx/conf/tls/key.pem'),
    ).to.equal('600fate')
    const again = await play('deploy')
    expect([again.code, changes(again.recap)], again.out).to.deep.equal([0, []])
  })

  itInFull(
    'pass messages on by an exchange over TLS, and tell of a certificate for another address',
    async () => {
      const address = `${await net()}2`
      const top = `osx_tls: true\nexchange: ${address}\n`
      await inventory({ top })
      const made = await play('certificates')
      expect(made.code, made.out).to.equal(0)
      const { code, out } = await play('deploy')
      expect(code, out).to.equal(0)
      bothToyTests(out)
      // The certificate of the other party, with its key.
      const file = (name: string): string => workplace.path(`inventory/passwords/certificates/${name}.txt`)
      const wrong = `, osx_tls: {ca: ${file('ca')}, certificate: ${file('10000')}, key: ${file('10000-key')}}`
      await inventory({ top, second: wrong })
      const refused = await play('deploy', ['-e', 'toy_timeout=10'])
      expect(refused.code, refused.out).to.equal(2)
      expect(refused.out).to.match(new RegExp(`exchange to party 9999, ${address}:9370 \\(osx\\): open`))
      expect(refused.out).to.match(
        new RegExp(`OSX of the exchange says:\\n.*not valid for '${address.replaceAll('.', '\\.')}'`),
      )
      const purged = await play('delete', ['-e', 'purge=true', '-e', 'confirm=10000,9999,exchange'])
      expect(purged.code, purged.out).to.equal(0)
    },
  )

  itInFull('use a database on another host, and tell when its password is wrong', async () => {
    const address = `${await net()}2`
    await inventory({ first: `, mysql_host: ${address}` })
    const environment =
      '-e MYSQL_ROOT_PASSWORD=of-root -e MYSQL_DATABASE=fate_flow -e MYSQL_USER=fate -e MYSQL_PASSWORD=other'
    await shell(2, `docker run -d --name db -p ${address}:3306:3306 ${environment} mysql:8.0.28`)
    const root = 'docker exec -i db mysql -uroot -pof-root -N'
    await shell(
      2,
      `for i in $(seq 300); do ${root} -h 127.0.0.1 -e 'select 1' && exit; sleep 0.2; done; exit 1`,
    )
    const refused = await play('deploy', ['-l', 'party-10000'])
    expect(refused.code, refused.out).to.equal(2)
    expect(refused.out).to.match(/fate cannot use the database fate_flow at \S+2:3306: .*Access denied/)
    await purge('10000')
    await lab().run(2, ['sh', '-c', root], `SET PASSWORD FOR 'fate'@'%' = PASSWORD('fate\\'"\\\\%dev');`)
    const only = argv('deploy', ['-l', 'party-10000'])
    const { ran } = await foretells({ workplace, lab: lab(), hosts: [1], argv: only })
    expect(changes(ran.recap).filter((line) => line.includes("Make Eggroll's tables"))).to.have.length(1)
    expect(await shell(1, 'docker ps --format "{{.Names}}"')).not.to.include('mysql')
    expect(Number(await shell(2, `${root} -e 'show tables' fate_flow | wc -l`))).to.be.greaterThan(10)
    await purge('10000')
    expect(await shell(2, `${root} -e 'select count(*) from node_resource' fate_flow`)).to.match(/\d/)
  })
})
