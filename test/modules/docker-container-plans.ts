import docker_container from '../../modules/docker_container.js'
import { planOf, type Outputs, type Plan, type Situation } from '../support/plan.js'

export const ID = { old: 'sha256:old', new: 'sha256:new' }
export const IMAGE = {
  Id: ID.old,
  RepoTags: ['shop:1'],
  Os: 'linux',
  Architecture: 'amd64',
  Config: {
    Env: ['PATH=/bin', 'LANG=C'],
    Labels: { from: 'image' },
    ExposedPorts: { '80/tcp': {} },
    Volumes: { '/anon': {} },
  },
}
/** What docker 20.10 says of a container, shortened to what is looked at. */
export const container = (
  changes: { host?: object; config?: object; state?: object; networks?: object; more?: object } = {},
): string =>
  JSON.stringify({
    Id: 'c0ffee',
    Name: '/web',
    Image: ID.old,
    Platform: 'linux',
    State: { Status: 'running', StartedAt: '2026-01-01T00:00:00Z', ...changes.state },
    Config: {
      Image: 'shop:1',
      Env: ['A=1', 'PATH=/bin', 'LANG=C'],
      Cmd: ['serve', '-v'],
      Entrypoint: null,
      Labels: { from: 'image', team: 'a' },
      ExposedPorts: { '80/tcp': {}, '90/udp': {} },
      Volumes: { '/anon': {} },
      ...changes.config,
    },
    HostConfig: {
      NetworkMode: 'default',
      Memory: 67108864,
      MemorySwap: 134217728,
      Binds: ['/srv:/s:ro', 'data:/d:rw'],
      PortBindings: {
        '80/tcp': [{ HostIp: '', HostPort: '8080' }],
        '90/udp': [{ HostIp: '127.0.0.1', HostPort: '90' }],
      },
      RestartPolicy: { Name: 'always', MaximumRetryCount: 0 },
      CapAdd: ['CAP_SYS_TIME'],
      ...changes.host,
    },
    NetworkSettings: { Networks: changes.networks ?? { bridge: {} } },
    ...changes.more,
  })
export const told = (
  what: string | undefined,
  image: object | null = IMAGE,
  networks: readonly object[] = [],
) => ({
  stdout: `${what ?? ''}\nimage\n${image === null ? '' : JSON.stringify(image)}\nnetworks\n${networks.map((one) => JSON.stringify(one)).join('\n')}\n`,
  stderr: what === undefined ? 'Error: No such container: web\n' : '',
})
export const BASE = { name: 'web', image: 'shop:1' }

export function plan(
  params: object,
  output: Outputs[string] = told(container()),
  situation: Situation = {},
  more: Outputs = {},
): Plan {
  return planOf(docker_container, { ...BASE, ...params }, { 'container:web': output, ...more }, situation)
}
/** Attributes of the container that differ. */
export const differs = (params: object, output?: Outputs[string]): readonly string[] =>
  Object.keys(plan(params, output).differs).map((key) => key.replace('container:web.', ''))
export const RECREATED = ['id', 'started']
