import { readFlags } from '../module/chattr.js'
import type { PathState } from '../module/contract.js'
import { join, sh, type Script } from '../module/quote.js'
import { readLabel } from '../module/selinux.js'
import type { PathAsk, Questions, TreeAsk } from './questions.js'
import type { Section, SectionOutput } from './sections.js'

/**
 * What a few modules set beside owner and mode: the attributes of the file system, and the label of SELinux. They cost the
 * host programs of their own, so they are asked only where they matter (`Questions.flags`, `Questions.labels`).
 */

const HAS_TOOLS = sh`command -v lsattr >/dev/null 2>&1 && command -v chattr >/dev/null 2>&1`
/** What is printed in place of attributes where the host has no program for them. */
const NO_PROGRAM = 'no program'
const HAS_SELINUX = sh`[ -e /sys/fs/selinux/enforce ]`

/** The parts of a probe that tell them of paths. */
export function markSections({ paths, flags, labels }: Questions): readonly Section[] {
  if (paths.length === 0) return []
  return [
    ...(flags ? [{ name: 'flags', body: flagsScript(paths) }] : []),
    ...(labels === 'no' ? [] : [{ name: 'labels', body: ofEach(paths, labelScript) }]),
    ...(labels === 'policy' ? [{ name: 'policies', body: ofEach(paths, policyScript) }] : []),
  ]
}

/** One program for all of them; it knows only files and folders, and follows no link. */
function flagsScript(paths: readonly PathAsk[]): Script {
  const gather = paths.map(({ path, follow }) => {
    const add = follow
      ? sh`if [ -L ${path} ]; then set -- "$@" "$(readlink -f -- ${path})"; else set -- "$@" ${path}; fi`
      : sh`[ -L ${path} ] || set -- "$@" ${path}`
    return sh`if [ -f ${path} ] || [ -d ${path} ]; then ${add}; fi`
  })
  return sh`if ${HAS_TOOLS}; then
set --
${join(gather)}
[ $# -eq 0 ] || lsattr -d -- "$@" 2>/dev/null || :
else echo ${NO_PROGRAM}; fi`
}

/** A line for each path, where there is SELinux. */
function ofEach(paths: readonly PathAsk[], look: (ask: PathAsk) => Script): Script {
  return sh`if ${HAS_SELINUX}; then\n${join(paths.map(look))}\nfi`
}

function labelScript({ path, follow }: PathAsk): Script {
  return sh`stat ${follow ? ['-L'] : []} -c %C -- ${path} 2>/dev/null || echo`
}

function policyScript({ path }: PathAsk): Script {
  return sh`matchpathcon -n -- ${path} 2>/dev/null || echo`
}

/** The parts of a probe that tell them of what is below a folder. */
export function treeMarks({ path, depth }: TreeAsk, { flags, labels }: Questions): readonly Section[] {
  const below = depth === undefined ? sh`find . -mindepth 1` : sh`find . -mindepth 1 -maxdepth ${depth}`
  const section = (name: string, body: Script): Section => ({
    name: `tree ${name} ${path}`,
    body: sh`cd -P -- ${path} 2>/dev/null || exit 0\n${body}`,
    apart: true,
  })
  const lsattr = sh`${below} \\( -type f -o -type d \\) -exec lsattr -d -- {} + 2>/dev/null || :`
  const policies = sh`${below} -exec sh -c 'for f; do matchpathcon -n -- "$PWD/\${f#./}" || echo; done' sh {} +`
  return [
    ...(flags ? [section('flags', sh`if ${HAS_TOOLS}; then ${lsattr}\nelse echo ${NO_PROGRAM}; fi`)] : []),
    ...(labels === 'no'
      ? []
      : [section('labels', sh`! ${HAS_SELINUX} || ${below} -exec stat -c %C -- {} +`)]),
    ...(labels === 'policy' ? [section('policies', sh`! ${HAS_SELINUX} || ${policies}`)] : []),
  ]
}

type Flags = Pick<PathState, `+${string}` | 'flagless'>

/** Reads lines of lsattr in turn: what it could not tell has none. The next file may be named in several ways. */
export function flagsReader(section: SectionOutput | undefined): (names: readonly string[]) => Flags {
  const text = section?.stdout.toString('utf8') ?? ''
  if (section === undefined) return () => ({})
  if (text === `${NO_PROGRAM}\n`) return () => ({ flagless: 'program' })
  let at = 0
  return (names) => {
    const shown = /^[-A-Za-z]+ +/.exec(text.slice(at, at + 80))
    const start = at + (shown?.[0].length ?? 0)
    const name = names.find((name) => text.startsWith(`${name}\n`, start))
    if (!shown || name === undefined) return { flagless: 'file system' }
    at = start + name.length + 1
    return readFlags(shown[0].trimEnd())
  }
}

/** Reads lines of labels in turn, and those of what the policy has for the paths. */
export function labelsReader(
  labels: SectionOutput | undefined,
  policies: SectionOutput | undefined,
): () => Pick<PathState, 'seuser' | 'serole' | 'setype' | 'selevel' | 'policy'> {
  const lines = (section: SectionOutput | undefined): string[] =>
    (section?.stdout.toString('utf8') ?? '').split('\n')
  const [own, told] = [lines(labels), lines(policies)]
  return () => {
    const [label, policy] = [readLabel(own.shift() ?? ''), told.shift()]
    return policy ? { ...label, policy } : label
  }
}
