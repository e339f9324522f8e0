import { Fail, type ScriptOutput } from '../contract.js'
import { sh, type Script } from '../quote.js'
import { complaint, refuseDocker } from './engine.js'

/** What `docker inspect` says of one thing. */
export type Inspected = Readonly<Record<string, unknown>>

/** What `docker inspect` can look at. */
export type Kind = 'container' | 'image' | 'network' | 'volume'

/**
 * Shell text that prints a line of JSON for each of the named things that is there. For those that are not, docker
 * complains; {@link inspectedOf} knows that complaint from others.
 */
export function inspectScript(kind: Kind, names: readonly string[]): Script {
  return names.length === 0 ? sh`:` : sh`docker inspect --type ${kind} --format '{{json .}}' -- ${names} || :`
}

/** The things in the output of {@link inspectScript}, in its order. */
export function inspectedOf(lines: readonly string[]): readonly Inspected[] {
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Inspected)
}

/** Docker's complaint that something is not there. */
const MISSING = /no such (?:container|image|network|volume|object)|network .* not found/i

/** Throws when docker complained of anything but that something is not there. */
export function refuseComplaints({ stdout, stderr, code }: ScriptOutput): void {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !MISSING.test(line))
  const refused = lines.join('\n')
  refuseDocker({ stdout, stderr: refused, code: 1 })
  if (code !== 0 || /^(error|template|invalid|unknown)/im.test(refused))
    throw new Fail(`the Docker Engine refused a question: ${complaint(refused)}`)
}

/** Cuts an output at lines that are one of the titles; what is before the first has the title ''. */
export function titled(stdout: string, titles: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const parts = new Map<string, string[]>([['', []]])
  let current = parts.get('')!
  for (const line of stdout.split('\n')) {
    if (titles.includes(line) && !parts.has(line)) parts.set(line, (current = []))
    else current.push(line)
  }
  return parts
}

/** A part of something inspected, `{}` where there is none. */
export function section(found: Inspected | undefined, ...names: readonly string[]): Inspected {
  const part = names.reduce<unknown>((at, name) => (at as Inspected | null | undefined)?.[name], found)
  return (part ?? {}) as Inspected
}

/** A list in something inspected, empty where there is none. */
export function listed(found: Inspected, name: string): readonly string[] {
  return (found[name] ?? []) as readonly string[]
}
