import { expect } from 'chai'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { foretells } from '../support/foretell.js'
import { iniInventory } from '../support/inventories.js'
import { useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'

const FOLDER = join(import.meta.dirname, 'system')

/**
 * Each playbook of the folder on Debian and on busybox: `--check` changes nothing and foretells every status, the run
 * changes what was foretold and its assertions hold, a second run changes nothing (but for the names that say so).
 */
describe('modules of the system on hosts', function () {
  this.timeout(120_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)

  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.yml'))) {
    it(name.replace('.yml', ''), async () => {
      const inventory = workplace.write('hosts', await iniInventory(lab()))
      workplace.write('big.sh', `#!/bin/sh\n${'# padding of a line\n'.repeat(60_000)}echo $#\n`)
      const argv = [join(FOLDER, name), '-i', inventory, '-e', `scratch=${workplace.folder}`]
      const settles = !name.startsWith('always-')
      const what = { workplace, lab: lab(), hosts: [1, 3], argv, settles }
      const { foretold, tasks, checked, ran } = await foretells(what)
      expect(foretold, `foretold:\n${checked.out}\nwas:\n${ran.out}`).to.equal(tasks)
    })
  }

  it('wait_for_connection, of a host that comes back', async () => {
    const tasks = '{ wait_for_connection: { timeout: 300, connect_timeout: 2 }, register: back }'
    const assertion = "{ assert: { that: 'back.elapsed > 0' } }"
    const playbook = `- hosts: two\n  gather_facts: false\n  tasks: [${tasks}, ${assertion}]\n`
    const inventory = workplace.write('hosts', await iniInventory(lab()))
    await lab().powerOff(2)
    const run = workplace.start([workplace.write('back.yml', playbook), '-i', inventory])
    await run.until(/TASK \[wait_for_connection/)
    // It has to wait for some seconds at least, of which it tells the whole ones.
    await new Promise((resolve) => setTimeout(resolve, 3000))
    await lab().powerOn(2)
    const { code, out, err } = await run.end
    expect(code, out + err).to.equal(0)
  })
})
