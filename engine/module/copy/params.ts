import { ATTRIBUTES } from '../attributes.js'
import type { InferParams } from '../params.js'
import { PLACED } from '../placed.js'

/** Parameters of the module `copy`. */
export const COPY = {
  src: {
    type: 'str',
    searched: { folder: 'files', unless: 'remote_src' },
    description:
      'File or folder, searched in files/ of the role or playbook; a folder ending in / gives what is in it.',
  },
  content: {
    type: 'raw',
    description: 'The text itself in place of src; lists and dictionaries are written as JSON.',
  },
  remote_src: { type: 'bool', default: false, description: 'src is on the host.' },
  decrypt: {
    type: 'bool',
    default: true,
    description: 'Decrypt files of the controller that are encrypted with vault.',
  },
  directory_mode: { type: 'mode', description: 'Permissions of the folders that are made.' },
  checksum: { type: 'str', description: 'SHA-1 that the source must have.' },
  local_follow: {
    type: 'bool',
    description:
      'Copy what links in a folder point to, not the links. Default: yes for a folder of the controller, no with remote_src.',
  },
  ...PLACED,
  ...ATTRIBUTES,
} as const
/** Values of {@link COPY}. */
export type Copy = InferParams<typeof COPY>
