import { isDeepStrictEqual } from 'node:util'
import { Fail, isUnknown, type OwnAsk, type View } from './contract.js'
import { sh } from './quote.js'

/** The programs are often not in the path of a login that is not root's. */
export const ACCOUNTS_PATH = sh`PATH=$PATH:/usr/sbin:/sbin`

/** Of all modules: tasks that ask the same share the answer. */
const TOOLS = ['useradd', 'usermod', 'userdel', 'groupadd', 'groupmod', 'groupdel', 'chpasswd', 'ssh-keygen']
/** Where they are in most systems, and what is there is in the path in all. */
const PLACES = ['/usr/local', '/usr', ''].flatMap((root) => [`${root}/sbin`, `${root}/bin`])

/** Asks which of the programs that change accounts are there. */
export const TOOLS_ASK: OwnAsk = {
  kind: 'own',
  key: 'account:tools',
  script: sh`for T in ${TOOLS}; do
  if command -v "$T" >/dev/null 2>&1 || [ -x "/usr/sbin/$T" ] || [ -x "/sbin/$T" ]; then printf '%s\\n' "$T"; fi
done`,
  read: ({ stdout }) => ({ tools: stdout.split('\n').filter(Boolean) }),
  once: true,
  bare: true,
  ahead: true,
  rests: PLACES,
}

/** Whether a program that was asked for is there, in a dry run also one that an earlier task would bring. */
export function hasTool(tool: string, before: View): boolean {
  return (before.own(TOOLS_ASK.key)['tools'] as readonly string[]).includes(tool) || before.brought(tool)
}

/** Asks for the accounts whose primary group it is. */
export function primariesAsk(group: string): OwnAsk {
  return {
    kind: 'own',
    key: `primaries:${group}`,
    script: sh`G=$(grep -e ${`^${group.replace(/[.$]/g, '[$&]')}:`} /etc/group)
G=\${G#*:*:}; G=\${G%%:*}
[ -z "$G" ] || { printf '%s\\n' "$G"; grep -F ":$G:" /etc/passwd; }`,
    read: ({ stdout }) => {
      const [gid, ...lines] = stdout.split('\n').filter(Boolean)
      const fields = lines.map((line) => line.split(':'))
      return { users: fields.filter(([, , , one]) => one === gid).map(([name]) => name) }
    },
    once: true,
  }
}

/** What {@link primariesAsk} found. */
export function primariesOf(group: string, before: View): readonly string[] {
  return before.own(`primaries:${group}`)['users'] as readonly string[]
}

/** Throws unless the host has the program, and the shell the right, to change accounts. */
export function refuseChange(tool: string, before: View): void {
  if (!hasTool(tool, before)) {
    throw new Fail(
      `the host has no ${tool}`,
      [`program:${tool}`],
      'install the shadow tools (Debian: passwd, Red Hat: shadow-utils, Alpine: shadow)',
    )
  }
  if (before.session.uid === 0) return
  throw new Fail(
    `only root can change accounts and groups, and the task runs as ${before.session.user}`,
    [],
    'use become',
  )
}

/** Throws for a name that no account or group can have. */
export function refuseName(kind: 'user' | 'group', name: string): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/.test(name) && !/^\d+$/.test(name)) return
  throw new Fail(
    `${JSON.stringify(name)} cannot be the name of a ${kind}`,
    [],
    'use letters, digits, _, - and ., not only digits and none of - and . first',
  )
}

/** True when something that is wished for and known is not so. */
export function isDifferent(found: object, wished: object): boolean {
  const has = found as Readonly<Record<string, unknown>>
  return Object.entries(wished).some(
    ([name, value]) => value !== undefined && !isUnknown(value) && !isDeepStrictEqual(has[name], value),
  )
}
