import { Ajv } from 'ajv'
import { expect } from 'chai'
import { keywordSchema } from '../../../engine/play/keyword-schema.js'
import { KEYWORDS, keywordsOf } from '../../../engine/play/keywords.js'
import type { Bearer } from '../../../engine/play/keywords.js'

const ajv = new Ajv({ allowUnionTypes: true })

describe('keywordSchema', () => {
  const accepts = (bearer: Bearer, value: unknown) => ajv.compile(keywordSchema(bearer, { debug: {} }))(value)

  it('allows the keywords of a task, its loops and modules, and nothing else', () => {
    expect(
      accepts('task', { debug: {}, when: 'x', with_items: [1], become: 'yes', retries: '{{ n }}' }),
    ).to.equal(true)
    expect(accepts('task', { debug: {}, hosts: 'all' })).to.equal(false)
    expect(accepts('task', { debug: {}, become: 'perhaps' })).to.equal(false)
    expect(accepts('task', { debug: {}, register: '{{ x }}' })).to.equal(false)
  })

  it('is closed for plays and blocks and open for roles', () => {
    expect(accepts('play', { hosts: 'all', serial: ['10%', 2] })).to.equal(true)
    expect(accepts('play', { hosts: 'all', listen: 'x' })).to.equal(false)
    expect(accepts('block', { block: [], loop: [] })).to.equal(false)
    expect(accepts('role', { role: 'web', port: 80 })).to.equal(true)
  })

  it('describes every keyword, each allowed somewhere', () => {
    for (const [name, { description, on }] of Object.entries(KEYWORDS)) {
      expect(description, name).to.match(/\.$/)
      expect(on, name).not.to.have.length(0)
    }
    expect(keywordsOf('handler').has('listen')).to.equal(true)
    expect(keywordsOf('task').has('listen')).to.equal(false)
  })
})
