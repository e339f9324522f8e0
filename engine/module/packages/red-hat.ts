import { defineModule, type Module } from '../contract.js'
import { dnf } from './dnf.js'
import { DNF, dnfParams } from './dnf-params.js'
import { plainAsk, plainConverge, plainResult, plainWish } from './plain.js'

/** The module for packages of the Red Hat family; its two names take the same parameters and use the program that is there. */
export function redHatModule(name: 'dnf' | 'yum'): Module<typeof DNF, undefined> {
  return defineModule({
    summary: 'Install, upgrade and remove packages with dnf, or yum where there is no dnf',
    description:
      'Tried with dnf 4.14 on a root folder of its own; it was not run on a real host. Of what comes along with a package a dry run knows nothing.',
    params: DNF,
    returns: { rc: 'Exit status.', results: 'Lines that were printed.' },
    examples: `
- ${name}: {name: [httpd, mod_ssl], state: latest, enablerepo: [epel]}
`,
    probe: (given) => [plainAsk(dnfParams(given), dnf)],
    wanted: (given, before) => plainWish(dnfParams(given), before, dnf),
    converge: (given, before, differing) => plainConverge(dnfParams(given), before, differing, dnf),
    result: (_given, _before, _after, ran) => plainResult(ran),
  })
}
