import { defineModule } from '../engine/module/contract.js'
import { serviceAsks, serviceConverge, serviceResult, serviceWish } from '../engine/module/service.js'

/** Sees to a service of the host. */
export default defineModule({
  summary: 'Start, stop, restart and enable services',
  description:
    'Services of systemd, or init scripts with the program service. Tried on hosts with init scripts; what it knows of systemd comes from the documented output of systemctl (252); it was not run on a host with systemd.',
  params: {
    name: { type: 'str', required: true, description: 'The service.' },
    state: {
      type: 'str',
      choices: ['reloaded', 'restarted', 'started', 'stopped'],
      description:
        'What should be; `restarted` and `reloaded` act each time, and start a service that does not run.',
    },
    enabled: { type: 'bool', description: 'Whether it starts with the host.' },
  },
  rules: { oneOf: [['state', 'enabled']] },
  returns: {
    name: 'The service.',
    state: 'started or stopped.',
    enabled: 'Whether it starts with the host.',
    status: 'With systemd: all that systemctl show says.',
  },
  examples: `
- name: Docker runs, now and after the next start of the host
  service: {name: docker, state: started, enabled: true}
`,
  probe: serviceAsks,
  wanted: (given, before) => serviceWish(given, before, 'any'),
  converge: serviceConverge,
  result: (given, _before, after, ran) => serviceResult(given, after, ran),
})
