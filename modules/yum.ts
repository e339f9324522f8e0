import { defineModule } from '../engine/module/contract.js'
import { dnf } from '../engine/module/packages/dnf.js'
import { DNF, dnfParams } from '../engine/module/packages/dnf-params.js'
import { plainAsk, plainConverge, plainResult, plainWish } from '../engine/module/packages/plain.js'

/** Sees to packages of the Red Hat family. */
export default defineModule({
  summary: 'Install, upgrade and remove packages with dnf, or yum where there is no dnf',
  description:
    'Tried with dnf 4.14 on a root folder of its own; it was not run on a real host. Of what comes along with a package a dry run knows nothing.',
  params: DNF,
  returns: { rc: 'Exit status.', results: 'Lines that were printed.' },
  examples: `
- yum: {name: [httpd, mod_ssl], state: latest, enablerepo: [epel]}
`,
  probe: (given) => [plainAsk(dnfParams(given), dnf)],
  wanted: (given, before) => plainWish(dnfParams(given), before, dnf),
  converge: (given, before, differing) => plainConverge(dnfParams(given), before, differing, dnf),
  result: (_given, _before, _after, ran) => plainResult(ran),
})
