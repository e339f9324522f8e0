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
  create_home: {
    type: 'bool',
    default: true,
    aliases: ['createhome'],
    description: 'Make the home folder if it is not there.',
  },
  move_home: {
    type: 'bool',
    default: false,
    description: 'With home: bring along what is in the home that the account has now.',
  },
  umask: {
    type: 'str',
    description: 'Octal mask for the permissions of a new home, unless /etc/login.defs has HOME_MODE.',
  },
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
  password_expire_max: { type: 'int', description: 'Days after which the password must be changed.' },
  password_expire_min: { type: 'int', description: 'Days before which the password may not be changed.' },
  generate_ssh_key: {
    type: 'bool',
    default: false,
    description: 'Make an SSH key for the account with ssh-keygen. One that is there stays, but for force.',
  },
  ssh_key_type: { type: 'str', default: 'rsa', description: 'Its type: rsa, ed25519, ecdsa.' },
  ssh_key_bits: { type: 'int', description: 'Its size in bits. Default: as ssh-keygen chooses.' },
  ssh_key_file: {
    type: 'str',
    description: 'Its file, seen from the home. Default: .ssh/id_ and the type.',
  },
  ssh_key_comment: { type: 'str', description: 'Its comment. Default: ansible-generated on the host.' },
  system: {
    type: 'bool',
    default: false,
    description: 'Choose the id of a new account among those of the system.',
  },
  remove: { type: 'bool', default: false, description: 'With state absent: remove the home folder too.' },
  force: {
    type: 'bool',
    default: false,
    description:
      'With state absent: remove it although somebody is logged in. With generate_ssh_key: make a new key.',
  },
} as const
/** Values of {@link USER}. */
export type User = InferParams<typeof USER>
