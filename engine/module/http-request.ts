import { MEMORY_FUNCTION, memoryFile } from './memory-file.js'
import { join, Script, sh } from './quote.js'

/** What a request sends. */
export interface HttpBody {
  /** Prints it, any number of times. */
  readonly print: Script
  /** Bytes; undefined where only the host can tell. */
  readonly size: number | undefined
  /** Files of the host that are in it: without one that can be read, nothing is sent. */
  readonly files: readonly string[]
}

/** A text as it stands. */
export function textBody(text: string): HttpBody {
  const size = Buffer.byteLength(text)
  // A text with NUL can be no word.
  const print = text.includes('\0')
    ? sh`printf %s ${Buffer.from(text).toString('base64')} | base64 -d`
    : sh`printf %s ${text}`
  return { print, size, files: [] }
}

/** One HTTP request as a host is to make it. */
export interface HttpRequest {
  readonly url: string
  readonly method: string
  /** Names and values; a value has no line ends. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body?: HttpBody | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** True: user and password go with the first request, not only when the server asks. */
  readonly unasked: boolean
  readonly redirects: boolean
  readonly verify: boolean
  /** File on the host with certificates to trust. */
  readonly trusted?: string | undefined
  /** File on the host with the certificate that is shown to the server. */
  readonly certificate?: string | undefined
  /** File on the host with the key of {@link certificate}, where that file has none. */
  readonly key?: string | undefined
  /** False: whatever proxies the environment names, none is used. */
  readonly proxy: boolean
  /** Seconds without a byte. */
  readonly timeout: number
  /** Socket on the host that is asked in place of the URL's host; only curl can. */
  readonly socket?: string | undefined
}

/** Status of a script that found no program to make the request with. */
export const NO_PROGRAM = 97

/**
 * Shell text that makes the request and prints headers and body, then a line `fplay-http PROGRAM REDIRECTS URL`, and how
 * many seconds it took on standard error. It
 * takes curl, or GNU wget, or for plain http bash or nc. What may be secret reaches them through descriptors: nothing
 * of it stands in a process list.
 * @param unpacks  what a server has packed with gzip comes as `fplay-packed` and base64, for `readAnswer` to unpack
 */
export function requestScript(request: HttpRequest, unpacks = false): Script {
  const plain = new URL(request.url).protocol === 'http:'
  const others =
    request.socket === undefined
      ? sh`elif wget --version 2>/dev/null | grep -q GNU; then
${wgetScript(request)}
else
${plain ? rawScript(request) : sh`exit ${NO_PROGRAM}`}`
      : sh`else exit ${NO_PROGRAM}`
  return sh`S=$(date +%s); C=0
${unpacks ? sh`${MEMORY_FUNCTION}\nfplay_memory 5 </dev/null` : sh`:`}
(
${filesThere(request)}
if command -v curl >/dev/null 2>&1; then
${curlScript(request)}
${others}
fi
)${unpacks ? sh` >&5` : sh``} || C=$?
${unpacks ? PACKED : sh`:`}
printf 'fplay-elapsed %s\\n' $(($(date +%s) - S)) >&2
exit $C`
}

/** No text can hold what is packed. */
const PACKED = sh`if LC_ALL=C grep -qi '^content-encoding: *\\(x-\\)\\{0,1\\}gzip' /dev/fd/5; then echo fplay-packed; base64 </dev/fd/5; else cat </dev/fd/5; fi`

/** Ends the script unless the files can be read that are sent. */
export function filesThere({ body }: HttpRequest): Script {
  return join([
    sh`:`,
    ...(body?.files ?? []).map(
      (path) => sh`[ -r ${path} ] || { printf 'Unable to open source file %s\\n' ${path} >&2; exit 1; }`,
    ),
  ])
}

function curlScript(request: HttpRequest): Script {
  const lines = [
    ...curlSettings(request),
    request.method === 'HEAD' ? 'head' : 'include',
    ...curlMethod(request),
    option('write-out', '\nfplay-http curl %{num_redirects} %{url_effective}\n'),
  ]
  return sh`${curlBody(request)}${curl(lines)}`
}

/** Prints for curl what it sends. */
export function curlBody({ body }: HttpRequest): Script {
  return body ? sh`{ ${body.print}; } | ` : sh`printf '' | `
}

/** What curl's settings say of method and body. */
export function curlMethod({ method, body }: HttpRequest): readonly string[] {
  const sends = body !== undefined || method === 'POST'
  const isTold = ['GET', 'HEAD', 'POST'].includes(method) && (method === 'POST' || !sends)
  return [...(isTold ? [] : [option('request', method)]), ...(sends ? [option('data-binary', '@-')] : [])]
}

/** curl with these lines as its settings, and words of the shell that are no secret. */
export function curl(lines: readonly string[], words: Script = Script.trusted('')): Script {
  return sh`curl -q -sS ${words} -K /dev/fd/7 7<<'${MARK}'
${Script.trusted(lines.join('\n'))}
${MARK}`
}

/** What curl's settings say of a request beside its method and body. */
export function curlSettings(request: HttpRequest): readonly string[] {
  const { url, headers, user, password = '', timeout } = request
  const file = (name: string, path: string | undefined): readonly string[] =>
    path === undefined ? [] : [option(name, path)]
  return [
    option('url', url),
    'suppress-connect-headers',
    ...headers.map(([name, value]) => option('header', value === '' ? `${name};` : `${name}: ${value}`)),
    ...(user === undefined
      ? []
      : [option('user', `${user}:${password}`), request.unasked ? 'basic' : 'anyauth']),
    ...(request.redirects ? ['location'] : []),
    ...(request.verify ? [] : ['insecure']),
    ...file('cacert', request.trusted),
    ...file('cert', request.certificate),
    ...file('key', request.key),
    ...file('unix-socket', request.socket),
    ...(request.proxy ? [] : [option('noproxy', '*')]),
    option('proto', '=http,https'),
    ...[`connect-timeout = ${timeout}`, `speed-time = ${timeout}`, 'speed-limit = 1'],
  ]
}

