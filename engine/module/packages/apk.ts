import { Fail } from '../contract.js'
import { join, sh } from '../quote.js'
import type { PlainManager } from './plain.js'

/** Packages of Alpine. What would be done is what apk itself says when it simulates. */
export const apk: PlainManager = {
  name: 'apk',
  ask: ({ names, state, flags, updates }) => {
    const fresh = updates ? ['--update-cache'] : []
    const each = names.map((name) => {
      if (!/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name)) {
        throw new Fail(
          `${JSON.stringify(name)} is no name of a package`,
          [],
          'name packages, without versions',
        )
      }
      const simulate =
        state === 'absent'
          ? sh`:`
          : sh`apk add -s ${state === 'latest' ? ['-u'] : []} ${flags} ${name} 2>/dev/null | grep -E '^\\([0-9/]+\\) '`
      return sh`printf 'name %s\\n' ${name}; apk list -I ${name} 2>/dev/null | sed 's/^/is /'; ${simulate}`
    })
    return join([
      sh`command -v apk >/dev/null 2>&1 || { echo lacking; exit 0; }`,
      ...(fresh.length > 0 && names.length > 0
        ? [sh`[ "$(id -u)" != 0 ] || apk update -q >/dev/null 2>&1 || :`]
        : []),
      ...each,
      sh`:`,
    ])
  },
  read: ({ stdout }) => {
    const [installed, available] = [new Map<string, string>(), new Map<string, string>()]
    let name = ''
    for (const line of stdout.split('\n')) {
      if (line.startsWith('name ')) name = line.slice(5)
      const [, title, version] = /^is (\S+?)-(\d[^\s-]*-r\d+) /.exec(line) ?? []
      if (version !== undefined && title === name) installed.set(name, version)
      const [, one, fresh] =
        /^\(\d+\/\d+\) (?:Installing|Upgrading|Reinstalling|Downgrading) (\S+) \((?:\S+ -> )?(\S+)\)/.exec(
          line,
        ) ?? []
      if (fresh !== undefined && one === name) available.set(name, fresh)
    }
    return { lacking: stdout.startsWith('lacking'), installed, available }
  },
  change: ({ state, flags }, names) =>
    state === 'absent'
      ? sh`apk del ${flags} ${names}`
      : sh`apk add ${state === 'latest' ? ['-u'] : []} ${flags} ${names}`,
  update: sh`apk update`,
}
