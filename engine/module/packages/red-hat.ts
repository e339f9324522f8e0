import { defineModule, type Module } from '../contract.js'
import { dnfAsk, dnfBrings, dnfConverge, dnfResult, dnfWish } from './dnf.js'
import { DNF, dnfParams } from './dnf-params.js'

/** The module for packages of the Red Hat family; its two names take the same parameters and use the program that is there. */
export function redHatModule(name: 'dnf' | 'yum'): Module<typeof DNF, undefined> {
  return defineModule({
    summary: 'Install, upgrade and remove packages with dnf, or yum where there is no dnf',
    description:
      'Run with dnf 4.14 on a host of Debian that has dnf, and with what yum 3.4 prints; it was not run on a host of the Red Hat family. A dry run asks dnf itself what it would do, with the repositories that earlier tasks would have written, and looks into packages of up to 32 MB for the files, configuration, accounts and units that they bring, so that later tasks see them.',
    params: DNF,
    returns: {
      rc: 'Exit status.',
      results: 'What was done: `Installed: nginx-1:1.20.1-14.el9.x86_64`, `Removed: …`, or `Downloaded: …`.',
      msg: '`Nothing to do` where nothing was.',
    },
    examples: `
- ${name}: {name: [httpd, mod_ssl], state: latest, enablerepo: [epel]}

- name: A package that was copied to the host, and what it needs
  ${name}: {name: /srv/packages/agent.rpm, disable_gpg_check: true}

- name: Everything up to date, as far as it mends a weakness
  ${name}: {name: "*", state: latest, security: true}
`,
    probe: (given) => [dnfAsk(dnfParams(given))],
    wanted: (given, before) => dnfWish(dnfParams(given), before),
    brings: (given, before) => dnfBrings(dnfParams(given), before),
    converge: (given, before) => dnfConverge(dnfParams(given), before),
    result: (given, before, _after, ran) => dnfResult(dnfParams(given), before, ran),
  })
}
