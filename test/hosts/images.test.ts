import { expect } from 'chai'
import { setTimeout as delay } from 'node:timers/promises'
import type { Lab, Outcome } from '../../lab/lab.js'
import { handMadeParty, osxCommand, PASSWORD, routeTable, serviceConf } from '../support/hand-made-party.js'
import { useLab } from '../support/lab.js'

const seconds = 1000
const base = '/data/projects/fate'

describe('the doubles of FATE images', function () {
  this.timeout(120 * seconds)
  const lab = useLab(['debian:docker', 'debian:docker'])
  let guest: Party, host: Party

  before(async function () {
    this.timeout(900 * seconds) // trees and images of a machine that has neither
    await lab().loadImages()
    const [first, second] = (await lab().hosts()).map(({ address }) => address) as [string, string]
    guest = new Party(lab(), 1, { id: '10000', address: first, peers: { 9999: second } })
    host = new Party(lab(), 2, { id: '9999', address: second, peers: { 10000: first } })
    await Promise.all([guest.deploy(), host.deploy()])
    await Promise.all([guest.healthy(), host.healthy()])
  })

  after(() => Promise.all([guest, host].map((party: Party | undefined) => party?.remove())))

  describe('two parties', () => {
    it('answer the toy test with code 100 until flow has been told where the server is', async () => {
      const before = await guest.toy('9999')
      expect(before.status).to.equal(0)
      expect(JSON.parse(before.stdout)).to.include({ code: 100 })
      for (const party of [guest, host]) {
        for (const program of ['flow', 'pipeline']) {
          const init = await party.fateflow(program, 'init', '--ip', 'fateflow', '--port', '9380')
          expect(JSON.parse(init.stdout)).to.include({ code: 0 })
        }
      }
    })

    it('pass the toy test both ways, and each alone', async () => {
      for (const [party, other] of [
        [guest, '9999'],
        [host, '10000'],
        [guest, '10000'],
      ] as const) {
        expect(lastStatus(await party.toy(other)), party.settings.id).to.equal('success')
      }
    })

    it('serve their ports', async () => {
      const { address } = guest.settings
      const site = await fetch(`http://${address}:9380/v2/site/info/query`)
      expect(await site.json()).to.deep.include({ code: 0, data: { party_id: '10000' } })
      for (const port of [8080, 20000]) {
        expect((await fetch(`http://${address}:${port}/`)).status).to.equal(200)
      }
      const login = await fetch(`http://${address}:8080/user/login`, {
        method: 'POST',
        body: JSON.stringify({ username: 'admin', password: 's3cret' }),
      })
      expect(await login.json()).to.include({ code: 0 })
    })

    it('count the rows of an upload', async () => {
      const body = {
        file: `${base}/examples/data/breast_hetero_guest.csv`,
        head: true,
        namespace: 'n',
        name: 'guest',
      }
      const api = `http://${guest.settings.address}:9380/v2`
      const upload = await fetch(`${api}/data/component/upload`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
      expect(await upload.json()).to.include({ code: 0 })
      await delay(1.5 * seconds)
      const table = (await (await fetch(`${api}/table/query?namespace=n&name=guest`)).json()) as {
        data: unknown
      }
      expect(table.data).to.include({ count: 569 })
      const missing = await fetch(`${api}/table/query?namespace=n&name=none`)
      expect(missing.status).to.equal(200)
      expect(await missing.json()).to.include({ code: 7001 })
    })

    it('leave jobs and logs where volumes are mounted', async () => {
      const kept = await guest.fateflow(
        'sh',
        '-c',
        'ls fate_flow/jobs/*/guest/10000/dag.json fate_flow/logs/*/guest/10000/*',
      )
      expect(kept.status, kept.stderr).to.equal(0)
    })

    it('have registered their managers as healthy', async () => {
      const rows = await guest.sql('select node_type, status from server_node order by 1')
      expect(rows).to.equal('CLUSTER_MANAGER\tHEALTHY\nNODE_MANAGER\tHEALTHY\n')
    })
  })

  describe('a toy test fails', () => {
    afterEach(async () => {
      await Promise.all([guest.repair(), host.repair()])
      expect(lastStatus(await guest.toy('9999')), 'after the repair').to.equal('success')
    })

    it('when the route leads nowhere, in a circle, or is not there', async () => {
      const { settings } = guest
      for (const peers of [{ 9999: '127.0.0.1' }, { 9999: settings.address }, {}]) {
        await guest.bend('osx/route_table.json', JSON.stringify(routeTable({ ...settings, peers })))
        await delay(3 * seconds)
        expect(refusal(await guest.toy('9999')), JSON.stringify(peers)).to.include({ code: 1002 })
      }
    })

    it('when the other party is not in its own self_party: the job hangs', async () => {
      await host.bend(
        'osx/route_table.json',
        JSON.stringify({ ...routeTable(host.settings), self_party: ['1'] }),
      )
      await delay(3 * seconds)
      const toy = await guest.toy('9999', 4)
      expect(lastStatus(toy)).to.equal('running')
      expect(toy.stdout).to.contain('timeout...')
      expect(toy.status).to.equal(0)
    })

    it("when the other party's table was invalid at its start: the port is open, the log tells", async () => {
      await host.bend('osx/route_table.json', '{')
      await host.compose('restart', 'osx')
      await delay(1 * seconds)
      expect(refusal(await guest.toy('9999'))).to.include({ code: 1002 })
      const log = await host.exec('osx', 'cat', 'logs/broker/broker.log')
      expect(log.stdout).to.contain('invalid route table')
    })

    it('when the other broker is down', async () => {
      await host.compose('stop', 'osx')
      expect(refusal(await guest.toy('9999'))).to.include({ code: 1002 })
    })

    it('when the broker was started without pb_lib', async () => {
      await host.startOsxWith(osxCommand('conf/broker/:lib/*:lib/osx-broker-1.1.0.jar'))
      await delay(1 * seconds)
      expect(refusal(await guest.toy('9999')).message).to.contain('pb_lib')
    })

    it('when there are not enough cores: refused, or it waits', async () => {
      await host.bend('fate_flow/service_conf.yaml', JSON.stringify(serviceConf('9999', 3)))
      await host.compose('restart', 'fateflow')
      await host.healthy()
      expect(refusal(await guest.toy('9999'))).to.include({ code: 1006 })
      await host.bend('fate_flow/service_conf.yaml', JSON.stringify(serviceConf('9999', 5)))
      await host.compose('restart', 'fateflow')
      await host.healthy()
      const alone = await host.toy('9999', 3)
      expect(lastStatus(alone), alone.stdout).to.equal('waiting')
    })
  })

  describe('a service does not start', () => {
    afterEach(() => host.repair())

    it('FATE-Flow with a wrong password, an unknown engine, or a party id that is a number', async () => {
      const right = serviceConf('9999')
      const wrong = {
        'Access denied': serviceConf('9999', 16, 'wrong'),
        'localfs is illegal': { ...right, default_engines: { ...right.default_engines, storage: 'localfs' } },
        'standalone is not supported in eggroll': {
          ...right,
          default_engines: { ...right.default_engines, federation: 'standalone' },
        },
        'party_id must be a string': { ...right, party_id: 9999 },
        'Cannot assign requested address': { ...right, fateflow: { ...right.fateflow, host: '192.0.2.1' } },
      }
      for (const [reason, conf] of Object.entries(wrong)) {
        await host.bend('fate_flow/service_conf.yaml', JSON.stringify(conf))
        await host.compose('restart', 'fateflow')
        await host.logs('fateflow', reason)
      }
    })

    it('the cluster manager with a wrong password', async () => {
      const right = handMadeParty(host.settings)['eggroll/eggroll.properties'] ?? ''
      await host.bend('eggroll/eggroll.properties', right.replace(/jdbc.password=.*/, 'jdbc.password=wrong'))
      await host.compose('restart', 'clustermanager')
      await host.logs('clustermanager', 'Access denied')
    })

    it('the broker with a class that is not in the class path', async () => {
      await host.startOsxWith(osxCommand('conf/broker/', 'com.osx.broker.Bootstrap'))
      await host.logs('osx', 'Could not find or load main class com.osx.broker.Bootstrap')
    })

    it('MySQL without a choice of password', async () => {
      const run = await host.shell('docker run --rm mysql:8.0.28')
      expect(run.status).to.equal(1)
      expect(run.stderr).to.contain('password option is not specified')
    })
  })

  it('offer no more at the command line than busybox and java where the real ones are Alpine', async () => {
    const look =
      'for tool in bash curl python python3 java wget nc; do command -v $tool >/dev/null && echo $tool; done'
    for (const service of ['osx', 'fateboard']) {
      expect((await guest.exec(service, 'sh', '-c', look)).stdout).to.equal('java\nwget\nnc\n')
    }
  })
})

/** A hand-made deployment on one host of the lab. */
class Party {
  readonly folder: string
  private readonly bent = new Set<string>()

  constructor(
    private readonly lab: Lab,
    private readonly number: number,
    readonly settings: Parameters<typeof handMadeParty>[0],
  ) {
    this.folder = `/srv/confs-${settings.id}`
  }

  async deploy() {
    for (const [path, text] of Object.entries(handMadeParty(this.settings))) await this.write(path, text)
    await this.compose('up', '-d')
  }

  /** Puts back what a test has bent, and starts again what reads it. */
  async repair() {
    const readers: Record<string, string> = { osx: 'osx', fate_flow: 'fateflow', eggroll: 'clustermanager' }
    const bent = new Set([...this.bent].map((path) => readers[path.split('/')[0] ?? '']))
    this.bent.clear()
    await this.deploy()
    for (const service of bent) if (service !== undefined) await this.compose('restart', service)
    await this.healthy()
  }

  /** Writes a wrong file, which the next repair puts right. */
  async bend(path: string, text: string) {
    this.bent.add(path)
    await this.write(path, text)
  }

  async remove() {
    await this.compose('down', '-v')
    await this.shell(`rm -rf ${this.folder}`)
  }

  async write(path: string, text: string) {
    const file = `${this.folder}/${path}`
    const written = await this.lab.run(
      this.number,
      ['sh', '-c', `mkdir -p "\${0%/*}" && cat >"$0"`, file],
      text,
    )
    expect(written.status, written.stderr).to.equal(0)
  }

  async startOsxWith(command: string) {
    const file = JSON.parse(handMadeParty(this.settings)['docker-compose.yml'] ?? '') as {
      services: Record<string, { command?: string[] }>
    }
    file.services['osx'] = { ...file.services['osx'], command: ['sh', '-c', command] }
    await this.bend('docker-compose.yml', JSON.stringify(file))
    await this.compose('up', '-d', 'osx')
  }

  async compose(...words: string[]) {
    const outcome = await this.shell(`cd ${this.folder} && docker compose ${words.join(' ')}`)
    expect(outcome.status, outcome.stderr).to.equal(0)
  }

  exec(service: string, ...command: string[]): Promise<Outcome> {
    return this.lab.run(this.number, ['docker', 'exec', `confs-${this.settings.id}-${service}-1`, ...command])
  }

  fateflow(...command: string[]) {
    return this.exec('fateflow', ...command)
  }

  toy(other: string, timeout = 15) {
    return this.fateflow(
      'flow',
      'test',
      'toy',
      '-gid',
      this.settings.id,
      '-hid',
      other,
      '-t',
      String(timeout),
    )
  }

  shell(script: string) {
    return this.lab.run(this.number, ['sh', '-c', script])
  }

  async sql(statement: string) {
    const client = ['mysql', '-h127.0.0.1', '-ufate', `-p${PASSWORD}`, '-N', 'fate_flow', '-e', statement]
    return (await this.exec('mysql', ...client)).stdout
  }

  /** Until FATE-Flow answers with code 0, both managers are healthy, and the broker listens. */
  healthy() {
    return this.until(async () => {
      const health = await this.fateflow('curl', '-sf', 'http://fateflow:9380/v2/server/fateflow')
      const nodes = await this.sql("select count(*) from server_node where status='HEALTHY'")
      const broker = await this.fateflow('bash', '-c', 'exec 3<>/dev/tcp/osx/9370')
      return health.stdout.includes('"code": 0') && nodes === '2\n' && broker.status === 0
    })
  }

  /** Until a service has said something in its log. */
  async logs(service: string, text: string) {
    const read = () => this.shell(`docker logs confs-${this.settings.id}-${service}-1 2>&1`)
    await this.until(
      async () => (await read()).stdout.includes(text),
      async () => (await read()).stdout,
    )
  }

  private async until(holds: () => Promise<boolean>, describe = async () => '') {
    for (const deadline = Date.now() + 60 * seconds; Date.now() < deadline; await delay(300)) {
      if (await holds()) return
    }
    throw new Error(`party ${this.settings.id} was waited for in vain: ${await describe()}`)
  }
}

/** The word after the last "is" of a toy test. */
function lastStatus({ stdout }: Outcome): string | undefined {
  return stdout
    .match(/^toy test job \d+ is (\w+)$/gm)
    ?.at(-1)
    ?.split(' ')
    .at(-1)
}

/** What the server said when it refused the job. */
function refusal({ stdout }: Outcome) {
  return JSON.parse(stdout) as { code: number; message: string }
}
