import type { ParamTable } from '../params.js'

/** The parameters of `find`. */
export const FIND = {
  paths: {
    type: 'list',
    elements: 'path',
    required: true,
    aliases: ['name', 'path'],
    description: 'Absolute paths of the folders to search.',
  },
  patterns: {
    type: 'list',
    elements: 'str',
    default: [],
    aliases: ['pattern'],
    description: 'Take names that match one of these shell patterns. Default: all.',
  },
  excludes: {
    type: 'list',
    elements: 'str',
    aliases: ['exclude'],
    description: 'Leave out names that match one of these.',
  },
  use_regex: {
    type: 'bool',
    default: false,
    description: 'Patterns are regular expressions (Python), found at the beginning of the name.',
  },
  contains: {
    type: 'str',
    description:
      'Regular expression that a line of a file must begin with; for file_type file. Files of more than 10 MiB are refused.',
  },
  read_whole_file: {
    type: 'bool',
    default: false,
    description: 'Look for contains anywhere in the whole text, not line by line.',
  },
  file_type: {
    type: 'str',
    default: 'file',
    choices: ['any', 'directory', 'file', 'link'],
    description: 'Kind of entries to take.',
  },
  age: {
    type: 'str',
    description: 'Take what is at least as old, or with a minus at most: a number with s, m, h, d or w.',
  },
  age_stamp: {
    type: 'str',
    default: 'mtime',
    choices: ['atime', 'ctime', 'mtime'],
    description: 'Time that counts for age.',
  },
  size: {
    type: 'str',
    description: 'Take files at least as large, or with a minus at most: a number with b, k, m, g or t.',
  },
  recurse: { type: 'bool', default: false, description: 'Go into the folders below.' },
  depth: { type: 'int', description: 'Levels to go down with recurse. Default: all.' },
  hidden: { type: 'bool', default: false, description: 'Take names that begin with a dot too.' },
  follow: { type: 'bool', default: false, description: 'With recurse, go into folders that links lead to.' },
  get_checksum: { type: 'bool', default: false, description: 'Tell the SHA-1 of files.' },
} as const satisfies ParamTable
