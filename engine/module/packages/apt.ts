import { Fail, FRESH, type Key, type OwnState, type View, type Wish } from '../contract.js'
import { fnmatch } from '../fnmatch.js'
import { answerIn, complaints } from './apt-answer.js'
import { ARCHIVES, configOf, manualOf, OUTDATED } from './apt-converge.js'
import { contentsOf } from './contents.js'
import type { AptAnswer } from './apt-read.js'
import type { AptParams, Spec } from './apt-specs.js'
import { compareVersions } from './debian-version.js'
import { PACKAGES, versionIn } from './installed.js'

/** The wish; fails where apt would. */
export function aptWish(params: AptParams, before: View): Wish {
  const answer = answerIn(before)
  if (answer.lacking)
    throw new Fail('the host has no apt-get', [], 'use the module package, which takes what the host has')
  const wished: Record<string, unknown> = {}
  if (params.upgrade !== undefined) Object.assign(wished, simulatedWish(answer))
  params.deb.forEach((path, i) => Object.assign(wished, debWish(path, i, params, before)))
  for (const spec of params.specs) Object.assign(wished, specWish(spec, params, before))
  if (params.specs.length === 0 && params.autoremove) Object.assign(wished, simulatedWish(answer))
  if (params.autoclean) wished[OUTDATED] = 'none'
  if (params.clean) wished[ARCHIVES] = 'none'
  const updates = params.only === 'index' && answer.due
  const state = before.own(PACKAGES)
  const differs =
    updates ||
    Object.entries(wished).some(
      ([name, value]) => (state[name] ?? (value === true ? true : 'absent')) !== value,
    )
  if (differs && before.session.uid !== 0) {
    throw new Fail(`packages are changed by root, and this is ${before.session.user}`, [], 'use become: true')
  }
  if (differs && !updates) refuseSimulation(answer, params, before)
  return new Map<Key, OwnState>([
    [PACKAGES, wished],
    ...(updates ? ([['run:index', { index: FRESH }]] as const) : []),
    // What scripts of packages do beside is not foretold.
    ...(differs && answer.contents.unforeseen ? ([['run:scripts', { scripts: FRESH }]] as const) : []),
  ])
}

function simulatedWish({ simulated }: AptAnswer): Record<string, unknown> {
  return Object.fromEntries(simulated)
}

