import { defineModule } from '../../../../engine/module/contract.js'

/** Stands in for a module with an expression. */
export default defineModule({
  summary: 'Show something',
  params: {
    msg: { type: 'raw', default: 'Hello', description: 'What to show.' },
    var: { type: 'str', expression: true, description: 'Expression whose value is shown.' },
    verbosity: { type: 'int', default: 0, description: 'From how many -v on.' },
  },
  returns: {},
  examples: '',
})
