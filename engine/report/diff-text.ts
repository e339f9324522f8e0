import { FILE_HEADERS_ONLY, createTwoFilesPatch } from 'diff'
import type { Diff } from '../events.js'
import type { Paint } from './paint.js'

/** A difference as a unified diff; empty when both sides are equal. */
export function formatDiff(difference: Diff, paint: Paint): string {
  const { name, before, after } = difference
  if (before === after) return ''
  const text = createTwoFilesPatch(`before: ${name}`, `after: ${name}`, before, after, undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  })
  return text
    .trimEnd()
    .split('\n')
    .map((line) => paintLine(line, paint))
    .join('\n')
}

function paintLine(line: string, paint: Paint): string {
  if (/^(?:---|\+\+\+) (?:before|after): /.test(line)) return paint('heading', line)
  if (line.startsWith('@@')) return paint('hunk', line)
  if (line.startsWith('+')) return paint('added', line)
  return line.startsWith('-') ? paint('removed', line) : line
}
