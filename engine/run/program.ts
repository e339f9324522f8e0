import { contentOf, type Content } from '../content.js'
import type { Diff } from '../events.js'
import { str } from '../language/jinja/python/render.js'
import { readJson } from '../language/jinja/python/json-read.js'
import type { Item } from '../language/jinja/item.js'
import { truthy } from '../language/jinja/item.js'
import { isDict, keyText } from '../language/value.js'
import type { Dict, Value } from '../language/value.js'
import type { Program } from '../module/program.js'
import { MEMORY_FUNCTION } from '../module/memory-file.js'
import { join, sh, Script } from '../module/quote.js'
import { Unknown } from '../unknown.js'
import { environmentScript } from './ask.js'
import { newNonce } from './probe.js'
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
    return { status: 'changed', changed: true, values: { msg: 'would run' }, rest, diffs: [] }
  }
  const missing = newNonce()
  const args = contentOf(argumentsText(program, call))
  const script = join([environmentScript(call), programScript(program, args, call, missing)])
  const reply = await target.connection.run(script.text, {
    become: call.become,
    inputs: [program.content, args],
    signal: call.signal,
    onProgress: call.onProgress,
  })
  const [stdout, stderr] = [reply.stdout.toString('utf8'), reply.stderr.toString('utf8')]
  const lacking = stderr.split(`${missing} `)[1]?.trim()
  if (lacking !== undefined) return failed(lackingText(lacking, program))
  return readResult({ stdout, stderr, code: reply.code }, call)
}

