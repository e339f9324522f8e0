import {
  defineModule,
  Fail,
  fromPlain,
  type Ask,
  type Converge,
  type Dict,
  type Difference,
  type Key,
  type OwnAsk,
  type Returned,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import {
  editedAsks,
  editedConverge,
  editedWish,
  linesOf,
  type Edit,
  type Edited,
} from '../engine/module/edited.js'
import type { InferParams } from '../engine/module/params.js'
import { constant, join, sh, type Script } from '../engine/module/quote.js'

const params = {
  name: { type: 'str', required: true, description: 'The name, short or with its domain.' },
  use: {
    type: 'str',
    choices: ['alpine', 'debian', 'generic', 'openrc', 'redhat', 'sles', 'systemd'],
    description:
      'How the host keeps its name over a restart: systemd by hostnamectl, alpine and debian in /etc/hostname, sles in /etc/HOSTNAME, openrc in /etc/conf.d/hostname, redhat in /etc/sysconfig/network (before release 7), generic not at all. Default: as the host says what it is.',
  },
} as const
type Params = InferParams<typeof params>
type Strategy = NonNullable<Params['use']>

/** Where each keeps the name, and how the file reads with another. */
const FILES: Readonly<
  Partial<Record<Strategy, { readonly path: string; edit(text: string, name: string): string }>>
> = {
  alpine: { path: '/etc/hostname', edit: (_, name) => `${name}\n` },
  debian: { path: '/etc/hostname', edit: (_, name) => `${name}\n` },
  sles: { path: '/etc/HOSTNAME', edit: (_, name) => `${name}\n` },
  openrc: { path: '/etc/conf.d/hostname', edit: (text, name) => withLine(text, 'hostname', `"${name}"`) },
  redhat: { path: '/etc/sysconfig/network', edit: (text, name) => withLine(text, 'HOSTNAME', name) },
}

/** A file of settings with one set: where it stands, or at the end. */
function withLine(text: string, key: string, value: string): string {
  const line = `${key}=${value}\n`
  const lines = linesOf(text)
  const at = lines.findLastIndex((other) => other.trim().startsWith(`${key}=`))
  if (at >= 0) return lines.map((other, i) => (i === at ? line : other)).join('')
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}`
}

const KEY: Key = 'hostname:now'

/** Asks for the name that counts now, for what systemd keeps, and for what the host is. */
const NOW: OwnAsk = {
  kind: 'own',
  key: KEY,
  files: ['/etc/os-release'],
  script: constant`printf 'now %s\n' "$(cat /proc/sys/kernel/hostname)"
if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null 2>&1; then echo systemd yes; fi
if command -v hostnamectl >/dev/null 2>&1; then printf 'static %s\n' "$(hostnamectl --static 2>/dev/null)"; fi
if [ -e /etc/hostname ]; then echo 'file yes'; fi
if [ -r "$FILE_0" ]; then sed -n 's/^ID=/id /p; s/^ID_LIKE=/like /p' "$FILE_0" | tr -d "\"'"; fi`,
  read: ({ stdout }) => {
    const value = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(stdout)?.[1] ?? ''
    const ids = `${value('id')} ${value('like')}`.split(' ').filter(Boolean)
    const strategy = value('systemd') === 'yes' ? 'systemd' : strategyOf(ids, value('file') === 'yes')
    return { now: value('now'), static: value('static'), strategy }
  },
}

/** By the names that a system gives to itself and to what it is like. */
function strategyOf(ids: readonly string[], hasFile: boolean): Strategy | '' {
  const families: readonly (readonly [Strategy, readonly string[]])[] = [
    ['debian', ['debian', 'ubuntu', 'devuan']],
    ['alpine', ['alpine']],
    ['openrc', ['gentoo']],
    ['redhat', ['rhel', 'centos', 'fedora', 'rocky', 'almalinux', 'amzn', 'ol']],
    ['sles', ['sles', 'suse', 'opensuse']],
  ]
  const family = families.find(([, names]) => ids.some((id) => names.includes(id)))
  return family?.[0] ?? (hasFile ? 'debian' : '')
}

function strategyFor({ use }: Params, before: View): Strategy {
  const strategy = use ?? (before.own(KEY)['strategy'] as Strategy | '')
  if (strategy !== '') return strategy
  throw new Fail(
    'the host does not say how it keeps its name',
    [KEY],
    'say it with use; generic sets it until the next restart',
  )
}

function edited(path: string): Edited {
  return { path, backup: false, create: true }
}

function probe(given: Params): readonly Ask[] {
  refuseName(given)
  const { use } = given
  const files = use === undefined ? Object.values(FILES) : [FILES[use]].filter((file) => file !== undefined)
  const asks = files.flatMap(({ path }) => editedAsks(edited(path)))
  const known = new Map(asks.map((ask) => [JSON.stringify(ask), ask]))
  return [NOW, ...known.values()]
}

function refuseName({ name }: Params): void {
  // The kernel has room for 64 bytes; the rest would end up as something else in one of the files.
  const isLong = Buffer.byteLength(name) > 64
  if (name !== '' && !isLong && !/[\s/"'\\$`\p{Cc}]|^[-.]/u.test(name)) return
  throw new Fail(
    `${JSON.stringify(name)} is no name of a host${isLong ? `: it has more than 64 bytes` : ''}`,
    [],
    'use letters, figures, dashes, and dots between them',
  )
}