function option(name: string, value: string): string {
  const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' }
  return `${name} = "${value.replace(/["\\]/g, '\\$&').replace(/[\n\r\t\v]/g, (char) => escapes[char]!)}"`
}

function wgetScript(request: HttpRequest): Script {
  const lines = [...wgetSettings(request), ...wgetMethod(request), 'save_headers = on']
  return sh`${wgetFiles(request, lines)}
wget --config=/dev/fd/7 -nv -i /dev/fd/8 -O - || case $? in 6 | 8) ;; *) exit 1 ;; esac
printf '\\nfplay-http wget 0 \\n'`
}

/** What wget's settings say of method and body. */
export function wgetMethod({ method, body }: HttpRequest): readonly string[] {
  return [
    ...(method === 'GET' && !body ? [] : [`method = ${method}`]),
    ...(body ? ['body_file = /dev/fd/6'] : []),
    'content_on_error = on',
  ]
}

/** Settings (descriptor 7), URL (8) and body (6) of wget, which takes them from regular files only. */
export function wgetFiles({ url, body }: HttpRequest, lines: readonly string[]): Script {
  return sh`${MEMORY_FUNCTION}
${body ? keep(body) : sh`:`}
${memoryFile(7, Buffer.from(lines.join('\n')), MARK.text)}
${memoryFile(8, Buffer.from(new URL(url).href), MARK.text)}`
}

/** What wget's settings say of a request beside its method and body. */
export function wgetSettings(request: HttpRequest): readonly string[] {
  const { headers, user, password = '' } = request
  const file = (name: string, path: string | undefined): readonly string[] =>
    path === undefined ? [] : [`${name} = ${path}`]
  return [
    ...headers.map(([name, value]) => `header = ${name}: ${value}`),
    ...(user === undefined ? [] : [`user = ${user}`, `password = ${password}`]),
    ...(user !== undefined && request.unasked ? ['auth_no_challenge = on'] : []),
    `max_redirect = ${request.redirects ? 20 : 0}`,
    ...(request.verify ? [] : ['check_certificate = off']),
    ...file('ca_certificate', request.trusted),
    ...file('certificate', request.certificate),
    ...file('private_key', request.key ?? request.certificate),
    ...(request.proxy ? [] : ['use_proxy = off']),
    `timeout = ${request.timeout}`,
    ...['tries = 1', 'server_response = on'],
  ]
}

/** By hand over a socket: no TLS, no redirects, no answering of a challenge. */
function rawScript(request: HttpRequest): Script {
  return sh`${raw(request, request.timeout)} || exit 1
printf '\\nfplay-http raw 0 \\n'`
}

/**
 * Prints headers and body of the answer to a request of plain http, by bash or nc; its status tells little.
 * @param more  prints further lines of the head
 * @param limit  seconds that bash may take in all; nc has the timeout of the request
 */
export function raw(request: HttpRequest, limit: number, more: Script = Script.trusted(':')): Script {
  const { hostname, port, host, pathname, search } = new URL(request.url)
  const { user, password = '', unasked, timeout, body } = request
  const basic = Buffer.from(`${user}:${password}`).toString('base64')
  const size = body ? body.size : request.method === 'POST' ? 0 : undefined
  const named = new Set(request.headers.map(([name]) => name.toLowerCase()))
  const head = [
    `${request.method} ${pathname}${search} HTTP/1.0`,
    ...(named.has('host') ? [] : [`Host: ${host}`]),
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
    ...(user !== undefined && unasked ? [`Authorization: Basic ${basic}`] : []),
    ...(size === undefined ? [] : [`Content-Length: ${size}`]),
    'Connection: close',
    '',
  ]
  const where = [hostname.replace(/^\[|\]$/g, ''), port === '' ? '80' : port]
  return sh`command -v bash >/dev/null 2>&1 || command -v nc >/dev/null 2>&1 || exit ${NO_PROGRAM}
${body?.size === undefined && body ? sh`${MEMORY_FUNCTION}\n${keep(body)}` : sh`:`}
{ printf %s ${head.join('\r\n')}; ${more}; ${rest(body)}; } | if command -v bash >/dev/null 2>&1; then
timeout ${limit} bash -c 'exec 3<>"/dev/tcp/$1/$2" && cat >&3 && cat <&3' request ${where}
else nc -w ${timeout} ${where}; fi`
}

/** Gives a body to descriptor 6; needs {@link MEMORY_FUNCTION}. */
function keep({ print }: HttpBody): Script {
  return sh`fplay_memory 6 </dev/null; { ${print}; } >&6`
}

/** Prints the end of a head and the body; one whose size is not known is first kept. */
function rest(body: HttpBody | undefined): Script {
  if (!body) return sh`printf '\\r\\n'`
  if (body.size !== undefined) return sh`printf '\\r\\n'; ${body.print}`
  return sh`printf 'Content-Length: %s\\r\\n\\r\\n' $(($(wc -c </dev/fd/6))); cat </dev/fd/6`
}

/** Ends what is given through descriptors; no line of it can be this one. */
const MARK = Script.trusted('fplay_end_of_request')
