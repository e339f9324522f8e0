import { structuredPatch } from 'diff'
import type { Diff } from '../events.js'
import type { Paint } from './paint.js'

/** Differences as unified diffs with `context` lines around each change; those about the same thing share a heading. Empty when nothing differs. */
export function formatDiffs(diffs: readonly Diff[], paint: Paint, context = 3): string {
  const lines: string[] = []
  let heading: string | undefined
  for (const { name, before, after } of diffs) {
    const hunks = structuredPatch(name, name, before, after, undefined, undefined, { context }).hunks
    if (hunks.length && heading !== name) {
      heading = name
      lines.push(paint('heading', `--- before: ${name}`), paint('heading', `+++ after: ${name}`))
    }
    for (const { oldStart, oldLines, newStart, newLines, lines: body } of hunks) {
      lines.push(paint('hunk', `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`))
      lines.push(...body.map((line) => paintLine(line, paint)))
    }
  }
  return lines.join('\n')
}

/** No lines stand behind the line before them. */
function range(start: number, lines: number): string {
  return `${lines ? start : start - 1},${lines}`
}

function paintLine(line: string, paint: Paint): string {
  if (line.startsWith('+')) return paint('added', line)
  return line.startsWith('-') ? paint('removed', line) : line
}
