import { isDict, type Value } from '../../language/value.js'
import { parseYaml } from '../../language/yaml.js'

/** What a resolved configuration says of a service. */
export interface Configured {
  readonly image?: string
  readonly count?: number
  /** `container_name`. */
  readonly container?: string
  readonly builds?: boolean
  readonly needs?: readonly string[]
}

/** From the lines of a resolved configuration that the probe keeps (see probe.ts). */
export function readConfigured(config: readonly string[]): ReadonlyMap<string, Configured> {
  const found = new Map<string, Configured>()
  let section = ''
  let service = ''
  let part = ''
  const note = (what: Configured): void => void found.set(service, { ...found.get(service), ...what })
  for (const line of config) {
    const [, indent = '', name = '', value = ''] = /^( *)(?:- )?([^:]+):?\s*(.*)$/.exec(line) ?? []
    if (indent === '') section = name
    else if (section !== 'services') continue
    else if (indent.length === 2) {
      service = unquoted(name)
      note({})
    } else if (indent.length === 4 && !line.startsWith('    - ')) {
      part = name
      if (name === 'image') note({ image: unquoted(value) })
      else if (name === 'container_name') note({ container: unquoted(value) })
      else if (name === 'build') note({ builds: true })
      else if (name === 'scale') note({ count: Number(value) })
    } else if (name === 'replicas') note({ count: Number(value) })
    else if (part === 'depends_on' && (indent.length === 6 || line.startsWith('    - '))) {
      note({ needs: [...(found.get(service)?.needs ?? []), unquoted(name)] })
    }
  }
  return found
}

/** A YAML scalar without its quotes. */
export function unquoted(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2')
}

/** The files of variables that services name, by service; relative ones start at `folder`. */
export function variableFiles(composeFile: string, folder: string): readonly (readonly [string, string])[] {
  const services = sectionOf(composeFile)
  return [...services].flatMap(([name, service]) => {
    const given = isDict(service) ? service.get('env_file') : undefined
    const paths = (Array.isArray(given) ? given : [given]).map((one) => (isDict(one) ? one.get('path') : one))
    return paths
      .filter((path): path is string => typeof path === 'string' && path !== '')
      .map(
        (path) =>
          [String(name), path.startsWith('/') ? path : `${folder}/${path.replace(/^\.\//, '')}`] as const,
      )
  })
}

/** What cannot be read is compose's to complain of. */
function sectionOf(composeFile: string): ReadonlyMap<unknown, Value> {
  try {
    const { value } = parseYaml(composeFile, 'compose file')
    const services = isDict(value) ? value.get('services') : undefined
    return isDict(services) ? services : new Map()
  } catch {
    return new Map()
  }
}
