import { defineModule, Fail } from '../engine/module/contract.js'
import { sh } from '../engine/module/quote.js'

/** Proves that a task can be run on the host. */
export default defineModule({
  summary: 'Prove that tasks can be run on the host',
  params: { data: { type: 'str', default: 'pong', description: 'What is answered; `crash` fails.' } },
  returns: { ping: 'The data.' },
  examples: '- ping:',
  probe: ({ data }) => [
    { kind: 'own', key: `run:ping ${data}`, script: sh`:`, read: ({ code }) => ({ answered: code === 0 }) },
  ],
  wanted: ({ data }) => {
    if (data === 'crash') throw new Fail('boom')
    return new Map()
  },
  result: ({ data }) => ({ values: { ping: data } }),
})
