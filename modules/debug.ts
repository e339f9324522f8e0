import { defineModule, type Value } from '../engine/module/contract.js'

/** Shows a text or a variable. */
export default defineModule({
  summary: 'Show a text or the value of an expression',
  params: {
    msg: { type: 'raw', default: 'Hello world!', description: 'What to show.' },
    var: {
      type: 'str',
      expression: true,
      description: 'Expression (without braces) whose value is shown.',
    },
    verbosity: { type: 'int', default: 0, description: 'Shown only with this many -v.' },
  },
  takesUnknown: true,
  returns: { msg: 'What was shown.' },
  examples: `
- debug: {msg: "FATEBoard of party {{ party_id }}: http://{{ bind_address }}:8080"}
`,
  prepare: async (given, controller): Promise<Value | undefined> =>
    given.var === undefined ? undefined : (controller.display(given.var) as Value),
  result: (given, _before, _after, _ran, value) => ({
    values: given.var === undefined ? { msg: given.msg } : { [given.var]: value },
  }),
})
