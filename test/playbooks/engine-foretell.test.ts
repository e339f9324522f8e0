import { join } from 'node:path'
import { expect } from 'chai'
import { foretells } from '../support/foretell.js'
import { useLab } from '../support/lab.js'
import { useWorkplace } from '../support/workplace.js'

describe('a dry run on hosts', function () {
  this.timeout(120_000)
  const lab = useLab()
  const workplace = useWorkplace(() => lab().environment)

  it('changes nothing, and foretells each task of the real run, also where tasks lean on each other', async () => {
    const hosts = await lab().hosts()
    const lines = hosts.map(
      ({ name, address, kind }) =>
        `${name} ansible_host=${address} accounts=${kind === 'busybox' ? 'False' : 'True'}`,
    )
    const inventory = workplace.write('hosts', `${lines.join('\n')}\n`)
    const { tasks, foretold } = await foretells({
      workplace,
      lab: lab(),
      hosts: [1, 2, 3],
      argv: [join(import.meta.dirname, 'scenario/site.yml'), '-i', inventory],
    })
    expect(foretold).to.equal(tasks)
  })
})
