import {
  Fail,
  FRESH,
  type Converge,
  type Key,
  type OwnAsk,
  type OwnState,
  type Ran,
  type Returned,
  type View,
  type Wish,
} from '../contract.js'
import { contentsOf } from './contents.js'
import type { DnfParams } from './dnf-params.js'
import { readDnf, type DnfAnswer, type Plan, type Row } from './dnf-read.js'
import { askScript, changeScript, filesOf, foretellScript, isPlain, refreshScript } from './dnf-script.js'
import { PACKAGES, versionIn } from './installed.js'
import { compareRpmVersions } from './rpm-version.js'

/** Packages of the Red Hat family; dnf and yum take the same words. What would be done is what they say themselves. */

const ANSWER = '(answer)'

/** What is below a root of its own are no packages of the host. */
function keyOf({ root }: DnfParams): Key {
  return root === undefined ? PACKAGES : `packages:${root}`
}

/** Everything dnf is asked. */
export function dnfAsk(params: DnfParams): OwnAsk {
  params.names.forEach(refuse)
  return {
    kind: 'own',
    key: keyOf(params),
    script: askScript(params),
    refresh: refreshScript(params),
    foretell: { script: foretellScript(params), looksAt: (path) => path.startsWith('/etc/yum.repos.d/') },
    files: filesOf(params.names),
    read: (output) => {
      const answer = readDnf(output)
      return { ...Object.fromEntries(answer.installed), [ANSWER]: answer }
    },
  }
}

function refuse(name: string): void {
  if (name !== '' && !name.startsWith('-') && ![...name].some((char) => char < ' ')) return
  throw new Fail(`no package can be named ${JSON.stringify(name)}`)
}

function answerIn(params: DnfParams, before: View): DnfAnswer {
  return before.own(keyOf(params))[ANSWER] as DnfAnswer
}

/** The wish; fails where the host has no dnf, or where dnf would. */
export function dnfWish(params: DnfParams, before: View): Wish {
  const answer = answerIn(params, before)
  if (answer.lacking)
    throw new Fail('the host has no dnf or yum', [], 'use the module package, which takes what the host has')
  if (answer.locked)
    throw new Fail('another program holds the lock of dnf or yum', [], 'wait for it, or raise lock_timeout')
  refuseFailed(params, before)
  const wished = Object.fromEntries(rowsOf(params, before, false).map(wishOf))
  if (params.state === 'absent') Object.assign(wished, foreseenOnly(params, before))
  const state = before.own(keyOf(params))
  const differs = Object.entries(wished).some(
    ([name, value]) => (versionIn(state, name) ?? 'absent') !== value,
  )
  if (differs && before.session.uid !== 0 && params.download === undefined) {
    throw new Fail(`packages are changed by root, and this is ${before.session.user}`, [], 'use become: true')
  }
  if (params.download) return differs ? new Map([['run:download', { download: FRESH }]]) : new Map()
  return new Map<Key, OwnState>([
    [keyOf(params), wished],
    // What scripts of packages do beside is not foretold.
    ...(differs && answer.contents.unforeseen ? ([['run:scripts', { scripts: FRESH }]] as const) : []),
  ])
}

/** A dry run fails where dnf would; for what earlier tasks bring it cannot answer. */
function refuseFailed(params: DnfParams, before: View): void {
  const { install, upgrade } = answerIn(params, before)
  const failed = install.failed ?? upgrade.failed
  const missing = params.names.filter(
    (name) => isPlain(name) && versionIn(before.own(keyOf(params)), name) === undefined,
  )
  if (
    failed === undefined ||
    (params.state !== 'absent' && missing.length === 0 && params.names.every(isPlain))
  )
    return
  throw new Fail(
    failed,
    ['index:packages', keyOf(params)],
    'mind the spelling, and the repositories of the host',
  )
}

function plansOf({ install, upgrade }: DnfAnswer): readonly Row[] {
  return [install, upgrade].flatMap(({ rows }: Plan) => rows)
}

/** What would be done, without what is so already after earlier tasks of a dry run; those that come along, or the others. */
function rowsOf(params: DnfParams, before: View, along: boolean): readonly Row[] {
  const answer = answerIn(params, before)
  const state = before.own(keyOf(params))
  return plansOf(answer).filter((row) => {
    if (row.along !== along || (row.older && !params.allowDowngrade)) return false
    const foreseen = versionIn(state, row.name)
    const brought = foreseen !== undefined && foreseen !== answer.installed.get(row.name)
    if (row.removed) return true
    if (foreseen === row.version) return false
    if (!brought) return true
    if (compareRpmVersions(foreseen, row.version) > 0) return params.allowDowngrade
    return (
      // What is compared with a version is met by what is there, as dnf has it.
      (params.state === 'latest' && params.names.every(isPlain)) ||
      params.names.some((name) => name.startsWith(`${row.name}-`))
    )
  })
}

function wishOf({ name, version, removed }: Row): [string, string] {
  return [name, removed ? 'absent' : version]
}

/** Packages that only earlier tasks of a dry run would have brought: dnf does not know that they would be there. */
function foreseenOnly(params: DnfParams, before: View): Record<string, string> {
  const { names } = params
  const gone = names.filter((name) => versionIn(before.own(keyOf(params)), name) !== undefined)
  return Object.fromEntries(gone.map((name) => [name, 'absent']))
}

/** Makes the difference; a named version that is older than what is there stays away unless it is wanted. */
export function dnfConverge(params: DnfParams, before: View): Converge {
  const answer = answerIn(params, before)
  const older = params.allowDowngrade ? [] : answer.install.rows.filter((row) => row.older)
  const names = params.names.filter((name) => !older.some((row) => name.startsWith(`${row.name}-`)))
  const there = names.filter((name) => answer.there.has(name))
  const absent = names.filter((name) => !answer.there.has(name))
  const [first, second] =
    params.state === 'absent'
      ? [[...there, ...absent.filter((name) => !isPlain(name))], []]
      : [params.updateOnly && params.state === 'latest' ? [] : absent, params.state === 'latest' ? there : []]
  return { script: changeScript(params, first, second), stream: true }
}

/** What a dry run knows to come along: other packages, files, accounts and services. */
export function dnfBrings(params: DnfParams, before: View): ReadonlyMap<Key, OwnState> {
  if (params.download) return new Map()
  const others = Object.fromEntries(rowsOf(params, before, true).map(wishOf))
  return new Map<Key, OwnState>([[keyOf(params), others], ...contentsOf(answerIn(params, before).contents)])
}

/** Values as Ansible's dnf returns them. */
export function dnfResult(params: DnfParams, before: View, ran: Ran): Returned {
  const rows =
    ran.kind === 'nothing' ? [] : [...rowsOf(params, before, false), ...rowsOf(params, before, true)]
  const state = before.own(keyOf(params))
  const word = params.download ? 'Downloaded' : 'Installed'
  const results = rows.flatMap(({ name, version, architecture, removed }) => {
    const full = (which: string): string => `${name}-${which}.${architecture}`
    const old = versionIn(state, name)
    if (removed) return [`Removed: ${full(version)}`]
    const gone = old === undefined || params.download ? [] : [`Removed: ${full(old)}`]
    return [`${word}: ${full(version)}`, ...gone]
  })
  const failed = ran.kind === 'ran' && ran.code !== 0
  return {
    values: {
      rc: failed ? ran.code : 0,
      results,
      ...(failed ? {} : { msg: ran.kind === 'nothing' ? 'Nothing to do' : '' }),
    },
  }
}
