import { spawnSync } from 'node:child_process'
import { execPath } from 'node:process'
import { suggest } from '../../errors.js'
import { isDict, keyText } from '../../language/value.js'
import type { Dict, Value } from '../../language/value.js'
import type { LookupContext, LookupPlugin } from './plugin.js'
import { opened, option, optionFlag, refuse, refuseUnknown, termText } from './terms.js'

/** Options by name; what is text may also come from the variable behind it. */
const OPTIONS: Readonly<Record<string, string | undefined>> = {
  validate_certs: undefined,
  username: undefined,
  password: undefined,
  headers: undefined,
  split_lines: undefined,
  use_proxy: undefined,
  force: 'ansible_lookup_url_force',
  timeout: 'ansible_lookup_url_timeout',
  http_agent: 'ansible_lookup_url_agent',
  force_basic_auth: 'ansible_lookup_url_agent_force_basic_auth',
  follow_redirects: 'ansible_lookup_url_follow_redirects',
  ca_path: 'ansible_lookup_url_ca_path',
}

/** What the helper process is told. */
interface Request {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly seconds: number
  readonly follow: boolean
  /** `user:password`, and whether it is sent before the server asks for it. */
  readonly login: string | undefined
  readonly eager: boolean
}

/**
 * An expression is evaluated without waiting, so a process of its own does the waiting. It reads a {@link Request} as
 * JSON, so that no secret stands in the list of processes, and prints a line with the status or an error, then the body.
 */
const HELPER = `
let text = ''
process.stdin.on('data', (piece) => (text += piece)).on('end', async () => {
  const { url, headers, seconds, follow, login, eager } = JSON.parse(text)
  const basic = { authorization: 'Basic ' + Buffer.from(login ?? '').toString('base64') }
  const ask = (more) =>
    fetch(url, {
      headers: { ...headers, ...more },
      redirect: follow ? 'follow' : 'manual',
      signal: AbortSignal.timeout(seconds * 1000),
    })
  try {
    let answer = await ask(login && eager ? basic : {})
    if (answer.status === 401 && login && !eager) answer = await ask(basic)
    const body = Buffer.from(await answer.arrayBuffer())
    process.stdout.write(JSON.stringify({ status: answer.status, reason: answer.statusText }) + '\\n')
    process.stdout.write(body)
  } catch (error) {
    const cause = error.cause?.message ?? error.cause?.code ?? error.message
    process.stdout.write(JSON.stringify({ error: cause || String(error) }) + '\\n')
  }
})
`
/** Bytes an answer may have. */
const BODY_LIMIT = 64 * 1024 * 1024

/** The lines of what servers answer to GET. */
export const url: LookupPlugin = (context) => (terms, given) => {
  const options = withVariables(context, given)
  refuseProxy(context, options)
  return opened(terms).flatMap((term) => {
    const body = fetched(context, termText(term), options).toString('utf8')
    if (!optionFlag(options, 'split_lines', true)) return [body]
    const lines = body.split(/\r\n|\n|\r/)
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines
  })
}

function withVariables({ scope }: LookupContext, given: Dict): Dict {
  refuseUnknown('url', given.keys(), Object.keys(OPTIONS))
  const options: Dict = new Map()
  for (const [name, variable] of Object.entries(OPTIONS)) {
    const value = given.get(name) ?? (variable === undefined ? undefined : scope().lookup(variable))
    if (value !== undefined && value !== null) options.set(name, value)
  }
  return options
}

/** Node.js's own client knows no proxies; to pass one by silently would be wrong. */
function refuseProxy({ run }: LookupContext, options: Dict): void {
  if (!optionFlag(options, 'use_proxy', true)) return
  const name = ['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy'].find((one) => run.settings.env[one])
  if (name !== undefined)
    refuse(
      'url',
      `${name} is set, and proxies are not supported`,
      'set use_proxy=false, or use the module uri',
    )
}

function fetched({ run }: LookupContext, address: string, options: Dict): Buffer {
  const { stdout, error } = spawnSync(execPath, ['-e', HELPER], {
    input: JSON.stringify(requestOf(address, options)),
    maxBuffer: BODY_LIMIT,
    env: { ...run.settings.env, NODE_OPTIONS: '', NODE_NO_WARNINGS: '1', ...trust(options) },
  })
  if (error) return refuse('url', `${address}: ${error.message}`)
  const end = stdout.indexOf('\n')
  const head = JSON.parse(stdout.subarray(0, end).toString()) as {
    status: number
    reason: string
    error?: string
  }
  if (head.error !== undefined) return refuse('url', `${address} cannot be read: ${head.error}`)
  if (head.status < 200 || head.status > 299)
    return refuse('url', `${address} answers ${head.status} ${head.reason}`)
  return stdout.subarray(end + 1)
}

function requestOf(address: string, options: Dict): Request {
  if (!/^https?:\/\//i.test(address))
    refuse('url', `"${address}" is no address of the web`, 'allowed: http://…, https://…')
  const text = (name: string): string | undefined => option(options, name)
  const seconds = Number(text('timeout') ?? 10)
  if (!(seconds > 0)) refuse('url', `timeout is "${text('timeout')}"`, 'allowed: seconds')
  const fresh = optionFlag(options, 'force', false) ? { 'cache-control': 'no-cache' } : {}
  const user = text('username')
  return {
    url: address,
    headers: {
      'user-agent': text('http_agent') ?? 'ansible-httpget',
      ...fresh,
      ...headersOf(options.get('headers')),
    },
    seconds,
    follow: followsOf(text('follow_redirects') ?? 'urllib2'),
    login: user === undefined ? undefined : `${user}:${text('password') ?? ''}`,
    eager: optionFlag(options, 'force_basic_auth', false),
  }
}

function followsOf(word: string): boolean {
  const known = new Map([['all', true], ['yes', true], ['true', true], ['safe', true], ['urllib2', true], ['none', false], ['no', false], ['false', false]]) // prettier-ignore
  return (
    known.get(word.toLowerCase()) ??
    refuse('url', `follow_redirects is "${word}"`, suggest(word, [...known.keys()]))
  )
}

function headersOf(value: Value | undefined): Record<string, string> {
  if (value === undefined) return {}
  if (!isDict(value)) return refuse('url', 'headers must be a dictionary')
  return Object.fromEntries([...value].map(([name, item]) => [keyText(name), termText(item)]))
}

/** What the helper believes of certificates. */
function trust(options: Dict): Record<string, string> {
  const path = option(options, 'ca_path')
  return {
    ...(optionFlag(options, 'validate_certs', true) ? {} : { NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
    ...(path === undefined ? {} : { NODE_EXTRA_CA_CERTS: path }),
  }
}
