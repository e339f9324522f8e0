import { defineModule, Fail } from '../engine/module/contract.js'

/** Fails with a message. */
export default defineModule({
  summary: 'Fail with a message',
  params: { msg: { type: 'str', default: 'Failed as requested from task', description: 'Why.' } },
  returns: { msg: 'The message.' },
  examples: `
- fail: {msg: "party {{ party_id }} has no address"}
  when: party_address is not defined
`,
  wanted: ({ msg }) => {
    throw new Fail(msg)
  },
})
