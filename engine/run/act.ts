import type { Link } from '../connection/connection.js'
import type { Content, Converge } from '../module/contract.js'
import { Script, join, sh } from '../module/quote.js'
import { noteTaken, restartAhead } from './ahead.js'
import { environmentScript } from './ask.js'
import { lineReader } from './lines.js'
import { newNonce, probeSections, sectionsScript } from './probe.js'
import type { Questions } from './questions.js'
import type { Parcel } from './speculation.js'
import { readSections, type Section, type SectionOutput } from './sections.js'
import type { Call, Target } from './target.js'

type Guard = NonNullable<Parcel['guard']>

/**
 * Does something to a host: what was looked at ahead does not hold any more, neither from before nor from meanwhile.
 * @param filesOnly  accounts that were there still are
 */
export async function doing<T>(target: Target, action: () => Promise<T>, filesOnly = false): Promise<T> {
  restartAhead(target)
  if (!filesOnly) target.accounts.clear()
  try {
    return await action()
  } finally {
    restartAhead(target)
  }
}

/**
 * Sends the script, and the second probe where there is something to look at.
 * @param link  its place in a row of scripts (row.ts)
 */
export async function send(
  call: Call,
  target: Target,
  step: Converge,
  questions: Questions | undefined,
  link?: Link,
): Promise<ReadonlyMap<string, SectionOutput>> {
  const nonce = newNonce()
  const body = join([Script.trusted('set -e'), step.script])
  const run = step.script.text === '' ? [] : [{ name: 'converge', body, apart: true }]
  const sections = [...run, ...(questions ? probeSections(questions, nonce) : [])]
  if (sections.length === 0) return new Map()
  const onLine = step.stream && call.onLine ? lineReader(nonce, call.onLine) : undefined
  const reply = await target.connection.run(
    join([environmentScript(call), questions ? sectionsScript(sections, nonce) : body]).text,
    {
      become: call.become,
      inputs: step.inputs,
      signal: call.signal,
      onProgress: call.onProgress,
      link,
      ...(onLine ? { onOutput: onLine } : {}),
    },
  )
  if (questions) return readSections(reply.stdout, reply.stderr, nonce, sections)
  // A script that comes alone needs no frame within that of the shell.
  for (const stream of ['stdout', 'stderr'] as const) onLine?.({ stream, text: '\n' })
  return new Map([['converge', { ...reply, stderr: reply.stderr.toString('utf8') }]])
}

interface Scripts {
  readonly scripts: readonly Script[]
  readonly instead: readonly (Script | undefined)[]
  readonly inputs: readonly Content[]
  readonly last: Script
}

/**
 * Sends a step with its condition. Where it does not hold, nothing is done, and the questions are answered in its place.
 * Only where it was taken, what was looked at ahead does not hold any more.
 */
export async function sendWithGuard(
  call: Call,
  target: Target,
  { step, guard }: { step: Converge; guard: Guard },
  link?: Link,
): Promise<ReadonlyMap<string, SectionOutput>> {
  const nonce = newNonce()
  const sections = probeSections(guard.questions, nonce)
  const answer = sectionsScript(sections, nonce)
  const body = join([
    environmentScript(call),
    sh`if ${guard.condition}; then :; else\n${answer}\nexit 0; fi\nset -e`,
    step.script,
  ])
  const { become, signal, onProgress } = call
  const onLine = step.stream && call.onLine ? lineReader(nonce, call.onLine, 1) : undefined
  const onOutput = onLine ? { onOutput: onLine } : {}
  let taken = true
  try {
    const options = { become, signal, onProgress, link, inputs: step.inputs, ...onOutput }
    const reply = await target.connection.run(body.text, options)
    taken = !reply.stdout.subarray(0, nonce.length + 1).equals(Buffer.from(`\n${nonce}`))
    if (!taken) return readSections(reply.stdout, reply.stderr, nonce, sections)
    for (const stream of ['stdout', 'stderr'] as const) onLine?.({ stream, text: '\n' })
    return new Map([['converge', { ...reply, stderr: reply.stderr.toString('utf8') }]])
  } finally {
    noteTaken(target, call, taken)
    if (taken) {
      restartAhead(target)
      target.accounts.clear()
    }
  }
}

/**
 * Sends the scripts of several steps, none of which is run after one that failed; their outputs are named `converge 0`,
 * `converge 1` …
 * @param instead  what a script is left out for, where it ends with 0 (joint.ts)
 * @param inputs  those of all scripts
 * @param last  runs behind them all
 * @param points  what is looked at before which script; the last one behind them all
 */
export async function sendAll(
  call: Call,
  target: Target,
  { scripts, instead, inputs, last }: Scripts,
  points: readonly { readonly before: number; readonly questions: Questions }[],
): Promise<ReadonlyMap<string, SectionOutput>> {
  const nonce = newNonce()
  const looks = (n: number): readonly Section[] =>
    points
      .filter(({ before }) => before === n)
      .flatMap(({ questions }) => probeSections(questions, nonce))
      .map((section) => ({ ...section, name: nameAt(n, section.name) }))
  const steps = scripts.flatMap((script, n): readonly Section[] => {
    const body = join([sh`[ -z "$fplay_q" ] || exit`, Script.trusted('set -e'), script])
    return [...aside(looks(n)), { name: `converge ${n}`, body, apart: true, instead: instead[n] }]
  })
  const sections = [...steps, { name: 'last', body: last }, ...looks(scripts.length)]
  const script = join([sh`fplay_q= fplay_later=1`, sectionsScript(sections, nonce)])
  const reply = await target.connection.run(script.text, { become: call.become, inputs, signal: call.signal })
  return readSections(reply.stdout, reply.stderr, nonce, sections)
}

/** What was looked at before a script leaves neither the folder, nor a mark that one of the scripts has failed. */
function aside(looks: readonly Section[]): readonly Section[] {
  if (looks.length === 0) return []
  return [
    { name: 'before', body: sh`fplay_r=$fplay_q` },
    ...looks.map((section) => (section.leaves ? { ...section, apart: true } : section)),
    { name: 'behind', body: sh`fplay_q=$fplay_r` },
  ]
}

function nameAt(point: number, name: string): string {
  return `${point} ${name}`
}

/** The answers of one of the points of {@link sendAll}, under their own names. */
export function outputsAt(
  outputs: ReadonlyMap<string, SectionOutput>,
  point: number,
): ReadonlyMap<string, SectionOutput> {
  const start = nameAt(point, '')
  return new Map(
    [...outputs].flatMap(([name, output]) =>
      name.startsWith(start) ? [[name.slice(start.length), output] as const] : [],
    ),
  )
}
