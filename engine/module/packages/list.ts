import { Fail, Unknown, type OwnAsk, type OwnState } from '../contract.js'
import { sh, Script } from '../quote.js'
import { PACKAGES, versionIn } from './installed.js'

/** Package managers whose packages are listed. */
export const MANAGERS = ['apt', 'rpm', 'apk'] as const
export type Manager = (typeof MANAGERS)[number]

/** A package as `package_facts` tells of it. */
export type Package = Readonly<Record<string, unknown>> & { readonly name: string; readonly source: Manager }

const LISTING = '(listing)'

/** Prints a line with the manager's name, then a line a package. A program alone is not enough: busybox has an rpm of its own. */
const LISTS: Readonly<Record<Manager, Script>> = {
  apt: Script.trusted(String.raw`if command -v dpkg-query >/dev/null 2>&1 && [ -s /var/lib/dpkg/status ]; then echo apt
dpkg-query -W -f '${'$'}{Package}\t${'$'}{Version}\t${'$'}{Architecture}\t${'$'}{Section}\t${'$'}{Status}\n'; fi`),
  rpm: Script.trusted(String.raw`if command -v rpm >/dev/null 2>&1 && { [ -d /var/lib/rpm ] || [ -d /usr/lib/sysimage/rpm ]; } && rpm --version >/dev/null 2>&1; then echo rpm
rpm -qa --qf '%{NAME}\t%{VERSION}\t%{RELEASE}\t%{EPOCH}\t%{ARCH}\n'; fi`),
  apk: Script.trusted(
    `if command -v apk >/dev/null 2>&1 && [ -e /lib/apk/db/installed ]; then echo apk; apk info -v 2>/dev/null; fi`,
  ),
}

/** Lists all packages that these managers know; with `first` of one manager only. */
export function listAsk(managers: readonly Manager[], first: boolean): OwnAsk {
  const script = sh`${managers.map((manager) => LISTS[manager].text).map((text) => sh`${Script.trusted(text)}\n`)}`
  return { kind: 'own', key: PACKAGES, script, read: ({ stdout }) => readList(stdout, first) }
}

function readList(stdout: string, first: boolean): OwnState {
  const packages: Package[] = []
  let source: Manager | undefined
  for (const line of stdout.split('\n')) {
    const manager = MANAGERS.find((name) => name === line)
    if (manager && first && source !== undefined) break
    if (manager) source = manager
    else if (source !== undefined && line !== '') packages.push(...readLine(line, source))
  }
  const versions = packages.map(({ name, ...rest }) => [name, wholeVersion(rest)] as const)
  return { ...Object.fromEntries(versions), [LISTING]: source === undefined ? undefined : packages }
}

function readLine(line: string, source: Manager): Package[] {
  const fields = line.split('\t')
  if (source === 'apt') {
    const [name = '', version, arch, category, status = ''] = fields
    return status.endsWith(' installed') ? [{ name, version, arch, category, source }] : []
  }
  if (source === 'rpm') {
    const [name = '', version, release, epoch, arch] = fields
    return [{ name, version, release, epoch: epoch === '(none)' ? null : Number(epoch), arch, source }]
  }
  const [, name, version, release] = /^(.*)-([^-]*)-([^-]*)$/.exec(line) ?? []
  return name === undefined
    ? [{ name: line, version: '', release: '', source }]
    : [{ name, version, release, source }]
}

function wholeVersion({ version, release, epoch }: Readonly<Record<string, unknown>>): string {
  const text = release === undefined ? String(version) : `${String(version)}-${String(release)}`
  return typeof epoch === 'number' ? `${epoch}:${text}` : text
}

/** Packages by name, as a dry run foresees them. Fails where the host has none of the managers. */
export function packagesIn(
  state: OwnState,
  managers: readonly Manager[],
): Readonly<Record<string, readonly Package[]>> {
  const listing = state[LISTING] as readonly Package[] | undefined
  if (listing === undefined) {
    throw new Fail(
      `the host has none of these package managers: ${managers.join(', ')}`,
      [PACKAGES],
      'leave out package_facts there, or skip it with when',
    )
  }
  const found = new Map<string, Package[]>()
  for (const one of listing) {
    const version = versionIn(state, one.name)
    if (version === undefined) continue
    found.set(one.name, [
      ...(found.get(one.name) ?? []),
      version === wholeVersion(one) ? one : { ...one, version },
    ])
  }
  const source = listing[0]?.source ?? managers[0]!
  for (const name of Object.keys(state)) {
    const version = versionIn(state, name)
    if (/[ (]/.test(name) || version === undefined || found.has(name) || name.includes(':')) continue
    const late = (what: string): Unknown => new Unknown(`${what} of the package ${name}`)
    found.set(name, [{ name, version, arch: late('architecture'), category: late('section'), source }])
  }
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}
