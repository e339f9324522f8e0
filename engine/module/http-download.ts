import type { ScriptOutput } from './contract.js'
import { noProgram, readBlock, refuseByHand, whyNot, type Block } from './http-answer.js'
import { hasHeader } from './http-params.js'
import {
  curl,
  curlBody,
  curlMethod,
  curlSettings,
  filesThere,
  NO_PROGRAM,
  raw,
  wgetFiles,
  wgetMethod,
  wgetSettings,
  type HttpRequest,
} from './http-request.js'
import { MEMORY_FUNCTION } from './memory-file.js'
import { Script, sh } from './quote.js'

/** What the host is to get: something of a server, or a file of its own. */
export type Source =
  { readonly kind: 'http'; readonly request: HttpRequest } | { readonly kind: 'file'; readonly path: string }

/** How a download ended, before anybody looks at its bytes. */
export interface Download {
  /** As HTTP counts; -1: no answer; undefined: it was a file of the host. */
  readonly status: number | undefined
  /** The words of the status line, or what went wrong. */
  readonly reason: string
  /** Of the last answer, by names in small letters. */
  readonly headers: ReadonlyMap<string, string>
  /** What the last answer sets as cookies and has not expired. */
  readonly cookies: ReadonlyMap<string, string>
  /** Where redirects led. */
  readonly url: string
  /** The bytes did not come whole. */
  readonly isCut: boolean
  /** What was printed before the headers, and after them. */
  readonly before: string
  readonly after: string
}

/** A download through bash may take so many seconds: it has no way to tell how long a byte takes. */
const BY_BASH = 24 * 3600

/**
 * Shell text that defines `fplay_get`, which prints the bytes of a source and keeps the heads of its answers; `fplay_told CODE`,
 * which prints these for {@link readDownload}; and, of HTTP, `fplay_status`, which prints the last status. Like `requestScript` it takes curl, GNU wget or, for plain
 * http, bash or nc, and nothing that may be secret stands in a process list.
 * @param since  path of a file: nothing is wanted that is not newer than it
 */
export function downloadFunctions(source: Source, since?: string): Script {
  if (source.kind === 'file') {
    return sh`fplay_get() { cat -- ${source.path}; }
fplay_told() { printf '\\nfplay-head\\n\\nfplay-http file %s\\n' "$1"; }`
  }
  const { request } = source
  const plain = new URL(request.url).protocol === 'http:'
  const byHand = plain
    ? sh`elif command -v bash >/dev/null 2>&1 || command -v nc >/dev/null 2>&1; then BY=raw
fplay_get() { ${raw(request, BY_BASH, SINCE_LINE)} | fplay_split; }`
    : sh``
  const others =
    request.socket === undefined
      ? sh`elif wget --version 2>/dev/null | grep -q GNU; then BY=wget
${wgetFiles(request, [...wgetSettings(request), ...wgetMethod(request)])}
fplay_get() {
  wget --config=/dev/fd/7 ${WGET_SINCE} -nv -i /dev/fd/8 -O - 2>/dev/fd/9 || case $? in 6 | 8) ;; *) return 1 ;; esac
}
${byHand}`
      : sh``
  return sh`${filesThere(request)}
${MEMORY_FUNCTION}
fplay_memory 9 </dev/null
SINCE=${since === undefined ? sh`` : sinceOf(since)}
if command -v curl >/dev/null 2>&1; then BY=curl
fplay_get() {
${curlBody(request)}${curl([...curlSettings(request), ...curlMethod(request), ...heads(request)], CURL_SINCE)}
}
${others}
else exit ${NO_PROGRAM}
fi
${SPLIT}
fplay_told() { printf '\\nfplay-head\\n'; cat /dev/fd/9; printf '\\nfplay-http %s %s\\n' "$BY" "$1"; }
fplay_status() { sed -n 's/^ *HTTP\\/[0-9.]* *\\([0-9]*\\).*/\\1/p' /dev/fd/9 | tail -n 1; }`
}

/** Unpacks the file `$D/body` where the server has packed it with gzip. */
export const UNPACK =
  Script.trusted(`if awk '/^ *HTTP\\//{e=0} tolower($1)=="content-encoding:"&&$2~/^(x-)?gzip/{e=1} END{exit !e}' /dev/fd/9; then
  (umask 077; gzip -dc <"$D"/body >"$D"/plain); mv -f -- "$D"/plain "$D"/body
fi`)

