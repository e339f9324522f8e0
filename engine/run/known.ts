import { computedLayer, dictLayer } from '../language/variables.js'
import type { Layer, Sources } from '../language/variables.js'
import type { Dict, Value } from '../language/value.js'
import type { FactCache } from './fact-cache.js'
import { isRestrictedFact } from './restricted-facts.js'

/** What a run has learned about one host: facts, registered results, `set_fact` and `include_vars`. */
export class Known {
  /** Facts as modules return them: `ansible_hostname`. */
  readonly facts: Dict
  /** Registered results and what `set_fact` sets. */
  readonly set: Dict = new Map()
  /** What `include_vars` has read. */
  readonly included: Dict = new Map()
  /** Facts were gathered, in this run or as the cache says. */
  gathered: boolean

  /** Layers over it; they see later changes. */
  readonly sources: Sources

  /** @param cache  where the host's facts are kept from one run to the next */
  constructor(
    readonly host: string,
    readonly cache?: FactCache,
  ) {
    const kept = cache?.read(host)
    this.facts = kept?.facts ?? new Map()
    this.gathered = kept?.gathered ?? false
    const ansibleFacts = new Map([['ansible_facts', (): Value => this.#named()]])
    this.sources = {
      facts: [factsLayer(this.facts), computedLayer('facts', ansibleFacts)],
      include_vars: [dictLayer('include_vars', this.included)],
      'set_fact and register': [dictLayer('set_fact and register', this.set, { templated: false })],
    }
  }

  /** Takes in facts; a dictionary known under the same name (`ansible_local`) is replaced. */
  addFacts(facts: Dict): void {
    for (const [name, value] of facts) this.facts.set(name, value)
    this.cache?.write(this.host, this)
  }

  /** `meta: clear_facts`. */
  clearFacts(): void {
    this.facts.clear()
    this.gathered = false
    this.cache?.remove(this.host)
  }

  /** `ansible_facts`: the same facts, without the prefix. */
  #named(): Dict {
    return new Map(
      [...this.facts].map(([name, value]) => [
        typeof name === 'string' && name.startsWith('ansible_') && name !== 'ansible_local'
          ? name.slice('ansible_'.length)
          : name,
        value,
      ]),
    )
  }
}

/** What is known of each host by name; a host met for the first time has the facts of the cache. */
export function createKnowledge(cache?: FactCache): (host: string) => Known {
  const hosts = new Map<string, Known>()
  return (host) => {
    let known = hosts.get(host)
    if (!known) hosts.set(host, (known = new Known(host, cache)))
    return known
  }
}

/** Facts as variables: data, and none that would say how the host is reached. */
function factsLayer(facts: Dict): Layer {
  const all = dictLayer('facts', facts, { templated: false })
  return {
    source: all.source,
    get: (name) => (isRestrictedFact(name) ? undefined : all.get(name)),
    *names() {
      for (const name of all.names()) if (!isRestrictedFact(name)) yield name
    },
  }
}
