import { defineModule, type Ask, type Ran, type Returned, type View } from '../engine/module/contract.js'
import { GIT, prepare, type Git, type Local } from '../engine/module/git/params.js'
import { filesAsk, hereAsk, hereOf, remoteAsk } from '../engine/module/git/probe.js'
import { gitScript } from '../engine/module/git/script.js'
import { foldersAbove } from '../engine/module/folders-above.js'
import { filesBrought, gitWish, goalOf } from '../engine/module/git/wish.js'

function probe(given: Git, local: Local): readonly Ask[] {
  const { dest } = given
  const paths: Ask[] =
    dest === undefined
      ? []
      : [
          ...foldersAbove(dest).map((path): Ask => ({ kind: 'path', path, need: 'stat', follow: true })),
          { kind: 'path', path: dest, need: 'stat', follow: true },
          { kind: 'tree', path: dest, need: 'stat', depth: 1 },
        ]
  return [...paths, hereAsk(given), remoteAsk(given, local), ...filesAsk(given, local)]
}

function result(given: Git, before: View, after: View, ran: Ran, local: Local): Returned {
  const here = hereOf(given, before)
  const head = here.repository === 'there' && here.head !== '' ? here.head : null
  if (here.repository === 'none' && !given.clone) {
    return { values: { before: null, after: goalOf(given, before).hash }, changed: true }
  }
  if (here.repository === 'there' && !given.update) return { values: { before: head, after: head } }
  const now = hereOf(given, after)
  return {
    values: {
      before: head,
      after: ran.kind === 'nothing' ? head : now.head,
      ...(here.repository === 'there' ? { remote_url_changed: here.url !== local.url } : {}),
      ...(here.submodules === 'other' ? { submodules_changed: true } : {}),
      ...(here.clean === false
        ? { msg: `Local modifications exist in the destination: ${given.dest!}` }
        : {}),
    },
  }
}

/** Sees to a clone of a git repository. */
export default defineModule({
  summary: 'Clone a git repository, and keep it at a version',
  description:
    'The host needs git. The remote is asked each time which commit the version is; only if another one is checked out, or another branch, is anything fetched. A branch is reset to that of the remote; a tag or hash is checked out without a branch. A dry run knows the commit, and the files too where the repository is on the host.',
  params: GIT,
  rules: { exclusive: [['accept_hostkey', 'accept_newhostkey']] },
  returns: {
    before: 'Hash of the commit that was there; null where there was none.',
    after: 'Hash of the commit that is there now.',
    remote_url_changed: 'Whether the remote had another address.',
    submodules_changed: 'Submodules were missing or at other commits.',
    msg: 'That changes were discarded.',
  },
  examples: `
- name: The playbooks of all parties, at their release
  git:
    repo: https://git.example.com/fate/parties.git
    dest: /opt/parties
    version: v2.2.0
`,
  prepare,
  probe,
  wanted: (given, before, local) => gitWish(given, local, before),
  converge: (given, before, _differing, local) => ({
    script: gitScript(given, local, goalOf(given, before), before),
  }),
  brings: (given, before, differing, local) => filesBrought(given, local, before, differing),
  result,
})
