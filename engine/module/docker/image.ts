import { Fail, type Key, type OwnAsk, type OwnState, type ScriptOutput } from '../contract.js'
import { complaint, refuseDocker } from './engine.js'
import { sh } from '../quote.js'

/** `name:tag`; a name that has a tag, a digest, or is an id stays. */
export function reference(name: string, tag: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1)
  if (name.startsWith('-')) throw new Fail(`${JSON.stringify(name)} is not the name of an image`)
  return last.includes(':') || last.includes('@') ? name : `${name}:${tag}`
}

/** Key of {@link imageAsk}. */
export const imageKey = (image: string): Key => `image:${familiar(image)}`
/** Key of {@link pushedAsk}. */
export const pushedKey = (image: string): Key => `pushed image:${image}`

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

/**
 * Asks for the `id` of an image in its registry, which the manifest names. Any refusal counts as "not there": pushing will
 * tell. `unasked`: the docker program asks no registry without TLS but that of the host itself, although the engine does.
 */
export function pushedAsk(image: string): OwnAsk {
  return {
    kind: 'own',
    key: pushedKey(image),
    script: sh`DOCKER_CLI_EXPERIMENTAL=enabled; export DOCKER_CLI_EXPERIMENTAL; docker manifest inspect --insecure -- ${image}`,
    read: ({ stdout, stderr, code }) => {
      if (code !== 0)
        return { id: /Get "?https:.*(refused|HTTP response to HTTPS)/.test(stderr) ? 'unasked' : 'absent' }
      const { config } = JSON.parse(stdout) as { config?: { digest?: string } }
      return { id: config?.digest ?? 'several' }
    },
  }
}

/** A name as docker shows it: what is meant by default is left out. */
export function familiar(image: string): string {
  return image.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
}
