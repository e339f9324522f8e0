import { str } from '../../language/jinja/python/render.js'
import { Fail, type Ask, type Dict, type View } from '../contract.js'
import type { InferParams, ParamTable } from '../params.js'
import { join, sh, type Script } from '../quote.js'
import { checkVariables, variablesFor } from './environment.js'

/** Options of `build` of docker_image. */
export const BUILD_PARAMS = {
  path: {
    type: 'path',
    required: true,
    description: 'Folder of the host with all that the image is built of.',
  },
  dockerfile: { type: 'str', description: 'Name of the Dockerfile, relative to path; default `Dockerfile`.' },
  args: { type: 'dict', description: 'Values for `ARG` in the Dockerfile.' },
  cache_from: { type: 'list', elements: 'str', description: 'Images whose layers may be used.' },
  container_limits: {
    type: 'dict',
    description: 'Limits for each container of the build.',
    options: {
      cpusetcpus: { type: 'str', description: 'Processors it may use: `0-3`.' },
      cpushares: { type: 'int', description: 'Relative weight.' },
      memory: { type: 'int', description: 'Bytes of memory.' },
      memswap: { type: 'int', description: 'Bytes of memory and swap together, -1 for no limit.' },
    },
  },
  etc_hosts: { type: 'dict', description: 'Lines for /etc/hosts in the build: addresses by name.' },
  labels: { type: 'dict', description: 'Labels of the image.' },
  network: { type: 'str', description: 'Network of the `RUN` instructions.' },
  nocache: { type: 'bool', default: false, description: 'Make every layer again.' },
  platform: { type: 'str', description: 'Platform to build for, as `os/architecture/variant`.' },
  pull: { type: 'bool', default: false, description: 'Look for newer images of `FROM`.' },
  rm: { type: 'bool', default: true, description: 'Remove containers of steps between.' },
  shm_size: { type: 'str', description: 'Size of /dev/shm in the build: `64M`.' },
  target: { type: 'str', description: 'Stage of the Dockerfile to end with.' },
} as const satisfies ParamTable
/** Values of {@link BUILD_PARAMS}. */
export type BuildParams = InferParams<typeof BUILD_PARAMS>

/** Looks whether there is something to build. */
export function buildAsks(build: BuildParams): readonly Ask[] {
  return [build.path, dockerfileOf(build)].map((path) => ({ kind: 'path', path, need: 'stat', follow: true }))
}

/** Throws when a build cannot even begin. */
export function refuseBuild(build: BuildParams, before: View): void {
  const dockerfile = dockerfileOf(build)
  if (before.path(build.path).type === 'absent') {
    throw new Fail(`build.path ${build.path} does not exist on the host`, [`path:${build.path}`])
  }
  if (before.path(dockerfile).type === 'absent') {
    throw new Fail(
      `there is no ${dockerfile} on the host`,
      [`path:${dockerfile}`],
      'name it with build.dockerfile',
    )
  }
}

/** Shell text that builds `image`. */
export function buildScript(build: BuildParams, image: string): Script {
  const { container_limits: limits } = build
  const args = variablesFor('--build-arg', checkVariables('--build-arg', asTexts(build.args), 'build.args'))
  const flags = [
    ...one('--cpuset-cpus', limits?.cpusetcpus),
    ...one('--cpu-shares', limits?.cpushares),
    ...one('--memory', limits?.memory),
    ...one('--memory-swap', limits?.memswap),
    ...one('--network', build.network),
    ...one('--platform', build.platform),
    ...one('--shm-size', build.shm_size),
    ...one('--target', build.target),
    ...(build.cache_from ?? []).flatMap((from) => ['--cache-from', from]),
    ...[...asTexts(build.etc_hosts)].flatMap(([name, address]) => ['--add-host', `${name}:${address}`]),
    ...[...asTexts(build.labels)].flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...(build.nocache ? ['--no-cache'] : []),
    ...(build.pull ? ['--pull'] : []),
    ...(build.rm ? [] : ['--rm=false']),
  ]
  return join([
    ...args.exports,
    sh`docker build -t ${image} -f ${dockerfileOf(build)} ${args.flags} ${flags} -- ${build.path}`,
  ])
}

function one(flag: string, value: string | number | undefined): readonly (string | number)[] {
  return value === undefined ? [] : [flag, value]
}

/** Values that are not text are made text as Ansible does. */
function asTexts(given: Dict | undefined): ReadonlyMap<string, string> {
  return new Map([...(given ?? [])].map(([name, value]) => [String(name), str(value)]))
}

function dockerfileOf({ path, dockerfile = 'Dockerfile' }: BuildParams): string {
  return dockerfile.startsWith('/') ? dockerfile : `${path.replace(/\/+$/, '')}/${dockerfile}`
}