function isForeseen(name: string, before: View): boolean {
  if (/[ (]/.test(name)) return false
  return versionIn(before.own(PACKAGES), name) !== answerIn(before).installed.get(name)?.version
}

/** A dry run fails where apt would; packages that earlier tasks bring are not there for the simulation. */
function refuseSimulation(
  { simulation, simulationFailed }: AptAnswer,
  { specs, deb }: AptParams,
  before: View,
): void {
  const others = Object.keys(before.own(PACKAGES)).some((name) => isForeseen(name, before))
  if (!simulationFailed || others) return
  const what = deb[0] ?? specs.map(({ text }) => text).join(', ')
  throw new Fail(`apt cannot do it${what === '' ? '' : ` for ${what}`}: ${complaints(simulation)}`, [
    PACKAGES,
  ])
}

function debWish(
  path: string,
  i: number,
  { allowDowngrade }: AptParams,
  before: View,
): Record<string, unknown> {
  const answer = answerIn(before)
  const file = answer.debs.get(i)
  if (file === undefined) {
    const state = answer.missingDebs.includes(i) ? 'is no package, or is not there' : 'could not be read'
    throw new Fail(`${path} ${state}`, [`path:${path}`], 'copy it to the host first')
  }
  if (!path.endsWith('.deb'))
    throw new Fail(`${path} does not end in .deb`, [], 'apt reads only such files: rename it')
  const present = versionIn(before.own(PACKAGES), file.name)
  if (present !== undefined && compareVersions(present, file.version) > 0 && !allowDowngrade) {
    throw new Fail(`a later version of ${file.name} is installed: ${present}, and ${path} has ${file.version}`, [PACKAGES], 'let allow_downgrade be true to replace it') // prettier-ignore
  }
  return { [file.name]: file.version }
}

/** The packages that a spec means on this host. */
function namesOf(
  { name, pattern, text }: Spec,
  answer: AptAnswer,
  state: AptParams['state'],
): readonly string[] {
  if (!pattern) return [name]
  const names = answer.globs.get(name) ?? []
  if (names.length === 0 && state !== 'absent') {
    throw new Fail(`no package matches ${text}`, ['index:apt'], UPDATE_CURE)
  }
  return names
}

const UPDATE_CURE = 'mind the spelling, or let update_cache be true'

function specWish(spec: Spec, params: AptParams, before: View): Record<string, unknown> {
  const names = namesOf(spec, answerIn(before), params.state)
  const wishes = names.map((name) =>
    params.state === 'absent'
      ? absentWish(name, spec, params, before)
      : presentWish(name, spec, params, before),
  )
  return Object.assign({}, ...wishes) as Record<string, unknown>
}

function absentWish(name: string, spec: Spec, { purge }: AptParams, before: View): Record<string, unknown> {
  const state = before.own(PACKAGES)
  const present = versionIn(state, name)
  const gone = purge ? { [configOf(name)]: 'absent' } : {}
  if (present === undefined) return state[configOf(name)] === 'kept' ? gone : {}
  return matches(present, spec) ? { [name]: 'absent', ...gone } : {}
}

function presentWish(name: string, spec: Spec, params: AptParams, before: View): Record<string, unknown> {
  const state = before.own(PACKAGES)
  const present = versionIn(state, name)
  if (present === undefined && params.onlyUpgrade) return {}
  const providers = present === undefined ? providersOf(name, before) : []
  if (providers.some((provider) => versionIn(state, provider) !== undefined)) return {}
  if (providers.length === 1) return presentWish(providers[0]!, spec, params, before)
  const manual = present !== undefined && state[manualOf(name)] === false ? { [manualOf(name)]: true } : {}
  if (present !== undefined && spec.compare === undefined && params.state === 'present') return manual
  const best = bestVersion(name, spec, before)
  const enough = present !== undefined && matches(present, spec)
  if (best === undefined) {
    if (enough) return manual
    throw unavailable(name, spec, answerIn(before))
  }
  if (enough && params.state === 'present' && spec.compare !== '=') return manual
  refuseChange(name, present, best, params, answerIn(before))
  return { [name]: best, ...manual }
}

/** The packages that have a name which is none of its own. */
function providersOf(name: string, before: View): readonly string[] {
  const entry = answerIn(before).index.get(name)
  return entry === undefined || entry.candidate !== undefined ? [] : entry.providers
}

function bestVersion(name: string, { compare, version }: Spec, before: View): string | undefined {
  const entry = answerIn(before).index.get(name)
  if (entry === undefined) return undefined
  if (compare === '=') return entry.versions.find((one) => fnmatch(version!).test(one))
  const { candidate } = entry
  if (candidate === undefined || compare === undefined) return candidate
  return compareVersions(candidate, version!) >= 0 ? candidate : undefined
}

function matches(present: string, { compare, version }: Spec): boolean {
  if (compare === undefined) return true
  return compare === '=' ? fnmatch(version!).test(present) : compareVersions(present, version!) >= 0
}

function unavailable(name: string, spec: Spec, answer: AptAnswer): Fail {
  const entry = answer.index.get(name)
  if (entry !== undefined && entry.versions.length > 0) {
    return new Fail(
      `no version of ${name} is ${spec.text.slice(name.length)}`,
      ['index:apt'],
      `there is ${entry.versions.join(', ')}`,
    )
  }
  if (entry !== undefined && entry.providers.length > 0) {
    return new Fail(
      `${name} is a virtual package`,
      ['index:apt'],
      `name one of ${entry.providers.join(', ')}`,
    )
  }
  return new Fail(`no package matching '${name}' is available`, ['index:apt'], UPDATE_CURE)
}

function refuseChange(
  name: string,
  present: string | undefined,
  best: string,
  params: AptParams,
  answer: AptAnswer,
): void {
  if (present === undefined || present === best) return
  if (answer.installed.get(name)?.held && !params.allowChangeHeld) {
    throw new Fail(
      `${name} is held at ${present}`,
      [PACKAGES],
      'let allow_change_held_packages be true, or unhold it',
    )
  }
  if (compareVersions(best, present) < 0 && !params.allowDowngrade) {
    throw new Fail(
      `${name} ${best} is older than ${present}, which is installed`,
      [PACKAGES],
      'let allow_downgrade be true',
    )
  }
}

/** What a dry run knows to come along: other packages, files, accounts and services. */
export function aptBrings(params: AptParams, before: View): ReadonlyMap<Key, Record<string, unknown>> {
  const answer = answerIn(before)
  const named = new Set(params.specs.map(({ name }) => name))
  const others = Object.fromEntries(
    [...answer.simulated].flatMap(([name, version]) => {
      if (isForeseen(name, before)) return []
      const isNew =
        version !== 'absent' && !answer.installed.has(name) && !named.has(name) && params.deb.length === 0
      return isNew
        ? [
            [name, version],
            [manualOf(name), false],
          ]
        : [[name, version]]
    }),
  ) as Record<string, unknown>
  const index = params.updates && answer.due ? [['index:apt', { fresh: true }] as const] : []
  return new Map<Key, Record<string, unknown>>([[PACKAGES, others], ...index, ...contentsOf(answer.contents)])
}
