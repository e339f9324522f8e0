import type { LOOP_CONTROL, PROMPT } from '../../../../engine/play/keyword-words.js'
import type { PromptQuestion } from '../../../../engine/run/settings.js'
import type { Seen } from './stage.js'
import { argument, HEAD, task, type Pair } from './own.js'

/** A loop over x and y, with these words of loop_control. */
const loop = (words: string, rest: Omit<Pair, 'without' | 'with'>, command = 'look'): Pair => {
  const text = (control: string): string =>
    `{name: watched, command: "${command}", loop: [x, y], loop_control: {${control}}, register: result}`
  return task(text(''), text(words), rest)
}

const items = ({ events }: Seen): unknown =>
  events.flatMap((event) => (event.kind === 'item-result' ? [event.outcome.item] : []))
const words = ({ calls }: Seen): unknown => calls.map(({ params }) => params['cmd'])

/** What loop_control may have. */
export const LOOP_WORDS: Readonly<Record<keyof typeof LOOP_CONTROL, Pair>> = {
  loop_var: loop(
    'loop_var: one',
    {
      look: words,
      sees: [
        ['-', '-'],
        ['x', 'y'],
      ],
    },
    "{{ one | default('-') }}",
  ),
  index_var: loop(
    'index_var: at',
    {
      look: words,
      sees: [
        ['-', '-'],
        ['0', '1'],
      ],
    },
    "{{ at | default('-') }}",
  ),
  label: loop('label: "the {{ item }}"', {
    look: items,
    sees: [
      ['x', 'y'],
      ['the x', 'the y'],
    ],
  }),
  pause: loop('pause: 3', { look: ({ waits }) => waits, sees: [[], [3000]], instant: true }),
  extended: loop(
    'extended: true',
    {
      look: words,
      sees: [
        ['-', '-'],
        ['1', '2'],
      ],
    },
    "{{ ansible_loop.index | default('-') }}",
  ),
  extended_allitems: {
    ...loop('', {
      look: words,
      sees: [
        ['2', '2'],
        ['-', '-'],
      ],
    }),
    without: `${HEAD}  tasks:\n    - {name: watched, command: "{{ ansible_loop.allitems | default('-') | length }}", loop: [x, y], loop_control: {extended: true}}\n`,
    with: `${HEAD}  tasks:\n    - {name: watched, command: "{{ ansible_loop.allitems | default('-') }}", loop: [x, y], loop_control: {extended: true, extended_allitems: false}}\n`,
  },
}

/** A question of vars_prompt, without and with more words; the answer is `answer`. */
const prompt = (
  more: string,
  look: (seen: Seen) => unknown,
  sees: readonly [unknown, unknown],
  answer: string | undefined = 'answer',
): Pair => {
  const text = (own: string): string =>
    `${HEAD}  vars_prompt: [{name: word${own}}]\n  tasks:\n    - {name: watched, command: "{{ word | default('-') }}"}\n`
  return { without: text(''), with: text(`, ${more}`), look, sees, answer }
}

const question = ({ questions }: Seen): PromptQuestion => questions[0]!

/** What an entry of vars_prompt may have. */
export const PROMPT_WORDS: Readonly<Record<keyof typeof PROMPT, Pair>> = {
  name: {
    ...prompt('', argument, ['answer', '-']),
    with: `${HEAD}  vars_prompt: [{name: other}]\n  tasks:\n    - {name: watched, command: "{{ word | default('-') }}"}\n`,
  },
  prompt: prompt('prompt: Which?', (seen) => question(seen).text, ['word', 'Which?']),
  default: prompt('default: usual', (seen) => question(seen).default, [undefined, 'usual']),
  private: prompt('private: false', (seen) => question(seen).hidden, [true, false]),
  confirm: prompt('confirm: true', (seen) => question(seen).confirm, [false, true]),
  encrypt: prompt('encrypt: md5_crypt, salt: abcd', argument, [
    'answer',
    // openssl passwd -1 -salt abcd answer
    '$1$abcd$sgGdOnQzZ8stxAftJwxh81',
  ]),
  salt: {
    ...prompt('encrypt: md5_crypt', (seen) => String(argument(seen)).startsWith('$1$abcd$'), [false, true]),
    with: `${HEAD}  vars_prompt: [{name: word, encrypt: md5_crypt, salt: abcd}]\n  tasks:\n    - {name: watched, command: "{{ word }}"}\n`,
  },
  salt_size: {
    ...prompt('', (seen) => String(argument(seen)).split('$')[2]?.length, [8, 4]),
    without: `${HEAD}  vars_prompt: [{name: word, encrypt: md5_crypt}]\n  tasks:\n    - {name: watched, command: "{{ word }}"}\n`,
    with: `${HEAD}  vars_prompt: [{name: word, encrypt: md5_crypt, salt_size: 4}]\n  tasks:\n    - {name: watched, command: "{{ word }}"}\n`,
  },
  unsafe: prompt('unsafe: true', argument, ['2', '{{ 1 + 1 }}'], '{{ 1 + 1 }}'),
}
