import { defineModule, Fail, isTrue, isUnknown } from '../engine/module/contract.js'

/** Checks conditions. */
export default defineModule({
  summary: 'Check that conditions hold',
  params: {
    that: {
      type: 'list',
      elements: 'raw',
      required: true,
      expression: true,
      description: 'Expressions, all of which must hold.',
    },
    fail_msg: { type: 'raw', aliases: ['msg'], description: 'What to say when one does not hold.' },
    success_msg: { type: 'raw', description: 'What to say when all hold.' },
    quiet: {
      type: 'bool',
      default: false,
      description: 'Say nothing on the screen when all hold; fplay never does.',
    },
  },
  returns: {
    msg: 'What was said.',
    assertion: 'The condition that does not hold.',
    evaluated_to: 'Its value: false.',
  },
  examples: `
- assert:
    that:
      - compute_core >= 4
      - party_id != "0"
    fail_msg: a party needs four cores and an id that is not 0
`,
  prepare: async ({ that }, controller) => {
    for (const condition of that) {
      const value = typeof condition === 'string' ? controller.evaluate(condition) : condition
      if (isUnknown(value)) return { failed: undefined, unknown: value }
      if (!isTrue(value)) return { failed: condition, unknown: undefined }
    }
    return { failed: undefined, unknown: undefined }
  },
  wanted: ({ fail_msg: message }, _before, { failed }) => {
    if (failed === undefined) return new Map()
    const text = Array.isArray(message) ? message.join('\n') : message
    const msg = String(text ?? 'Assertion failed')
    throw new Fail(text === undefined ? `${msg}: ${String(failed)}` : msg, [], undefined, {
      msg,
      assertion: failed,
      evaluated_to: false,
    })
  },
  result: ({ success_msg: message }, _before, _after, _ran, { unknown }) => ({
    values: { msg: unknown ?? message ?? 'All assertions passed' },
  }),
})
