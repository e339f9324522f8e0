import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Case } from './case.js'

const YAML = /\.(?:yml|yaml)$/

/**
 * The case without a feature, in a copy of its area in `folder`. `what` is a keyword or parameter, which disappears
 * wherever it is a key, with its value; or `OLD => NEW`, which replaces a text. Throws where nothing was taken out.
 */
export function takeOut(one: Case, what: string, folder: string): Case {
  const area = dirname(one.file)
  cpSync(area, folder, { recursive: true, filter: (path) => basename(path) !== 'recorded' })
  const file = join(folder, basename(one.file))
  const own = join(folder, basename(one.file, '.yml'))
  const others = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
  const texts = [file, ...others.filter((path) => isPart(path, own, folder))]
  const changed = texts.filter((path) => replaceIn(path, what))
  if (!changed.length) throw new Error(`${one.name}: there is no "${what}" that could be taken out`)
  const inventory = one.inventory.map((source) => source.replace(area, folder))
  return { ...one, file, inventory }
}

/** What belongs to the case: files in its own folder, and roles of its area. */
function isPart(path: string, own: string, folder: string): boolean {
  return YAML.test(path) && (path.startsWith(`${own}/`) || path.startsWith(join(folder, 'roles/')))
}

function replaceIn(path: string, what: string): boolean {
  const text = readFileSync(path, 'utf8')
  const [old, fresh] = what.split(/ => ?/)
  const body = text.split('\n')
  const head = body.findIndex((line) => !line.startsWith('#'))
  const [comments, rest] = [body.slice(0, head), body.slice(head).join('\n')]
  const replaced = fresh === undefined ? withoutKey(rest, old!) : rest.replaceAll(old!, fresh)
  writeFileSync(path, [...comments, replaced].join('\n'))
  return replaced !== rest
}

/** YAML as these cases are written, without a key: on a line of its own with what is below it, or in braces. */
export function withoutKey(text: string, key: string): string {
  const lines = text.split('\n')
  const kept: string[] = []
  for (let at = 0; at < lines.length; at++) {
    const found = new RegExp(`^(\\s*(?:- )?)${key}:(?=\\s|$)`).exec(lines[at]!)
    if (!found) {
      kept.push(inBraces(lines[at]!, key))
      continue
    }
    const depth = found[1]!.length
    while (at + 1 < lines.length && isBelow(lines[at + 1]!, depth)) at++
    // The first key of an entry leaves its dash to the next.
    if (found[1]!.endsWith('- ') && at + 1 < lines.length)
      lines[at + 1] = found[1]! + lines[at + 1]!.slice(depth)
  }
  return kept.join('\n')
}

function isBelow(line: string, depth: number): boolean {
  const indent = /^ */.exec(line)![0].length
  return line.trim() !== '' && (indent > depth || (indent === depth && line.startsWith('- ', indent)))
}

/** `{a: 1, KEY: …, b: 2}`: from the key to the comma or brace that ends its value. */
function inBraces(line: string, key: string): string {
  const start = new RegExp(`[{,] *${key}: `).exec(line)
  if (!start) return line
  const from = start.index + 1
  const to = endOfValue(line, from)
  const last = line[to] !== ','
  const head = line[start.index] === ',' && last ? line.slice(0, start.index) : line.slice(0, from)
  return inBraces(head + line.slice(last ? to : to + 1), key)
}

function endOfValue(line: string, from: number): number {
  let depth = 0
  let quote = ''
  for (let at = from; at < line.length; at++) {
    const char = line[at]!
    if (quote) {
      if (char === quote) quote = ''
    } else if (char === '"' || char === "'") quote = char
    else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') {
      if (depth-- === 0) return at
    } else if (char === ',' && depth === 0) return at
  }
  return line.length
}
