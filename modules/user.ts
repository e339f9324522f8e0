import { accountsAsk, refuseName } from '../engine/module/accounts.js'
import { defineModule, isUnknown, type Ask, type View } from '../engine/module/contract.js'
import { homeAsks, homeContents, homeOf, likelyHome, skeletonAsk } from '../engine/module/user/home.js'
import { USER, type User } from '../engine/module/user/params.js'
import { convergeUser } from '../engine/module/user/script.js'
import { wantedUser } from '../engine/module/user/wish.js'

function probe(given: User): readonly Ask[] {
  const { name, uid, group, groups = [] } = given
  refuseName('user', name)
  const named = [name, ...(group === undefined ? [] : [group]), ...groups.filter(Boolean)]
  return [
    { kind: 'user', name },
    ...[...new Set(named)].map((one): Ask => ({ kind: 'group', name: one })),
    ...homeAsks(likelyHome(given)),
    ...(given.create_home ? [skeletonAsk(given)] : []),
    accountsAsk('user', name, uid),
  ]
}

function more(given: User, before: View): readonly Ask[] {
  const home = homeOf(given, before)
  return home === undefined || home === likelyHome(given) ? [] : homeAsks(home)
}

/** Accounts. */
export default defineModule({
  summary: 'Manage accounts',
  description:
    'Needs the shadow tools (useradd, usermod, userdel, chpasswd) on the host, and root, only where something is to change. Without root, /etc/shadow cannot be read: then a password counts as different.',
  params: USER,
  returns: {
    name: 'The account.',
    state: 'present or absent.',
    uid: 'Its id.',
    group: 'Id of the primary group.',
    groups: 'Names of the other groups, with commas between.',
    home: 'Home folder.',
    shell: 'Login shell.',
    comment: 'Full name or purpose.',
    append: 'As given.',
    create_home: 'As given.',
    system: 'As given.',
    remove: 'As given, with state absent.',
    force: 'As given, with state absent.',
  },
  examples: `
- name: Make the user of the deployment
  user: {name: fate, group: docker, shell: /bin/bash}
- name: Let the user of the deployment use Docker
  user: {name: fate, groups: docker, append: true}
`,
  probe,
  more,
  wanted: wantedUser,
  converge: convergeUser,
  brings: homeContents,
  result: (given, _before, after) => {
    const { name, state, remove, force, append, system, create_home } = given
    if (state === 'absent') return { values: { name, state, remove, force } }
    const { uid, gid, groups, home, shell, comment } = after.user(name)
    const text = groups === undefined || isUnknown(groups) ? (groups ?? '') : groups.join(',')
    return {
      values: {
        name,
        state,
        uid,
        group: gid,
        groups: text,
        home,
        shell,
        comment,
        append,
        system,
        create_home,
      },
    }
  },
})
