import { expect } from 'chai'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRegistry } from '../../../engine/module/registry.js'
import { MODULES } from '../play/playbooks.js'

describe('createRegistry', () => {
  it('lists the modules of a folder without loading them', () => {
    const registry = createRegistry([MODULES])
    expect(registry.names).to.deep.equal(['command', 'copy', 'debug', 'set_fact'])
    expect(registry.has('copy')).to.equal(true)
    expect(() => registry.get('copy')).to.throw('used before it was loaded')
  })

  it('gives a module once it is loaded', async () => {
    const registry = createRegistry([MODULES])
    await registry.load(['copy', 'nothing'])
    expect(registry.get('copy').summary).to.equal('Put a file on the host')
  })

  it('refuses a name that is not in the list', () => {
    expect(() => createRegistry([MODULES]).get('copi')).to.throw(
      'there is no module "copi"; did you mean "copy"?',
    )
  })

  it('lets a later folder replace a module and passes over what is none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fplay-registry-'))
    try {
      writeFileSync(join(folder, 'copy.js'), "export default { summary: 'Mine', params: {} }\n")
      writeFileSync(join(folder, '_shared.js'), '')
      writeFileSync(join(folder, 'notes.md'), '')
      writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
      const registry = createRegistry([MODULES, folder])
      await registry.load(['copy'])
      expect(registry.get('copy').summary).to.equal('Mine')
      expect(registry.names).to.deep.equal(['command', 'copy', 'debug', 'set_fact'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('has no modules where there is no folder', () => {
    expect(createRegistry(['/nowhere']).names).to.deep.equal([])
  })
})