function wanted(given: Params, before: View): Wish {
  const { name } = given
  const strategy = strategyFor(given, before)
  const file = FILES[strategy]
  const kept = file ? editedWish(edited(file.path), before, (text) => edit(given, strategy, text)) : []
  if (strategy === 'systemd') return new Map([[KEY, { now: name, static: name }]])
  return new Map([...kept, [KEY, { now: name }]])
}

/** Where the name is all that counts in a file, one that has it is left as it is, with or without a line end. */
function edit({ name }: Params, strategy: Strategy, text: string | undefined): Edit {
  const isName = strategy !== 'openrc' && strategy !== 'redhat' && text?.trim() === name
  return { text: isName ? undefined : FILES[strategy]!.edit(text ?? '', name), msg: '' }
}

function converge(given: Params, before: View, differing: ReadonlyMap<Key, Difference>): Converge {
  const files = new Map([...differing].filter(([key]) => key !== KEY))
  const write = files.size > 0 ? editedConverge(edited(''), before, files) : { script: sh`:`, inputs: [] }
  const names = differing.get(KEY)?.names ?? []
  const scripts: Script[] = [write.script]
  if (names.includes('static')) scripts.push(sh`hostnamectl --static set-hostname ${given.name}`)
  if (names.includes('now')) scripts.push(setNow(given, strategyFor(given, before)))
  return { ...write, script: join(scripts) }
}

function setNow({ name }: Params, strategy: Strategy): Script {
  return strategy === 'systemd'
    ? sh`hostnamectl --transient set-hostname ${name}`
    : sh`printf %s ${name} >/proc/sys/kernel/hostname`
}

function result({ name }: Params): Returned {
  const at = name.indexOf('.')
  const facts = {
    ansible_hostname: at < 0 ? name : name.slice(0, at),
    ansible_nodename: name,
    ansible_fqdn: name,
    ansible_domain: at < 0 ? '' : name.slice(at + 1),
  }
  return { values: { name, ansible_facts: facts }, facts: fromPlain(facts) as Dict }
}

/** Sees to the name of a host. */
export default defineModule({
  summary: 'Set the name of a host, now and over a restart',
  description:
    'Tried on Debian without systemd and on busybox; hostnamectl, openrc, redhat and sles were not run on a real host. The file /etc/hosts is left as it is.',
  params,
  returns: {
    name: 'The name.',
    ansible_facts: 'The facts ansible_hostname, ansible_nodename, ansible_fqdn and ansible_domain.',
  },
  examples: `
- name: The host is called as the inventory calls it
  hostname: {name: "{{ inventory_hostname }}"}
`,
  probe,
  wanted,
  converge,
  result,
})
