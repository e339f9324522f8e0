import { defineModule } from '../engine/module/contract.js'
import { anyAsk, anyBrings, anyConverge, anyResult, anyWish } from '../engine/module/packages/any.js'

/** Sees to packages, with whatever the host has for them. */
export default defineModule({
  summary: 'Install, upgrade and remove packages with the manager that the host has',
  description:
    'apt, dnf (or yum), apk. What is known of dnf and yum was tried with dnf 4.14 on a root folder of its own, what is known of apk comes from its documentation; neither was run on a real host.',
  params: {
    name: {
      type: 'list',
      elements: 'str',
      required: true,
      aliases: ['pkg'],
      description: 'Packages as the manager calls them.',
    },
    state: {
      type: 'str',
      default: 'present',
      choices: ['present', 'latest', 'absent'],
      description: 'What should be.',
    },
    update_cache: {
      type: 'bool',
      default: false,
      description: 'Bring the index of packages up to date first.',
    },
    use: {
      type: 'str',
      default: 'auto',
      choices: ['auto', 'apt', 'dnf', 'yum', 'apk'],
      description: 'The manager, where the one that is found is not meant.',
    },
  },
  returns: {
    stdout: 'What apt-get said (with apt).',
    results: 'Lines that dnf, yum or apk printed.',
  },
  examples: `
- package: {name: [tar, gzip], state: present}
`,
  probe: (given) => [anyAsk(given)],
  wanted: anyWish,
  converge: anyConverge,
  brings: anyBrings,
  result: anyResult,
})
