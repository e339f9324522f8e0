import { randomBytes } from 'node:crypto'
import { constant, join, sh, Script } from '../module/quote.js'
import { accountSections } from './account-lines.js'
import { ownScript } from './own-script.js'
import { ACCOUNTS } from './accounts.js'
import { markSections, treeMarks } from './marks.js'
import type { PathAsk, Questions, TreeAsk } from './questions.js'
import { hasErrors, type Section } from './sections.js'

/**
 * The one script that answers every ask of a module, and does nothing else: it only reads. Its output is cut
 * into sections by a nonce, so that contents and messages of any bytes cannot be mistaken for the frame.
 * `answers.ts` reads it back.
 */

/** A section header that no output contains by chance. */
export function newNonce(): string {
  return `fplay-${randomBytes(12).toString('hex')}`
}

/** `stat` with numbers only, so that a line is a file whatever its name; the same for GNU and busybox. */
const STAT = Script.trusted(`-c '%f %h %u %g %s %X %Y %Z %i %d %U %G'`)

/**
 * The parts of the probe; `answers.ts` finds the outputs by these names. A process costs a host more than all else that
 * a probe does: one `stat` serves all paths but links, and the shell itself does what it can.
 */
export function probeSections(questions: Questions, nonce: string): readonly Section[] {
  return [
    ...(questions.session ? [{ name: 'session', body: SESSION }] : []),
    ...pathSections(questions.paths),
    ...markSections(questions),
    ...accountSections(questions),
    ...questions.trees.flatMap((tree) => [...treeSections(tree), ...treeMarks(tree, questions)]),
    ...(questions.accounts ? [{ name: 'accounts', body: ACCOUNTS, apart: true }] : []),
    ...questions.own.map((question) => ({
      name: `own ${question.ask.key}`,
      body: ownScript(question, nonce),
      apart: question.ask.bare !== true,
    })),
    ...whereSections(questions.paths),
  ]
}

/**
 * Sections one after the other, framed by the nonce: on stdout each, on stderr those that are apart, whose messages
 * somebody reads, and what follows them. The functions are those of engine/connection/look-script.ts.
 */
export function sectionsScript(sections: readonly Section[], nonce: string): Script {
  const framed = sections.map((section, i) => {
    const { body, apart, instead } = section
    const start = i === 0 ? sh`fplay_begin` : sh`fplay_next $?`
    const errors = hasErrors(sections, i) ? sh`; fplay_errors` : sh``
    return sh`${start}${errors}\n${instead ? sh`${instead} || ` : sh``}${apart ? sh`( ${body}\n)` : body}`
  })
  return join([sh`fplay_n=${nonce}`, ...framed, sh`fplay_done $?`])
}

const SESSION = constant`id; umask; printf '%s\n%s\n' "$HOME" "$PWD"`

/** What is there; `$S` keeps the attributes for {@link accountSections}. */
function pathSections(paths: readonly PathAsk[]): readonly Section[] {
  if (paths.length === 0) return []
  const isFile = (ask: PathAsk): Script => (ask.follow ? sh`fplay_F ${ask.path}` : sh`fplay_f ${ask.path}`)
  const gather = (asks: readonly PathAsk[], test: (ask: PathAsk) => Script): Script =>
    sh`set --
${join(asks.map((ask) => sh`${test(ask)} && set -- "$@" ${ask.path}`))}`
  const plain = paths.filter((ask) => !ask.follow)
  const hashed = paths.filter((ask) => ask.need === 'hash' || ask.hashed)
  const sent = paths.filter((ask) => ask.need === 'content')
  const links = sh`${gather(plain, (ask) => sh`[ -L ${ask.path} ]`)}
[ $# -eq 0 ] || stat ${STAT} -- "$@"`
  const isThrough = ({ path, follow, need }: PathAsk): Script => {
    if (need === 'type') return sh`[ -d ${path} ] && [ -g ${path} ]`
    return follow ? sh`fplay_E ${path}` : sh`[ ! -L ${path} ] && fplay_E ${path}`
  }
  const through = sh`${gather(paths, isThrough)}
S=; [ $# -eq 0 ] || S=$(stat -L ${STAT} -- "$@"); printf '%s\\n' "$S"`
  const sections: Section[] = [
    { name: 'stat links', body: links },
    { name: 'stat', body: through },
    { name: 'sha1', body: sh`${gather(hashed, isFile)}\n[ $# -eq 0 ] || sha1sum -- "$@"` },
    {
      name: 'content',
      body: join(sent.map((ask) => sh`! ${isFile(ask)} || head -c ${ask.limit} -- ${ask.path}`)),
    },
  ]
  const needed = [plain, paths, hashed, sent]
  return sections.filter((_, i) => needed[i]!.length > 0)
}

/** Where the paths really are. Last, since it leaves the folder where the others begin. */
function whereSections(paths: readonly PathAsk[]): readonly Section[] {
  if (paths.length === 0) return []
  const look = ({ need, follow, path }: PathAsk): Script =>
    need === 'type' ? sh`fplay_type ${path}` : sh`fplay_path ${follow ? 1 : 0} ${path} ''`
  const body = join(paths.map(look))
  return [{ name: 'paths', body, leaves: true }]
}

/** Names, attributes, link targets and hashes of all that is below a folder, each list in `find`'s order. */
function treeSections({ path, need, limit, depth, follow }: TreeAsk): readonly Section[] {
  const below = depth === undefined ? sh`.` : sh`. -maxdepth ${depth}`
  const find = follow ? sh`find -L ${below}` : sh`find ${below}`
  const status = follow ? sh`stat -L` : sh`stat`
  // With links followed, those that lead nowhere are left out.
  const entries = follow ? sh`-mindepth 1 ! -type l` : sh`-mindepth 1`
  const enter = sh`cd -P -- ${path} 2>/dev/null || exit 0`
  const links = sh`${find} -type l -exec sh -c 'for l; do readlink -n -- "$l"; printf "\\0"; done' sh {} +`
  const denied = sh`${find} -type f -exec sh -c 'for f; do [ -r "$f" ] || printf "%s\\0" "$f"; done' sh {} +`
  const names = [
    'names',
    'stat',
    'links',
    ...(need === 'stat' ? [] : ['sha1', 'denied']),
    ...(need === 'content' ? ['content'] : []),
  ]
  const bodies = [
    sh`printf '%s\\0' "$PWD"; ${find} ${entries} -print0`,
    sh`${find} ${entries} -exec ${status} ${STAT} -- {} +`,
    links,
    sh`${find} -type f -exec sha1sum -- {} +`,
    denied,
    sh`S=$(${find} -type f -exec ${status} -c %s -- {} + | { T=0; while read -r N; do T=$((T+N)); done; echo $T; })
[ "$S" -gt ${limit} ] || ${find} -type f -exec cat -- {} +`,
  ]
  return names.map((name, i) => ({
    name: `tree ${name} ${path}`,
    body: sh`${enter}\n${bodies[i]!}`,
    apart: true,
  }))
}
