import { defineModule, type Value } from '../engine/module/contract.js'
import { apkAsk, apkConverge, apkResult, apkWish, type ApkParams } from '../engine/module/packages/apk.js'

/** Sees to packages of Alpine. */
export default defineModule({
  summary: 'Install, upgrade and remove packages with apk',
  description:
    'What it knows of apk comes from its documentation; it was not run on a real host. Of what comes along with a package a dry run knows nothing.',
  params: {
    name: { type: 'list', elements: 'str', description: 'Packages by name.' },
    state: {
      type: 'str',
      default: 'present',
      choices: ['present', 'installed', 'latest', 'absent', 'removed'],
      description: 'What should be; `installed` is `present`, `removed` is `absent`.',
    },
    update_cache: {
      type: 'bool',
      default: false,
      description: 'Update the index first; alone it counts as a change.',
    },
    no_cache: { type: 'bool', default: false, description: 'Use no index that is kept on the host.' },
    repository: {
      type: 'list',
      elements: 'str',
      default: [],
      description: 'Addresses of repositories to use besides.',
    },
  },
  returns: { rc: 'Exit status.', results: 'Lines that were printed.' },
  examples: `
- apk: {name: [tar, jq], update_cache: true}
`,
  probe: (given) => [apkAsk(paramsOf(given))],
  wanted: (given, before) => apkWish(paramsOf(given), before),
  converge: (given, _before, differing) => apkConverge(paramsOf(given), differing),
  result: (_given, _before, _after, ran) => apkResult(ran),
})

function paramsOf(given: Readonly<Record<string, Value | readonly string[] | undefined>>): ApkParams {
  const state = given['state'] as string
  return {
    names: ((given['name'] ?? []) as readonly string[]).map((name) => name.trim()).filter(Boolean),
    state: /^(?:absent|removed)$/.test(state) ? 'absent' : state === 'latest' ? 'latest' : 'present',
    updates: given['update_cache'] === true,
    flags: [
      ...(given['no_cache'] === true ? ['--no-cache'] : []),
      ...((given['repository'] ?? []) as readonly string[]).flatMap((address) => ['-X', address]),
    ],
  }
}