function lackingText(lacking: string, { file, interpreter }: Program): string {
  if (lacking === 'exec') {
    return `the host lets no file be run below TMPDIR, /tmp, /var/tmp and the home of the user, and ${file} is a binary; set TMPDIR with environment:`
  }
  const name = nameOf(interpreter[0]!)
  return `the host has no ${lacking}, which runs ${file}; install it there, or set ansible_${name}_interpreter`
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

/** Program and arguments come to descriptors 5 and 6, and the program takes the place of the shell. */
function programScript(program: Program, args: Content, call: Call, missing: string): Script {
  const { content, interpreter } = program
  const takeArgs = sh`fplay_memory 6 </dev/null && fplay_input 2 ${args.size} >&6 || exit 1`
  if (interpreter.length === 0) {
    return sh`${MEMORY_FUNCTION}${RUNNABLE}
fplay_runnable 1 ${content.size} || { printf '%s exec\\n' ${missing} >&2; exit 126; }
${takeArgs}
exec /proc/self/fd/5 /dev/fd/6 </dev/null`
  }
  return sh`${MEMORY_FUNCTION}
fplay_memory 5 </dev/null && fplay_input 1 ${content.size} >&5 || exit 1
${takeArgs}
${findInterpreter(interpreter, call, missing)}
exec "$@" /dev/fd/5 /dev/fd/6 </dev/null`
}

/** Sets the positional parameters to the words that run the program, or says which of them the host lacks. */
function findInterpreter(words: readonly string[], { controller }: Call, missing: string): Script {
  const [first = '', ...rest] = words
  const given = controller.variable(`ansible_${nameOf(first)}_interpreter`)
  const chosen = typeof given === 'string' && given.trim() !== '' ? given.trim().split(/\s+/) : [first]
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

/** The program that must be there: of `/usr/bin/env -S NAME=value python3 -u` it is python3. */
function programAfterEnv(words: readonly string[]): string {
  if (nameOf(words[0]!) !== 'env') return words[0]!
  return words.slice(1).find((word) => !/^-|=/.test(word)) ?? words[0]!
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Where the first line that begins with `{` and the last that ends with `}` are: the rest is noise of the host. */
function jsonOf(stdout: string): { readonly text: string; readonly junk: string } | undefined {
  const lines = stdout.split(/\r?\n/)
  const start = lines.findIndex((line) => line.trim().startsWith('{'))
  const end = lines.findLastIndex((line) => line.trim().endsWith('}'))
  if (start < 0 || end < start) return undefined
  return {
    text: lines.slice(start, end + 1).join('\n'),
    junk: lines
      .slice(end + 1)
      .join('\n')
      .trim(),
  }
}

interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/** The result as Ansible takes it from a module. */
function readResult(ended: Ended, call: Call): Converged {
  const found = jsonOf(ended.stdout)
  const read = found && parsed(found.text)
  if (!found || !isDict(read)) return unreadable(ended)
  const values = cleaned(read)
  if (found.junk !== '') {
    const warnings = values.get('warnings')
    const text = `the module printed something behind its result: ${found.junk}`
    values.set('warnings', [...(Array.isArray(warnings) ? warnings : []), text])
  }
  const changed = truthy((values.get('changed') ?? false) as Item)
  const message = values.get('msg')
  return {
    status: statusOf(values, changed),
    changed,
    message:
      isFailed(values) || truthy((values.get('skipped') ?? false) as Item) ? messageText(message) : undefined,
    values: Object.fromEntries([...values].map(([name, value]) => [keyText(name), value])),
    diffs: call.diff ? diffsOf(values.get('diff'), call) : [],
    facts: factsOf(values),
  }
}

function messageText(message: Value | undefined): string {
  return message === undefined || message === null ? 'the module says no more' : str(message as Item)
}

function statusOf(values: Dict, changed: boolean): Converged['status'] {
  if (isFailed(values)) return 'failed'
  if (truthy((values.get('skipped') ?? false) as Item)) return 'skipped'
  return changed ? 'changed' : 'ok'
}

/** What says nothing of a failure has failed when it tells an exit status other than 0. */
function isFailed(values: Dict): boolean {
  const failed = values.get('failed')
  if (failed !== undefined) return truthy(failed as Item)
  const rc = values.get('rc')
  return rc !== undefined && rc !== 0 && rc !== '0'
}

function parsed(text: string): Value | undefined {
  try {
    return readJson(text) as Value
  } catch {
    return undefined
  }
}

/** Without what is Ansible's own; stdout and stderr as lines, too. */
function cleaned(read: Dict): Dict {
  const values: Dict = new Map([...read].filter(([name]) => !String(name).startsWith('_ansible_')))
  const results = values.get('results')
  if (results !== undefined && !Array.isArray(results)) {
    values.delete('results')
    values.set('ansible_module_results', results)
  }
  for (const name of ['stdout', 'stderr']) {
    const text = values.get(name)
    if (text === undefined || values.has(`${name}_lines`)) continue
    values.set(
      `${name}_lines`,
      typeof text === 'string' && text !== '' ? text.replace(/\r?\n$/, '').split(/\r?\n/) : [],
    )
  }
  return values
}

function factsOf(values: Dict): Dict | undefined {
  const facts = values.get('ansible_facts')
  return isDict(facts) ? facts : undefined
}

function diffsOf(diff: Value | undefined, { moduleName }: Call): Diff[] {
  const list = Array.isArray(diff) ? diff : [diff]
  return list.filter(isDict).map((one) => {
    const text = (name: string): string => {
      const value = one.get(name)
      return value === undefined || value === null
        ? ''
        : typeof value === 'string'
          ? value
          : str(value as Item)
    }
    return {
      name: text('after_header') || text('before_header') || moduleName,
      before: text('before'),
      after: text('prepared') || text('after'),
    }
  })
}

function unreadable({ stdout, stderr, code }: Ended): Converged {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n')
  const why = said === '' ? `it ended with status ${code} and said nothing` : said
  const message = `the module printed no result in JSON: ${why}`
  const values = { msg: message, module_stdout: stdout, module_stderr: stderr, rc: code }
  return { status: 'failed', changed: false, message, values, diffs: [] }
}

function failed(message: string): Converged {
  return { status: 'failed', changed: false, message, values: { msg: message }, diffs: [] }
}
