import type { View } from '../contract.js'
import type { Script } from '../quote.js'
import { join, sh } from '../quote.js'
import { octal } from '../attributes.js'
import { maskOf, type Git, type Local } from './params.js'
import { gitSettings, hereOf } from './probe.js'
import type { Goal } from './wish.js'

/** Shell text that clones or fetches, and checks out what is wanted. */
export function gitScript(given: Git, { url }: Local, goal: Goal, before: View): Script {
  const { dest } = given
  const mask = maskOf(given)
  const here = hereOf(given, before)
  return join([
    gitSettings(given),
    ...(mask === undefined ? [] : [sh`umask ${octal(mask)}`]),
    ...(here.repository === 'none'
      ? [cloneScript(given, url, goal)]
      : [sh`cd -- ${dest!}`, fetchScript(given, url, goal, before)]),
    ...(given.bare ? [] : [switchScript(given, goal), ...(given.recursive ? [submodulesScript(given)] : [])]),
  ])
}

function cloneScript(given: Git, url: string, goal: Goal): Script {
  const { dest, remote, bare, depth, reference, refspec, single_branch: single } = given
  const named = given.version !== 'HEAD' && goal.kind !== 'commit'
  const isShallow = depth !== undefined && (given.version === 'HEAD' || refspec !== undefined || named)
  const words = [
    ...(bare ? ['--bare'] : ['--origin', remote]),
    ...(isShallow ? ['--depth', depth] : []),
    ...(single ? ['--single-branch'] : []),
    ...((isShallow || single) && named && refspec === undefined ? ['--branch', given.version] : []),
    ...(reference === undefined ? [] : ['--reference', reference]),
  ]
  return sh`mkdir -p -- "$(dirname -- ${dest!})"
"$GIT" clone -q ${words} -- ${url} ${dest!} </dev/null
cd -- ${dest!}
${bare && remote !== 'origin' ? sh`"$GIT" remote add ${remote} ${url}` : sh`:`}
${refspec === undefined ? sh`:` : sh`"$GIT" fetch -q ${isShallow ? ['--depth', depth] : []} ${remote} ${refspec}`}`
}

function fetchScript(given: Git, url: string, goal: Goal, before: View): Script {
  const { remote, bare, depth, refspec, single_branch: single } = given
  const here = hereOf(given, before)
  const whole = bare
    ? ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']
    : [`+refs/heads/*:refs/remotes/${remote}/*`, '+refs/tags/*:refs/tags/*']
  const one =
    goal.kind === 'branch'
      ? [`+refs/heads/${goal.branch}:refs/remotes/${remote}/${goal.branch}`]
      : goal.kind === 'tag'
        ? [`+refs/tags/${given.version}:refs/tags/${given.version}`]
        : whole
  const narrow = !bare && (depth !== undefined || single)
  return join([
    ...(here.url === url
      ? []
      : [sh`"$GIT" remote set-url ${remote} ${url} 2>/dev/null || "$GIT" remote add ${remote} ${url}`]),
    ...(here.clean === false ? [sh`"$GIT" reset -q --hard HEAD --`] : []),
    sh`"$GIT" fetch -q -f ${depth === undefined ? [] : ['--depth', depth]} ${remote} ${narrow ? one : whole} ${refspec === undefined ? [] : [refspec]} </dev/null`,
  ])
}

function switchScript({ remote, version }: Git, goal: Goal): Script {
  if (goal.kind === 'branch') {
    const { branch } = goal
    const start = `refs/remotes/${remote}/${branch}`
    return sh`if "$GIT" show-ref -q --verify ${`refs/heads/${branch}`}; then
  "$GIT" checkout -q --force ${branch} --; "$GIT" reset -q --hard ${start} --
elif ! "$GIT" checkout -q --force --track -b ${branch} ${start} -- 2>/dev/null; then
  # A shallow clone is told to track one branch only.
  "$GIT" remote set-branches --add ${remote} ${branch}; "$GIT" checkout -q --force --track -b ${branch} ${start} --
fi`
  }
  if (goal.kind === 'tag') return sh`"$GIT" checkout -q --force ${`refs/tags/${version}`} --`
  return sh`"$GIT" rev-parse -q --verify ${`${version}^{commit}`} >/dev/null 2>&1 || "$GIT" fetch -q ${remote} ${version} </dev/null || {
  echo ${`the repository has no commit ${version} that a branch or tag leads to; name the ref that does in refspec`} >&2; exit 1; }
"$GIT" checkout -q --force --detach ${version} --`
}

function submodulesScript({ track_submodules: tracks, force }: Git): Script {
  const words = [...(tracks ? ['--remote'] : []), ...(force ? ['--force'] : [])]
  return sh`if [ -f .gitmodules ]; then
  "$GIT" submodule --quiet sync --recursive; "$GIT" submodule --quiet update --init --recursive ${words} </dev/null
fi`
}
