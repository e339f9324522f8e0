import type { Problem } from '../errors.js'
import { clip, RULES } from './yaml-mistakes.js'
import type { Mistake, Spot } from './yaml-mistakes.js'

/**
 * Why a text is not YAML, in the words of somebody who writes playbooks. The parser says where it could not go on,
 * which is often after the mistake; the rules below look for the mistakes people make, near that place.
 */
export function explainYaml(text: string, file: string, reason: string, offset: number): Problem {
  const lines = text.split(/\r?\n/)
  const line = Math.min(text.slice(0, offset).split('\n').length - 1, lines.length - 1)
  const column = offset - (text.lastIndexOf('\n', offset - 1) + 1)
  const at: Spot = { lines, line, column, reason }
  for (const rule of RULES) {
    const found = rule(at)
    if (found) return problem(file, lines, found)
  }
  return problem(file, lines, { line, column, message: `this is not YAML: ${reason}` })
}

function problem(file: string, lines: readonly string[], mistake: Mistake): Problem {
  const shown = (lines[mistake.line] ?? '').trim()
  return {
    code: 'yaml-syntax',
    place: { file, line: mistake.line + 1, column: mistake.column + 1 },
    message: shown ? `${mistake.message}, in: ${clip(shown)}` : mistake.message,
    cure: mistake.cure,
  }
}
