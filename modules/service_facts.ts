import { defineModule, fromPlain, type Dict } from '../engine/module/contract.js'
import {
  foreseenServices,
  readServices,
  SERVICES_SCRIPT,
  type ListedService,
} from '../engine/module/service/list.js'

/** Tells which services the host has. */
export default defineModule({
  summary: 'Tell which services the host has, and whether they run, as facts',
  description:
    'Tried on hosts with init scripts; for systemd, OpenRC and chkconfig it reads what their documentation says they print, and was not run on a real host.',
  params: {},
  returns: {
    ansible_facts:
      'services: by name their name, state (running, stopped, …), source (systemd, sysv, openrc), and status or runlevels where the manager tells.',
  },
  examples: `
- service_facts:

- assert: {that: "ansible_facts.services['docker.service'].state == 'running'"}
`,
  probe: () => [
    {
      kind: 'own',
      key: 'services:host',
      script: SERVICES_SCRIPT,
      read: ({ stdout }) => ({ '(list)': readServices(stdout) }),
    },
  ],
  result: (_given, before) => {
    const state = before.own('services:host')
    const services = foreseenServices(state['(list)'] as ReadonlyMap<string, ListedService>, state)
    if (services.size === 0) return { values: {}, skipped: 'the host tells of no services' }
    const facts = { services: Object.fromEntries(services) }
    return { values: { ansible_facts: facts }, facts: fromPlain(facts) as Dict }
  },
})
