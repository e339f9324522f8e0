import { actionsOf, afterwards, sentence } from '../engine/module/compose/actions.js'
import { COMPOSE_PARAMS, projectFrom } from '../engine/module/compose/params.js'
import { composeScript } from '../engine/module/compose/script.js'
import { containersOf, projectAsk, projectKey, projectOf } from '../engine/module/compose/state.js'
import { refuseUnhealthy, WISHES } from '../engine/module/compose/wish.js'
import { defineModule, Unknown } from '../engine/module/contract.js'

/** A project of Docker Compose: its services up, stopped, restarted or gone. */
export default defineModule({
  summary: 'Bring a Docker Compose project up, down, or in between',
  description:
    'Works with Compose v1 from 1.27 and with v2. Changed only when a container was created, recreated, started, stopped or removed. In a dry run it says which services would be, and why; containers are compared by the hash of their configuration and by their image.',
  params: COMPOSE_PARAMS,
  returns: {
    actions: 'What was done to which service: what, service, status (Created, Recreated, Started …), why.',
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
`,
  probe: (given) => [projectAsk(projectFrom(given), given.state !== 'absent')],
  wanted: (given, before) => {
    const key = projectKey(projectFrom(given))
    const found = before.own(key)
    const state = projectOf(found)
    const wish = WISHES[given.state](given, state, found)
    if (given.wait && given.state === 'present') refuseUnhealthy(given, state, wish, found)
    return new Map([[key, wish]])
  },
  converge: (given, before, differing) => {
    const project = projectFrom(given)
    const [difference] = differing.values()
    return {
      script: composeScript(given, project, projectOf(before.own(projectKey(project))), difference!),
      stream: true,
    }
  },
  until: (given) => ({ seconds: given.wait ? given.wait_timeout : 0, delay: 0, sleep: 1 }),
  result: (given, before, after, ran) => {
    const key = projectKey(projectFrom(given))
    const actions = actionsOf(before.own(key), afterwards(given, before.own(key), after.own(key), ran))
    const { services } = projectOf(after.own(key))
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
