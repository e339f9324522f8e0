import { expect } from 'chai'
import { fateParties, restarted } from '../support/fate-parties.js'
import { changes, foretells } from '../support/foretell.js'
import { useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'

const PARTIES = ['10000', '9999'] as const
const CORES = ', compute_core: 4'

/** The life of a deployment: each test goes on from what the one before has left. */
describe('playbooks of FATE', function () {
  this.timeout(600_000)
  // One party with Compose v2, the other with Compose v1.
  const lab = useLab(['debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  const { net, inventory, argv, play, shell, sql, containers, bothToyTests } = fateParties(lab, workplace)

  before(() => lab().loadImages())

  it('bring up two parties as foretold, and change nothing when run again', async () => {
    await inventory()
    const { ran } = await foretells({ workplace, lab: lab(), hosts: [1, 2], argv: argv('deploy') })
    bothToyTests(ran.out)
    for (const [i, id] of PARTIES.entries()) {
      const address = `${await net()}${i + 1}`
      expect(ran.out).to.include(`FATEBoard of party ${id}: http://${address}:8080`)
      for (const service of ['mysql', 'clustermanager', 'nodemanager', 'osx', 'fateflow', 'fateboard']) {
        expect(ran.out).to.match(new RegExp(`confs-${id}-${service}-1 .* Up .*\\(healthy\\)`))
      }
      expect(ran.out).to.include(`${address}:9370->9370/tcp`)
    }
  })

  it('keep rows and containers over a second run', async () => {
    await sql(1, "create table kept (word varchar(9)); insert into kept values ('here')")
    const before = await containers(1)
    const { code, recap } = await play('deploy')
    expect([code, changes(recap)]).to.deep.equal([0, []])
    expect(restarted(before, await containers(1))).to.deep.equal([])
    expect(await sql(1, 'select word from kept')).to.equal('here')
  })

  it('let nobody but the owner read passwords, and keep them out of sight', async () => {
    const files = await shell(1, 'grep -rl "fate\'" /data/projects/fate/confs-10000/confs')
    expect(files.split('\n')).to.have.length(4)
    expect(await shell(1, 'stat -c %a%U /data/projects/fate/confs-10000/confs')).to.equal('700fate')
    expect(await shell(1, 'stat -c %a%U /data/projects/fate/confs-10000.tar')).to.equal('600fate')
    const { out, err } = await play('deploy', ['--diff', '-vv'])
    expect(out + err).not.to.include(`fate'"`)
    expect(await shell(1, 'docker inspect $(docker ps -aq)')).not.to.include(`fate'`)
  })

  it('restart what a changed number of cores concerns, at that party only', async () => {
    await inventory({ second: CORES })
    const before = [await containers(1), await containers(2)]
    const { code, recap, out } = await play('deploy')
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
    const other = `${await net()}77`
    await inventory({ second: CORES, others: `  - {id: 8888, managed: false, peer_address: ${other}}\n` })
    const before = await containers(1)
    const { code, recap, out } = await play('deploy')
    expect(code, out).to.equal(0)
    expect(Object.keys(recap.hosts)).to.deep.equal(['party-10000', 'party-9999'])
    expect(out).to.match(new RegExp(`from party 10000, 8888 does not answer at ${other}:9370`))
    expect(restarted(before, await containers(1))).to.deep.equal([])
    const routes = await shell(1, 'docker exec confs-10000-osx-1 cat conf/broker/route_table.json')
    expect(JSON.parse(routes)).to.have.nested.property('route_table.8888')
    expect(out).to.include('party 10000, no service is made anew: OSX reads its routes again by itself')
    const loads = 'docker exec confs-10000-osx-1 grep -c "route table loaded" logs/broker/broker.log'
    await shell(1, `for i in $(seq 100); do [ "$(${loads})" -lt 2 ] || exit 0; sleep 0.3; done; exit 1`)
    await inventory()
  })

  it('say between which parties and on which port the way is closed', async () => {
    await lab().cut(2, 1)
    const { code, out } = await play('verify', ['-e', 'toy_timeout=20']).finally(() => lab().mend(2, 1))
    expect(code, out).to.equal(2)
    expect(out).to.match(
      new RegExp(`party 9999 to party 10000, ${await net()}1:9370 \\(osx\\): no connection`),
    )
    expect(out).to.match(/OSX of party 9999 says:\n.*DEADLINE_EXCEEDED/)
  })

  it('stop without losing data, and remove all of it only when told to', async () => {
    const down = await play('delete')
    expect([down.code, down.recap.hosts['party-10000']!.changed]).to.deep.equal([0, 1])
    expect(
      await shell(1, 'docker ps -aq; ls /data/projects/fate/confs-10000/shared_dir/data/mysql'),
    ).to.include('fate_flow')
    const purge = await play('delete', ['-e', 'purge=true', '-e', 'confirm=10000,9999'])
    expect(purge.code, purge.out).to.equal(0)
    expect(purge.out).to.match(/party 10000, on \S+: all its data goes/)
    for (const host of [1, 2]) {
      expect(await shell(host, 'docker ps -aq; docker volume ls -q; ls /data/projects/fate')).to.equal('')
    }
  })
})
