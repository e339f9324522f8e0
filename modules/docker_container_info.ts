import { defineModule, isUnknown, Unknown } from '../engine/module/contract.js'
import { containerAsk, containerKey } from '../engine/module/docker/container.js'

/** Tells about one container. */
export default defineModule({
  summary: 'Tell whether a container is there, and all that docker says of it',
  params: {
    name: { type: 'str', required: true, description: 'Name or id of the container.' },
  },
  returns: {
    exists: 'Whether it is there.',
    container: 'What `docker inspect` says of it; null without one.',
  },
  examples: `
- docker_container_info: {name: web}
  register: web
- debug: {msg: "{{ web.container.State.Status if web.exists else 'there is none' }}"}
`,
  probe: ({ name }) => [containerAsk(name)],
  result: ({ name }, before) => {
    const { state, container } = before.own(containerKey(name))
    if (isUnknown(state)) return { values: { exists: state, container: state } }
    if (state === 'absent') return { values: { exists: false, container: null } }
    return { values: { exists: true, container: container ?? new Unknown(`container ${name}`) } }
  },
})
