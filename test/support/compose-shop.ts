import { emptyForecast, type Forecast } from '../../engine/run/forecast.js'
import docker_compose_v2 from '../../modules/docker_compose_v2.js'
import { planOf, type Outputs, type Plan } from './plan.js'

export const SHOP = { project_src: '/srv/shop', timeout: 0 }
export const IDS = { web: 'sha256:web1', db: 'sha256:db1' }

/** What the probe of the project `shop` finds; all that is not said is as it should be. */
export interface Host {
  readonly kind?: 'v1' | 'v2'
  readonly hashes?: Readonly<Record<string, string>>
  /** Lines of the resolved configuration that the probe keeps; none when every container fits. */
  readonly config?: string
  readonly files?: string
  /** Services of all profiles. */
  readonly known?: readonly string[]
  /** Service, hash and state of each container. */
  readonly containers?: readonly (readonly [string, string, string])[]
  readonly images?: readonly string[]
  readonly health?: string
  /** Networks, volumes and images with the containers that use them, as lines of the probe. */
  readonly uses?: readonly string[]
}

export const CONFIG = `name: shop
services:
  db:
    image: mysql:8
  web:
    depends_on:
      db:
        condition: service_started
    image: shop/web:1
networks:
  default:
`
export const UP: NonNullable<Host['containers']> = [
  ['db', 'h-db', 'running'],
  ['web', 'h-web', 'running'],
]
export const IMAGES = [`${IDS.web} shop/web:1`, `${IDS.db} mysql:8 mysql@sha256:1`]

/** What the script of the probe prints. */
export function printed(host: Host): string {
  const {
    kind = 'v2',
    hashes = { web: 'h-web', db: 'h-db' },
    containers = UP,
    images = IMAGES,
    health = '',
  } = host
  const line = kind === 'v1' ? '_' : '-'
  const image = (service: string): string =>
    service === 'db' ? `mysql:8\t${IDS.db}` : `shop/web:1\t${IDS.web}`
  return [
    'kind',
    kind,
    'hash',
    ...Object.entries(hashes).map(([name, hash]) => `${name} ${hash}`),
    'config',
    ...(host.config === undefined ? [] : [host.config]),
    ...(host.known === undefined ? [] : ['known', ...host.known.map((name) => ` ${name}`)]),
    ...(host.files === undefined ? [] : ['file', host.files]),
    ...(host.uses ?? []),
    'containers',
    ...containers.map(
      ([service, hash, state], i) =>
        `id${i}\tshop${line}${service}${line}1\t${service}\t${hash}\t${state}\tUp\t\t"x"\tFalse`,
    ),
    'details',
    ...containers.map(([service], i) => `id${i}\t${image(service)}\t2026-01-01T00:00:00Z\t0\t${health}`),
    'images',
    ...images,
    '',
  ].join('\n')
}

/** What the module makes of such a host. */
export function plan(
  params: object,
  host: Host,
  forecast: Forecast = emptyForecast(),
  more: Outputs = {},
): Plan {
  return planOf(
    docker_compose_v2,
    { ...SHOP, ...params },
    { 'compose:shop': printed(host), ...more },
    { forecast },
  )
}
/** Names of what differs, without the project's. */
export const differs = (params: object, host: Host): readonly string[] =>
  Object.keys(plan(params, host).differs).map((key) => key.replace('compose:shop.', ''))
