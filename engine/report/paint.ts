import type { Status } from '../events.js'

/** Colours of the terminal, by what they mean. */
const CODES = {
  ok: '32',
  changed: '33',
  skipped: '36',
  failed: '31',
  rescued: '35',
  ignored: '35',
  unreachable: '1;31',
  undecided: '34',
  heading: '1',
  quiet: '2',
  warning: '35',
  added: '32',
  removed: '31',
  hunk: '36',
} as const satisfies Record<Status, string> & Record<string, string>

/** What a colour stands for. */
export type Meaning = keyof typeof CODES

/** Puts a text into the colour of its meaning, line by line; or leaves it as it is. */
export type Paint = (meaning: Meaning, text: string) => string

/** The colours of a terminal, or none. */
export function createPaint(colors: boolean): Paint {
  if (!colors) return (_, text) => text
  return (meaning, text) =>
    text
      .split('\n')
      .map((line) => (line === '' ? '' : `\u001b[${CODES[meaning]}m${line}\u001b[0m`))
      .join('\n')
}
