import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { useLab } from '../support/lab.js'
import { fateParties, PASSWORD } from '../support/fate-parties.js'
import { changes } from '../support/foretell.js'
import { useWorkplace } from '../support/workplace.js'

const HOME = '/data/projects/fate'
const MODEL = 'shared_dir/data/fate_flow/model/m1'

describe('backup, restore, logs and removal of FATE', function () {
  this.timeout(600_000)
  const lab = useLab(['debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  const { net, inventory, argv, play, foretold, deployed, shell, sql } = fateParties(lab, workplace)
  const archives = (): string[] => readdirSync(workplace.path('outputs/backups')).sort()
  const archiveOf = (party: string): string =>
    workplace.path(`outputs/backups/${archives().findLast((name) => name.includes(`-${party}-`))!}`)

  before(async () => {
    await lab().loadImages()
    await deployed()
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
      expect(manifest).to.have.property('fateflow', 'federatedai/fateflow:2.2.0-release')
    }
    expect(out).not.to.include(`fate'"`)
  })

  it('let a party go on whose backup was killed, and leave nothing of it', async () => {
    const big = `${HOME}/confs-10000/shared_dir/data/nodemanager/big`
    await shell(1, `head -c 80000000 /dev/urandom >${big}`)
    const run = workplace.start(argv('backup', ['-l', 'party-10000']))
    const until = async (words: string): Promise<string> =>
      shell(1, `for i in $(seq 600); do ${words} && exit; sleep 0.1; done; exit 1`)
    await run.until(/TASK \[Back up what the party holds\]/)
    await until('[ -n "$(docker ps -q --filter status=paused)" ]')
    run.child.kill('SIGKILL')
    await run.end
    await until(
      `[ -z "$(docker ps -q --filter status=paused)" ] && [ ! -e ${HOME}/backups/.confs-10000.partial ]`,
    )
    expect(await shell(1, `docker ps -aq --filter name=-files; rm ${big}`)).to.equal('')
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
    await refused(
      ['-e', `archive=${archive}`, '-e', 'fate_version=2.0'],
      /is of party 10000 \(FATE 2\.2, .*, and this is party 10000 \(FATE 2\.0/,
    )
    await refused(['-e', `archive=${archive}`], /nobody has confirmed.*add -e confirm=10000/)
    await refused(['-e', `archive=${archive}`, '-e', 'confirm=9999'], /nobody has confirmed/)
    await refused([], /give --limit party-<id> \(or serving-<id>\) and either -e archive=FILE/)
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

  it('collect logs and configuration of all without their passwords, and name a host that is gone', async () => {
    await inventory({
      second: ', ssh_user: dev',
      others: `  - {id: 8888, address: ${await net()}77}\n`,
    })
    const log = '/data/projects/fate/fate_flow/logs/fate_flow/fate_flow_error.log'
    const line = Buffer.from(`login with ${PASSWORD} fails\n`).toString('base64')
    await shell(1, `echo ${line} | base64 -d | docker exec -i confs-10000-fateflow-1 sh -c 'cat >>${log}'`)
    const key = `${HOME}/confs-10000/confs/osx/conf/tls/key.pem`
    await shell(
      1,
      `mkdir -p $(dirname ${key}); printf '%s\\n' '-----BEGIN PRIVATE KEY-----' secretbits >${key}`,
    )
    const { code, out } = await play('logs', ['-e', 'log_lines=50'])
    expect(code, out).to.equal(0)
    expect(out)
      .to.match(/party-8888 at \S+77: NOT REACHED/)
      .and.match(/party-9999 at \S+2: collected/)
    const archive = /all of it: (\S+\.tar\.gz)/.exec(out)![1]!
    expect(statSync(archive).mode & 0o777).to.equal(0o600)
    const unpacked = workplace.path('unpacked')
    mkdirSync(unpacked)
    execFileSync('tar', ['-xzf', archive, '-C', unpacked, '--strip-components=1'])
    const files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(`${unpacked}/${name}`).isFile(),
    )
    const text = new Map(files.map((name) => [name, readFileSync(`${unpacked}/${name}`, 'utf8')]))
    for (const [name, content] of text)
      expect(content, name).not.to.include('%dev').and.not.to.include('secretbits')
    expect(text.get('about.txt')).to.match(/party-8888 at \S+77: NOT REACHED/)
    expect(text.get('party-10000/containers/confs-10000-fateflow-1.files')).to.include('login with *** fails')
    expect(text.get('party-10000/configuration/fate_flow/conf/service_conf.yaml'))
      .to.match(/passwd: *\*\*\*/)
      .and.match(/party_id: *"?10000/)
    for (const [id, host] of [
      ['10000', '1'],
      ['9999', '2'],
    ] as const) {
      expect(text.get(`party-${id}/services.txt`)).to.match(/confs-\d+-osx-1/)
      expect(text.get(`party-${id}/containers/confs-${id}-mysql-1.log`)).to.include('ready for')
      expect(await shell(Number(host), 'ls -d /tmp/fplay-logs* 2>/dev/null || true')).to.equal('')
    }
    expect(readdirSync(workplace.path('outputs')).filter((name) => name.startsWith('.logs'))).to.deep.equal(
      [],
    )
    await inventory({ second: ', ssh_user: dev' })
  })

  it('remove all but the last archives and images that nothing needs, as foretold, and nothing of others', async () => {
    const names = ['20200101T000000Z-all', '20200102T000000Z-all', '20200101T000000Z', '20300101T000000Z']
    const backups = `${HOME}/backups`
    const [osx, stopped, mine] = [
      'federatedai/osx:1.4.0-release',
      'federatedai/osx:1.3.0-release',
      'hub.example.org/federatedai/fateflow:1.11.2-release',
    ]
    await shell(
      1,
      `rm ${backups}/*; cd ${backups}; touch ${names.map((name) => `confs-10000-${name}.tar`).join(' ')} confs-100000-${names[0]}.tar own.tar
       echo 'FROM scratch' >/tmp/Dockerfile; echo 'LABEL a=b' >>/tmp/Dockerfile; docker build -q -t ${osx} -t ${mine} -t ${stopped} -t mysql:5.7 -t other/osx:1 - </tmp/Dockerfile; rm /tmp/Dockerfile
       mkdir -p /srv/old/confs-777; echo '    image: ${stopped}' >/srv/old/confs-777/docker-compose.yml`,
    )
    const kept = archives()
      .filter((name) => name.includes('-10000-'))
      .at(-1)!
    const refused = await play('prune', ['-e', 'keep=0'])
    expect([refused.code, changes(refused.recap)], refused.out).to.deep.equal([2, []])
    await foretold('prune', ['-e', 'keep=1', '-l', 'party-10000'])
    expect((await shell(1, `ls ${backups}`)).split('\n')).to.deep.equal([
      `confs-10000-${names[1]}.tar`,
      `confs-10000-${names[3]}.tar`,
      `confs-100000-${names[0]}.tar`,
      'own.tar',
    ])
    expect(archives().filter((name) => name.includes('-10000-'))).to.deep.equal([kept])
    const images = (await shell(1, "docker images --format '{{.Repository}}:{{.Tag}}'")).split('\n')
    expect(images).to.include.members([stopped, 'mysql:5.7', 'other/osx:1', 'federatedai/osx:2.2.0-release'])
    expect(images).not.to.include(osx).and.not.to.include(mine)
    await shell(1, `docker rmi ${stopped} mysql:5.7 other/osx:1; rm -rf ${backups} /srv/old`)

    // Here somebody logs in who may not look into what root has put away.
    await shell(
      2,
      `printf 'FROM scratch\\nLABEL a=b\\n' | docker build -q -t ${osx} -; mkdir -p /root/old/confs-888`,
    )
    const blind = await play('prune', ['-e', 'keep=9', '-l', 'party-9999'])
    expect(blind.out.replaceAll(/\s+/g, ' ')).to.match(
      /dev may not look into .* all stay; root, or a login that/,
    )
    expect(changes(blind.recap)).to.deep.equal([])
    await shell(2, `docker rmi ${osx}; rm -r /root/old`)
  })

  it('remove no data of parties that nobody named, nor anything from a folder that is not theirs', async () => {
    const refused = async (argv: readonly string[], words: RegExp): Promise<void> => {
      const { code, out, recap } = await play('delete', ['-e', 'purge=true', ...argv])
      expect(code, out).to.equal(2)
      expect(out.replaceAll(/\s+/g, ' ')).to.match(words)
      expect(recap.hosts['party-10000']).to.include({ changed: 0 })
    }
    await refused([], /nobody has confirmed: nothing was done; .* add -e confirm=10000,9999/)
    await refused(['-e', 'confirm=10000'], /nobody has confirmed/)
    await refused(['-l', 'party-10000', '-e', 'confirm=10000,9999'], /nobody has confirmed/)
    for (const dir of ['/', '/data/../etc', 'data', '', '/data//fate', '/data/.', '$(id)'])
      await refused(['-e', JSON.stringify({ dir, confirm: '10000,9999' })], /nothing is removed from/)
    for (const project of ['..', 'backups', 'confs-10000/../..', ''])
      await refused(['-e', JSON.stringify({ project, confirm: '10000,9999' })], /nothing is removed from/)
    expect((await shell(1, 'docker ps -q')).split('\n')).to.have.length(6)
  })

  it('remove all of the parties that were named, also what root made, and nothing beside it', async () => {
    for (const host of [1, 2])
      await shell(
        host,
        `mkdir -p ${HOME}/other ${HOME}/backups; touch ${HOME}/other/file; docker volume create foreign`,
      )
    await shell(2, `ln -s ${HOME}/other ${HOME}/confs-9999/shared_dir/data/link`)
    // Somebody removed the folder of the first party by hand.
    await shell(1, `rm -rf ${HOME}/confs-10000`)
    const argv = ['-e', 'purge=true', '-e', 'confirm=9999,10000']
    const { out } = await foretold('delete', argv)
    expect(out).to.include(
      'volumes confs-9999_download_dir, confs-9999_fate_flow_logs, confs-9999_shared_dir_examples',
    )
    for (const host of [1, 2]) {
      const left = await shell(
        host,
        `docker ps -aq; docker volume ls -q; docker network ls -q --filter name=confs; ls ${HOME}; ls ${HOME}/other`,
      )
      expect(left.split('\n')).to.deep.equal(['foreign', 'backups', 'other', 'file'])
      await shell(host, 'docker volume rm foreign')
    }
    const again = await play('delete', argv)
    expect([again.code, changes(again.recap)], again.out).to.deep.equal([0, []])
  })
})
