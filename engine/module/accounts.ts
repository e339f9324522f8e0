import { isDeepStrictEqual } from 'node:util'
import { Fail, isUnknown, type Key, type OwnAsk, type OwnState, type View } from './contract.js'
import { sh, type Script } from './quote.js'

/** What the modules of accounts and groups know of a host beside the accounts themselves. */
export interface AccountFacts {
  /** Programs that are there. */
  readonly tools: readonly string[]
  /** Settings of `/etc/login.defs` and `/etc/default/useradd` by name. */
  readonly defaults: Readonly<Record<string, string>>
  /** Who has the uid or gid that was asked about. */
  readonly holder: string | undefined
  /** Accounts whose primary group is the one asked about; without the account that was asked about. */
  readonly primaries: readonly string[]
  /** Day since 1970 on which the account ends; empty for never; undefined where the shell may not read it. */
  readonly expires: string | undefined
  /** Days of /etc/shadow: before the password may, and after it must be changed. */
  readonly minimum: number | undefined
  readonly maximum: number | undefined
}

const TOOLS = [
  'useradd',
  'usermod',
  'userdel',
  'chpasswd',
  'groupadd',
  'groupmod',
  'groupdel',
  'chage',
  'ssh-keygen',
]
const DEFAULTS = ['USERGROUPS_ENAB', 'UMASK', 'HOME_MODE', 'SHELL', 'HOME', 'SKEL']

/** The programs are often not in the path of a login that is not root's. */
export const ACCOUNTS_PATH = sh`PATH=$PATH:/usr/sbin:/sbin`

/** Asks for {@link AccountFacts}, about the id where one is given, and the primary group of that name. */
export function accountsAsk(kind: 'user' | 'group', name: string, id: number | undefined): OwnAsk {
  return {
    kind: 'own',
    key: factsKey(name),
    script: sh`${ACCOUNTS_PATH}
for T in ${TOOLS}; do if command -v "$T" >/dev/null 2>&1; then printf 'tool %s\\n' "$T"; fi; done
${SETTINGS}
${lines(kind, name, id)}
${primaries(kind === 'user' ? name : '')}`,
    read: ({ stdout }) => readFacts(stdout) as unknown as OwnState,
  }
}

/** Key of {@link accountsAsk}. */
export function factsKey(name: string): Key {
  return `account:${name}`
}

/** What {@link accountsAsk} found. */
export function accountFacts(name: string, before: View): AccountFacts {
  return before.own(factsKey(name)) as unknown as AccountFacts
}

/** Who has an id, as far as is known: in a dry run as earlier tasks would have it. */
export function idHolder(
  kind: 'user' | 'group',
  id: number,
  { holder }: AccountFacts,
  before: View,
): string | undefined {
  const foreseen = before.holder(kind, id)
  return foreseen === undefined ? holder : (foreseen ?? undefined)
}

/** A shell reads a file byte by byte, so it gets only the lines that may matter; from a document, which needs no process. */
const SETTINGS = sh`F=$(grep -HE ${`^[[:space:]]*(${DEFAULTS.join('|')})[[:space:]=]`} /etc/login.defs /etc/default/useradd 2>/dev/null)
while IFS= read -r L; do case $L in
  /etc/login.defs:*) read -r K V X <<EOL
\${L#*:}
EOL
    printf 'default %s %s\\n' "$K" "$V" ;;
  *=*) L=\${L#*:}; printf 'default %s %s\\n' "\${L%%=*}" "\${L#*=}" ;;
esac; done <<EOF
$F
EOF`

/** What the files tell of the name and the id; keeps the id of the group of that name in `$G`. */
function lines(kind: 'user' | 'group', name: string, id: number | undefined): Script {
  const words = [`${name}:`, ...(id === undefined ? [] : [`:${id}:`])]
  const holds = id === undefined ? sh`:` : sh`[ "$L" != ${id} ] || printf 'holder %s\\n' "$U"`
  return sh`F=$(grep -HF ${words.flatMap((word) => ['-e', word])} /etc/passwd /etc/group /etc/shadow 2>/dev/null)
G=; while IFS=: read -r Z U P L A B C D E X; do case $Z in
  */shadow) [ "$U" != ${name} ] || printf 'expires %s\\nminimum %s\\nmaximum %s\\n' "$E" "$A" "$B" ;;
  */group) [ "$U" != ${name} ] || G=$L; ${kind === 'group' ? holds : sh`:`} ;;
  */passwd) ${kind === 'user' ? holds : sh`:`} ;;
esac; done <<EOF
$F
EOF`
}

/** Accounts whose primary group is `$G`, without the account `except`. */
function primaries(except: string): Script {
  return sh`[ -z "$G" ] || F=$(grep -F ":$G:" /etc/passwd)
[ -z "$G" ] || while IFS=: read -r U P I J X; do
  if [ "$J" = "$G" ] && [ "$U" != ${except} ]; then printf 'primary %s\\n' "$U"; fi; done <<EOF
$F
EOF`
}

function readFacts(text: string): AccountFacts {
  const lines = text
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])
  const of = (word: string): string[] => lines.filter(([first]) => first === word).map(([, rest]) => rest!)
  const defaults = of('default').map((rest) => [
    rest.split(' ')[0]!,
    rest.slice(rest.indexOf(' ') + 1).replace(/^"|"$/g, ''),
  ])
  return {
    tools: of('tool'),
    defaults: Object.fromEntries(defaults) as Record<string, string>,
    holder: of('holder')[0],
    primaries: of('primary'),
    expires: of('expires')[0],
    minimum: days(of('minimum')[0]),
    maximum: days(of('maximum')[0]),
  }
}

function days(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text)
}

/** Throws unless the host has the program, and the shell the right, to change accounts. */
export function refuseChange(tool: string, { tools }: AccountFacts, before: View): void {
  if (!tools.includes(tool) && !before.brought(tool)) {
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
