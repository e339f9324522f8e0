import { Fail, type OwnAsk, type OwnState } from './contract.js'
import { posixPattern } from './posix-pattern.js'
import { sh } from './quote.js'
import { regexOf } from './regex.js'

/** What of a pattern was found, as Python tells it. */
export interface Found {
  readonly groups: readonly (string | null)[]
  readonly named: Readonly<Record<string, string | null>>
}

/** How much of what a port says, or of the end of a file, is searched. */
const LONGEST = 4 * 1024 * 1024

/** What a port says of itself is over when it has been quiet for so long. */
const QUIET = '0.5'

const FINDS_NC = sh`if command -v nc >/dev/null 2>&1; then N=nc; elif command -v busybox >/dev/null 2>&1; then N='busybox nc'; else N=; fi`

function refuseNothing(stdout: string): void {
  if (stdout.trim() === 'nothing')
    throw new Fail(
      'the host has nothing to connect with',
      ['program:bash', 'program:nc', 'program:busybox'],
      'install bash, netcat or busybox',
    )
}

/** Whether a port is open. Connects with what the host has: bash, nc of either kind, or busybox. */
export function portAsk(host: string, port: number, seconds: number): OwnAsk {
  const address = `${host}/${port}`
  return {
    kind: 'own',
    key: `port:${address}`,
    script: sh`yes() { if "$@" >/dev/null 2>&1 </dev/null; then echo open; else echo closed; fi; }
${FINDS_NC}
if command -v bash >/dev/null 2>&1; then yes timeout ${seconds} bash -c ': <"/dev/tcp/$0"' ${address}
elif [ -z "$N" ]; then echo nothing
elif $N -h 2>&1 | grep -q -e '-[a-zA-Z]*z'; then yes $N -w ${seconds} -z ${host} ${port}
else yes $N -w ${seconds} ${host} ${port}; fi`,
    read: ({ stdout }) => {
      refuseNothing(stdout)
      return { state: stdout.trim() }
    },
  }
}

/** Whether what a port says when somebody connects has a match. */
export function greetingAsk(host: string, port: number, seconds: number, pattern: string): OwnAsk {
  const address = `${host}/${port}`
  return {
    kind: 'own',
    key: `greeting:${address} ${pattern}`,
    script: sh`${FINDS_NC}
if command -v bash >/dev/null 2>&1; then timeout ${seconds * 2} bash -c 'exec 3<>"/dev/tcp/$0" || exit 0
IFS= read -r -d "" -n 1 -t "$1" all <&3
while IFS= read -r -d "" -n 4096 -t "$2" more <&3 || [ -n "$more" ]; do all=$all$more; more=; [ \${#all} -lt "$3" ] || break; done
printf %s "$all$more"' ${address} ${seconds} ${QUIET} ${LONGEST} 2>/dev/null
elif [ -z "$N" ]; then echo nothing
else { sleep ${seconds} | timeout ${seconds} $N -w ${seconds} ${host} ${port}; } 2>/dev/null | head -c ${LONGEST}; fi
:`,
    read: ({ stdout }) => {
      refuseNothing(stdout)
      return stateOf(find(pattern, stdout))
    },
  }
}

/**
 * Whether a file, or the end of a long one, has a match of the pattern. Where grep knows the pattern only the lines it
 * finds come over; otherwise the text does.
 */
export function searchAsk(path: string, pattern: string): OwnAsk {
  const posix = posixPattern(pattern)
  const look =
    posix === undefined
      ? sh`tail -c ${LONGEST} -- "$FILE_0" 2>/dev/null`
      : sh`LC_ALL=C grep -aE -e ${posix} -- "$FILE_0" 2>/dev/null | head -n 20`
  return {
    kind: 'own',
    key: `search:${path} ${pattern}`,
    script: sh`${look}\n:`,
    files: [path],
    read: ({ stdout }) => stateOf(find(pattern, stdout)),
  }
}

