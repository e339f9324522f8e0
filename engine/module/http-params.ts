import { Fail } from './contract.js'
import type { HttpRequest } from './http-request.js'
import type { InferParams, ParamRules, ParamTable } from './params.js'

/** Parameters of the modules that make an HTTP request from the host. */
export const HTTP = {
  headers: { type: 'dict', description: 'Headers by name.' },
  url_password: { type: 'str', aliases: ['password'], secret: true, description: 'Password of the user.' },
  force_basic_auth: {
    type: 'bool',
    default: false,
    description: 'Send user and password at once, not only when the server asks.',
  },
  validate_certs: { type: 'bool', default: true, description: 'Refuse certificates that cannot be trusted.' },
  client_cert: {
    type: 'path',
    description: 'PEM file on the host with the certificate that is shown to the server, and its key unless client_key names it.',
  },
  client_key: { type: 'path', description: 'PEM file on the host with the key of client_cert.' },
  http_agent: { type: 'str', default: 'ansible-httpget', description: 'The header User-Agent.' },
  use_proxy: {
    type: 'bool',
    default: true,
    description: 'Heed the proxies that the environment of the task names.',
  },
} as const satisfies ParamTable // prettier-ignore

/** What of {@link HTTP} would do nothing alone. */
export const HTTP_RULES = {
  requiredBy: { url_password: ['url_username'], client_key: ['client_cert'] },
} as const satisfies ParamRules

/** Values of {@link HTTP} and what both modules call alike. */
export interface HttpParams extends InferParams<typeof HTTP> {
  readonly url: string
  readonly url_username?: string | undefined
  readonly timeout: number
  /** Asks caches on the way for nothing they have kept. */
  readonly force: boolean
}

/**
 * The part of a request that the parameters of {@link HTTP} tell. Throws Fail for what no request can have: another kind of
 * URL, line ends in headers or passwords. User and password that stand in the URL are taken out of it.
 */
export function requestOf(given: HttpParams): Omit<HttpRequest, 'method' | 'redirects'> {
  const parsed = URL.canParse(given.url) ? new URL(given.url) : undefined
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new Fail(`unknown url type: '${given.url}'`, [], 'name an http or https URL', {
      url: given.url,
      status: -1,
    })
  }
  const { url_username: user, url_password: password } = given
  if (/[\r\n]/.test(`${user}${password}`)) {
    throw new Fail('url_username and url_password have no line ends')
  }
  const within = user === undefined && parsed.username !== '' ? accountIn(parsed) : undefined
  return {
    url: within ? bare(parsed) : given.url,
    headers: headersOf(given),
    user: within ? within.user : user,
    password: within ? within.password : password,
    unasked: given.force_basic_auth,
    verify: given.validate_certs,
    certificate: given.client_cert,
    key: given.client_key,
    proxy: given.use_proxy,
    timeout: given.timeout,
  }
}

function accountIn({ username, password }: URL): { readonly user: string; readonly password: string } {
  return { user: decodeURIComponent(username), password: decodeURIComponent(password) }
}

function bare(url: URL): string {
  const copy = new URL(url)
  copy.username = ''
  copy.password = ''
  return copy.href
}

function headersOf({ headers, http_agent: agent, force }: HttpParams): HttpRequest['headers'] {
  const list = [...(headers ?? [])].map(([name, value]) => [String(name), String(value)] as const)
  const bad = list.find(
    ([name, value]) => !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\r\n]/.test(value),
  )
  if (bad) throw new Fail(`header "${bad[0]}" has a line end, or no name that HTTP knows`)
  const unless = (name: string, value: string): HttpRequest['headers'] =>
    hasHeader(list, name.toLowerCase()) || value === '' ? [] : [[name, value]]
  return [...unless('User-Agent', agent), ...(force ? unless('Cache-Control', 'no-cache') : []), ...list]
}

/** Whether a header, in small letters, is among the given ones. */
export function hasHeader(list: HttpRequest['headers'], name: string): boolean {
  return list.some(([other]) => other.toLowerCase() === name)
}
