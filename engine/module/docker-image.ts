import { Fail, type Key, type OwnAsk, type OwnState, type ScriptOutput } from './contract.js'
import { complaint, refuseDocker } from './docker.js'
import { sh } from './quote.js'

/** `name:tag`; a name that has a tag, a digest, or is an id stays. */
export function reference(name: string, tag: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1)
  if (name.startsWith('-')) throw new Fail(`${JSON.stringify(name)} is not the name of an image`)
  return last.includes(':') || last.includes('@') ? name : `${name}:${tag}`
}

/** Key of {@link imageAsk}. */
export const imageKey = (image: string): Key => `image:${image}`
/** Key of {@link pushedAsk}. */
export const pushedKey = (image: string): Key => `pushed image:${image}`
/** Key of {@link archiveAsk}. */
export const archiveKey = (path: string): Key => `image archive:${path}`

/** Asks for the `id` of an image (`absent` without one) and all that docker says of it, `image`. */
export function imageAsk(image: string): OwnAsk {
  return { kind: 'own', key: imageKey(image), script: sh`docker image inspect -- ${image}`, read: readImage }
}

function readImage(output: ScriptOutput): OwnState {
  if (/No such image/i.test(output.stderr)) return { id: 'absent' }
  refuseDocker(output)
  if (output.code !== 0) throw new Fail(`the Docker Engine refused a question: ${complaint(output.stderr)}`)
  const [image] = JSON.parse(output.stdout) as [{ Id: string }]
  return { id: image.Id, image }
}

/** Asks for the `id` of an image in its registry, which the manifest names. Any refusal counts as "not there": pushing will tell. */
export function pushedAsk(image: string): OwnAsk {
  return {
    kind: 'own',
    key: pushedKey(image),
    script: sh`DOCKER_CLI_EXPERIMENTAL=enabled; export DOCKER_CLI_EXPERIMENTAL; docker manifest inspect --insecure -- ${image}`,
    read: ({ stdout, code }) => {
      if (code !== 0) return { id: 'absent' }
      const { config } = JSON.parse(stdout) as { config?: { digest?: string } }
      return { id: config?.digest ?? 'several' }
    },
  }
}

/**
 * Asks what is in a file as `docker save` writes it: the `id` of the first image (in the name of its configuration,
 * written in one way before Docker 25 and in another after) and all names, `tags`, undefined when it cannot be read.
 */
export function archiveAsk(path: string): OwnAsk {
  return {
    kind: 'own',
    key: archiveKey(path),
    script: sh`[ ! -f ${path} ] || tar -xOf ${path} manifest.json`,
    read: ({ stdout }) => {
      const id = /"Config":"(?:blobs\/sha256\/)?([0-9a-f]{64})/.exec(stdout)?.[1]
      if (id === undefined) return { id: 'absent' }
      const images = JSON.parse(stdout) as readonly { RepoTags: readonly string[] | null }[]
      return { id: `sha256:${id}`, tags: images.flatMap(({ RepoTags: tags }) => tags ?? []) }
    },
  }
}

/** A name as docker shows it: what is meant by default is left out. */
export function familiar(image: string): string {
  return image.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
}
