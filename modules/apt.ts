import { defineModule } from '../engine/module/contract.js'
import { aptAsk, aptResult } from '../engine/module/packages/apt-answer.js'
import { aptBrings, aptWish } from '../engine/module/packages/apt.js'
import { aptConverge } from '../engine/module/packages/apt-converge.js'
import { aptParams, APT } from '../engine/module/packages/apt-params.js'

/** Sees to packages of Debian and its kin. */
export default defineModule({
  summary: 'Install, upgrade and remove packages with apt',
  description:
    'A dry run asks the index as an update would leave it (in memory, with sources that earlier tasks would have written), simulates with apt-get, and looks into packages of up to 32 MiB for the files, configuration, accounts and services that they bring, so that later tasks see them. apt-get alone is used, never aptitude.',
  params: APT,
  rules: { exclusive: [['deb', 'name', 'upgrade']] },
  returns: {
    cache_updated: 'Whether the index was updated.',
    cache_update_time: 'When the index was updated last, in seconds since 1970.',
    stdout: 'What apt-get said; in a dry run what it says when it simulates.',
    stdout_lines: 'The same as lines.',
    stderr: 'What it complained.',
    stderr_lines: 'The same as lines.',
  },
  examples: `
- name: A web server and a tool, from an index that is no older than an hour
  apt:
    name: [nginx, "jq=1.6*"]
    cache_valid_time: 3600

- name: A package that was copied to the host
  apt: {deb: /srv/packages/agent.deb}

- name: No mail server, and nothing that only it needs
  apt: {name: exim4*, state: absent, purge: true, autoremove: true}
`,
  probe: (given) => [aptAsk(aptParams(given))],
  wanted: (given, before) => aptWish(aptParams(given), before),
  brings: (given, before) => aptBrings(aptParams(given), before),
  converge: (given, _before, differing) => aptConverge(aptParams(given), differing),
  result: (given, before, after, ran) => aptResult(aptParams(given), before, after, ran),
})
