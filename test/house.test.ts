import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Which rooms a room may import from, beside itself. The files right in engine/ are the room `engine`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  'engine/language': ['engine'],
  'engine/module': ['engine', 'engine/language'],
  'engine/inventory': ['engine', 'engine/language'],
  'engine/connection': ['engine', 'engine/module'],
  'engine/play': ['engine', 'engine/language', 'engine/module'],
  'engine/run': [
    'engine',
    'engine/language',
    'engine/module',
    'engine/inventory',
    'engine/connection',
    'engine/play',
  ],
  'engine/report': ['engine'],
  'engine/cli': [
    'engine',
    'engine/language',
    'engine/module',
    'engine/inventory',
    'engine/connection',
    'engine/play',
    'engine/run',
    'engine/report',
  ],
  modules: ['engine', 'engine/module'],
  plugins: ['engine', 'engine/language', 'engine/inventory'],
}

interface Import {
  readonly from: string
  readonly to: string
}

const FILES = ['engine', 'modules', 'plugins'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(folder, name)),
)

const IMPORTS: readonly Import[] = FILES.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const named = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => match[1]!)
  return named.map((name) => ({
    from: file,
    to: relative(ROOT, join(ROOT, dirname(file), name)).replace(/\.js$/, '.ts'),
  }))
})

function roomOf(file: string): string {
  const [top, second, third] = file.split('/')
  return top === 'engine' && third !== undefined ? `engine/${second!}` : top!
}

describe('the house', () => {
  it('has imports that point downward only', () => {
    const upward = IMPORTS.filter(({ from, to }) => {
      const [own, other] = [roomOf(from), roomOf(to)]
      return own !== other && !MAY_IMPORT[own]?.includes(other)
    })
    expect(upward).to.deep.equal([])
  })

  it('has modules that never import each other', () => {
    expect(
      IMPORTS.filter(({ from, to }) => roomOf(from) === 'modules' && roomOf(to) === 'modules'),
    ).to.deep.equal([])
  })

  it('has no circles, not even of types', () => {
    const next = new Map(
      FILES.map((file) => [file, IMPORTS.filter(({ from }) => from === file).map(({ to }) => to)]),
    )
    const done = new Set<string>()
    const circles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '))
      if (done.has(file) || path.includes(file)) return
      for (const to of next.get(file) ?? []) visit(to, [...path, file])
      done.add(file)
    }
    for (const file of FILES) visit(file, [])
    expect(circles).to.deep.equal([])
  })

  it('has an engine that knows nothing of FATE', () => {
    const knowing = FILES.filter(
      (file) =>
        file.startsWith('engine/') && /\bfate|kubefate|eggroll/i.test(readFileSync(join(ROOT, file), 'utf8')),
    )
    expect(knowing).to.deep.equal([])
  })

  it('has no barrels, no utils and default exports of modules and plugins only', () => {
    expect(FILES.filter((file) => /(^|\/)(index|utils?)\.ts$/.test(file))).to.deep.equal([])
    const exporting = FILES.filter((file) => /^export default/m.test(readFileSync(join(ROOT, file), 'utf8')))
    expect(exporting.filter((file) => !/^(modules|plugins\/inventory)\/[^/]+\.ts$/.test(file))).to.deep.equal(
      [],
    )
  })
})
