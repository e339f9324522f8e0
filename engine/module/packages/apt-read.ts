import { Fail, type ScriptOutput } from '../contract.js'
import { readContents, type Contents } from './contents.js'

/** A version that the index or dpkg knows of a package, the newest first. */
export interface IndexEntry {
  readonly candidate: string | undefined
  readonly versions: readonly string[]
  /** Packages that provide it, where it is only a name. */
  readonly providers: readonly string[]
}

/** What dpkg knows of a package. */
export interface Installed {
  readonly version: string
  readonly held: boolean
}

/** What the host answered. */
export interface AptAnswer {
  readonly lacking: boolean
  /** Seconds since 1970 of the last update, and the host's clock. */
  readonly updated: number
  readonly due: boolean
  readonly refreshed: boolean
  /** An earlier task of the dry run would have brought the index up to date. */
  readonly updatedBefore: boolean
  readonly installed: ReadonlyMap<string, Installed>
  /** Removed, but its configuration files are there. */
  readonly kept: ReadonlySet<string>
  /** Installed only because others need them. */
  readonly automatic: ReadonlySet<string>
  readonly index: ReadonlyMap<string, IndexEntry>
  /** Names by the pattern that they match. */
  readonly globs: ReadonlyMap<string, readonly string[]>
  readonly debs: ReadonlyMap<number, { readonly name: string; readonly version: string }>
  readonly missingDebs: readonly number[]
  /** What apt would install (version) or remove (`absent`). */
  readonly simulated: ReadonlyMap<string, string>
  readonly simulation: string
  readonly simulationFailed: boolean
  /** `apt-get autoclean` would remove something; archives are kept. */
  readonly outdated: boolean
  readonly archives: boolean
  readonly contents: Contents
}

/** Reads what the scripts of `apt-script.ts` printed. Fails where the index could not be updated. */
export function readApt({ stdout, stderr, code }: ScriptOutput): AptAnswer {
  if (code !== 0) throw new Fail(`apt says: ${stderr.trim() || `status ${code}`}`, ['index:apt'])
  const lines = stdout.split('\n')
  const start = lines.indexOf('simulate')
  const facts = start < 0 ? lines : lines.slice(0, start)
  const rest = start < 0 ? [] : lines.slice(start + 1)
  const looked = rest.findIndex((line) => /^(?:merged |policy$|package |unseen$|lose )/.test(line))
  const simulation = looked < 0 ? rest : rest.slice(0, looked)
  const words = (name: string): string[][] =>
    facts
      .filter((line) => line === name || line.startsWith(`${name} `))
      .map((line) => line.split(' ').slice(1))
  const packages = facts.filter((line) => line.startsWith('dpkg\t')).map((line) => line.split('\t'))
  return {
    lacking: facts.includes('lacking'),
    updated: Number(words('index')[0]?.[0] ?? 0),
    due: facts.includes('due'),
    refreshed: facts.includes('refreshed'),
    updatedBefore: facts.includes('foreseen'),
    installed: readInstalled(packages),
    kept: new Set(
      packages.filter(([, , , status = '']) => status.endsWith(' config-files')).map(([, name]) => name!),
    ),
    automatic: new Set(words('auto').map(([name]) => name!)),
    index: readIndex(facts),
    globs: readGlobs(words('glob')),
    debs: new Map(words('deb').filter(([, name]) => name).map(([number, name, version]) => [Number(number), { name: name!, version: version! }])), // prettier-ignore
    missingDebs: [...words('nodeb'), ...words('deb').filter(([, name]) => !name)].map(([number]) =>
      Number(number),
    ),
    simulated: readSimulation(simulation),
    simulation: simulation.filter((line) => line !== 'simulation failed').join('\n'),
    simulationFailed: lines.includes('simulation failed'),
    outdated: facts.some((line) => /^Del /.test(line)),
    archives: lines.includes('kept'),
    contents: readContents(looked < 0 ? [] : rest.slice(looked)),
  }
}

/** By name, and by name and architecture. */
function readInstalled(packages: readonly string[][]): ReadonlyMap<string, Installed> {
  return new Map(
    packages.flatMap(([, name = '', architecture = '', status = '', version = '']) => {
      if (!status.endsWith(' installed')) return []
      const state = { version, held: status.startsWith('hold') }
      return [[name, state] as const, [`${name}:${architecture}`, state] as const]
    }),
  )
}

/** `apt-cache policy`, with `p ` before each line, and the names of providers. */
function readIndex(lines: readonly string[]): ReadonlyMap<string, IndexEntry> {
  const index = new Map<string, { candidate: string | undefined; versions: string[]; providers: string[] }>()
  const entry = (name: string) => {
    if (!index.has(name)) index.set(name, { candidate: undefined, versions: [], providers: [] })
    return index.get(name)!
  }
  let name = ''
  for (const line of lines) {
    const provides = /^provides (\S+) (\S+)$/.exec(line)
    if (provides) entry(provides[1]!).providers.push(provides[2]!)
    if (!line.startsWith('p ')) continue
    const text = line.slice(2)
    const [, title] = /^(\S+):$/.exec(text) ?? []
    if (title !== undefined) name = title
    const [, candidate] = /^ {2}Candidate: (\S+)$/.exec(text) ?? []
    if (candidate !== undefined && candidate !== '(none)') entry(name).candidate = candidate
    const [, version] = /^ (?:\*\*\*| {3}) (\S+)(?: -?\d+)?$/.exec(text) ?? []
    if (version !== undefined) entry(name).versions.push(version)
  }
  return index
}

function readGlobs(words: readonly string[][]): ReadonlyMap<string, readonly string[]> {
  const globs = new Map<string, string[]>()
  for (const [pattern = '', name = ''] of words) globs.set(pattern, [...(globs.get(pattern) ?? []), name])
  return globs
}

/** `Inst foo [1.0] (2.0 Debian:12 [amd64])`, `Remv bar [1.0]`, `Purg bar [1.0]`. */
function readSimulation(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const installs = /^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /.exec(line)
      if (installs) return [[installs[1]!, installs[2]!]]
      const removes = /^(?:Remv|Purg) (\S+) /.exec(line)
      return removes ? [[removes[1]!, 'absent']] : []
    }),
  )
}