/** The first match of a pattern, in which `^` and `$` stand at line ends too. */
function find(pattern: string, text: string): Found | undefined {
  const match = regexOf(pattern, 'm').search(text)
  if (!match) return undefined
  const named = Object.entries(match.groups ?? {}).map(([name, value]) => [name, value ?? null])
  return {
    groups: match.slice(1).map((group) => group ?? null),
    named: Object.fromEntries(named) as Record<string, string | null>,
  }
}

function stateOf(found: Found | undefined): OwnState {
  return found ? { state: 'found', found } : { state: 'missing' }
}

/** Numbers of the states of connections in /proc/net/tcp. */
const CONNECTION_STATES: Readonly<Record<string, string>> = {
  ESTABLISHED: '01',
  SYN_SENT: '02',
  SYN_RECV: '03',
  FIN_WAIT1: '04',
  FIN_WAIT2: '05',
  TIME_WAIT: '06',
}

/** The names of these states, sorted. */
export const STATES: readonly string[] = Object.keys(CONNECTION_STATES).sort()

/** How many connections to a port of the host's own address `host` are in one of `states`, without those of `except`. */
export function connectionsAsk(
  host: string,
  port: number,
  states: readonly string[],
  except: readonly string[],
): OwnAsk {
  return {
    kind: 'own',
    key: `connections:${host}/${port} ${[...states, ...except].join(' ')}`,
    script: sh`for H in ${[host, ...except]}; do
  case $H in *[!0-9.]*) ;; *) printf 'is %s %s\n' "$H" "$H"; continue ;; esac
  getent ahosts -- "$H" 2>/dev/null | while read -r A _; do printf 'is %s %s\n' "$H" "$A"; done
done
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
:`,
    read: ({ stdout }) => {
      const lines = stdout.split('\n')
      const own = addressesOf(host, lines)
      const others = new Set(except.flatMap((name) => addressesOf(name, lines)))
      return { state: String(lines.filter((line) => isBusy(line, port, states, own, others)).length) }
    },
  }
}

const ANY = new Set(['0'.repeat(8), '0'.repeat(32)])

function isBusy(
  line: string,
  port: number,
  states: readonly string[],
  own: readonly string[],
  others: ReadonlySet<string>,
): boolean {
  const [, local, localPort, remote, state] =
    /^\s*\d+: ([\dA-F]+):([\dA-F]{4}) ([\dA-F]+):[\dA-F]{4} ([\dA-F]{2}) /.exec(line) ?? []
  if (local === undefined || parseInt(localPort!, 16) !== port) return false
  if (!states.some((name) => CONNECTION_STATES[name] === state) || others.has(remote!)) return false
  return own.includes(local) || own.some((address) => ANY.has(address))
}

/** The addresses of a name as /proc/net/tcp writes them, those of version 4 also as it does within version 6. */
function addressesOf(name: string, lines: readonly string[]): string[] {
  const start = `is ${name} `
  const addresses = lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length))
  return [...new Set(addresses)].flatMap((address) => {
    if (!address.includes(':')) {
      const hex = words(address.split('.').map(Number))
      return [hex, `0000000000000000FFFF0000${hex}`, ...(hex === '00000000' ? ['0'.repeat(32)] : [])]
    }
    return [words(bytesOf(address))]
  })
}

/** Bytes in words of four, each written backwards. */
function words(bytes: readonly number[]): string {
  const hex = bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
  const starts = hex.flatMap((_, index) => (index % 4 === 0 ? [index] : []))
  return starts
    .map((start) =>
      hex
        .slice(start, start + 4)
        .reverse()
        .join(''),
    )
    .join('')
}

function bytesOf(address: string): number[] {
  const [head = '', tail] = address.replace(/%.*/, '').split('::')
  const groups = (text: string): number[] =>
    text
      .split(':')
      .filter(Boolean)
      .map((group) => parseInt(group, 16))
  const [first, last] = [groups(head), groups(tail ?? '')]
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last]
  return all.flatMap((group) => [group >> 8, group & 255])
}
