import type { Bearer } from './keywords.js'
import type { ValueKind } from './value-kinds.js'

/** What a keyword is called in a sentence: "a task". */
export const BEARER_WORDS: Readonly<Record<Bearer, string>> = {
  play: 'a play',
  block: 'a block',
  task: 'a task',
  handler: 'a handler',
  role: 'an entry of roles',
  import_playbook: 'import_playbook',
}

/** What `loop_control` may have. */
export const LOOP_CONTROL = {
  loop_var: { kind: 'name', description: 'Variable that holds the item; default item.' },
  index_var: { kind: 'name', description: 'Variable that holds the number of the item, from 0.' },
  label: { kind: 'any', description: 'What is shown for an item instead of the item itself.' },
  pause: { kind: 'number', description: 'Seconds between two items.' },
  extended: { kind: 'bool', description: 'Whether ansible_loop tells of the loop.' },
  extended_allitems: { kind: 'bool', description: 'Whether ansible_loop holds all items; default true.' },
} as const satisfies Readonly<Record<string, { kind: ValueKind; description: string }>>

/** What an entry of `vars_prompt` may have. */
export const PROMPT = {
  name: { kind: 'name', description: 'The variable.' },
  prompt: { kind: 'text', description: 'What the user is asked; default the name.' },
  default: { kind: 'any', description: 'Value when the user enters nothing.' },
  private: { kind: 'bool', description: 'Whether the input stays invisible; default true.' },
  confirm: { kind: 'bool', description: 'Whether it is asked twice.' },
  encrypt: { kind: 'text', description: 'Scheme by which the input is hashed, as for password_hash.' },
  salt: { kind: 'text', description: 'Salt of the hash.' },
  salt_size: { kind: 'int', description: 'Length of a salt made at random.' },
  unsafe: { kind: 'bool', description: 'Whether the input may hold braces that are no template.' },
} as const satisfies Readonly<Record<string, { kind: ValueKind; description: string }>>
