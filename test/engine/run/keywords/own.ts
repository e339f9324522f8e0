import type { Bearer, KeywordName } from '../../../../engine/play/keywords.js'
import type { Seen, Setting } from './stage.js'

/** Two texts of a playbook, without and with a keyword, and what is seen of each. */
export interface Pair extends Setting {
  readonly without: string
  readonly with: string
  /** What is looked at. */
  readonly look: (seen: Seen) => unknown
  readonly sees: readonly [unknown, unknown]
}

export const HEAD = '- hosts: all\n  gather_facts: false\n'
const LOOK = '{name: watched, command: look}'
const TASKS = `${HEAD}  tasks:\n    - ${LOOK}\n`
const FAILING = "{name: watched, command: look, failed_when: inventory_hostname == 'a'}"

const tasks = ({ events }: Seen): string =>
  events.flatMap((event) => (event.kind === 'task-start' ? [event.task.name] : [])).join(', ')
const plays = ({ events }: Seen): string[] =>
  events.flatMap((event) => (event.kind === 'play-start' ? [event.play] : []))
const batches = ({ events }: Seen): string[] =>
  events.flatMap((event) => (event.kind === 'play-start' ? [event.hosts.join(' ')] : []))
const asked = ({ every }: Seen): unknown =>
  every.find(({ moduleName }) => moduleName === 'setup')?.params ?? 'nothing'
export const argument = ({ calls }: Seen): unknown => calls[0]?.params['cmd']

/** A keyword beside the head of a play with the watched task. */
const inPlay = (words: string, rest: Omit<Pair, 'without' | 'with'>, text = TASKS): Pair => ({
  without: text,
  with: text.replace('- hosts: all\n', `- hosts: all\n  ${words}\n`),
  ...rest,
})

/** An import of other.yml, without and with more words. */
const atImport = (words: string, rest: Omit<Pair, 'without' | 'with'>): Pair => ({
  without: '- import_playbook: other.yml\n',
  with: `- import_playbook: other.yml\n  ${words}\n`,
  files: { 'other.yml': TASKS.replace('look}', '"{{ word | default(\'none\') }}"}') },
  ...rest,
})

/** What a task says, without and with other words. */
export const task = (without: string, words: string, rest: Omit<Pair, 'without' | 'with'>): Pair => ({
  without: `${HEAD}  tasks:\n    - ${without}\n`,
  with: `${HEAD}  tasks:\n    - ${words}\n`,
  hosts: 'a,',
  ...rest,
})

const NOTIFYING = `${HEAD}  tasks:\n    - {ping: , changed_when: true, notify: topic}\n  handlers:\n`

/** What a handler says, without and with other words. */
const handler = (without: string, words: string, rest: Omit<Pair, 'without' | 'with'>): Pair => {
  const text = (own: string): string => `${NOTIFYING}    - ${own.replace('{', '{listen: topic, ')}\n`
  return { without: text(without), with: text(words), hosts: 'a,', ...rest }
}

const RUNS = { look: argument, sees: [undefined, 'look'] } as const
const ARGS = { look: ({ calls }: Seen) => calls[0]?.params['chdir'], sees: [undefined, '/srv'] } as const
const RETRY = 'until: false, retries: 1'
const WAITS = { look: ({ waits }: Seen) => waits, sees: [[5000], [7000]], instant: true } as const

const STEPS = `${HEAD}  tasks:\n    - {name: one watched, command: look}\n    - {name: two watched, command: look}\n`

/** The host `a` waits in its first task until `b` is in its second, or a good while; who comes first to the second? */
function overtaking(): Pick<Pair, 'ends' | 'look'> {
  const second: string[] = []
  return {
    ends: async ({ task: name }, target) => {
      if (name.startsWith('two')) second.push(target.name)
      for (
        let turns = 0;
        turns < 2000 && name.startsWith('one') && target.name === 'a' && !second.length;
        turns++
      )
        await new Promise((resolve) => setImmediate(resolve))
      return {}
    },
    look: () => second.splice(0).join(' '),
  }
}

