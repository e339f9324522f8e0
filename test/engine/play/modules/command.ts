import { defineModule } from '../../../../engine/module/contract.js'

/** Stands in for a module with free-form text. */
export default defineModule({
  summary: 'Run a command',
  params: {
    cmd: { type: 'str', required: true, description: 'The command.' },
    chdir: { type: 'path', description: 'Where it runs.' },
    creates: { type: 'path', description: 'What it makes.' },
  },
  freeForm: 'cmd',
  returns: {},
  examples: '',
})
