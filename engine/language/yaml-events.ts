import { parseEvents, YAMLException } from 'js-yaml'
import type { Event } from 'js-yaml'
import { fail } from '../errors.js'
import type { Place } from '../errors.js'
import { explainYaml } from './yaml-error.js'
import { indentContinuations } from './yaml-flow.js'
import type { Indented } from './yaml-flow.js'

const PARSER = { maxDepth: 500 }

/** A YAML text as the parser's events, which refer to `text` by offset. */
export interface Parsed extends Indented {
  readonly file: string
  /** The text as it stands in the file, without a byte order mark. */
  readonly source: string
  readonly json: boolean
  readonly events: readonly Event[]
  /** Offsets at which lines begin. */
  readonly lines: readonly number[]
}

/** Parses a YAML text. Fails with `yaml-syntax`. */
export function parse(source: string, file: string): Parsed {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source
  const parsed = parseText(text, file)
  return { ...parsed, file, source: text, json: isJson(text), lines: lineStarts(parsed.text) }
}

type Events = Indented & { readonly events: readonly Event[] }

function parseText(text: string, file: string): Events {
  try {
    return { text, pads: new Map(), events: parseEvents(text, PARSER) }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const parsed = error.reason === 'deficient indentation' && parseIndented(text)
    return parsed || fail(explainYaml(text, file, error.reason, error.mark?.position ?? 0))
  }
}

/** False when the lines below a key are not what keeps the parser from reading the text. */
function parseIndented(text: string): Events | false {
  const indented = indentContinuations(text)
  try {
    return { ...indented, events: parseEvents(indented.text, PARSER) }
  } catch (error) {
    if (error instanceof YAMLException) return false
    throw error
  }
}

/** Ansible reads a file as JSON if it can; numbers are all that differs. */
function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Where the character at an offset of the events stands in the file. */
export function placeAt(parsed: Parsed, offset: number): Place {
  const { lines } = parsed
  let low = 0
  let high = lines.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (lines[middle]! <= offset) low = middle
    else high = middle - 1
  }
  const pad = parsed.pads.get(low) ?? 0
  return { file: parsed.file, line: low + 1, column: Math.max(0, offset - lines[low]! - pad) + 1 }
}
