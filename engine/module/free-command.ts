import { contentOf, type Content } from '../content.js'
import { isUnknown, Unknown, type Maybe } from '../unknown.js'
import {
  Fail,
  FRESH,
  type Ask,
  type Converge,
  type Key,
  type Ran,
  type Returned,
  type View,
  type Wish,
} from './contract.js'
import type { ParamTable } from './params.js'
import { join, sh, Script } from './quote.js'
import { input } from './write.js'

/** Parameters that `command`, `shell` and `script` share. */
export const FREE_COMMAND = {
  chdir: { type: 'path', description: 'Folder to change to before.' },
  creates: {
    type: 'path',
    within: 'chdir',
    description: 'Path or glob pattern; when it exists the command is not run.',
  },
  removes: {
    type: 'path',
    within: 'chdir',
    description: 'Path or glob pattern; when it does not exist the command is not run.',
  },
} as const satisfies ParamTable

/** Parameters for what a command reads. */
export const STANDARD_INPUT = {
  stdin: { type: 'str', description: 'Text for the standard input.' },
  stdin_add_newline: {
    type: 'bool',
    default: true,
    description: 'End the standard input with a line end.',
  },
} as const satisfies ParamTable

/** What the result of anything that runs has. */
export const OUTPUT_RETURNS = {
  rc: 'Exit status.',
  stdout: 'What it printed.',
  stdout_lines: 'The same as lines.',
  stderr: 'What it complained.',
  stderr_lines: 'The same as lines.',
} as const

/** What a command's result has, beside what was run. */
export const COMMAND_RETURNS = {
  ...OUTPUT_RETURNS,
  start: 'When it began.',
  end: 'When it ended.',
  delta: 'How long it took.',
  msg: 'Why it was not run, or failed.',
} as const

/** Values of {@link FREE_COMMAND}. */
export interface FreeCommand {
  readonly chdir?: string | undefined
  readonly creates?: string | undefined
  readonly removes?: string | undefined
}

/** What a shell of the host makes of a text. Without a shell that the task names, the text never stands in a process list. */
export function shellLine(text: string, executable: string | undefined): Script {
  if (executable !== undefined) return sh`${executable} -c ${text}`
  // What means its own process by $$ must not end the shell that all tasks of the host share.
  return text.includes('$$') ? sh`{ printf %s ${text} | ${OWN_SHELL} 9<&0 <&8 8<&-; } 8<&0` : sh`eval ${text}`
}

/** A shell that evaluates what it reads from descriptor 9. */
const OWN_SHELL = sh`/bin/sh -c 't=$(cat <&9); exec 9<&-; eval "$t"'`

/**
 * Runs words as a program, without the shell's own commands of that name (dash's `echo` is not `/bin/echo`). A program
 * that is not there, or may not be run, ends with the status and the words that Ansible has for it.
 */
export function programLine(words: Script): Script {
  return sh`set -- ${words}
case $1 in
*/*) P=$1 ;;
*)
  P=; IFS=:; set -f
  for D in $PATH; do if [ -f "$D/$1" ] && [ -x "$D/$1" ]; then P=$D/$1; break; fi; done
  unset IFS; set +f ;;
esac
[ -e "$P" ] || { printf '%s' "${NOT_THERE}'$1'" >&2; exit 2; }
if [ -d "$P" ] || [ ! -x "$P" ]; then printf '%s' "${MAY_NOT}'$1'" >&2; exit 13; fi
exec "$@"`
}

/** True when {@link programLine} found no program that could be started: nothing has changed. */
function isNotStarted({ code, stderr }: { readonly code: number; readonly stderr: string }): boolean {
  const words = code === 2 ? [NOT_THERE, NO_FOLDER] : code === 13 ? [MAY_NOT] : []
  return words.some(({ text }) => stderr.startsWith(text))
}

const NOT_THERE = Script.trusted('[Errno 2] No such file or directory: b')
const NO_FOLDER = Script.trusted('Unable to change directory before execution: ')
const MAY_NOT = Script.trusted('[Errno 13] Permission denied: b')

