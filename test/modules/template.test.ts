import { expect } from 'chai'
import type { Controller } from '../../engine/module/contract.js'
import template from '../../modules/template.js'
import { withDefaults } from '../support/envelope.js'

describe('template', () => {
  it('tells Jinja how it is written, and refuses to tell Handlebars', async () => {
    const told: unknown[] = []
    const controller = {
      render: async (src: string, options: object) => (told.push({ src, ...options }), 'text'),
    } as unknown as Controller
    const prepare = (src: string, params: object): Promise<unknown> =>
      template.prepare!(withDefaults(template, { src, dest: '/x', ...params }) as never, controller)
    await prepare('a.j2', { variable_start_string: '<<', trim_blocks: false })
    await prepare('a.hbs', { trim_blocks: true })
    expect(told[0]).to.deep.equal({
      src: 'a.j2',
      trim_blocks: false,
      lstrip_blocks: false,
      block_start_string: '{%',
      block_end_string: '%}',
      variable_start_string: '<<',
      variable_end_string: '}}',
      comment_start_string: '{#',
      comment_end_string: '#}',
    })
    expect(told).to.have.length(2)
    const refusal = await prepare('a.hbs', { lstrip_blocks: true }).catch((error: unknown) => error)
    expect(String(refusal)).to.include('lstrip_blocks is of Jinja, and a.hbs is a Handlebars template')
  })
})
