import { defineModule } from '../../../../engine/module/contract.js'

/** Stands in for a module that takes any parameters. */
export default defineModule({
  summary: 'Set variables',
  params: { cacheable: { type: 'bool', default: false, description: 'Whether they last.' } },
  open: true,
  returns: {},
  examples: '',
})
