import { Unknown, type OwnAsk, type OwnState, type Ran, type Returned, type View } from '../contract.js'
import { ARCHIVES, configOf, manualOf, OUTDATED } from './apt-converge.js'
import { foretellScript } from './apt-foretell.js'
import { readApt, type AptAnswer } from './apt-read.js'
import { askScript, refreshScript } from './apt-script.js'
import type { AptParams } from './apt-specs.js'
import { PACKAGES } from './installed.js'

/** Everything apt is asked; the answer is under the key of the host's packages. */
export function aptAsk(params: AptParams): OwnAsk {
  return {
    kind: 'own',
    key: PACKAGES,
    script: askScript(params),
    refresh: refreshScript(params),
    foretell: { script: foretellScript(params), looksAt: isOfApt, keys: ['index:apt', PACKAGES] },
    files: params.deb,
    read: (output) => stateOf(readApt(output)),
  }
}

/** apt's settings, and keys of repositories: a source may name a key that stands anywhere, by its ending. */
function isOfApt(path: string): boolean {
  return !path.includes('\n') && (path.startsWith('/etc/apt/') || /\.(?:gpg|asc)$/.test(path))
}

/** The versions of packages by name, and beside them what else the wish needs to know. */
function stateOf(answer: AptAnswer): OwnState {
  return {
    ...Object.fromEntries([...answer.installed].map(([name, { version }]) => [name, version])),
    ...Object.fromEntries(
      [...answer.installed.keys()].map((name) => [manualOf(name), !answer.automatic.has(name)]),
    ),
    ...Object.fromEntries([...answer.kept].map((name) => [configOf(name), 'kept'])),
    [OUTDATED]: answer.outdated ? 'some' : 'none',
    [ARCHIVES]: answer.archives ? 'some' : 'none',
    [ANSWER]: answer,
  }
}

const ANSWER = '(answer)'

/** What apt answered. */
export function answerIn(before: View): AptAnswer {
  return before.own(PACKAGES)[ANSWER] as AptAnswer
}

/** Values as Ansible's apt returns them. */
export function aptResult(params: AptParams, before: View, after: View, ran: Ran): Returned {
  const answer = answerIn(before)
  const now = ran.kind === 'ran' ? answerIn(after) : answer
  const updates = answer.refreshed || (params.updates && answer.due)
  const foreseen = answer.updatedBefore || (ran.kind === 'foreseen' && answer.due)
  const output = ran.kind === 'ran' ? ran.stdout : ran.kind === 'foreseen' ? answer.simulation : undefined
  const told = output === undefined ? {} : { stdout: output, stdout_lines: linesOf(output), stderr: ran.kind === 'ran' ? ran.stderr : '', stderr_lines: ran.kind === 'ran' ? linesOf(ran.stderr) : [] } // prettier-ignore
  const failed = ran.kind === 'ran' && ran.code !== 0 ? complaints(`${ran.stdout}\n${ran.stderr}`) : undefined
  return {
    ...(failed === undefined
      ? {}
      : { failed: failed || `ended with status ${ran.kind === 'ran' ? ran.code : 0}` }),
    values: {
      ...(failed !== undefined && ran.kind === 'ran' ? { rc: ran.code } : {}),
      ...told,
      cache_updated: updates,
      cache_update_time: foreseen ? new Unknown('time of the update') : now.updated,
    },
  }
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** What apt gives as reasons. */
export function complaints(output: string): string {
  const lines = output.split('\n')
  const told = lines.filter((line) =>
    /^(?:E: | \S+ : |\s+(?:Depends|Conflicts|Breaks|PreDepends): |dpkg: error)/.test(line),
  )
  return (told.length > 0 ? told : lines.filter(Boolean).slice(-5)).join('\n')
}

/** An earlier task of the dry run would have changed the package. */