/** Looks for what guards the command. A pattern is looked for by the host's shell, unless it is meant as it stands. */
export function guardAsks({ chdir, creates, removes }: FreeCommand, patterns = true): readonly Ask[] {
  const guards = [creates, removes].flatMap((path): readonly Ask[] => {
    if (path === undefined) return []
    return patterns && isPattern(path)
      ? [patternAsk(path)]
      : [{ kind: 'path', path, need: 'stat', follow: true }]
  })
  if (chdir === undefined || !guards.length) return guards
  return [...guards, { kind: 'path', path: chdir, need: 'stat', follow: true }]
}

/**
 * Whether it is surely to be run, as the host's shell can tell. It cannot where the guards are not plain: a link that
 * leads nowhere, a folder that may not be entered.
 */
export function guardCondition(
  { chdir, creates, removes }: FreeCommand,
  patterns = true,
): Script | undefined {
  if (creates === undefined && removes === undefined) return undefined
  const isGlob = (path: string): boolean => patterns && isPattern(path)
  const some = (glob: string): Script =>
    sh`for F in ${patternWords(glob)}; do if fplay_e "$F"; then break; fi; F=; done; [ -n "$F" ]`
  const conditions = [
    ...(chdir === undefined ? [] : [sh`[ -d ${chdir} ]`]),
    ...(creates === undefined
      ? []
      : [isGlob(creates) ? sh`! { ${some(creates)}; }` : sh`fplay_none ${creates}`]),
    ...(removes === undefined ? [] : [isGlob(removes) ? sh`{ ${some(removes)}; }` : sh`[ -e ${removes} ]`]),
  ]
  return join(conditions, ' && ')
}

/**
 * The wish to run: a command has no state to compare, so it is FRESH unless a guard says that it is done. What it
 * creates is foreseen as "not absent", so that later tasks of a dry run build on it.
 */
export function runWish({ chdir, creates, removes }: FreeCommand, before: View, patterns = true): Wish {
  // The folder is entered before anything is looked for: without it, nothing counts as done.
  if (chdir !== undefined && (creates ?? removes) !== undefined && before.path(chdir).type === 'absent')
    throw new Fail(
      `Unable to change directory before execution: [Errno 2] No such file or directory: b'${chdir}'`,
      [`path:${chdir}`],
    )
  const [made, there] = [creates, removes].map((path) =>
    path === undefined ? undefined : exists(path, before, patterns),
  )
  if (made === true || there === false) return new Map()
  const late = [made, there].find(isUnknown)
  if (late !== undefined) return new Map([['run:command', { run: late }]])
  const brought: Wish =
    creates === undefined || (patterns && isPattern(creates))
      ? new Map()
      : new Map([
          [
            `path:${creates}` as Key,
            { type: new Unknown(`what ${creates} will be`, ['absent']), below: 'unknown' },
          ],
        ])
  return new Map([['run:command', { run: FRESH }], ...brought])
}

/** Changes folder, feeds standard input (none by default) and leaves the status to {@link runResult}. A script has a subshell of its own. */
export function runStep(params: FreeCommand, command: Script, stdin?: string): Converge {
  const content: Content | undefined = stdin === undefined ? undefined : contentOf(stdin)
  const enter = params.chdir === undefined ? sh`:` : enterScript(params.chdir)
  const feed = content ? sh`${input(0, content)} | { ${command}\n}` : sh`{ ${command}\n} </dev/null`
  return {
    script: join([enter, sh`set +e`, feed]),
    inputs: content ? [content] : [],
    stream: true,
    judged: true,
  }
}

/** Where the folder cannot be entered, the words that Ansible has for it. */
function enterScript(folder: string): Script {
  return sh`F=${folder}
cd -- "$F" 2>/dev/null || {
  if [ -d "$F" ]; then E='13] Permission denied'; elif [ -e "$F" ]; then E='20] Not a directory'
  else E='2] No such file or directory'; fi
  printf '%s' "${NO_FOLDER}[Errno $E: b'$F'" >&2; exit 2
}`
}

/** Values as Ansible's command modules return them. */
export function runResult(params: FreeCommand, cmd: Command, ran: Ran, strip = true): Returned {
  if (ran.kind === 'nothing') {
    const guard = params.creates ?? params.removes
    const state = params.creates === undefined ? 'does not exist' : 'exists'
    const said = texts('stdout', `skipped, since ${guard} ${state}`, strip)
    const msg = `Did not run command since '${guard}' ${state}`
    return { values: { cmd, rc: 0, ...said, stderr: '', stderr_lines: [], msg } }
  }
  if (ran.kind === 'foreseen') {
    const late = (name: string): Unknown => new Unknown(`${name} of a command that was not run`)
    const names = ['rc', 'stdout', 'stdout_lines', 'stderr', 'stderr_lines', 'start', 'end', 'delta']
    return {
      values: { cmd, ...Object.fromEntries(names.map((name) => [name, late(name)])), msg: 'would run' },
    }
  }
  return isNotStarted(ran) ? notStarted(cmd, ran, strip) : ended(cmd, ran, strip)
}

