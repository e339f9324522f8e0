import { checkVariables, refuseLong, texts } from '../docker/environment.js'
import { listed, section, type Inspected } from '../docker/inspect.js'
import { pairFlags, recordOf, setOf, textsOf } from '../docker/satisfied.js'
import { config, host, type Option, type Surroundings } from './option-kinds.js'
import type { ContainerParams } from './params.js'
import { portFlag, portText, publishedPorts, range, volumeTarget, volumeText } from './values.js'

type Given = ContainerParams

/** Options of which an image brings some: compared strictly, what it brings counts too. */

function imageConfig(image: Inspected | undefined): Inspected {
  return section(image, 'Config')
}

/** Variables of env_file and env. */
export function variables(given: Given, { fileVariables }: Surroundings): ReadonlyMap<string, string> {
  return checkVariables('-e', new Map([...fileVariables, ...texts(given.env, 'env')]), 'env')
}

/** Variables. */
export const env: Option = {
  shape: 'set',
  wanted: (given, around) => {
    if (given.env === undefined && given.env_file === undefined && !around.strict) return undefined
    const own = variables(given, around)
    const brought = listed(imageConfig(around.image), 'Env').map((line): [string, string] => {
      const at = line.indexOf('=')
      return [line.slice(0, at), line.slice(at + 1)]
    })
    const all = new Map([...(around.strict ? brought : []), ...own])
    return setOf([...all].map(([name, value]) => `${name}=${value}`))
  },
  found: (container) => setOf(listed(config(container), 'Env')),
  // Values are given through docker's environment: see script.ts.
  flags: () => [],
}

/** Labels. */
export const labels: Option = {
  shape: 'dict',
  wanted: (given, { image, strict }) => {
    if (given.labels === undefined) return undefined
    const own = textsOf(given.labels)
    for (const [name, value] of Object.entries(own)) refuseLong(name, value, 'labels')
    return strict && given.image_label_mismatch === 'ignore'
      ? recordOf(
          Object.fromEntries(Object.entries({ ...recordOf(imageConfig(image)['Labels']), ...own }).sort()),
        )
      : own
  },
  found: (container) => recordOf(config(container)['Labels']),
  flags: (given) => pairFlags('--label', textsOf(given.labels)),
}

const withProtocol = (port: string): string => (port.includes('/') ? port : `${port}/tcp`)

function exposed(given: Given): readonly string[] {
  return (given.exposed_ports ?? []).flatMap((text) => {
    const [ports = '', protocol = 'tcp'] = text.split('/')
    return range(ports).map((port) => `${port}/${protocol}`)
  })
}

const published = (given: Given) => publishedPorts(given.published_ports ?? [], given.default_host_ip ?? '')

/** Ports that others may want. */
export const exposedPorts: Option = {
  shape: 'set',
  wanted: (given, { image, strict }) => {
    if (given.exposed_ports === undefined && !strict) return undefined
    const brought = strict ? Object.keys(section(imageConfig(image), 'ExposedPorts')) : []
    return setOf([
      ...brought.map(withProtocol),
      ...exposed(given),
      ...published(given).map(({ container }) => container),
    ])
  },
  found: (container) => setOf(Object.keys(section(config(container), 'ExposedPorts')).map(withProtocol)),
  flags: (given) => exposed(given).flatMap((port) => ['--expose', port]),
}

/** Ports of the host. */
export const publishedPortsOption: Option = {
  shape: 'set',
  wanted: (given) =>
    given.published_ports === undefined ? undefined : setOf(published(given).map(portText)),
  found: (container) => {
    const bindings = section(host(container), 'PortBindings') as Readonly<
      Record<string, readonly { HostIp?: string; HostPort?: string }[] | null>
    >
    return setOf(
      Object.entries(bindings).flatMap(([port, at]) =>
        (at ?? []).map(({ HostIp: address = '', HostPort: outside = '' }) =>
          portText({ address, host: outside, container: withProtocol(port) }),
        ),
      ),
    )
  },
  flags: (given) => published(given).flatMap((port) => ['-p', portFlag(port)]),
}

/** What is mounted, as `volumes` says it. */
export const volumes: Option = {
  shape: 'set',
  wanted: (given, { image, strict }) => {
    if (given.volumes === undefined && !strict) return undefined
    const own = (given.volumes ?? []).map(volumeText)
    const targets = [...own.map(volumeTarget), ...(given.mounts ?? []).map(({ target }) => target)]
    const brought = strict ? Object.keys(section(imageConfig(image), 'Volumes')) : []
    return setOf([...own, ...brought.filter((path) => !targets.includes(path))])
  },
  found: (container) => {
    const binds = listed(host(container), 'Binds').map(volumeText)
    const mounts = listed(host(container), 'Mounts') as unknown as readonly Inspected[]
    const targets = [...binds.map(volumeTarget), ...mounts.map((mount) => String(mount['Target']))]
    const nameless = Object.keys(section(config(container), 'Volumes'))
    return setOf([...binds, ...nameless.filter((path) => !targets.includes(path))])
  },
  flags: (given) => (given.volumes ?? []).flatMap((volume) => ['-v', volume]),
}
