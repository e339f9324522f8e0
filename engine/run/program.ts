import { contentOf, type Content } from '../content.js'
import { str } from '../language/jinja/python/render.js'
import type { Item } from '../language/jinja/item.js'
import { isDict, keyText } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import type { Program } from '../module/program.js'
import { MEMORY_FUNCTION } from '../module/memory-file.js'
import { join, sh, Script } from '../module/quote.js'
import { Unknown } from '../unknown.js'
import { environmentScript } from './ask.js'
import { foreseenJob, runAsJob } from './job.js'
import { newNonce } from './probe.js'
import { readResult, type Ended } from './program-result.js'
import type { Call, Converged, Target } from './target.js'

/**
 * Runs a module that is a program, as Ansible does: its arguments are in a file that its first argument names, and it
 * prints its result as JSON. It decides by itself what it changes; in check mode it is told so and run only if it knows
 * of check mode. One round trip; program and arguments are files without names, so nothing is left on the host.
 */
export async function runProgram(program: Program, call: Call, target: Target): Promise<Converged> {
  if (call.checkMode && !program.checks) {
    if (!call.promisesNoChange) target.forecast.assuming.push(call.task)
    const rest = new Unknown(`a value of the result of "${call.task}", which was not run`)
    return foreseenJob(
      { status: 'changed', changed: true, values: { msg: 'would run' }, rest, diffs: [] },
      call,
    )
  }
  const missing = newNonce()
  const args = contentOf(argumentsText(program, call))
  const inputs = [program.content, args]
  const script = programScript(program, args, call, missing)
  const conclude = (ended: Ended): Converged => {
    const lacking = ended.stderr.split(`${missing} `)[1]?.trim()
    return lacking === undefined ? readResult(ended, call) : failed(lackingText(lacking, program))
  }
  if (call.background && !call.checkMode) {
    return await runAsJob(call, target, call.background, { script, inputs }, async (ran) => conclude(ran))
  }
  const reply = await target.connection.run(join([environmentScript(call), script]).text, {
    become: call.become,
    inputs,
    signal: call.signal,
    onProgress: call.onProgress,
  })
  const [stdout, stderr] = [reply.stdout.toString('utf8'), reply.stderr.toString('utf8')]
  return foreseenJob(conclude({ stdout, stderr, code: reply.code }), call)
}

function lackingText(lacking: string, { file, interpreter }: Program): string {
  if (lacking === 'exec') {
    return `the host lets no file be run below TMPDIR, /tmp, /var/tmp and the home of the user, and ${file} is a binary; set TMPDIR with environment:`
  }
  const name = nameOf(withoutEnv(interpreter)[0]!)
  const orSet = name === 'env' ? '' : `, or set ansible_${name}_interpreter`
  return `the host has no ${lacking}, which runs ${file}; install it there${orSet}`
}

/** Arguments as text: JSON, or for old modules words of `key=value`, with Ansible's own among them. */
function argumentsText({ style }: Program, call: Call): string {
  const values: Dict = new Map<Value, Value>([
    ...Object.entries(call.params as Readonly<Record<string, Value>>),
    ...ownArguments(call),
  ])
  if (style === 'json') return call.controller.json(values)
  return [...values]
    .map(([name, value]) => sh`${Script.trusted(keyText(name))}=${str(value as Item)} `)
    .join('')
}

/** What Ansible tells each module besides the task's arguments. */
function ownArguments({
  checkMode,
  diff,
  noLog,
  verbosity,
  moduleName,
  controller,
}: Call): [string, Value][] {
  const variable = (name: string, fallback: Value): Value => controller.variable(name) ?? fallback
  return [
    ['_ansible_check_mode', checkMode],
    ['_ansible_no_log', noLog],
    ['_ansible_debug', false],
    ['_ansible_diff', diff],
    ['_ansible_verbosity', verbosity],
    ['_ansible_version', versionOf(variable('ansible_version', ''))],
    ['_ansible_module_name', moduleName],
    ['_ansible_syslog_facility', variable('ansible_syslog_facility', 'LOG_USER')],
    ['_ansible_selinux_special_fs', ['fuse', 'nfs', 'vboxsf', 'ramfs', '9p', 'vfat']],
    ['_ansible_string_conversion_action', 'warn'],
    ['_ansible_socket', null],
    ['_ansible_shell_executable', variable('ansible_shell_executable', '/bin/sh')],
    ['_ansible_keep_remote_files', false],
    ['_ansible_tmpdir', null],
    ['_ansible_remote_tmp', '~/.ansible/tmp'],
  ]
}

