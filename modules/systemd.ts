import { defineModule } from '../engine/module/contract.js'
import {
  serviceBrings,
  serviceConverge,
  serviceResult,
  serviceWish,
} from '../engine/module/service/change.js'
import { serviceAsks } from '../engine/module/service/look.js'

/** Sees to a unit of systemd. */
export default defineModule({
  summary: 'Start, stop, restart, enable and mask units of systemd',
  description:
    'What it knows of systemd comes from the documented output of systemctl (252); it was not run on a real host.',
  params: {
    name: { type: 'str', aliases: ['service', 'unit'], description: 'The unit; without a suffix a service.' },
    state: {
      type: 'str',
      choices: ['reloaded', 'restarted', 'started', 'stopped'],
      description:
        'What should be; `restarted` and `reloaded` act each time, and start a unit that does not run.',
    },
    enabled: { type: 'bool', description: 'Whether it starts with the host.' },
    masked: { type: 'bool', description: 'Whether it is kept from being started at all.' },
    daemon_reload: {
      type: 'bool',
      default: false,
      aliases: ['daemon-reload'],
      description: 'Have systemd read unit files that were changed since it read them, before anything else.',
    },
    force: { type: 'bool', description: 'Replace links that are in the way when it is enabled or masked.' },
    no_block: { type: 'bool', default: false, description: 'Do not wait until it has started or stopped.' },
    scope: {
      type: 'str',
      default: 'system',
      choices: ['system', 'user', 'global'],
      description: 'The systemd of the host, of the user, or (to enable and mask) of all users.',
    },
  },
  rules: { requiredBy: { state: ['name'], enabled: ['name'], masked: ['name'] } },
  returns: {
    name: 'The unit.',
    state: 'started or stopped.',
    enabled: 'Whether it starts with the host.',
    status: 'All that systemctl show says.',
  },
  examples: `
- name: A new unit file
  systemd: {name: fate-backup.timer, state: started, enabled: true, daemon_reload: true}
`,
  probe: serviceAsks,
  wanted: (given, before) => serviceWish(given, before, 'systemd'),
  converge: serviceConverge,
  brings: serviceBrings,
  result: (given, _before, after, ran) => serviceResult(given, after, ran),
})
