import { expect } from 'chai'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { RunOptions } from '../../engine/connection/connection.js'
import { FplayError } from '../../engine/errors.js'
import type { View } from '../../engine/module/contract.js'
import reboot from '../../modules/reboot.js'
import { call, testController, testHost, withDefaults, type TestHost } from '../support/envelope.js'

/** A host that has a file in place of its boot id, and cannot be reached for some looks after its restart. */
function hostAwayFor(looks: number): TestHost {
  const host = testHost()
  writeFileSync(`${host.folder}/boot`, '1\n')
  let left = looks
  const run = async (script: string, options: RunOptions = {}) => {
    const restarted = readFileSync(`${host.folder}/boot`, 'utf8') !== '1\n'
    if (restarted && left-- > 0) throw new FplayError([{ code: 'unreachable', message: 'no route' }])
    const reply = await host.connection.run(script, options)
    if (/true restart/.test(script))
      throw new FplayError([{ code: 'connection-lost', message: 'it was closed' }])
    return reply
  }
  return { ...host, connection: { ...host.connection, run } }
}

describe('reboot', function () {
  this.timeout(30_000)
  const given = ({ folder }: TestHost): Record<string, string> => ({
    boot_time_command: `cat ${folder}/boot`,
    reboot_command: `sh -c 'echo 2 >"$0"; echo x >>"$0".runs' ${folder}/boot true restart`,
  })

  it('goes on once the host has started again and is ready, though the connection broke', async () => {
    const host = hostAwayFor(1)
    const test = `test -e ${host.folder}/tried || { : >${host.folder}/tried; echo later >&2; false; }`
    const done = await call(host, reboot, { ...given(host), test_command: test })
    expect(done, done.message).to.include({ status: 'changed' })
    expect(done.values).to.include({ rebooted: true })
    expect(done.values['elapsed']).to.be.a('number').and.at.least(1)
    expect(readFileSync(`${host.folder}/boot.runs`, 'utf8'), 'once').to.equal('x\n')
    expect(existsSync(`${host.folder}/tried`)).to.equal(true)
  })

  it('is foreseen in a dry run, with the same values, and not done', async () => {
    const host = hostAwayFor(0)
    const done = await call(host, reboot, given(host), { checkMode: true })
    expect(done).to.include({ status: 'changed' })
    expect(done.values).to.deep.equal({ rebooted: true, elapsed: 0 })
    expect(existsSync(`${host.folder}/boot.runs`)).to.equal(false)
  })

  it('fails when the host does not start again, or is not ready in time, and says what is missing', async () => {
    const host = testHost()
    writeFileSync(`${host.folder}/boot`, '1')
    const same = { ...given(host), reboot_command: 'true', reboot_timeout: 0 }
    const done = await call(host, reboot, same)
    expect(done).to.include({ status: 'failed' })
    expect(done.message).to.match(/^the host did not come back within 0 seconds: boot:id has id 1/)
    const unready = { ...given(host), test_command: 'false', reboot_timeout: 0 }
    expect((await call(host, reboot, unready)).message).to.match(/ready false, not true/)
  })

  it('refuses the controller itself, a command that is not there, and a time that does not tell', async () => {
    const host = testHost()
    writeFileSync(`${host.folder}/boot`, '1')
    const controller = { ...testController(), isLocal: () => true }
    for (const checkMode of [true, false]) {
      const local = await call(host, reboot, given(host), { controller, checkMode })
      expect(local.message).to.match(/this host is the controller/)
      const blind = await call(host, reboot, { ...given(host), boot_time_command: 'false' }, { checkMode })
      expect(blind.message).to.match(/does not tell when the host was started/)
    }
    const missing = await call(host, reboot, { ...given(host), search_paths: ['/none'] })
    expect(missing.message).to.equal('there is no sh in /none')
    const nothing = await call(host, reboot, { boot_time_command: 'echo 1', search_paths: ['/none'] })
    expect(nothing.message).to.equal('there is no shutdown or reboot in /none')
  })

  it('tells people, counts minutes, and takes reboot where there is no shutdown', () => {
    const view = { own: () => ({ id: '1' }) } as unknown as View
    const script = (params: object): string =>
      reboot.converge!(withDefaults(reboot as never, { ...params }) as never, view, new Map(), undefined)
        .script.text
    expect(script({})).to.include(`"$S" -r now 'Reboot initiated by Ansible' </dev/null`)
    expect(script({ pre_reboot_delay: 59 })).to.include('-r now')
    expect(script({ pre_reboot_delay: 150, msg: `-it's $(id)` })).to.include(
      `-r +2 -- '-it'\\''s $(id)' </dev/null`,
    )
    expect(script({ pre_reboot_delay: 5 })).to.include('(sleep 5; exec "$R")')
  })
})
