import { expect } from 'chai'
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { fplay } from '../support/caller.js'
import { fateParties } from '../support/fate-parties.js'
import { changes, foretells } from '../support/foretell.js'
import { useLab } from '../support/lab.js'
import { itInFull } from '../support/long.js'
import { useWorkplace } from '../support/workplace.js'

/** What follows a known password on one host: each test goes on from what the one before has left. */
describe('passwords of FATE that everybody knows', function () {
  this.timeout(600_000)
  // One party with Compose v2, the other with Compose v1.
  const lab = useLab(['debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  const { inventory, argv, shell, purge } = fateParties(lab, workplace)
  const KEPT = 'inventory/passwords/party-9999'
  const one = (...more: string[]): string[] =>
    argv('deploy', [
      '-l',
      'party-9999',
      '--vault-password-file',
      workplace.write('vault', 'sesame\n'),
      ...more,
    ])
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

  before(() => lab().loadImages())

  it('give way to new ones on a new database, which are kept in vault files', async () => {
    await inventory({ second: ', mysql_password: fate_dev' })
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
  })

  itInFull('recover when their change was cut off between the database and its file', async () => {
    const client = 'docker exec -i confs-9999-mysql-1 mysql --defaults-extra-file=/etc/mysql/fate-client.cnf'
    const file = '/data/projects/fate/confs-9999/confs/mysql/client.cnf'
    for (const [password, left] of [
      ['first', ':'],
      ['second', `: >${file}`],
    ] as const) {
      await shell(2, `${client} -e "SET PASSWORD = PASSWORD('${password}')"; ${left}`)
      await inventory({ second: `, mysql_password: ${password}` })
      const { code, out } = await workplace.run(one('--skip-tags', 'verify'))
      expect(code, out).to.equal(0)
      expect(await shell(2, `tail -n 1 ${file}; ${client} -N -e 'select 7'`)).to.equal(
        `password="${password}"\n7`,
      )
    }
  })
})
