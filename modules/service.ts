import { defineModule } from '../engine/module/contract.js'
import {
  serviceBrings,
  serviceConverge,
  serviceResult,
  serviceWish,
} from '../engine/module/service/change.js'
import { serviceAsks } from '../engine/module/service/look.js'

/** Sees to a service of the host. */
export default defineModule({
  summary: 'Start, stop, restart and enable services',
  description:
    'Services of systemd or OpenRC, or init scripts with the program service. Tried on hosts with init scripts; what it knows of systemd comes from the documented output of systemctl (252), what it knows of OpenRC from its documentation; it was not run on a real host with either.',
  params: {
    name: { type: 'str', required: true, description: 'The service.' },
    state: {
      type: 'str',
      choices: ['reloaded', 'restarted', 'started', 'stopped'],
      description:
        'What should be; `restarted` and `reloaded` act each time, and start a service that does not run.',
    },
    enabled: { type: 'bool', description: 'Whether it starts with the host.' },
    arguments: {
      type: 'str',
      aliases: ['args'],
      description: 'Words for the init script, behind the action; systemd takes none.',
    },
    pattern: {
      type: 'str',
      description: 'For init scripts without a status: it runs when the process list has this text.',
    },
    runlevel: { type: 'str', default: 'default', description: 'Runlevel of OpenRC.' },
    sleep: {
      type: 'int',
      description: 'Seconds between stop and start when an init script is restarted.',
    },
    use: {
      type: 'str',
      default: 'auto',
      choices: ['auto', 'systemd', 'sysvinit', 'service', 'openrc'],
      description: 'The manager, where the one that is found is not meant.',
    },
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
  brings: serviceBrings,
  result: (given, _before, after, ran) => serviceResult(given, after, ran),
})
