import { fail, FplayError } from '../errors.js'
import { word } from '../module/quote.js'
import type { Become } from './connection.js'
import { splitWords } from '../module/words.js'

/** How a shell is started, and what is said until it runs. */
export interface Launch {
  /** Command line for the login shell, whichever that is. */
  readonly command: string
  /** Who is to be become; absent for the login user. */
  readonly become?: Become | undefined
  /** Absent: the shell reads its input from the start. Otherwise it does so when the mark `=` was seen. */
  readonly ask?: Ask | undefined
  /** Start it on a terminal. */
  readonly pty?: boolean | undefined
}

/** The password conversation of a become-program. */
interface Ask {
  /** Whether what the program printed so far ends in its prompt. */
  prompts(text: string): boolean
  readonly password: string | undefined
}

const ACCOUNT = /^[^\s:/-][^\s:/]*$/

/** How a shell is started for the login user, or for a become-user. Fails with `become-failed` for an impossible name. */
export function launchOf(become: Become | undefined, shell: string, nonce: string, pty = false): Launch {
  if (!become) return { command: `exec ${word(shell).text}` }
  if (!ACCOUNT.test(become.user)) {
    fail({ code: 'become-failed', message: `${JSON.stringify(become.user)} is no name of an account` })
  }
  // On a terminal the bytes must pass as they are, and a shell that reads from a terminal would print prompts.
  const start = pty ? `stty raw -echo; echo ${nonce}=0 -; cat | ${word(shell).text}` : announced(shell, nonce)
  return { ...(become.method === 'sudo' ? sudo(become, start, nonce) : su(become, start)), become, pty }
}

function announced(shell: string, nonce: string): string {
  return `echo ${nonce}=0 -; exec ${word(shell).text}`
}

function sudo(become: Become, start: string, nonce: string): Launch {
  const program = [become.executable ?? 'sudo', '-H', ...splitWords(become.flags ?? ''), '-u', become.user]
  if (become.password === undefined) {
    // It never reads its input with -n, so requests may be written before it has decided.
    return { command: `exec ${quoted([...program, '-n', '/bin/sh', '-c', start])}` }
  }
  // Not the nonce itself, which the reader of frames would wait behind.
  const prompt = `[fplay ${nonce.slice(0, 16)}] password:`
  return {
    command: `exec ${quoted([...program, '-S', '-p', prompt, '/bin/sh', '-c', start])}`,
    ask: { prompts: (text) => text.endsWith(prompt), password: become.password },
  }
}

function su(become: Become, start: string): Launch {
  const flags = splitWords(become.flags ?? '')
  return {
    command: `exec env LC_ALL=C ${quoted([become.executable ?? 'su', ...flags, become.user, '-c', start])}`,
    ask: { prompts: (text) => /password[^\n:]*:\s*$/i.test(text), password: become.password },
  }
}

function quoted(words: readonly string[]): string {
  return words.map((each) => word(each).text).join(' ')
}

/** What the become-program said when it refused: true where it wants a terminal. */
export function wantsTerminal(said: string): boolean {
  return /must have a tty|must be run from a terminal|no tty present|a terminal is required/i.test(said)
}

/** The error `become-failed`: what the program said, and the cure for it. */
export function becomeFailed(
  become: Become,
  said: string,
  why: 'no-password' | 'wrong-password' | 'ended',
): FplayError {
  const text = said.replace(/\[fplay [0-9a-f]{16}\] password:/g, '').trim()
  const refused =
    why === 'wrong-password' || /incorrect password|authentication failure|sorry, try again/i.test(text)
  const missing = why === 'no-password' || /password is required|askpass/i.test(text)
  const last = text.split('\n').slice(-3).join(' / ')
  const message = missing
    ? `${become.method} asks for a password to become ${become.user}, and none was given`
    : refused
      ? `${become.method} did not accept the password to become ${become.user}`
      : `cannot become ${become.user} with ${become.method}: ${last || 'it ended without a word'}`
  return new FplayError([{ code: 'become-failed', message, cure: cureOf(become, missing, refused, text) }])
}

function cureOf(become: Become, missing: boolean, refused: boolean, said: string): string | undefined {
  const whose = become.method === 'sudo' ? "the login user's" : `${become.user}'s`
  if (missing) return `give ${whose} password with -K or ansible_become_password, or allow it without one`
  if (refused) return `check ${whose} password (-K, ansible_become_password)`
  if (/not found|No such file/.test(said)) {
    return `install ${become.executable ?? become.method} on the host, choose another become_method, or log in as ${become.user}`
  }
  if (/not in the sudoers|not allowed/i.test(said))
    return `let the login user run /bin/sh as ${become.user} in sudoers`
  if (/not available|nologin/i.test(said)) return 'the account has no shell: set become_flags to "-s /bin/sh"'
  if (wantsTerminal(said))
    return 'the program wants a terminal: remove requiretty, or use another become_method'
  return undefined
}
