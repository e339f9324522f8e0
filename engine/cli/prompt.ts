import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { FplayError } from '../errors.js'
import type { Caller } from './caller.js'

/** Asks a person, or reads the next line of a pipe. */
export interface Prompt {
  /** The answer without its line break. Fails with `bad-option` when there is nobody, `interrupted` at Ctrl-C. */
  ask(question: string): Promise<string>
  /** The same for what nobody may see: it is not shown while it is typed. */
  askHidden(question: string): Promise<string>
  /** True when a person sits at a terminal. */
  readonly interactive: boolean
}

/**
 * Questions go to the error stream, so that they never mix with output that is piped on. One that waits when the signal
 * comes ends with `interrupted`.
 */
export function createPrompt(caller: Caller, signal = new AbortController().signal): Prompt {
  const interactive = Boolean(caller.stdin.isTTY)
  const lines = createLines(caller, signal)
  const ask = (question: string, hidden: boolean): Promise<string> =>
    interactive ? askPerson(caller, signal, question, hidden) : lines(question)
  return {
    interactive,
    ask: (question) => ask(question, false),
    askHidden: (question) => ask(question, true),
  }
}

function askPerson(
  { stdin, stderr }: Caller,
  signal: AbortSignal,
  question: string,
  hidden: boolean,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const shown = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : stderr
    if (hidden) stderr.write(question)
    const reader = createInterface({ input: stdin, output: shown, terminal: true })
    let error: FplayError | undefined = problem(
      'bad-option',
      `"${question.trim()}" was not answered: the input has ended`,
    )
    const stop = (): void => {
      error = problem('interrupted', 'the question was not answered')
      reader.close()
    }
    signal.addEventListener('abort', stop, { once: true })
    reader.on('close', () => {
      signal.removeEventListener('abort', stop)
      if (hidden) stderr.write('\n')
      if (error) reject(error)
    })
    reader.on('SIGINT', stop)
    reader.question(hidden ? '' : question, (answer) => {
      error = undefined
      reader.close()
      resolve(answer)
    })
  })
}

/** The lines of a pipe, read when the first is asked for; several questions take one each. */
function createLines({ stdin }: Caller, signal: AbortSignal): (question: string) => Promise<string> {
  let iterator: AsyncIterator<string> | undefined
  return async (question) => {
    // The signal closes it, as the end of the input does.
    iterator ??= createInterface({ input: stdin, signal })[Symbol.asyncIterator]()
    const next = await iterator.next()
    if (signal.aborted) throw problem('interrupted', 'the question was not answered')
    if (!next.done) return next.value
    throw problem(
      'bad-option',
      `"${question.trim()}" was not answered: the input is no terminal and has ended`,
    )
  }
}

function problem(code: 'interrupted' | 'bad-option', message: string): FplayError {
  return new FplayError([{ code, message }])
}
