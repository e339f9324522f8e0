import {
  ACCOUNTS_PATH,
  isDifferent,
  primariesAsk,
  primariesOf,
  refuseChange,
  refuseName,
  TOOLS_ASK,
} from '../engine/module/accounts.js'
import {
  defineModule,
  Fail,
  type Ask,
  type Difference,
  type GroupState,
  type Key,
  type View,
  type Wish,
  type Wished,
} from '../engine/module/contract.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'

const params = {
  name: { type: 'str', required: true, description: 'The group.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['present', 'absent'],
    description: 'Whether it should be there.',
  },
  gid: { type: 'int', description: 'Its id. Default: what it has, or what the system chooses.' },
  system: {
    type: 'bool',
    default: false,
    description: 'Choose the id of a new group among those of the system.',
  },
  non_unique: { type: 'bool', default: false, description: 'Allow a gid that another group has.' },
  force: {
    type: 'bool',
    default: false,
    description: 'Remove it although it is the primary group of an account.',
  },
} as const
type Params = InferParams<typeof params>

function probe({ name, gid, state }: Params): readonly Ask[] {
  refuseName('group', name)
  return [{ kind: 'group', name, id: gid }, TOOLS_ASK, ...(state === 'absent' ? [primariesAsk(name)] : [])]
}

/** Whether accounts that stand in the way of a removal are still there. */
function more({ name, state }: Params, before: View): readonly Ask[] {
  if (state !== 'absent' || before.group(name).exists !== true) return []
  return primariesOf(name, before).map((user) => ({ kind: 'user', name: user }))
}

function wanted(given: Params, before: View): Wish {
  const { name, gid, state } = given
  const found = before.group(name)
  const wish: Wished<GroupState> =
    state === 'absent' ? { exists: false } : { exists: true, ...(gid === undefined ? {} : { gid }) }
  const isNew = state === 'present' && found.exists !== true
  if (isDifferent(found, wish)) refuseImpossible(given, found, before)
  return new Map<Key, Wished<GroupState>>([
    [`group:${name}`, isNew ? { ...wish, system: given.system } : wish],
  ])
}

function refuseImpossible(given: Params, found: GroupState, before: View): void {
  const { name, state, gid } = given
  const isNew = found.exists !== true
  refuseChange(state === 'absent' ? 'groupdel' : isNew ? 'groupadd' : 'groupmod', before)
  if (state === 'absent') {
    const user = given.force ? undefined : memberOf(name, before)
    if (user === undefined) return
    throw new Fail(
      `${name} is the primary group of ${user}`,
      [`user:${user}`],
      'give the account another group, or use force',
    )
  }
  const holder = gid === undefined ? undefined : (before.holder('group', gid) ?? undefined)
  if (holder !== undefined && holder !== name && !given.non_unique) {
    throw new Fail(`the gid ${gid} belongs to the group ${holder}`, [], 'choose another, or use non_unique')
  }
}

/** An account whose primary group it is. */
function memberOf(name: string, before: View): string | undefined {
  const foreseen = before.foreseenUsers()
  const leaves = (one: string): boolean => (foreseen.get(one)?.group ?? name) !== name
  const found = primariesOf(name, before).find((one) => before.user(one).exists !== false && !leaves(one))
  return found ?? [...foreseen].find(([, { exists, group }]) => exists === true && group === name)?.[0]
}

function converge(given: Params, before: View, differing: ReadonlyMap<Key, Difference>): { script: Script } {
  const { name, gid, state, system } = given
  const id = gid === undefined ? [] : ['-g', gid, ...(given.non_unique ? ['-o'] : [])]
  const command = (): Script => {
    if (state === 'absent') return sh`groupdel ${given.force ? ['-f'] : []} -- ${name}`
    if (before.group(name).exists !== true) return sh`groupadd ${id} ${system ? ['-r'] : []} -- ${name}`
    return sh`groupmod ${id} -- ${name}`
  }
  return { script: differing.size === 0 ? sh`:` : join([ACCOUNTS_PATH, command()]) }
}

/** Groups of accounts. */
export default defineModule({
  summary: 'Manage groups of accounts',
  description:
    'Needs the shadow tools (groupadd, groupmod, groupdel) on the host, and root, only where something is to change.',
  params,
  rules: { requiredIf: [['non_unique', true, ['gid']]] },
  returns: {
    name: 'The group.',
    state: 'present or absent.',
    gid: 'Its id.',
    system: 'Whether a new id is one of the system.',
  },
  examples: `
- name: Make the group docker
  group: {name: docker}
`,
  probe,
  more,
  wanted,
  converge,
  result: ({ name, state, system }, _before, after) => {
    if (state === 'absent') return { values: { name, state } }
    return { values: { name, state, system, gid: after.group(name).gid } }
  },
})
