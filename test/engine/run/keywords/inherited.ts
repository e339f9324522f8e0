import { FplayError } from '../../../../engine/errors.js'
import type { Bearer, KeywordName } from '../../../../engine/play/keywords.js'
import type { Ends, Seen, Setting } from './stage.js'

/** What a keyword does to the watched task, the same for each of its bearers. */
export interface Effect extends Setting {
  readonly value: unknown
  /** What is looked at. */
  readonly look: (seen: Seen) => unknown
  readonly without: unknown
  readonly with: unknown
  /** Bearers at which it does something else. */
  readonly but?: Partial<Record<Bearer, Pick<Effect, 'look' | 'without' | 'with'>>>
  /** How the watched task ends where the keyword is there. */
  readonly endsWith?: Ends
}

const connection = ({ connections }: Seen) => connections[0]!
const call = ({ calls }: Seen) => calls[0]!
const hosts = ({ outcomes }: Seen): string => Object.keys(outcomes).join(' ')
const statuses = ({ outcomes }: Seen): string =>
  Object.entries(outcomes)
    .map(([host, { status }]) => `${host} ${status}`)
    .join(', ')
const announced = ({ events }: Seen): string[] =>
  events.flatMap((event) =>
    event.kind === 'task-start' && event.task.name === 'watched' ? [event.hosts.join(' ')] : [],
  )
const said = ({ said }: Seen): unknown => said

/** Fails on the host `a`. */
const failsOnA: Ends = (_, { name }) => (name === 'a' ? { status: 'failed', message: 'broken' } : {})

const unreachable: Ends = () => {
  throw new FplayError([{ code: 'unreachable', message: 'nobody is there' }])
}

/** Ends when it is told to. */
const endless: Ends = ({ signal }) =>
  new Promise((_, reject) => {
    const stop = (): void => reject(new FplayError([{ code: 'connection-lost', message: 'stopped' }]))
    signal?.addEventListener('abort', stop)
  })

