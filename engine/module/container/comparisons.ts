import { Fail } from '../contract.js'
import type { Comparison } from '../docker/satisfied.js'
import { CONTAINER_OPTIONS } from './options.js'
import { OPTION_ALIASES, type ContainerParams, type OptionName } from './params.js'

/** How an option is compared: as `comparisons` says, or by its own default. */
export function comparisonOf(given: ContainerParams, name: OptionName): Comparison {
  const said = [...(given.comparisons ?? [])].map(([key, value]) => [String(key), String(value)] as const)
  const own = said.find(([key]) => OPTION_ALIASES.get(key) === name)?.[1]
  const all = said.find(([key]) => key === '*')?.[1]
  return (own ?? all ?? defaultOf(name)) as Comparison
}

function defaultOf(name: OptionName): Comparison {
  if (name === 'networks') return 'allow_more_present'
  const option = CONTAINER_OPTIONS.get(name)
  return (
    option?.comparison ??
    (option?.shape === 'set' || option?.shape === 'dict' ? 'allow_more_present' : 'strict')
  )
}

/** Throws for names and words that `comparisons` cannot have. */
export function refuseComparisons({ comparisons }: ContainerParams): void {
  for (const [key, value] of comparisons ?? []) {
    const [name, word] = [String(key), String(value)]
    const option = OPTION_ALIASES.get(name)
    if (option === undefined && name !== '*') {
      throw new Fail(`comparisons has "${name}", which is nothing a container is compared by`)
    }
    const shape =
      option === undefined
        ? 'value'
        : option === 'networks'
          ? 'set'
          : (CONTAINER_OPTIONS.get(option)?.shape ?? 'value')
    const words = shape === 'value' ? ['strict', 'ignore'] : ['strict', 'ignore', 'allow_more_present']
    if (!words.includes(word)) {
      throw new Fail(`comparisons has ${name}: ${word}`, [], `it may be: ${words.join(', ')}`)
    }
  }
}
