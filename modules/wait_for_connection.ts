import { defineModule } from '../engine/module/contract.js'
import { constant } from '../engine/module/quote.js'

/** Waits until the host can be reached. */
export default defineModule({
  summary: 'Wait until the host can be reached and its shell answers',
  description: 'A dry run looks once and does not wait.',
  params: {
    timeout: { type: 'int', default: 600, description: 'Seconds to wait at most.' },
    connect_timeout: { type: 'int', default: 5, description: 'Seconds one attempt may take.' },
    delay: { type: 'int', default: 0, description: 'Seconds to wait before the first attempt.' },
    sleep: { type: 'int', default: 1, description: 'Seconds between two attempts.' },
  },
  returns: { elapsed: 'Whole seconds that were waited.' },
  examples: `
- name: The host comes back from its restart
  wait_for_connection: {delay: 5, timeout: 300}
`,
  prepare: async () => Date.now(),
  probe: () => [{ kind: 'own', key: 'shell:answers', script: constant`:`, read: () => ({}) }],
  until: ({ timeout, connect_timeout: attempt, delay, sleep }) => ({
    seconds: timeout,
    delay,
    sleep: Math.max(0, sleep),
    attempt: Math.max(1, attempt),
  }),
  result: (_given, _before, _after, _ran, started) => ({
    values: { elapsed: Math.round((Date.now() - started) / 1000) },
  }),
})
