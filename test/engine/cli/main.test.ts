import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const MAIN = new URL('../../../engine/cli/main.ts', import.meta.url)

/** Everything that is loaded before main.ts knows what it is to do: imports that are neither of types nor awaited. */
function loadedBy(file: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(file.href)) return seen
  seen.add(file.href)
  for (const [, name] of readFileSync(fileURLToPath(file), 'utf8').matchAll(
    /^(?:import|export) (?!type).*from '([^']+)'/gm,
  )) {
    if (name!.startsWith('.')) loadedBy(new URL(name!.replace(/\.js$/, '.ts'), file), seen)
    else seen.add(name!)
  }
  return seen
}

describe('main.ts', () => {
  it('loads no package and little else, so that --version and --help are quick', () => {
    const loaded = [...loadedBy(MAIN)]
    expect(loaded.filter((name) => !name.startsWith('file:') && !name.startsWith('node:'))).to.deep.equal([])
    expect(loaded.filter((name) => name.startsWith('file:'))).to.have.lengthOf.within(5, 12)
  })

  it('is the only file of cli that touches the process', () => {
    const files = readdirSync(fileURLToPath(new URL('.', MAIN)), { recursive: true, encoding: 'utf8' })
    const others = files.filter((name) => name.endsWith('.ts') && name !== 'main.ts')
    for (const name of others) {
      expect(readFileSync(fileURLToPath(new URL(name, MAIN)), 'utf8'), name).to.not.match(/\bprocess\.[a-z]/)
    }
  })
})
