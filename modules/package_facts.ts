import { defineModule, fromPlain, type Dict } from '../engine/module/contract.js'
import { PACKAGES } from '../engine/module/packages/installed.js'
import { listAsk, MANAGERS, packagesIn, type Manager } from '../engine/module/packages/list.js'

/** Tells which packages the host has. */
export default defineModule({
  summary: 'Tell which packages the host has, as facts',
  description:
    'Tried on hosts with apt; for rpm and apk it reads what their documentation says they print, and was not run on a real host. In a dry run packages that earlier tasks would have changed are told as they would be.',
  params: {
    manager: {
      type: 'list',
      elements: 'str',
      default: ['auto'],
      choices: ['auto', ...MANAGERS],
      description: 'Package managers to ask; `auto` for all that are known.',
    },
    strategy: {
      type: 'str',
      default: 'first',
      choices: ['first', 'all'],
      description: 'Packages of the first manager that the host has, or of all.',
    },
  },
  returns: {
    ansible_facts:
      'packages: by name a list of version, arch and source, with category (apt), or release and epoch (rpm, apk).',
  },
  examples: `
- package_facts:

- assert: {that: "'nginx' in ansible_facts.packages"}
`,
  probe: (given) => [listAsk(managersOf(given.manager), given.strategy === 'first')],
  result: ({ manager }, before) => {
    const facts = { packages: packagesIn(before.own(PACKAGES), managersOf(manager)) }
    return { values: { ansible_facts: facts }, facts: fromPlain(facts) as Dict }
  },
})

function managersOf(names: readonly string[]): readonly Manager[] {
  return names.includes('auto') ? MANAGERS : MANAGERS.filter((name) => names.includes(name))
}