function versionOf(version: Value): Value {
  return isDict(version) ? (version.get('full') ?? '') : version
}

/** `fplay_runnable N SIZE`: an input becomes a file without a name behind descriptor 5 that can be run. */
const RUNNABLE = Script.trusted(String.raw`
fplay_runnable() {
  for D in "${'$'}{TMPDIR:-/tmp}" /tmp /var/tmp "$HOME"; do
    M=$(mktemp "$D/.fplay-run.XXXXXX" 2>/dev/null) || continue
    if chmod 700 -- "$M" && [ -x "$M" ]; then
      fplay_input "$1" "$2" >"$M" && exec 5<"$M" && rm -f -- "$M"; return
    fi
    rm -f -- "$M"
  done
  return 126
}`)

/**
 * Program and arguments come to descriptors 5 and 6, and the program takes the place of the shell. It is given names below
 * /proc: of /dev/fd/N, Perl and gawk read on where the descriptor stands, at the end.
 */
function programScript(program: Program, args: Content, call: Call, missing: string): Script {
  const { content, interpreter } = program
  const takeArgs = sh`fplay_memory 6 </dev/null && fplay_input 2 ${args.size} >&6 || exit 1`
  if (interpreter.length === 0) {
    return sh`${MEMORY_FUNCTION}${RUNNABLE}
fplay_runnable 1 ${content.size} || { printf '%s exec\\n' ${missing} >&2; exit 126; }
${takeArgs}
exec /proc/self/fd/5 /proc/self/fd/6 </dev/null`
  }
  return sh`${MEMORY_FUNCTION}
fplay_memory 5 </dev/null && fplay_input 1 ${content.size} >&5 || exit 1
${takeArgs}
${findInterpreter(interpreter, call, missing)}
exec "$@" /proc/self/fd/5 /proc/self/fd/6 </dev/null`
}

/** Sets the positional parameters to the words that run the program, or says which of them the host lacks. */
function findInterpreter(words: readonly string[], { controller }: Call, missing: string): Script {
  const [first = '', ...rest] = withoutEnv(words)
  const given = controller.variable(`ansible_${nameOf(first)}_interpreter`)
  const isGiven = typeof given === 'string' && !/^(?:auto(?:_legacy)?(?:_silent)?)?$/.test(given.trim())
  const chosen = isGiven ? given.trim().split(/\s+/) : [first]
  // Ansible looks for a Python where the line says only "python".
  const others = nameOf(chosen[0]!) === 'python' ? ['python3', '/usr/libexec/platform-python', 'python'] : []
  const looked = programAfterEnv([...chosen, ...rest])
  return sh`set -- ${[...chosen, ...rest]}
if ! command -v ${looked} >/dev/null 2>&1; then
  for P in ${others} ''; do if command -v "$P" >/dev/null 2>&1; then break; fi; done
  if [ -z "$P" ]; then printf '%s %s\\n' ${missing} ${looked} >&2; exit 127; fi
  shift; set -- "$P" "$@"
fi`
}

/** Of `/usr/bin/env python3 -u` what env would run; with options or variables for env all as it is. */
function withoutEnv(words: readonly string[]): readonly string[] {
  const [first = '', second = '-'] = words
  return nameOf(first) === 'env' && !/^-|=/.test(second) ? words.slice(1) : words
}

/** The program that must be there: of `/usr/bin/env -S NAME=value python3 -u` it is python3. */
function programAfterEnv(words: readonly string[]): string {
  if (nameOf(words[0]!) !== 'env') return words[0]!
  return words.slice(1).find((word) => !/^-|=/.test(word)) ?? words[0]!
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function failed(message: string): Converged {
  return { status: 'failed', changed: false, message, values: { msg: message }, diffs: [] }
}
