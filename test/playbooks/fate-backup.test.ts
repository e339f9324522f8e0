import { expect } from 'chai'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { useLab } from '../support/lab.js'
import { fateParties } from '../support/fate-parties.js'
import { useWorkplace } from '../support/workplace.js'

const HOME = '/data/projects/fate'
const MODEL = 'shared_dir/data/fate_flow/model/m1'

describe('backup and restore of FATE', function () {
  this.timeout(600_000)
  const lab = useLab(['debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  const { inventory, play, foretold, shell, sql } = fateParties(lab, workplace)
  const archives = (): string[] => readdirSync(workplace.path('outputs/backups')).sort()
  const archiveOf = (party: string): string =>
    workplace.path(`outputs/backups/${archives().findLast((name) => name.includes(`-${party}-`))!}`)

  before(async () => {
    await lab().loadImages()
    // The second party belongs to a login that may use Docker and nothing else.
    await shell(2, `usermod -aG docker dev; mkdir -p ${HOME}; chown dev:docker ${HOME}`)
    await inventory('', ', ssh_user: dev')
    const { code, out } = await play('deploy', ['--skip-tags', 'verify'])
    expect(code, out).to.equal(0)
  })

  after(async () => {
    await play('delete', ['-e', 'purge=true', '-e', 'confirm=10000,9999'])
    await shell(1, `rm -rf ${HOME}`)
    await shell(2, `gpasswd -d dev docker; rm -rf ${HOME}`)
  })

  it('write database, models and examples of each party to one private archive, with its checksums', async () => {
    for (const [host, id] of [
      [1, '10000'],
      [2, '9999'],
    ] as const) {
      await sql(host, "create table kept (word varchar(9)); insert into kept values ('here')")
      const folder = `${HOME}/confs-${id}/${MODEL}`
      await shell(
        host,
        `mkdir -p ${folder}; echo trained >${folder}/file; chown 777:778 ${folder}/file; chmod 640 ${folder}/file`,
      )
    }
    // What a run leaves that was killed in the middle.
    await shell(1, `docker pause confs-10000-fateflow-1; mkdir -p ${HOME}/backups/.confs-10000.partial`)
    const { out } = await foretold('backup')
    expect(await shell(1, 'docker ps -q --filter status=paused')).to.equal('')
    for (const [host, id] of [
      [1, '10000'],
      [2, '9999'],
    ] as const) {
      const archive = archiveOf(id)
      expect(archive).to.match(/backups\/confs-\d+-\d{8}T\d{6}Z-all\.tar$/)
      expect(out).to.include(archive)
      expect(statSync(archive).mode & 0o777).to.equal(0o600)
      const there = await shell(host, `cd ${HOME}/backups; stat -c '%a' . *; ls -A | wc -l`)
      expect(there.split('\n')).to.deep.equal(['700', '600', '1'])
      const names = await shell(
        host,
        `cd ${HOME}/backups; tar -tf *.tar; tar -xOf *.tar data.tar.gz | tar -tz`,
      )
      expect(names).to.include('manifest.json\nSHA256SUMS\nmysql.sql.gz\ndata.tar.gz')
      expect(names).to.include('data/fate_flow/model/m1/file').and.not.to.include('data/mysql')
      const manifest = JSON.parse(
        await shell(host, `tar -xOf ${HOME}/backups/*.tar manifest.json`),
      ) as unknown
      expect(manifest).to.include({ party: id, fate_version: '2.2', computing: 'Eggroll', format: 1 })
      expect(manifest).to.have.nested.property('images.mysql', 'mysql:8.0.28')
    }
    expect(out).not.to.include(`fate'"`)
  })

  it('refuse what is damaged, of another party, unconfirmed or of nobody, and touch nothing', async () => {
    const refused = async (argv: readonly string[], words: RegExp): Promise<void> => {
      const { code, out, recap } = await play('restore', ['-l', 'party-10000', ...argv])
      expect(code, out).to.equal(2)
      expect(out.replaceAll(/\s+/g, ' ')).to.match(words)
      expect(recap.hosts['party-10000']).to.include({ changed: 0 })
    }
    const archive = archiveOf('10000')
    const bytes = readFileSync(archive)
    workplace.write('cut.tar', bytes.subarray(0, bytes.length / 2))
    await refused(
      ['-e', `archive=${workplace.path('cut.tar')}`],
      /cut\.tar is no backup of fplay, or it is cut off: .*; nothing was done/,
    )
    bytes[bytes.length / 2] = bytes[bytes.length / 2]! ^ 1
    workplace.write('bent.tar', bytes)
    await refused(
      ['-e', `archive=${workplace.path('bent.tar')}`],
      /bent\.tar is damaged: data\.tar\.gz does not have its checksum; nothing was done/,
    )
    await refused(['-e', `archive=${workplace.path('no.tar')}`], /there is no file .*no\.tar/)
    await refused(
      ['-e', `archive=${archiveOf('9999')}`],
      /is of party 9999 .*, and this is party 10000 .*restore_anyway=true/,
    )
    await refused(['-e', `archive=${archive}`], /nobody has confirmed.*add -e confirm=10000/)
    await refused(['-e', `archive=${archive}`, '-e', 'confirm=9999'], /nobody has confirmed/)
    await refused([], /give --limit party-<id> and either -e archive=FILE/)
  })

  for (const [host, id] of [
    [1, '10000'],
    [2, '9999'],
  ] as const) {
    it(`bring back rows and files of party ${id} with their owners, and keep what was there before`, async () => {
      await sql(host, "update kept set word = 'changed'; create table later (number int)")
      const model = `${HOME}/confs-${id}/${MODEL}`
      await shell(host, `echo worse >${model}/file; touch ${model}/later`)
      const argv = ['-l', `party-${id}`, '-e', `archive=${archiveOf(id)}`, '-e', `confirm=${id}`]
      // The second time what a run left that was interrupted while files changed places.
      if (host === 2) await shell(host, `mkdir -p ${HOME}/confs-${id}/shared_dir/.replaced/data/nodemanager`)
      const { out } = host === 1 ? await foretold('restore', argv) : await play('restore', argv)
      expect(await sql(host, 'select word from kept'), out).to.equal('here')
      expect(await sql(host, "show tables like 'later'")).to.equal('')
      expect(await shell(host, `cat ${model}/file; stat -c '%u:%g %a' ${model}/file; ls ${model}`)).to.equal(
        'trained\n777:778 640\nfile',
      )
      expect(await shell(host, `ls -A ${HOME}/confs-${id}/shared_dir`)).to.equal('data\nexamples')
      const before = /what it held before is in (\S+)/.exec(out)?.[1]
      expect(await shell(host, `tar -xOf ${before} mysql.sql.gz | gzip -dc`)).to.include('changed')
      expect(
        await shell(host, `tar -xOf ${before} data.tar.gz | tar -xzO data/fate_flow/model/m1/file`),
      ).to.equal('worse')
    })
  }
})
