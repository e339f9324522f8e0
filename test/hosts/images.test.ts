import { expect } from 'chai'
import { setTimeout as delay } from 'node:timers/promises'
import type { Outcome } from '../../lab/lab.js'
import { Party } from '../support/hand-made-deployment.js'
import { handMadeParty, osxCommand, routeTable, serviceConf } from '../support/hand-made-party.js'
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
