import { Fail, type Dict, type Value } from '../contract.js'
import { MEMORY_FUNCTION, memoryFile } from '../memory-file.js'
import { sh, Script } from '../quote.js'

/** Variables that change what the docker program, or the shell that starts it, does. */
const HEEDED = /^(PATH|HOME|IFS|ENV|LD_\w+|DOCKER_\w+|COMPOSE_\w+|\w+_proxy|\w+_PROXY)$/

/** How variables reach docker. */
export interface Variables {
  /** Exports for the shell, before docker is started. */
  readonly exports: readonly Script[]
  /** Words for docker: the flag and the name, or, where docker itself would heed it, name and value. */
  readonly flags: readonly string[]
}

/** Names that a shell can export; docker takes others, such as `discovery.type`. */
const EXPORTED = /^[A-Za-z_]\w*$/

/** Bytes that Linux gives a program as one word or variable, name and value together. */
const LONGEST = 131_071

/**
 * Values reach docker through its environment: in its arguments every user of the host could read them. Those that
 * docker itself would heed are no secrets, and stand there. What no shell can export stands in a file without a name, if
 * docker takes one with that flag. Values must have passed {@link checkVariables}.
 */
export function variablesFor(flag: '-e' | '--build-arg', values: ReadonlyMap<string, string>): Variables {
  const heeded = [...values].filter(([name]) => HEEDED.test(name))
  const hidden = [...values].filter(([name]) => !HEEDED.test(name))
  const exported = hidden.filter(([name]) => EXPORTED.test(name))
  const lines = hidden.flatMap(([name, value]) => (EXPORTED.test(name) ? [] : [`${name}=${value}\n`]))
  return {
    exports: [
      ...exported.map(([name, value]) => sh`export ${Script.trusted(`${name}=`)}${value}`),
      ...(lines.length === 0
        ? []
        : [MEMORY_FUNCTION, memoryFile(FILE, Buffer.from(lines.join('')), 'fplay_end_of_variables')]),
    ],
    flags: [
      ...heeded.flatMap(([name, value]) => [flag, `${name}=${value}`]),
      ...exported.flatMap(([name]) => [flag, name]),
      ...(lines.length === 0 ? [] : ['--env-file', `/dev/fd/${FILE}`]),
    ],
  }
}

/** Descriptor of the file of variables. */
const FILE = 6

/** Throws Fail for what cannot be a variable of a container, or of a build. */
export function checkVariables(
  flag: '-e' | '--build-arg',
  values: ReadonlyMap<string, string>,
  what: string,
): ReadonlyMap<string, string> {
  for (const [name, value] of values) {
    if (flag === '-e' ? !/^[^\s=#][^\s=]*$/.test(name) : !EXPORTED.test(name))
      throw new Fail(`${what} has "${name}", which cannot be the name of a variable`)
    if (!EXPORTED.test(name) && /[\r\n]/.test(value))
      throw new Fail(
        `${what} has ${name} with a line end`,
        [],
        'only names of letters, digits and _ can have one',
      )
    refuseLong(name, value, what)
  }
  return values
}

/** Throws Fail for what Linux starts no program with. */
export function refuseLong(name: string, value: string, what: string): void {
  const size = Buffer.byteLength(`${name}=${value}`)
  if (size <= LONGEST) return
  throw new Fail(
    `${what} has ${name} with ${size} bytes, and a program can be started with ${LONGEST} at most`,
    [],
    'put it into a file, and mount that',
  )
}

/** A dictionary of texts. As in Ansible other values are refused: what `yes` or 010 should be as text is not clear. */
export function texts(given: Dict | undefined, what: string): ReadonlyMap<string, string> {
  return new Map([...(given ?? [])].map(([name, value]) => [String(name), text(value, String(name), what)]))
}

function text(value: Value, name: string, what: string): string {
  if (typeof value === 'string') return value
  throw new Fail(
    `${what} has ${name} with a value that is not text`,
    [],
    `put it in quotes: "${String(value)}"`,
  )
}
