import type { InferParams } from '../params.js'

/** Parameters of the module `user`. */
export const USER = {
  name: { type: 'str', required: true, aliases: ['user'], description: 'The account.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['present', 'absent'],
    description: 'Whether it should be there.',
  },
  uid: { type: 'int', description: 'Its id. Default: what it has, or what the system chooses.' },
  non_unique: { type: 'bool', default: false, description: 'Allow a uid that another account has.' },
  group: {
    type: 'str',
    description: 'Primary group. A new account without it gets a group of its own name.',
  },
  groups: { type: 'list', elements: 'str', description: 'Other groups; an empty list for none.' },
  append: {
    type: 'bool',
    default: false,
    description: 'Keep the groups that it has and groups does not name.',
  },
  comment: { type: 'str', description: 'Full name or purpose.' },
  home: { type: 'path', description: 'Home folder.' },
  create_home: { type: 'bool', default: true, description: 'Make the home folder if it is not there.' },
  skeleton: { type: 'path', description: 'Folder whose content a new home gets; with create_home.' },
  shell: { type: 'str', description: 'Login shell.' },
  password: {
    type: 'str',
    secret: true,
    description: 'Hash of the password as /etc/shadow has it, never the password itself.',
  },
  update_password: {
    type: 'str',
    default: 'always',
    choices: ['always', 'on_create'],
    description: 'Whether the password of an account that is there is changed.',
  },
  password_lock: {
    type: 'bool',
    description: 'Whether the password is locked. Other ways to log in are not.',
  },
  expires: {
    type: 'float',
    description: 'When the account ends, in seconds since 1970; negative for never.',
  },
  system: {
    type: 'bool',
    default: false,
    description: 'Choose the id of a new account among those of the system.',
  },
  remove: { type: 'bool', default: false, description: 'With state absent: remove the home folder too.' },
  force: {
    type: 'bool',
    default: false,
    description: 'With state absent: remove it although somebody is logged in.',
  },
} as const
/** Values of {@link USER}. */
export type User = InferParams<typeof USER>
