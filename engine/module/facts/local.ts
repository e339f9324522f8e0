import type { Facts } from './parts.js'

/** Local facts by the name of their file: JSON, or INI as sections of keys. */
export function localFacts(lines: readonly string[]): Facts {
  const texts = new Map<string, string[]>()
  let current: string[] = []
  for (const line of lines) {
    const path = /^%fact (.+)$/.exec(line)?.[1]
    if (path === undefined) current.push(line)
    else texts.set(path.slice(path.lastIndexOf('/') + 1).replace(/\.fact$/, ''), (current = []))
  }
  return Object.fromEntries([...texts].map(([name, text]) => [name, readFact(text.join('\n'))]))
}

function readFact(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return readIni(text)
  }
}

function readIni(text: string): unknown {
  const sections: Record<string, Record<string, string>> = {}
  let current: Record<string, string> | undefined
  for (const line of text.split('\n')) {
    const [, name] = /^\s*\[([^\]]+)\]\s*$/.exec(line) ?? []
    const [, key, value] = /^\s*([^=:#;\s][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? []
    if (name !== undefined) current = sections[name] = {}
    else if (key !== undefined && current) current[key.toLowerCase()] = value!
  }
  return Object.keys(sections).length > 0
    ? sections
    : 'error loading fact - output of running fact was not JSON or INI'
}
