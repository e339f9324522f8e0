import { contentOf } from '../../content.js'
import { Unknown, type Key } from '../contract.js'

/** What the packages of a simulation would bring; found out by a dry run only. */
export interface Contents {
  /** Entries that the host does not have, as `dpkg-deb -c` lists them: `-rw-r--r-- root/root 12 2026-11-25 21:11 ./etc/foo.conf`. */
  readonly entries: readonly string[]
  readonly contents: ReadonlyMap<string, Buffer>
  /** Lines of maintainer scripts that make accounts or start services. */
  readonly scriptLines: readonly string[]
  /** Some package has scripts, or could not be looked into. */
  readonly unforeseen: boolean
  /** Folders at the root that are links, by path. */
  readonly merged: ReadonlyMap<string, string>
  /** The host's policy keeps services from being started. */
  readonly policy: boolean
  /** Services whose units or init scripts are in a package, and whether the host's presets enable them. */
  readonly units: ReadonlyMap<string, boolean>
  /** Real paths that would go. */
  readonly lost: readonly string[]
}

type Along = readonly [Key, Record<string, unknown>]

/** What comes along with packages, as far as they could be looked into: files, accounts and services. */
export function contentsOf(contents: Contents): readonly Along[] {
  return [
    ...entriesOf(contents),
    ...accountsOf(contents.scriptLines),
    ...servicesOf(contents),
    ...lostOf(contents),
  ]
}

/** Reads the lines that looking into packages has printed: `entry …`, `content BASE64 PATH`, `script LINE`, `unit NAME yes` and so on. */
export function readContents(lines: readonly string[]): Contents {
  const after = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  return {
    entries: after('entry'),
    contents: new Map(
      after('content').map((text) => {
        const blank = text.indexOf(' ')
        return [text.slice(blank + 1), Buffer.from(text.slice(0, blank), 'base64')]
      }),
    ),
    scriptLines: after('script'),
    unforeseen: lines.includes('script') || lines.includes('unseen'),
    merged: new Map(after('merged').map((text) => text.split(' ') as [string, string])),
    policy: lines.includes('policy'),
    units: new Map(after('unit').map((text) => [text.split(' ')[0]!, text.endsWith(' yes')])),
    lost: after('lose'),
  }
}

function lostOf({ lost }: Contents): Along[] {
  return lost.map((path) => [`path:${path}`, { type: 'absent' }])
}

/** `-rw-r--r-- root/root  12 2026-11-25 21:11 ./etc/foo.conf`, `lrwxrwxrwx … ./a -> b`, `hrw-… ./a link to ./b`. */
const ENTRY = /^([-dlhbcp])([-rwxsStT]{9}) ([^/ ]+)\/(\S+) +(\d+|\d+,\d+) \S+ \S+ (\.\/.*)$/

function entriesOf({ entries, contents, merged }: Contents): Along[] {
  return entries.flatMap((line): Along[] => {
    const [, kind, bits, owner, group, size, rest] = ENTRY.exec(line) ?? []
    if (rest === undefined) return []
    const [name = '', target] = kind === 'l' ? rest.split(' -> ') : [rest.split(' link to ')[0]]
    const written = `/${name.slice(2).replace(/\/$/, '')}`
    const path = realPath(written, merged)
    const common = { owner: owner!, group: group!, ...idsOf(owner!, group!), real: path }
    if (kind === 'd') return [[`path:${path}`, { ...common, type: 'directory', mode: modeOf(bits!) }]]
    if (kind === 'l')
      return [
        [
          `path:${path}`,
          { ...common, type: 'link', mode: 0o777, target: target!, size: Buffer.byteLength(target!) },
        ],
      ]
    const content = contents.get(written)
    const known = content ? contentOf(content) : undefined
    const late = new Unknown(`content of ${path}`)
    const bytes = known
      ? { sha1: known.sha1, size: known.size, content: known }
      : { sha1: late, size: Number(size), content: late }
    return [[`path:${path}`, { ...common, ...bytes, type: 'file', mode: modeOf(bits!) }]]
  })
}

