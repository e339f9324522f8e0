import { ATTRIBUTES } from '../attributes.js'
import { HTTP } from '../http-params.js'
import type { InferParams, ParamTable } from '../params.js'
import { UNSAFE_WRITES } from '../write.js'

/** Parameters of `uri`. */
export const URI = {
  ...HTTP,
  url: { type: 'str', required: true, description: 'The http or https URL.' },
  method: { type: 'str', default: 'GET', description: 'Method, in capital letters.' },
  body: { type: 'raw', description: 'What is sent.' },
  body_format: {
    type: 'str',
    default: 'raw',
    choices: ['form-multipart', 'form-urlencoded', 'json', 'raw'],
    description:
      'How a body that is no text is written. Content-Type says JSON for json, otherwise a form, unless headers do. With form-multipart the body is a dictionary of texts and of files: filename, content, mime_type.',
  },
  src: {
    type: 'str',
    searched: { folder: 'files', unless: 'remote_src' },
    description: 'File that is sent in place of body, searched in files/ of the role or playbook.',
  },
  remote_src: {
    type: 'bool',
    default: false,
    description: 'src, and files of form-multipart, are on the host.',
  },
  dest: {
    type: 'path',
    description: 'Where the answer is kept; in a folder it has the name that the server tells, otherwise that of the URL.',
  },
  ...ATTRIBUTES,
  unsafe_writes: UNSAFE_WRITES,
  status_code: {
    type: 'list',
    elements: 'int',
    default: [200],
    description: 'Statuses that mean success.',
  },
  decompress: {
    type: 'bool',
    default: true,
    description: 'Unpack what the server has packed with gzip.',
  },
  force: { type: 'bool', default: false, description: 'Ask caches on the way for nothing they have kept.' },
  return_content: { type: 'bool', default: false, description: 'Return the body as content.' },
  url_username: { type: 'str', aliases: ['user'], description: 'User for basic or digest authentication.' },
  follow_redirects: {
    type: 'str',
    default: 'safe',
    choices: ['all', 'no', 'none', 'safe', 'urllib2', 'yes'],
    description: 'Which redirects are followed: all, none, or with safe those of GET and HEAD.',
  },
  unix_socket: {
    type: 'path',
    description: "Socket on the host that is asked in place of the URL's host. Needs curl on the host.",
  },
  ca_path: { type: 'path', description: 'PEM file on the host with the certificates to trust.' },
  timeout: {
    type: 'int',
    default: 30,
    description: 'Seconds to wait for the connection, and for each byte.',
  },
  creates: { type: 'path', description: 'Path or glob pattern; when it exists nothing is requested.' },
  removes: {
    type: 'path',
    description: 'Path or glob pattern; when it does not exist nothing is requested.',
  },
} as const satisfies ParamTable // prettier-ignore

/** Values of {@link URI}. */
export type Uri = InferParams<typeof URI>

/** GET and HEAD change nothing on the server: a dry run makes them too. */
export function reads({ method }: Uri): boolean {
  return method === 'GET' || method === 'HEAD'
}
