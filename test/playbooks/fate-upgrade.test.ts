import { expect } from 'chai'
import { changes } from '../support/foretell.js'
import { useLab } from '../support/lab.js'
import { fateParties } from '../support/fate-parties.js'
import { useWorkplace } from '../support/workplace.js'

const HOME = '/data/projects/fate'
const OLD = "fate_version: '2.0'\n"
const FULL = process.env['FPLAY_TEST'] === 'full'
const PARTIES = [
  [1, '10000'],
  [2, '9999'],
] as const

describe('upgrade of FATE', function () {
  this.timeout(900_000)
  const lab = useLab(['debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  const { inventory, argv, play, foretold, deployed, shell, sql, containers } = fateParties(lab, workplace)
  const folder = (id: string): string => `${HOME}/confs-${id}/shared_dir/data/fate_flow/model/m1`
  const images = async (host: number): Promise<string> =>
    shell(host, "docker ps --format '{{.Image}}' | sort | tr '\\n' ' '")
  const OF_2_0 =
    /^federatedai\/eggroll:2\.0\.0\S* federatedai\/eggroll:2\.0\.0\S* federatedai\/fateboard:2\.0\.0\S* federatedai\/fateflow:2\.0\.0\S* federatedai\/osx:2\.0\.0\S* mysql:8\.0\.28$/
  const OF_2_2 =
    /^federatedai\/eggroll:3\.2\.0\S* federatedai\/eggroll:3\.2\.0\S* federatedai\/fateboard:2\.1\.1\S* federatedai\/fateflow:2\.2\.0\S* federatedai\/osx:2\.2\.0\S* mysql:8\.0\.28$/

  /** Rows, models and files of volumes are there. */
  async function keptData(words: string): Promise<void> {
    for (const [host, id] of PARTIES) {
      expect(await sql(host, 'select group_concat(word order by word) from kept')).to.equal(words)
      expect(await shell(host, `cat ${folder(id)}/file`)).to.equal('trained')
      expect(await shell(host, `docker exec confs-${id}-fateflow-1 cat fate_flow/logs/old`)).to.equal(
        'logged',
      )
    }
  }

  before(async () => {
    await lab().loadImages()
    await lab().loadImages('fate-2.0')
    await deployed(OLD, FULL ? [] : undefined)
    for (const [host, id] of PARTIES) {
      expect(await images(host)).to.match(OF_2_0)
      await sql(host, "create table kept (word varchar(9)); insert into kept values ('before')")
      await shell(host, `mkdir -p ${folder(id)}; echo trained >${folder(id)}/file`)
      await shell(host, `docker exec confs-${id}-fateflow-1 sh -c 'echo logged >fate_flow/logs/old'`)
    }
  })

  it('change nothing where the inventory has another account than the database', async () => {
    await inventory({ second: ', ssh_user: dev, mysql_user: another' })
    const before = await containers(2)
    const { code, out, recap } = await play('deploy', ['-l', 'party-9999'])
    expect(code, out).to.equal(2)
    expect(out).to.include(
      'its database does not let another in with the password of the inventory, nor with the one that it had: nothing was changed',
    )
    expect(recap.hosts['party-9999']).to.include({ changed: 0 })
    expect(await containers(2)).to.deep.equal(before)
  })

  it('say in check mode what is made anew and what becomes of the data', async () => {
    await inventory({ second: `, ssh_user: dev, mysql_password: 'an''other"\\%pw'` })
    const before = await containers(1)
    const { code, out } = await play('deploy', ['--check'])
    expect(code, out).to.equal(0)
    expect(await containers(1)).to.deep.equal(before)
    expect(out)
      .to.include('party 9999, password: the account fate of the database gets that of the inventory')
      .and.not.include('party 10000, password')
    for (const [, id] of PARTIES) {
      expect(out).to.include(`party ${id}, fateflow: recreated, its configuration changed`)
      expect(out).to.match(new RegExp(`party ${id}, data: no volume is removed`))
      expect(out).to.match(
        new RegExp(`party ${id}, upgrade: from federatedai/eggroll:2.0.0.*MySQL is dumped to`),
      )
    }
  })

  it('finish with the next run what was interrupted, with all data and a dump from before', async () => {
    const killed = workplace.start(argv('deploy', ['--skip-tags', 'verify']))
    await killed.until(/TASK \[Start the services/)
    killed.child.kill('SIGKILL')
    await killed.end
    // Party by party: the second has not been touched yet.
    expect(await images(2)).to.match(OF_2_0)
    const { code, out } = await play('deploy', FULL ? [] : ['--skip-tags', 'verify'])
    expect(code, out).to.equal(0)
    for (const [host, id] of PARTIES) {
      expect(await images(host)).to.match(OF_2_2)
      const dumps = await shell(
        host,
        `cd ${HOME}/backups; for f in confs-${id}-*.tar; do tar -xOf $f manifest.json; done`,
      )
      expect(JSON.parse(dumps.split('\n')[0]!)).to.include({ party: id, fate_version: '2.0' })
      expect(
        await shell(host, `tar -xOf ${HOME}/confs-${id}.previous.tar confs-${id}/docker-compose.yml`),
      ).to.include('fateflow:2.0.0')
    }
    expect(await shell(2, `tail -n 1 ${HOME}/confs-9999/confs/mysql/client.cnf`)).to.equal(
      `password="an'other\\"\\\\%pw"`,
    )
    await keptData('before')
  })

  it('go back to the package before, and keep what was written since', async () => {
    for (const [host] of PARTIES) await sql(host, "insert into kept values ('since')")
    const limit = FULL ? [] : ['-l', 'party-10000']
    const kept = `${HOME}/confs-10000.previous.tar`
    await shell(1, `cp -p ${kept} /root/kept.tar; head -c 9000 /root/kept.tar >${kept}`)
    const refused = await play('rollback')
    expect([refused.code, changes(refused.recap)], refused.out).to.deep.equal([2, []])
    expect(refused.out).to.match(/confs-10000\.previous\.tar is damaged or cut off: nothing was changed/)
    await shell(1, `cp -p /root/kept.tar ${kept}; rm /root/kept.tar`)
    const { out } = await foretold('rollback', limit)
    expect(out).to.match(/party 10000 is back at the package before, with the data of now/)
    expect(await images(1)).to.match(OF_2_0)
    expect(await images(2)).to.match(FULL ? OF_2_0 : OF_2_2)
    await keptData('before,since')
    if (!FULL) return
    await inventory({ top: OLD, second: ', ssh_user: dev' })
    const verify = await play('verify')
    expect(verify.code, verify.out).to.equal(0)
    const forward = await play('rollback')
    expect(forward.code, forward.out).to.equal(0)
    expect(await images(2)).to.match(OF_2_2)
  })
})
