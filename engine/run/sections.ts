import type { Script } from '../module/quote.js'

/** A part of the probe with output of its own. */
export interface Section {
  readonly name: string
  readonly body: Script
  /** True: it runs in a subshell, because it may end early, go elsewhere or set what others read. */
  readonly apart?: boolean
  /** Runs before it, in the shell itself; where it ends with 0, the part is left out. */
  readonly instead?: Script | undefined
  /** True: it leaves the folder in which the others begin. */
  readonly leaves?: boolean
}

/** One part's output, as `sectionsScript` in probe.ts frames it. */
export interface SectionOutput {
  readonly stdout: Buffer
  readonly stderr: string
  readonly code: number
}

/**
 * Cuts the output of framed sections apart. Sections that are missing (the shell was ended in the middle) are
 * missing in the answer too.
 */
export function readSections(
  stdout: Buffer,
  stderr: Buffer,
  nonce: string,
  sections: readonly Section[],
): ReadonlyMap<string, SectionOutput> {
  const mark = Buffer.from(`\n${nonce}`)
  const errors = stderr.toString('utf8').split(`\n${nonce}\n`).slice(1)
  let error = 0
  const outputs = new Map<string, SectionOutput>()
  let at = 0
  sections.forEach(({ name }, i) => {
    const said = hasErrors(sections, i) ? (errors[error++] ?? '') : ''
    const start = stdout.indexOf(mark, at)
    const end = start < 0 ? -1 : stdout.indexOf(mark, start + mark.length)
    if (end < 0) return
    const line = stdout.indexOf('\n', end + mark.length)
    at = line < 0 ? stdout.length : line
    outputs.set(name, {
      stdout: stdout.subarray(start + mark.length + 1, end),
      stderr: said,
      code: Number(stdout.toString('latin1', end + mark.length + 1, at)),
    })
  })
  return outputs
}

/** Whether a section begins with a mark on stderr. */
export function hasErrors(sections: readonly Pick<Section, 'apart'>[], i: number): boolean {
  return Boolean(sections[i]!.apart ?? sections[i - 1]?.apart)
}
