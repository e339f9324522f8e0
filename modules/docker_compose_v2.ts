import { actionsOf, afterwards, sentence } from '../engine/module/compose/actions.js'
import { COMPOSE_PARAMS, projectFrom, type ComposeParams } from '../engine/module/compose/params.js'
import { projectAsk, type Asked } from '../engine/module/compose/probe.js'
import { projectKey } from '../engine/module/compose/project.js'
import { containersOf, hasDoneItsWork, projectOf } from '../engine/module/compose/read.js'
import { removedImages } from '../engine/module/compose/removal.js'
import { composeScript, type Images } from '../engine/module/compose/script.js'
import {
  broughtContainers,
  broughtImages,
  composeWish,
  refuseUnhealthy,
} from '../engine/module/compose/wish.js'
import { defineModule, Unknown, type Difference, type Key, type View } from '../engine/module/contract.js'
import { imageKey } from '../engine/module/docker/image.js'
import { remoteAsk } from '../engine/module/docker/remote.js'

function askedOf(given: ComposeParams): Asked {
  return {
    wanted: given.state !== 'absent',
    removal:
      given.state === 'absent'
        ? { volumes: given.remove_volumes, images: given.remove_images !== undefined }
        : undefined,
    whole: given.services.length > 0 || given.build === 'always' || given.state === 'pulled',
    orphans: given.remove_orphans,
  }
}

/** Images of which the registry is asked for newer ones. */
function registryImages(given: ComposeParams, before: View): readonly string[] {
  if (given.pull !== 'always' || given.state !== 'present') return []
  const { services } = projectOf(before.own(projectKey(projectFrom(given))))
  return [
    ...new Set(services.filter(({ builds, image }) => !builds && image !== '').map(({ image }) => image)),
  ]
}

/** Services whose images come with the task. */
function imagesOf(given: ComposeParams, before: View, differing: ReadonlyMap<Key, Difference>): Images {
  const { services } = projectOf(before.own(projectKey(projectFrom(given))))
  const coming = services.filter(({ image }) => image !== '' && differing.has(imageKey(image)))
  const namesOf = (builds: boolean): readonly string[] =>
    coming.filter((service) => service.builds === builds).map(({ name }) => name)
  return { pulled: namesOf(false), built: namesOf(true) }
}

/** A project of Docker Compose: its services up, stopped, restarted or gone. */
export default defineModule({
  summary: 'Bring a Docker Compose project up, down, or in between',
  description:
    'Works with Compose v1 from 1.27 and with v2. Changed only when a container was created, recreated, started, stopped or removed. In a dry run it says which services would be, and why; containers are compared by the hash of their configuration and by their image.',
  params: COMPOSE_PARAMS,
  rules: {
    oneOf: [['project_src', 'definition']],
    exclusive: [
      ['definition', 'project_src'],
      ['definition', 'files'],
    ],
    requiredBy: { definition: ['project_name'] },
  },
  returns: {
    actions:
      'What was done to which service: what, service, status (Created, Recreated, Started …), why; networks, volumes and images that were removed: what, id, status.',
    containers:
      'The containers of the project: Name, Service, State, Health, Status, Ports, Image, Command, ID, ExitCode.',
    images: 'The images of the services: Service, Image, ID.',
    msg: 'The actions in a sentence.',
  },
  examples: `
- name: Bring the party up
  docker_compose_v2:
    project_src: /data/projects/fate/confs-10000
    wait: true
- docker_compose_v2:
    project_name: cache
    definition:
      services:
        redis: {image: "redis:7", restart: unless-stopped}
`,
  probe: (given) => [projectAsk(projectFrom(given), askedOf(given))],
  more: (given, before) => registryImages(given, before).map(remoteAsk),
  wanted: (given, before) => {
    const key = projectKey(projectFrom(given))
    const found = before.own(key)
    const wish = composeWish(given, before)
    if (given.wait && given.state === 'present') refuseUnhealthy(given, projectOf(found), wish, found)
    return new Map([[key, wish], ...broughtImages(given, before)])
  },
  converge: (given, before, differing) => {
    const project = projectFrom(given)
    const key = projectKey(project)
    const images = imagesOf(given, before, differing)
    return {
      script: composeScript(given, project, projectOf(before.own(key)), differing.get(key), images),
      stream: true,
      accepts: (_, attribute, wished, after) =>
        wished === 'running' && hasDoneItsWork(attribute, before.own(key), projectOf(after)),
    }
  },
  brings: (given, before) => broughtContainers(given, before),
  until: (given) => ({ seconds: given.wait ? given.wait_timeout : 0, delay: 0, sleep: 1 }),
  result: (given, before, after, ran) => {
    const key = projectKey(projectFrom(given))
    const now = afterwards(given, before.own(key), after.own(key), ran, before)
    const removed = [...removedImages(given, before).keys()].filter(
      (image) => ran.kind === 'foreseen' || after.own(image)['id'] === 'absent',
    )
    const actions = actionsOf(
      before.own(key),
      now,
      removed.map((image) => image.replace(/^image:/, '')),
    )
    const services = given.state === 'absent' ? [] : projectOf(after.own(key)).services
    return {
      values: {
        actions,
        msg: actions.map(sentence).join(', ') || 'nothing to do',
        containers:
          ran.kind === 'foreseen' ? new Unknown('containers of the project') : containersOf(after.own(key)),
        images: services.map(({ name, image, imageId }) => ({
          Service: name,
          Image: image,
          ID: imageId ?? new Unknown(`id of image ${image}`),
        })),
      },
    }
  },
})