type Ended = Extract<Ran, { kind: 'ran' }>
type Command = string | readonly string[]

function notStarted(cmd: Command, { code: rc, stderr }: Ended, strip: boolean): Returned {
  const none = { ...texts('stdout', '', strip), ...texts('stderr', '', strip) }
  const never = stderr.startsWith(NO_FOLDER.text) ? { rc: null, start: null, end: null, delta: null } : { rc }
  return { values: { cmd, ...never, ...none, msg: stderr }, failed: stderr, changed: false }
}

function ended(cmd: Command, ran: Ended, strip: boolean): Returned {
  const end = new Date(ran.started.getTime() + ran.seconds * 1000)
  const values = {
    cmd,
    rc: ran.code,
    ...texts('stdout', ran.stdout, strip),
    ...texts('stderr', ran.stderr, strip),
    start: stamp(ran.started),
    end: stamp(end),
    delta: elapsed(ran.seconds),
    msg: ran.code === 0 ? '' : 'non-zero return code',
  }
  if (ran.code === 0) return { values }
  const said = (ran.stderr.trim() || ran.stdout.trim()).split('\n').slice(-3).join('\n')
  return {
    values,
    failed: said === '' ? `ended with status ${ran.code}` : `ended with status ${ran.code}: ${said}`,
  }
}

/** Values as raw and script of Ansible return them: the output as it is, and how the command ended. */
export function outputResult(ran: Ran): Returned {
  const { values, failed } = ran.kind === 'ran' ? ended('', ran, false) : runResult({}, '', ran, false)
  const names = ['rc', 'stdout', 'stdout_lines', 'stderr', 'stderr_lines', 'msg']
  const kept = names.filter((name) => values[name] !== '' || name !== 'msg')
  const told = Object.fromEntries(kept.map((name) => [name, values[name]]))
  return failed === undefined ? { values: told } : { values: told, failed }
}

function texts(name: string, output: string, strip = true): Readonly<Record<string, unknown>> {
  const text = strip ? output.replace(/[\r\n]+$/, '') : output
  return { [name]: text, [`${name}_lines`]: text === '' ? [] : text.replace(/\n$/, '').split(/\r?\n/) }
}

function isPattern(path: string): boolean {
  return /[*?[]/.test(path)
}

/** The pattern must not be quoted to be one; all but its wildcards is. */
function patternWords(pattern: string): Script {
  const parts = pattern.split(/([*?]|\[[^\]]*\])/).filter((part) => part !== '')
  return join(
    parts.map((part) => (isPattern(part) ? Script.trusted(part) : sh`${part}`)),
    '',
  )
}

function patternAsk(pattern: string): Ask {
  return {
    kind: 'own',
    key: `glob:${pattern}`,
    bare: true,
    ahead: true,
    script: sh`for F in ${patternWords(pattern)}; do if [ -e "$F" ] || [ -L "$F" ]; then printf '%s\\0' "$F"; fi; done`,
    read: ({ stdout }) => ({ paths: stdout.split('\0').filter(Boolean) }),
  }
}

/** Only the run can tell of what a command not run may have made below a folder. */
function exists(path: string, before: View, patterns: boolean): Maybe<boolean> {
  if (patterns && isPattern(path))
    return before.present(before.own(`glob:${path}`)['paths'] as string[], path)
  const { type } = before.path(path)
  if (isUnknown(type) && !type.not.includes('absent')) return new Unknown(`whether ${path} exists`)
  return type !== 'absent'
}

/** A moment as Ansible writes it. */
export function stamp(date: Date): string {
  return date.toISOString().replace('T', ' ').replace('Z', '000')
}

function elapsed(seconds: number): string {
  const micros = String(Math.round((seconds % 1) * 1e6)).padStart(6, '0')
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0')
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}.${micros}`
}
