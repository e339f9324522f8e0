import { primariesAsk, refuseName, TOOLS_ASK } from '../engine/module/accounts.js'
import { defineModule, type Ask, type View } from '../engine/module/contract.js'
import { homeAsks, homeContents, homeOf, likelyHome, skeletonAsk } from '../engine/module/user/home.js'
import { keyAsks, keyBrought, keyValues } from '../engine/module/user/key.js'
import { moveAsks, movedContents, movedFrom } from '../engine/module/user/move.js'
import { USER, type User } from '../engine/module/user/params.js'
import { convergeUser } from '../engine/module/user/script.js'
import { refuseFields, wantedUser } from '../engine/module/user/wish.js'

function probe(given: User): readonly Ask[] {
  const { name, state, uid, group, groups } = given
  refuseName('user', name)
  if (state === 'present') refuseFields(given)
  const named = [...(group === undefined ? [] : [group]), name, ...(groups ?? []).filter(Boolean)]
  return [
    { kind: 'user', name, id: uid, ...(groups === undefined ? {} : { need: 'groups' }) },
    ...[...new Set(named)].map((one): Ask => ({ kind: 'group', name: one })),
    ...homeAsks(likelyHome(given)),
    ...(given.create_home ? [skeletonAsk(given)] : []),
    TOOLS_ASK,
    ...(state === 'absent' ? [primariesAsk(name)] : []),
  ]
}

function more(given: User, before: View): readonly Ask[] {
  const home = homeOf(given, before)
  return [
    ...(home === undefined || home === likelyHome(given) ? [] : homeAsks(home)),
    ...moveAsks(given, before),
    ...keyAsks(given, before),
  ]
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
    groups: 'As given, with commas between.',
    home: 'Home folder.',
    shell: 'Login shell.',
    comment: 'Full name or purpose.',
    password: 'NOT_LOGGING_PASSWORD, when one was given.',
    create_home: 'As given, for a new account.',
    system: 'As given, for a new account.',
    append: 'As given, for an account that was there.',
    move_home: 'As given, for an account that was there.',
    remove: 'As given, when the account was removed.',
    force: 'As given, when the account was removed.',
    ssh_key_file: 'File of the key, with generate_ssh_key.',
    ssh_fingerprint: 'What ssh-keygen tells of it.',
    ssh_public_key: 'Its public half.',
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
  brings: (given, before, differing) => {
    const moved = given.state === 'absent' ? undefined : movedFrom(given, before)
    return new Map([
      ...(moved === undefined ? homeContents(given, before, differing) : movedContents(moved, given, before)),
      ...keyBrought(given, before, differing),
    ])
  },
  result: (given, before, after) => {
    const { name, state, remove, force, append, system, create_home, move_home } = given
    const isNew = before.user(name).exists !== true
    if (state === 'absent') return { values: { name, state, ...(isNew ? {} : { remove, force }) } }
    const { uid, gid, home, shell, comment } = after.user(name)
    return {
      values: {
        name,
        state,
        ...(isNew ? { system, create_home } : { append, move_home }),
        ...(given.password === undefined ? {} : { password: 'NOT_LOGGING_PASSWORD' }),
        ...(given.groups === undefined ? {} : { groups: given.groups.join(',') }),
        uid,
        group: gid,
        home,
        shell,
        comment,
        ...keyValues(given, before, after),
      },
    }
  },
})
