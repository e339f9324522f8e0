import { Fail } from '../contract.js'
import { join, sh, Script } from '../quote.js'
import type { PlainManager } from './plain.js'

/** `fplay_dnf …`: dnf where it is, otherwise yum; without plugins' talk and questions. */
const DNF = Script.trusted(String.raw`export LC_ALL=C
if command -v dnf >/dev/null 2>&1; then fplay_dnf() { dnf -y "$@"; }
elif command -v yum >/dev/null 2>&1; then fplay_dnf() { yum -y "$@"; }
else fplay_dnf() { return 127; }; fi`)

/** A version without `0:`, which some say and some do not. */
const QUERY = '%{NAME}\\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\n'

/** Packages of the Red Hat family; dnf and yum take the same words. */
export const dnf: PlainManager = {
  name: 'dnf or yum',
  ask: ({ names, state, flags, updates }) => {
    const each = names.map((name) => {
      refuse(name)
      const query = sh`rpm -q --qf ${QUERY} -- ${name} 2>/dev/null`
      const provided =
        state === 'absent' ? sh`false` : sh`rpm -q --qf ${QUERY} --whatprovides -- ${name} 2>/dev/null`
      const look =
        state === 'absent'
          ? sh`:`
          : sh`if [ -z "$I" ]; then echo available; fplay_dnf -q ${flags} list available ${name} 2>/dev/null
${state === 'latest' ? sh`else echo available; fplay_dnf -q ${flags} check-update ${name} 2>/dev/null` : sh``}
fi`
      return sh`printf 'name %s\\n' ${name}
if I=$(${query}) || I=$(${provided}); then echo installed; printf '%s\\n' "$I"; else I=; fi
${look}`
    })
    return join([
      DNF,
      sh`fplay_dnf --version >/dev/null 2>&1 || { echo lacking; exit 0; }`,
      ...(updates && names.length > 0 ? [sh`fplay_dnf -q ${flags} clean expire-cache >/dev/null 2>&1`] : []),
      ...each,
      sh`:`,
    ])
  },
  read: ({ stdout }) => {
    const [installed, available] = [new Map<string, string>(), new Map<string, string>()]
    let [name, part] = ['', '']
    for (const line of stdout.split('\n')) {
      if (line.startsWith('name ')) [name, part] = [line.slice(5), '']
      else if (line === 'installed' || line === 'available') part = line
      else if (part === 'installed' && line.includes('\t'))
        installed.set(name, plainVersion(line.split('\t')[1]!))
      else if (part === 'available') {
        const [, version] = /^\S+\.\S+\s+(\S+)\s+\S+\s*$/.exec(line) ?? []
        if (version !== undefined && /\d/.test(version)) available.set(name, plainVersion(version))
      }
    }
    return { lacking: stdout.startsWith('lacking'), installed, available }
  },
  change: ({ state, flags }, names, installed) => {
    if (state === 'absent') return sh`${DNF}\nfplay_dnf ${flags} remove -- ${names}`
    const [old, fresh] = [names.filter(installed), names.filter((name) => !installed(name))]
    return join([
      DNF,
      ...(fresh.length > 0 ? [sh`fplay_dnf ${flags} install -- ${fresh}`] : []),
      ...(old.length > 0 ? [sh`fplay_dnf ${flags} ${'upgrade'} -- ${old}`] : []),
    ])
  },
  update: sh`${DNF}\nfplay_dnf makecache`,
}

function plainVersion(version: string): string {
  return version.replace(/^0:/, '')
}

function refuse(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._+:~-]*$/.test(name)) return
  throw new Fail(
    `${JSON.stringify(name)} is no name of a package`,
    [],
    'groups, files, addresses, patterns and comparisons of versions are not built; name packages',
  )
}
