import { expect } from 'chai'
import { join } from 'node:path'
import service from '../../modules/service.js'
import systemd from '../../modules/systemd.js'
import { call, testHost, type TestHost } from '../support/envelope.js'
import { useLab } from '../support/lab.js'

const DRY = { checkMode: true }

/** An init script as Debian wants it; its program is a sleep. */
const SCRIPT = `#!/bin/sh
### BEGIN INIT INFO
# Provides: fptest
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
P=/run/fptest.pid
case $1 in
start) setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >$P ;;
stop) kill "$(cat $P)"; rm $P ;;
restart) $0 stop; $0 start ;;
status) [ -e $P ] && kill -0 "$(cat $P)" ;;
esac
`

describe('service, with init scripts', function () {
  this.timeout(60_000)
  const lab = useLab()
  const hostOf = (number: number): TestHost =>
    testHost([join(import.meta.dirname, '../../lab/lab'), 'run', lab().name, String(number), 'sh'])
  const said = async (script: string): Promise<string> =>
    (await lab().run(1, ['sh', '-c', script])).stdout.trim()

  before(async () => {
    await lab().run(1, ['sh', '-c', 'cat >/etc/init.d/fptest; chmod +x /etc/init.d/fptest'], SCRIPT)
  })

  it('starts and stops, enables and disables, as foretold, and then has nothing to do', async () => {
    const host = hostOf(1)
    const state = () => said('cat /run/fptest.pid; ls /etc/rc2.d | grep fptest')
    for (const params of [
      { name: 'fptest', state: 'started', enabled: true },
      { name: 'fptest', state: 'stopped', enabled: false },
    ]) {
      const before = await state()
      expect(await call(host, service, params, DRY)).to.include({ status: 'changed' })
      expect(await state()).to.equal(before)
      host.forecast.states.clear()
      const done = await call(host, service, params)
      expect(done, done.message).to.include({ status: 'changed' })
      expect(done.values).to.include(params)
      expect(await state()).to.not.equal(before)
      const again = await call(host, service, params)
      expect(again, again.message).to.include({ status: 'ok' })
    }
  })

  it('restarts each time', async () => {
    const host = hostOf(1)
    const pid = () => said('cat /run/fptest.pid')
    await call(host, service, { name: 'fptest', state: 'started' })
    const first = await pid()
    const done = await call(host, service, { name: 'fptest', state: 'restarted' })
    expect(done, done.message).to.include({ status: 'changed' })
    expect(await pid())
      .to.match(/^\d+$/)
      .and.not.equal(first)
  })

  it('says what is missing: the service, systemd, or any manager at all', async () => {
    const message = async (number: number, module: unknown) =>
      (await call(hostOf(number), module, { name: 'none', state: 'started' })).message
    expect(await message(1, service)).to.contain('Could not find the requested service none: ')
    expect(await message(1, systemd)).to.contain('the host has no systemd; start the program with')
    expect(await message(3, service)).to.contain('the host has neither systemd, OpenRC nor init scripts')
  })
})
