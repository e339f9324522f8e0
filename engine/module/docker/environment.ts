import { Fail, type Dict, type Value } from '../contract.js'
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

/**
 * Values reach docker through its environment: in its arguments every user of the host could read them. Those that
 * docker itself would heed are no secrets, and stand there.
 */
export function variablesFor(flag: string, values: ReadonlyMap<string, string>, what: string): Variables {
  const bad = [...values.keys()].find((name) => !/^[A-Za-z_]\w*$/.test(name))
  if (bad !== undefined) throw new Fail(`${what} has "${bad}", which cannot be the name of a variable`)
  const heeded = [...values].filter(([name]) => HEEDED.test(name))
  const hidden = [...values].filter(([name]) => !HEEDED.test(name))
  return {
    exports: hidden.map(([name, value]) => sh`export ${Script.trusted(`${name}=`)}${value}`),
    flags: [
      ...heeded.flatMap(([name, value]) => [flag, `${name}=${value}`]),
      ...hidden.flatMap(([name]) => [flag, name]),
    ],
  }
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