/** Where `/lib` is a link to `/usr/lib`, what a package puts into it is there. */
function realPath(path: string, merged: ReadonlyMap<string, string>): string {
  const top = /^\/[^/]+/.exec(path)?.[0] ?? ''
  const real = merged.get(top)
  return real === undefined ? path : real + path.slice(top.length)
}

function idsOf(owner: string, group: string): Record<string, unknown> {
  const late = (name: string): unknown => new Unknown(`id of ${name}`)
  return { uid: owner === 'root' ? 0 : late(owner), gid: group === 'root' ? 0 : late(group) }
}

/** `rwxr-sr-t` as a number. */
function modeOf(bits: string): number {
  const special = (at: number, bit: number): number => (/[sStT]/.test(bits[at]!) ? bit : 0)
  const plain = [...bits].reduce((mode, char, at) => mode | (/[rwxst]/.test(char) ? 0o400 >> at : 0), 0)
  return plain | special(2, 0o4000) | special(5, 0o2000) | special(8, 0o1000)
}

/** `adduser --system --group foo`, `useradd -r foo`, `addgroup --system foo`. */
function accountsOf(lines: readonly string[]): Along[] {
  return lines.flatMap((line): Along[] => {
    const [, program, rest = ''] = /\b(adduser|useradd|addgroup|groupadd)\s(.*)$/.exec(line) ?? []
    const name = /([a-z_][a-z0-9_-]*)["']?\s*(?:[|>&;}].*)?$/.exec(rest.replace(/\\$/, ''))?.[1]
    if (program === undefined || name === undefined) return []
    const group: Along = [
      `group:${name}`,
      { exists: true, gid: new Unknown(`id of group ${name}`), members: [] },
    ]
    if (program === 'addgroup' || program === 'groupadd') return [group]
    const home =
      /--home[= ](\S+)/.exec(line)?.[1] ?? (program === 'useradd' ? `/home/${name}` : '/nonexistent')
    const ids = { uid: new Unknown(`id of ${name}`), gid: new Unknown(`group id of ${name}`) }
    const user: Along = [`user:${name}`, { exists: true, home, ...ids }]
    return /--group\b|useradd/.test(line) ? [user, group] : [user]
  })
}

/** Services that the scripts enable and start, as debhelper writes them; for hosts with init scripts or systemd alike. */
function servicesOf({ scriptLines, policy, units }: Contents): Along[] {
  const services = new Map<string, Record<string, unknown>>(
    [...units].map(([name, enabled]) => [name, { found: true, enabled, active: 'stopped' }]),
  )
  const note = (name: string, state: Record<string, unknown>): void => {
    services.set(name, { ...services.get(name), found: true, ...state })
  }
  for (const line of scriptLines) {
    const enabled =
      /update-rc\.d\s+(\S+)\s+defaults(?!-disabled)/.exec(line)?.[1] ??
      unit(/deb-systemd-helper\s+enable\s+(\S+)/.exec(line)?.[1])
    const started =
      /invoke-rc\.d\s+(?:--\S+\s+)*(\S+)\s+(?:start|restart|["$])/.exec(line)?.[1] ??
      unit(/deb-systemd-invoke\s+\S+\s+(\S+)/.exec(line)?.[1])
    if (enabled !== undefined) note(enabled, { enabled: true })
    if (started !== undefined) note(started, policy ? {} : { active: 'running' })
  }
  const states = [...services].map(([name, { active }]) => [`${name} state`, active ?? 'stopped'] as const)
  return [
    ...[...services].map(([name, state]): Along => [`service:system ${name}`, state]),
    ...(states.length > 0 ? [['services:host', Object.fromEntries(states)] as Along] : []),
  ]
}

/** `'foo.service'` is foo. */
function unit(word: string | undefined): string | undefined {
  return word === undefined || word.startsWith('$')
    ? undefined
    : /^["']?(.*?)(?:\.service)?["']?$/.exec(word)?.[1]
}
