import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { ALGORITHM, COMBINATIONS, DEVICE, judgeVariant } from '../../plugins/fate/engines.js'
import { certificate, newKey, pem } from '../support/certificates.js'
import { removeParties } from '../support/fate-parties.js'
import { changes } from '../support/foretell.js'
import { shellOn, useLab } from '../support/lab.js'
import { itInFull } from '../support/long.js'
import { useWorkplace } from '../support/workplace.js'
import type { Ran } from '../support/workplace.js'

/** Every combination takes a minute or two; what each adds to the others is tried by `npm run test:full`. */
const FULL = process.env['FPLAY_TEST'] === 'full'
const CHOSEN = FULL
  ? COMBINATIONS.filter((one) => one !== 'Eggroll, OSX, Eggroll')
  : ['Spark_local, RabbitMQ, LocalFS']

describe('engines of FATE', function () {
  this.timeout(600_000)
  // One party with Compose v2, the other with Compose v1.
  const lab = useLab(['debian:docker', 'debian-compose1:docker'])
  const workplace = useWorkplace(() => lab().environment)
  let net: string

  before(async () => {
    await lab().loadImages()
    await lab().loadImages('engines')
    net = (await lab().hosts())[0]!.address.replace(/\d+$/, '')
  })
  beforeEach(() => removeParties(lab()))

  const run = async (playbook: string, ...more: string[]): Promise<Ran> =>
    workplace.run([
      `playbooks/${playbook}.yml`,
      '-i',
      workplace.path('parties.conf'),
      '-T',
      '3',
      '-e',
      `output_dir=${workplace.path('outputs')}`,
      ...more,
    ])

  /** What is not whole or of somebody else is refused, and then what was backed up is there again with its owner. */
  async function restores(archive: string, models: string): Promise<void> {
    const restore = (one: string): Promise<Ran> =>
      run('restore', '-l', 'serving-10000', '-e', `archive=${one}`, '-e', 'confirm=10000')
    await shellOn(lab(), 2, `echo worse >${models}/m1; touch ${models}/later`)
    const bytes = readFileSync(archive)
    const cut = workplace.write('cut.tar', bytes.subarray(0, 2000))
    const foreign = workplace.path('foreign.tar')
    const script = `cd $(mktemp -d) && tar -xf ${archive} && sed -i 's/serving-10000/serving-9999/' manifest.json &&
      sha256sum manifest.json data.tar.gz >SHA256SUMS && tar -cf ${foreign} manifest.json SHA256SUMS data.tar.gz && rm -r "$PWD"`
    execFileSync('sh', ['-c', script])
    for (const [one, words] of [
      [cut, /cut\.tar is no backup of fplay, or it is cut off|cut\.tar is damaged/],
      [foreign, /is of serving-9999, and this is serving-10000: nothing was done/],
    ] as const) {
      const { code, out, recap } = await restore(one)
      expect([code, changes(recap)], out).to.deep.equal([2, []])
      expect(out.replaceAll(/\s+/g, ' ')).to.match(words)
    }
    const { code, out } = await restore(archive)
    expect(code, out).to.equal(0)
    expect(
      await shellOn(lab(), 2, `cat ${models}/m1; stat -c '%u:%g %a' ${models}/m1; ls ${models}`),
    ).to.equal('served\n777:778 640\nm1')
  }

  /** Its account is RabbitMQ's own: a rollback to a package with another password would leave FATE-Flow outside. */
  async function refusesRollback(): Promise<void> {
    const rollback = (): Promise<Ran> => run('rollback', '-l', 'party-10000', '--check')
    await shellOn(lab(), 1, 'cd /data/fate; cp -p confs-10000.deployed.tar confs-10000.previous.tar')
    const taken = await rollback()
    expect(taken.code, taken.out).to.equal(0)
    await shellOn(
      lab(),
      1,
      'printf other | docker exec -i confs-10000-rabbitmq-1 rabbitmqctl change_password fate',
    )
    const { code, out, recap } = await rollback()
    expect([code, changes(recap)], out).to.deep.equal([2, []])
    expect(out).to.match(
      /its RabbitMQ does not let fate in with the password of \S+previous\.tar: nothing was changed/,
    )
  }

  for (const combination of CHOSEN) {
    it(`${combination}: brought up from a parties.conf, both toy tests green, nothing to do again`, async () => {
      const [computing, federation, storage] = combination.split(', ')
      workplace.write(
        'parties.conf',
        `#!/bin/bash\nuser=root\ndir=/data/fate\nparty_list=(10000 9999)\nparty_ip_list=(${net}1 ${net}2)\n` +
          `serving_ip_list=(${net}2 ${net}1)\n` +
          `computing=${computing}\nfederation=${federation}\nstorage=${storage}\ncompute_core=8\n` +
          `mysql_password='p"a\\w'  # quoted\n`,
      )
      const first = await run('deploy')
      expect(first.code, first.out).to.equal(0)
      for (const [guest, host] of [
        ['10000', '9999'],
        ['9999', '10000'],
      ]) {
        expect(first.out).to.match(new RegExp(`guest ${guest}, host ${host}: toy test job \\d+ is success`))
      }
      for (const service of ['zookeeper', 'server', 'proxy', 'admin'])
        expect(first.out).to.match(new RegExp(`serving-10000-serving-${service}-1 .* Up .*\\(healthy\\)`))
      const closed = 'stat -c %a /data/fate/confs-*/confs /data/fate/serving-*/confs | sort -u'
      for (const host of [1, 2]) expect(await shellOn(lab(), host, closed)).to.equal('700')
      // One service is gone: only that is made again, also with a Compose that hashes what it depends on.
      await lab().run(1, ['docker', 'rm', '-f', 'confs-10000-fateflow-1'])
      const mended = await run('deploy', '--skip-tags', 'verify')
      expect([mended.code, changes(mended.recap).length], mended.out).to.deep.equal([0, 1])
      const again = await run('deploy', '--skip-tags', 'verify')
      expect([again.code, changes(again.recap)], again.out).to.deep.equal([0, []])
      if (federation === 'RabbitMQ') await refusesRollback()
      const models = '/data/fate/serving-10000/shared_dir/data/serving-server'
      await shellOn(lab(), 2, `echo served >${models}/m1; chown 777:778 ${models}/m1; chmod 640 ${models}/m1`)
      const backup = await run('backup', '-l', 'serving-10000')
      expect(backup.code, backup.out).to.equal(0)
      const archive = /serving-10000: (\S+serving-10000-\S+-all\.tar)$/m.exec(backup.out)![1]!
      // Frozen for a moment, and well again when the run ends.
      expect(await shellOn(lab(), 2, 'docker ps -q --filter health=unhealthy')).to.equal('')
      await restores(archive, models)
      await shellOn(lab(), 2, 'rm -r /data/fate/backups')
      const purge = await run('delete', '-e', 'purge=true', '-e', 'confirm=10000,9999')
      expect(purge.code, purge.out).to.equal(0)
      for (const host of [1, 2]) {
        const { stdout } = await lab().run(host, [
          'sh',
          '-c',
          'docker ps -aq; docker volume ls -q; ls /data/fate',
        ])
        expect(stdout).to.equal('')
      }
    })
  }

  itInFull(
    'every combination, on every device, with TLS, an exchange and serving is what Compose v1 and v2 read',
    async () => {
      const outputs = workplace.path('validated')
      const variants = ALGORITHM.flatMap((algorithm) => DEVICE.map((device) => ({ algorithm, device })))
        .filter((variant) => judgeVariant(variant) === undefined)
        .map(
          ({ algorithm, device }) =>
            `algorithm: ${algorithm}, device: ${device}, gpu_count: ${Number(device === 'GPU')}`,
        )
      // Parties of one file have to understand each other: the same transport, and with OSX streams or queues.
      const files = new Map<string, string[]>()
      for (const combination of COMBINATIONS) {
        const [computing, federation, storage] = combination.split(', ')
        const file = `${federation}-${federation === 'OSX' && computing === 'Eggroll'}`
        const engines = `computing: ${computing}, federation: ${federation}, storage: ${storage}`
        files.set(file, [...(files.get(file) ?? []), ...variants.map((variant) => `${engines}, ${variant}`)])
      }
      let id = 1000
      // One certificate for all, which trusts itself.
      const key = newKey()
      const addresses = ['IP:10.9.0.9', ...Array.from({ length: 99 }, (_, n) => `IP:10.9.${n + 1}.1`)]
      workplace.write('tls.pem', certificate({ key, by: { name: 'party', key }, addresses }))
      workplace.write('tls-key.pem', pem(key))
      for (const [file, settings] of files) {
        const parties = settings.map((one) => {
          const net = `10.9.${++id - 1000}`
          return `  - {id: ${id}, address: ${net}.1, serving_address: ${net}.2, ${one}}\n`
        })
        const exchange = file.startsWith('OSX') ? `exchange: 10.9.0.9\n` : ''
        const tls = file.startsWith('OSX')
          ? 'osx_tls: {ca: ../tls.pem, certificate: ../tls.pem, key: ../tls-key.pem}\n'
          : ''
        const path = workplace.write(
          `${file}/parties.yml`,
          `plugin: fate_parties\n${exchange}${tls}parties:\n${parties.join('')}`,
        )
        const argv = [
          'playbooks/generate.yml',
          '-i',
          path,
          '-e',
          `output_dir=${outputs}`,
          '-e',
          'new_database=true',
        ]
        const { code, out } = await workplace.run(argv)
        expect(code, out).to.equal(0)
      }
      execFileSync('tar', ['-cf', `${outputs}.tar`, '-C', outputs, '.'])
      const packed = readFileSync(`${outputs}.tar`)
      for (const host of [1, 2]) {
        const script = `compose='docker compose'; $compose version >/dev/null 2>&1 || compose=docker-compose
        mkdir /tmp/validated && cd /tmp/validated && tar -xf - && n=0 && for folder in confs-*/ serving-*/; do
        n=$((n + 1))
        (cd "$folder" && $compose config -q 2>&1) || echo "$folder"
      done; echo "$n"; rm -r /tmp/validated`
        const { stdout } = await lab().run(host, ['sh', '-c', script], packed)
        expect(stdout).to.equal(`${2 * 5 * COMBINATIONS.length + 1}\n`)
      }
    },
  )
})
