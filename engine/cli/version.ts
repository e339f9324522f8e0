import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The version in fplay's package.json, which lies above the sources and above the built package. */
export function readVersion(): string {
  for (let folder = new URL('./', import.meta.url); ; folder = new URL('../', folder)) {
    const file = fileURLToPath(new URL('package.json', folder))
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
    if (folder.pathname === '/') return 'unknown'
  }
}