/** How curl keeps the heads of answers; of HEAD it would print them too. */
function heads({ method, headers }: HttpRequest): readonly string[] {
  const only = method === 'HEAD' ? ['head', 'output = "/dev/null"'] : []
  const plain = hasHeader(headers, 'accept-encoding') ? [] : ['header = "Accept-Encoding: identity"']
  return [...plain, 'dump-header = "/dev/fd/9"', ...only]
}

const CURL_SINCE = Script.trusted('${SINCE:+-H "$SINCE"}')
const WGET_SINCE = Script.trusted('${SINCE:+--header="$SINCE"}')
const SINCE_LINE = Script.trusted(String.raw`[ -z "$SINCE" ] || printf '%s\r\n' "$SINCE"`)

/** Keeps the head of an answer and prints its body. The shell reads no byte more than the lines it is asked for. */
const SPLIT = Script.trusted(String.raw`fplay_split() {
  R=$(printf '\r')
  while IFS= read -r L; do
    L=${'${L%"$R"}'}; [ -n "$L" ] || break; printf '%s\n' "$L" >&9
  done
  cat
}`)

function sinceOf(path: string): Script {
  const time = sh`$(LC_ALL=C date -u -r ${path} '+%a, %d %b %Y %H:%M:%S GMT')`
  return sh`$(if [ -f ${path} ]; then printf 'If-Modified-Since: %s' "${time}"; fi)`
}

/** Reads what the functions have printed. Throws Fail where the host lacks a program, or cannot do it with those it has. */
export function readDownload(source: Source, { stdout, stderr, code }: ScriptOutput): Download {
  if (code === NO_PROGRAM) throw noProgram()
  const told = /\nfplay-head\n([^]*)\nfplay-http (\w+) (\d+)\n/.exec(stdout)
  const [whole, head = '', program, exit] = told ?? []
  const before = told ? stdout.slice(0, told.index) : stdout
  const isCut = Number(exit ?? 1) !== 0
  const after = told ? stdout.slice(told.index + whole!.length) : ''
  const base = { before, after, isCut, cookies: new Map<string, string>() }
  if (source.kind === 'file') {
    const reason = isCut ? (whyNot(stderr) ?? 'it cannot be read') : 'OK'
    return { ...base, status: isCut ? -1 : undefined, reason, headers: new Map(), url: '' }
  }
  const { request } = source
  const blocks = blocksOf(head)
  const last = blocks.at(-1)
  const said =
    program === 'wget'
      ? head
          .split('\n')
          .filter((line) => !line.startsWith(' '))
          .join('\n')
      : stderr
  if (!last) {
    const reason = whyNot(said.replace(/^.*URL:.*$/gm, '')) ?? 'no answer'
    return { ...base, isCut: true, status: -1, reason, headers: new Map(), url: request.url }
  }
  if (program === 'raw') refuseByHand(request, last)
  const { status, reason, headers, cookies } = last
  return { ...base, status, reason, headers, cookies, url: led(request.url, blocks) }
}

/** The answers whose heads were kept: wget indents them, and says other things besides. */
function blocksOf(head: string): readonly Block[] {
  const lines = head.split('\n').map((line) => line.replace(/\r$/, '').replace(/^ {2}/, ''))
  const starts = lines.flatMap((line, i) => (/^HTTP\/[\d.]+ +\d{3}/.test(line) ? [i] : []))
  return starts.flatMap((start, i) => {
    const own = lines.slice(start, starts[i + 1])
    const fields = own.slice(1).filter((line) => /^[^\s:]+:/.test(line))
    const block = readBlock(`${[own[0]!.replace(/ +/, ' '), ...fields].join('\n')}\n\n`)
    return block ? [block] : []
  })
}

/** Where the redirects among the answers led. */
function led(url: string, blocks: readonly Block[]): string {
  return blocks.slice(0, -1).reduce((from, { status, headers }) => {
    const to = headers.get('location')
    return status >= 300 && status < 400 && to !== undefined && URL.canParse(to, from)
      ? new URL(to, from).href
      : from
  }, url)
}
