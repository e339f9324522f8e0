import { expect } from 'chai'
import { createRegistry } from '../../../engine/module/registry.js'
import { fplay } from '../../support/caller.js'

describe('fplay doc', () => {
  it('lists every module with its summary', async () => {
    const { code, out } = await fplay(['doc'])
    expect(code).to.equal(0)
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).to.deep.equal(createRegistry().names)
    expect(out).to.match(/^copy +\S/m)
  })

  it('tells all of a module, also under its full name', async () => {
    const { out } = await fplay(['doc', 'ansible.builtin.debug'])
    expect(out).to.match(/^debug: /)
    expect(out).to.match(/Parameters\n[^]*msg \(raw; default "Hello world!"\)\n {6}\S/)
    expect(out).to.match(/\nExamples\n {2}- debug:/)
  })

  it('knows what was meant', async () => {
    const { code, err } = await fplay(['doc', 'debgu'])
    expect(code).to.equal(1)
    expect(err).to.match(/did you mean "debug"\?/)
  })
})
