import type { Refusal } from './readers.js'

/** The images of a party by service, as FATE 2.2 was released. */
const RELEASED: Readonly<Record<string, { name: string; tag: string; variants: boolean }>> = {
  mysql: { name: 'mysql', tag: '8.0.28', variants: false },
  eggroll: { name: 'federatedai/eggroll', tag: '3.2.0-release', variants: true },
  osx: { name: 'federatedai/osx', tag: '2.2.0-release', variants: false },
  fateflow: { name: 'federatedai/fateflow', tag: '2.2.0-release', variants: true },
  fateboard: { name: 'federatedai/fateboard', tag: '2.1.1-release', variants: false },
}

/** Names under which images can be given. */
export const IMAGE_NAMES = Object.keys(RELEASED)

/** `name:tag`, `host:port/name:tag` or with a digest. */
export const IMAGE_REFERENCE =
  /^[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*(:[A-Za-z0-9_][\w.-]{0,127})(@sha256:[0-9a-f]{64})?$/

/**
 * The references that compose pulls. A registry with a path is the namespace of every image, a bare registry host
 * keeps the names as they are; an image given with a registry of its own is left alone.
 */
export function imageReferences(
  registry: string,
  suffix: string,
  given: ReadonlyMap<string, string>,
): Map<string, string> {
  const references = new Map<string, string>()
  for (const [service, { name, tag, variants }] of Object.entries(RELEASED)) {
    const reference = given.get(service) ?? `${name}${variants ? suffix : ''}:${tag}`
    references.set(service, fromRegistry(registry, reference))
  }
  return references
}

function fromRegistry(registry: string, reference: string): string {
  if (registry === '' || hasRegistry(reference)) return reference
  return registry.includes('/')
    ? `${registry}/${reference.slice(reference.lastIndexOf('/') + 1)}`
    : `${registry}/${reference}`
}

function hasRegistry(reference: string): boolean {
  return reference.includes('/') && looksLikeHost(reference.slice(0, reference.indexOf('/')))
}

/** Docker takes the first part of a reference for a host only if it has a dot or a port, or is localhost. */
function looksLikeHost(part: string): boolean {
  return part === 'localhost' || /[.:]/.test(part)
}

/** A registry as written, without scheme and slashes at its ends; or why it cannot be one. */
export function readRegistry(written: string): string | Refusal {
  const registry = written
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '')
  if (registry === '') return ''
  const [host = ''] = registry.split('/')
  if (!looksLikeHost(host)) {
    return {
      message: `registry ${JSON.stringify(written)}: Docker takes "${host}" for a namespace of Docker Hub, not for a host`,
      cure: `give the host with its domain, address or port, such as 192.168.10.1/federatedai`,
    }
  }
  if (!/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*$/.test(registry)) {
    return {
      message: `registry ${JSON.stringify(written)} makes no valid image names`,
      allowed:
        'allowed: host, host:port, or either with a path in lower case, such as 192.168.10.1/federatedai',
    }
  }
  return registry
}