/** Keywords that hold for a task wherever they stand around it. */
export const EFFECTS = {
  connection: { value: 'local', look: (seen) => connection(seen).kind, without: 'ssh', with: 'local' },
  remote_user: { value: 'deploy', look: (seen) => connection(seen).user, without: undefined, with: 'deploy' },
  user: { value: 'deploy', look: (seen) => connection(seen).user, without: undefined, with: 'deploy' },
  port: { value: 2222, look: (seen) => connection(seen).port, without: undefined, with: 2222 },
  become: { value: true, look: (seen) => call(seen).become?.user, without: undefined, with: 'root' },
  become_user: {
    value: 'deploy',
    beside: { become: true },
    look: (seen) => call(seen).become?.user,
    without: 'root',
    with: 'deploy',
  },
  become_method: {
    value: 'su',
    beside: { become: true },
    look: (seen) => call(seen).become?.method,
    without: 'sudo',
    with: 'su',
  },
  become_flags: {
    value: '-H',
    beside: { become: true },
    look: (seen) => call(seen).become?.flags,
    without: undefined,
    with: '-H',
  },
  become_exe: {
    value: '/opt/sudo',
    beside: { become: true },
    look: (seen) => call(seen).become?.executable,
    without: undefined,
    with: '/opt/sudo',
  },
  delegate_to: {
    value: 'c',
    hosts: 'a,c,',
    play: { hosts: 'a' },
    look: (seen) => [connection(seen).name, hosts(seen)],
    without: ['a', 'a'],
    with: ['c', 'a'],
  },
  delegate_facts: {
    value: true,
    beside: { delegate_to: 'b' },
    play: { hosts: 'a' },
    ends: () => ({ facts: new Map([['fact', 'known']]) }),
    says: "{{ hostvars.a.fact | default('-') }} {{ hostvars.b.fact | default('-') }}",
    look: said,
    without: { a: 'known -' },
    with: { a: '- known' },
  },
  throttle: { value: 1, look: ({ atOnce }) => atOnce, without: 2, with: 1 },
  run_once: {
    value: true,
    look: hosts,
    without: 'a b',
    with: 'a',
    // As in Ansible, a handler runs for each host that notified it, then one after the other.
    but: { handler: { look: announced, without: ['a b'], with: ['a', 'b'] } },
  },
  any_errors_fatal: { value: true, ends: failsOnA, look: said, without: { b: 'here' }, with: {} },
  vars: {
    value: { word: 'given' },
    task: { command: "{{ word | default('none') }}" },
    look: (seen) => call(seen).params['cmd'],
    without: 'none',
    with: 'given',
  },
  environment: {
    value: { LANG: 'C' },
    look: (seen) => call(seen).environment,
    without: {},
    with: { LANG: 'C' },
  },
  module_defaults: {
    value: { command: { chdir: '/srv' } },
    look: (seen) => call(seen).params['chdir'],
    without: undefined,
    with: '/srv',
  },
  when: {
    value: 'inventory_hostname == "b"',
    look: statuses,
    without: 'a ok, b ok',
    with: 'a skipped, b ok',
  },
  tags: {
    value: 'wanted',
    settings: { tags: ['wanted', 'always'] },
    look: hosts,
    without: '',
    with: 'a b',
    // As in Ansible, a handler that was notified runs whatever its tags.
    but: { handler: { look: hosts, without: 'a b', with: 'a b' } },
  },
  loop: { value: [1, 2, 3], play: { hosts: 'a' }, look: ({ calls }) => calls.length, without: 1, with: 3 },
  until: {
    value: 'false',
    beside: { retries: 2, delay: 0 },
    play: { hosts: 'a' },
    look: ({ calls }) => calls.length,
    without: 1,
    with: 3,
  },
  retries: {
    value: 1,
    beside: { until: 'false', delay: 0 },
    play: { hosts: 'a' },
    look: ({ calls }) => calls.length,
    without: 4,
    with: 2,
  },
  timeout: { value: 1, endsWith: endless, look: statuses, without: 'a ok, b ok', with: 'a failed, b failed' },
  async: {
    value: 30,
    look: (seen) => call(seen).background?.seconds,
    without: undefined,
    with: 30,
  },
  poll: {
    value: 3,
    beside: { async: 30 },
    look: (seen) => call(seen).background?.poll,
    without: 15,
    with: 3,
  },
  register: {
    value: 'result',
    ends: () => ({ values: { rc: 5 } }),
    says: "{{ result.rc | default('none') }}",
    look: said,
    without: { a: 'none', b: 'none' },
    with: { a: 5, b: 5 },
  },
  notify: {
    value: 'bell',
    ends: () => ({ status: 'changed', changed: true }),
    play: { hosts: 'a', handlers: [{ name: 'bell', debug: { msg: 'rings' } }] },
    look: ({ events }) => events.some((event) => event.kind === 'task-start' && event.task.name === 'bell'),
    without: false,
    with: true,
  },
  changed_when: { value: true, look: statuses, without: 'a ok, b ok', with: 'a changed, b changed' },
  failed_when: { value: true, look: statuses, without: 'a ok, b ok', with: 'a failed, b failed' },
  ignore_errors: {
    value: true,
    ends: failsOnA,
    look: said,
    without: { b: 'here' },
    with: { a: 'here', b: 'here' },
  },
  ignore_unreachable: {
    value: true,
    ends: unreachable,
    look: said,
    without: {},
    with: { a: 'here', b: 'here' },
  },
  no_log: {
    value: true,
    ends: () => ({ values: { stdout: 'shown' } }),
    look: ({ outcomes }) => outcomes['a']!.values['stdout'],
    without: 'shown',
    with: undefined,
  },
  check_mode: { value: true, look: (seen) => call(seen).checkMode, without: false, with: true },
  diff: { value: true, look: (seen) => call(seen).diff, without: false, with: true },
} as const satisfies Partial<Record<KeywordName, Effect>>
