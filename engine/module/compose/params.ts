import type { InferParams, ParamTable } from '../params.js'
import { str } from '../../language/jinja/python/render.js'
import { isDict, keyText, type Value } from '../../language/value.js'
import { Fail, type Dict } from '../contract.js'
import type { Project } from './project.js'

/** The parameters of `docker_compose_v2`. */
export const COMPOSE_PARAMS = {
  project_src: { type: 'path', description: 'Folder of the project.' },
  project_name: {
    type: 'str',
    description: 'Name of the project; default: made from the name of the folder.',
  },
  definition: {
    type: 'dict',
    description:
      'The project itself in place of a folder, as it would stand in a compose file; needs project_name.',
  },
  files: {
    type: 'list',
    elements: 'path',
    description: 'Compose files, relative to project_src; default: the one there.',
  },
  env_files: { type: 'list', elements: 'path', description: 'Files of variables in place of .env.' },
  profiles: { type: 'list', elements: 'str', default: [], description: 'Profiles that are active.' },
  services: { type: 'list', elements: 'str', default: [], description: 'Only these services.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present', 'pulled', 'restarted', 'stopped'],
    description: 'What should be: containers up, stopped, restarted or gone, or only their images there.',
  },
  pull: {
    type: 'str',
    default: 'policy',
    choices: ['always', 'missing', 'never', 'policy'],
    description:
      'Whether images are pulled: always (then the registry is asked for newer ones), those that are missing, or never.',
  },
  build: {
    type: 'str',
    default: 'policy',
    choices: ['always', 'never', 'policy'],
    description:
      'Whether images that the files tell how to build are built: always, never, or when they are missing.',
  },
  renew_anon_volumes: {
    type: 'bool',
    default: false,
    description:
      'A container that is made again gets new volumes in place of those without a name. Their data is lost.',
  },
  recreate: {
    type: 'str',
    default: 'auto',
    choices: ['always', 'never', 'auto'],
    description:
      'Whether containers are made again: when the configuration or image changed, always, or never.',
  },
  dependencies: {
    type: 'bool',
    default: true,
    description: 'Start the services that the given ones depend on too.',
  },
  scale: { type: 'dict', description: 'Number of containers by service.' },
  remove_orphans: {
    type: 'bool',
    default: false,
    description: 'Remove containers of services that are no longer in the files.',
  },
  remove_volumes: {
    type: 'bool',
    default: false,
    description: 'With absent: remove the named volumes too. Data is lost.',
  },
  remove_images: { type: 'str', choices: ['all', 'local'], description: 'With absent: remove images too.' },
  timeout: { type: 'int', description: 'Seconds a container gets to stop.' },
  wait: {
    type: 'bool',
    default: false,
    description:
      'Wait until the services run and those with a health check are healthy. One that ends and is started again ten times meanwhile is given up.',
  },
  wait_timeout: { type: 'int', default: 600, description: 'Seconds to wait at most.' },
} as const satisfies ParamTable
/** Values of {@link COMPOSE_PARAMS}. */
export type ComposeParams = InferParams<typeof COMPOSE_PARAMS>

/** Which project the parameters mean; without a name it is made from the folder's, as Compose does. */
export function projectFrom(given: ComposeParams): Project {
  const folder = (given.project_src ?? '/').replace(/(.)\/+$/, '$1')
  const fromFolder = folder.slice(folder.lastIndexOf('/') + 1)
  const absolute = (path: string): string => (path.startsWith('/') ? path : `${folder}/${path}`)
  if (given.definition !== undefined && given.project_name === undefined) {
    throw new Fail('definition needs project_name')
  }
  return {
    folder,
    name:
      given.project_name ??
      fromFolder
        .toLowerCase()
        .replace(/[^-_a-z0-9]/g, '')
        .replace(/^[-_]+/, ''),
    files: (given.files ?? []).map(absolute),
    definition: given.definition === undefined ? undefined : definitionText(given.definition),
    envFiles: (given.env_files ?? []).map(absolute),
    profiles: given.profiles,
  }
}

/** JSON is YAML too. */
function definitionText(definition: Dict): string {
  return JSON.stringify(plain(definition), null, 1)
}

function plain(value: Value): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (isDict(value)) return Object.fromEntries([...value].map(([key, item]) => [keyText(key), plain(item)]))
  return value === null || ['string', 'number', 'boolean'].includes(typeof value) ? value : Number(str(value))
}
