import { defineModule } from '../../../../engine/module/contract.js'

/** Stands in for a module with files of the controller. */
export default defineModule({
  summary: 'Put a file on the host',
  params: {
    src: { type: 'str', searched: { folder: 'files', unless: 'remote_src' }, description: 'The file.' },
    content: { type: 'raw', description: 'The text itself.' },
    dest: { type: 'path', required: true, aliases: ['path'], description: 'Where it goes.' },
    mode: { type: 'mode', description: 'Its permissions.' },
    backup: { type: 'bool', default: false, description: 'Keep the old one.' },
    remote_src: { type: 'bool', default: false, description: 'The file is on the host.' },
    state: { type: 'str', default: 'file', choices: ['file', 'absent'], description: 'What is wanted.' },
  },
  rules: { exclusive: [['src', 'content']], oneOf: [['src', 'content']] },
  returns: {},
  examples: '',
})
