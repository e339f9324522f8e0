import { createHash } from 'node:crypto'
import { contentOf } from '../engine/content.js'
import {
  defineModule,
  Fail,
  Unknown,
  type Converge,
  type Key,
  type OwnAsk,
  type OwnState,
  type View,
  type Wish,
} from '../engine/module/contract.js'
import { refuseDocker } from '../engine/module/docker/engine.js'
import type { InferParams } from '../engine/module/params.js'
import { join, sh, type Script } from '../engine/module/quote.js'
import { input } from '../engine/module/write.js'

const HUB = 'https://index.docker.io/v1/'

const params = {
  registry_url: {
    type: 'str',
    default: HUB,
    aliases: ['registry', 'url'],
    description: 'The registry: `registry.bank.example:5000`. Default is Docker Hub.',
  },
  username: { type: 'str', description: 'Account at the registry.' },
  password: { type: 'str', secret: true, description: 'Its password, or a token.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['present', 'absent'],
    description: 'Logged in, or the password no longer kept.',
  },
  reauthorize: {
    type: 'bool',
    default: false,
    aliases: ['reauth'],
    description: 'Log in though the very same password is kept, to see that the registry still takes it.',
  },
  config_path: {
    type: 'path',
    aliases: ['dockercfg_path'],
    description: 'Where docker keeps passwords; default `~/.docker/config.json` of the user.',
  },
} as const
type Params = InferParams<typeof params>

const loginKey = (host: string): Key => `login:${host}`
const helperKey = (helper: string): Key => `credential helper:${helper}`

/** The name under which docker keeps a registry's password: without scheme and path. */
function hostOf(url: string): string {
  return isHub(url) ? HUB : url.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
}

function isHub(url: string): boolean {
  return /^(https?:\/\/)?(index\.)?docker\.io(\/|$)/.test(url)
}

/** Shell text that sets C to the path of the configuration. */
function configScript({ config_path: path }: Params): Script {
  return path === undefined ? sh`C="\${DOCKER_CONFIG:-$HOME/.docker}/config.json"` : sh`C=${path}`
}

interface Config {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
}

function configAsk(given: Params): OwnAsk {
  const host = hostOf(given.registry_url)
  return {
    kind: 'own',
    key: loginKey(host),
    script: sh`command -v docker >/dev/null || { echo 'docker: not found' >&2; exit 127; }
${configScript(given)}; [ ! -e "$C" ] || cat -- "$C"`,
    read: (output) => {
      refuseDocker(output)
      if (output.code !== 0) throw new Fail(`docker's configuration cannot be read: ${output.stderr.trim()}`)
      const config = configOf(output.stdout)
      const helper = config.credHelpers?.[host] ?? config.credsStore
      return { helper: helper || undefined, ...keptIn(config, host) }
    },
  }
}

function configOf(text: string): Config {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text) as Config
  } catch {
    throw new Fail("docker's configuration on the host is not JSON", [], 'mend or remove it')
  }
}

/** Who is logged in. Of the password only a digest goes on from here. */
function keptIn(config: Config, host: string): OwnState {
  const [, entry] = Object.entries(config.auths ?? {}).find(([name]) => hostOf(name) === host) ?? []
  if (entry?.auth === undefined) return { username: 'absent' }
  const plain = Buffer.from(entry.auth, 'base64').toString('utf8')
  const colon = plain.indexOf(':')
  const username = plain.slice(0, colon)
  // In place of the password the registry may have given a token; it stays until the account changes.
  if (entry.identitytoken) return { username, password: 'token' }
  return { username, password: digest(plain.slice(colon + 1)) }
}

function digest(password: string): string {
  return `sha256:${createHash('sha256').update(password).digest('hex')}`
}

/** Asks the program that keeps passwords in place of the configuration. */
function helperAsk(helper: string, host: string): OwnAsk {
  return {
    kind: 'own',
    key: helperKey(helper),
    script: sh`printf '%s' ${host} | ${`docker-credential-${helper}`} get`,
    read: ({ stdout, code }) => {
      if (code !== 0) return { username: 'absent' }
      const { Username: username, Secret: secret } = JSON.parse(stdout) as {
        Username: string
        Secret: string
      }
      return { username, password: digest(secret) }
    },
  }
}

function kept(given: Params, before: View): { readonly key: Key; readonly state: OwnState } {
  const own = loginKey(hostOf(given.registry_url))
  const { helper } = before.own(own) as { helper?: string }
  const key = helper === undefined ? own : helperKey(helper)
  return { key, state: before.own(key) }
}

function wanted(given: Params, before: View): Wish {
  const { key, state } = kept(given, before)
  if (given.state === 'absent') return new Map([[key, { username: 'absent' }]])
  const { username, password } = given
  const same = state['username'] === username
  const wish = { username, password: same && state['password'] === 'token' ? 'token' : digest(password!) }
  if (!given.reauthorize) return new Map([[key, wish]])
  return new Map([[key, { ...wish, accepted: new Unknown('whether the registry still takes the password') }]])
}

/** docker names only the folder of its configuration: a file of another name is made in a folder of its own. */
function converge(given: Params): Converge {
  const host = hostOf(given.registry_url)
  const server = host === HUB ? [] : [host]
  const { username, password, config_path: path } = given
  const isOut = given.state === 'absent'
  const content = contentOf(password ?? '')
  const act = isOut
    ? sh`docker --config "$D" logout ${server}`
    : sh`${input(0, content)} | docker --config "$D" login --username ${username!} --password-stdin ${server} >/dev/null`
  const isNamed = path !== undefined && !path.endsWith('/config.json')
  const script = isNamed
    ? sh`D=$(mktemp -d); trap 'rm -rf -- "$D"' EXIT; [ ! -e "$C" ] || cp -- "$C" "$D/config.json"
${act}
chmod 600 "$D/config.json"; mkdir -p -- "\${C%/*}"; mv -f -- "$D/config.json" "$C"`
    : sh`D=\${C%/*}\n${act}`
  return { script: join([configScript(given), script]), ...(isOut ? {} : { inputs: [content] }) }
}

/** Accounts at registries of images. */
export default defineModule({
  summary: 'Log in to a registry of images, or out',
  description:
    'The password goes to docker through its standard input. What docker keeps is compared with it, so a second run asks no registry.',
  params,
  rules: { requiredIf: [['state', 'present', ['username', 'password']]] },
  returns: {
    login_results: 'With state present: `serveraddress` and `username`.',
  },
  examples: `
- docker_login:
    registry_url: 192.168.10.1
    username: fate
    password: "{{ vault_registry_password }}"
`,
  probe: (given) => [configAsk(given)],
  more: (given, before) => {
    const host = hostOf(given.registry_url)
    const { helper } = before.own(loginKey(host)) as { helper?: string }
    return helper === undefined ? [] : [helperAsk(helper, host)]
  },
  wanted,
  converge,
  result: (given) => {
    if (given.state === 'absent') return { values: {} }
    return {
      values: {
        login_results: { serveraddress: hostOf(given.registry_url), username: given.username },
      },
    }
  },
  unproven: ({ state }) =>
    state === 'present' ? 'the registry was not asked whether it takes the password' : undefined,
})