/** Keywords that do something of their own. */
export const OWN: Partial<Record<`${Bearer} ${KeywordName}`, Pair>> = {
  'play name': inPlay('name: deploy', { look: plays, sees: [['all'], ['deploy']] }),
  'task name': task('{ping: }', '{name: reach, ping: }', { look: tasks, sees: ['ping', 'reach'] }),
  'handler name': handler('{command: look}', LOOK, { look: tasks, sees: ['ping, command', 'ping, watched'] }),
  'play hosts': {
    without: TASKS,
    with: TASKS.replace('all', 'b'),
    look: batches,
    sees: [['a b'], ['b']],
  },
  'play strategy': inPlay('strategy: free', { ...overtaking(), sees: ['a b', 'b a'] }, STEPS),
  'play serial': inPlay('serial: 1', { look: batches, sees: [['a b'], ['a', 'b']] }),
  'play order': inPlay('order: reverse_inventory', { look: batches, sees: [['a b'], ['b a']] }),
  'play max_fail_percentage': inPlay(
    'max_fail_percentage: 20',
    { look: tasks, sees: ['watched, after', 'watched'] },
    `${HEAD}  tasks:\n    - ${FAILING}\n    - {name: after, debug: }\n`,
  ),
  'play vars_files': inPlay(
    'vars_files: words.yml',
    { look: argument, sees: ['none', 'given'], files: { 'words.yml': 'word: given' } },
    TASKS.replace('look}', '"{{ word | default(\'none\') }}"}'),
  ),
  'play vars_prompt': inPlay(
    'vars_prompt: [{name: word}]',
    { look: argument, sees: ['none', 'given'], answer: 'given' },
    TASKS.replace('look}', '"{{ word | default(\'none\') }}"}'),
  ),
  'play gather_facts': {
    without: TASKS,
    with: TASKS.replace('false', 'true'),
    look: tasks,
    sees: ['watched', 'Gathering Facts, watched'],
  },
  'play gather_subset': inPlay(
    'gather_subset: [network]',
    {
      look: (seen) => (asked(seen) as { gather_subset: unknown }).gather_subset,
      sees: [['all'], ['network']],
    },
    TASKS.replace('false', 'true'),
  ),
  'play gather_timeout': inPlay(
    'gather_timeout: 3',
    { look: (seen) => (asked(seen) as { gather_timeout: unknown }).gather_timeout, sees: [10, 3] },
    TASKS.replace('false', 'true'),
  ),
  'play fact_path': inPlay(
    'fact_path: /srv/facts',
    {
      look: (seen) => (asked(seen) as { fact_path: unknown }).fact_path,
      sees: ['/etc/ansible/facts.d', '/srv/facts'],
    },
    TASKS.replace('false', 'true'),
  ),
  'play roles': inPlay('roles: [r]', {
    look: tasks,
    sees: ['watched', 'r : inside, watched'],
    files: { 'roles/r/tasks/main.yml': '- {name: inside, debug: }' },
  }),
  'play pre_tasks': inPlay(`pre_tasks: [{name: first, debug: }]`, {
    look: tasks,
    sees: ['watched', 'first, watched'],
  }),
  'play tasks': { without: HEAD, with: TASKS, look: tasks, sees: ['', 'watched'] },
  'play post_tasks': inPlay(`post_tasks: [{name: last, debug: }]`, {
    look: tasks,
    sees: ['watched', 'watched, last'],
  }),
  'play handlers': {
    without: `${HEAD}  tasks:\n    - {name: watched, command: look, changed_when: true}\n`,
    with: `${HEAD}  tasks:\n    - {name: watched, command: look, changed_when: true, notify: bell}\n  handlers: [{name: bell, debug: }]\n`,
    look: tasks,
    sees: ['watched', 'watched, bell'],
  },
  'play force_handlers': inPlay(
    'force_handlers: true',
    { look: tasks, sees: ['watched, end', 'watched, end, bell'] },
    `${HEAD}  tasks:\n    - {name: watched, command: look, changed_when: true, notify: bell}\n    - {name: end, ping: , failed_when: true}\n  handlers: [{name: bell, debug: }]\n`,
  ),
  'role role': {
    without: HEAD,
    with: `${HEAD}  roles:\n    - role: r\n`,
    look: tasks,
    sees: ['', 'r : inside'],
    files: { 'roles/r/tasks/main.yml': '- {name: inside, debug: }' },
  },
  'block block': task(LOOK, `block: [${LOOK}, {name: more, debug: }]`, {
    look: tasks,
    sees: ['watched', 'watched, more'],
  }),
  'block rescue': task(`block: [${FAILING}]`, `{block: [${FAILING}], rescue: [{name: rescued, debug: }]}`, {
    look: tasks,
    sees: ['watched', 'watched, rescued'],
  }),
  'block always': task(`block: [${FAILING}]`, `{block: [${FAILING}], always: [{name: always, debug: }]}`, {
    look: tasks,
    sees: ['watched', 'watched, always'],
  }),
  'import_playbook import_playbook': {
    ...atImport('', { look: tasks, sees: ['watched', 'watched, watched'] }),
    with: '- import_playbook: other.yml\n- import_playbook: other.yml\n',
  },
  'import_playbook vars': atImport('vars: {word: given}', { look: argument, sees: ['none', 'given'] }),
  'import_playbook when': atImport('when: false', {
    look: ({ outcomes }) => outcomes['a']?.status,
    sees: ['ok', 'skipped'],
  }),
  'import_playbook tags': atImport('tags: wanted', {
    look: tasks,
    sees: ['', 'watched'],
    settings: { tags: ['wanted'] },
  }),
  'task action': task('{name: watched, debug: }', '{name: watched, action: command look}', RUNS),
  'handler action': handler('{name: watched, debug: }', '{name: watched, action: command look}', {
    look: ({ every }) => every.at(-1)?.moduleName,
    sees: ['debug', 'command'],
  }),
  'task local_action': task(LOOK, '{name: watched, local_action: command look}', {
    look: ({ connections }) => connections[0]?.kind,
    sees: ['ssh', 'local'],
  }),
  'handler local_action': handler(LOOK, '{name: watched, local_action: command look}', {
    look: ({ connections }) => connections[0]?.kind,
    sees: ['ssh', 'local'],
  }),
  'task args': task(LOOK, '{name: watched, command: look, args: {chdir: /srv}}', ARGS),
  'handler args': handler(LOOK, '{name: watched, command: look, args: {chdir: /srv}}', ARGS),
  'task loop_control': task(
    '{name: watched, command: "{{ item | default(one) }}", vars: {one: other}, loop: [1]}',
    '{name: watched, command: "{{ item | default(one) }}", loop: [2], loop_control: {loop_var: one}}',
    { look: argument, sees: ['1', '2'] },
  ),
  'handler loop_control': handler(
    '{name: watched, command: "{{ item | default(one) }}", vars: {one: other}, loop: [1]}',
    '{name: watched, command: "{{ item | default(one) }}", loop: [2], loop_control: {loop_var: one}}',
    { look: argument, sees: ['1', '2'] },
  ),
  'handler listen': {
    without: `${NOTIFYING}    - {name: topic, debug: }\n    - {name: other, debug: }\n`,
    with: `${NOTIFYING}    - {name: topic, debug: }\n    - {name: other, debug: , listen: topic}\n`,
    hosts: 'a,',
    look: tasks,
    sees: ['ping, topic', 'ping, topic, other'],
  },
  'task delay': task(
    `{name: watched, command: look, ${RETRY}}`,
    `{name: watched, command: look, ${RETRY}, delay: 7}`,
    WAITS,
  ),
  'handler delay': handler(
    `{name: watched, command: look, ${RETRY}}`,
    `{name: watched, command: look, ${RETRY}, delay: 7}`,
    WAITS,
  ),
}
