import { hardwareFacts } from './hardware.js'
import { localFacts } from './local.js'
import { minFacts } from './min.js'
import { networkFacts } from './network.js'
import type { Facts, Parts } from './parts.js'
import { virtualFacts } from './virtual.js'

/** Makes facts of what `factsScript` printed; a part that is missing gives no facts. */
export function readFacts(stdout: string): Facts {
  const parts = partsOf(stdout)
  return {
    ...minFacts(parts),
    ...(parts.has('memory') ? hardwareFacts(parts) : {}),
    ...(parts.has('addresses') ? networkFacts(parts) : {}),
    ...(parts.has('vm') ? virtualFacts(parts) : {}),
    local: localFacts(parts.get('local') ?? []),
  }
}

function partsOf(stdout: string): Parts {
  const parts = new Map<string, string[]>()
  let current: string[] = []
  for (const line of stdout.split('\n')) {
    const [, name] = /^@([a-z0-9]+)$/.exec(line) ?? []
    if (name !== undefined && !parts.has(name)) parts.set(name, (current = []))
    else current.push(line)
  }
  return parts
}
