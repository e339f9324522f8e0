import { FplayError } from '../../engine/errors.js'
import type { Problem } from '../../engine/errors.js'
import { defineInventoryPlugin } from '../../engine/inventory/plugin.js'
import { placeOf } from '../../engine/language/place.js'
import type { Dict } from '../../engine/language/value.js'
import { translatePartiesConf } from '../fate/parties-conf.js'
import { externalOf, readPartiesFile } from '../fate/party.js'
import type { PartiesFile, Party } from '../fate/party.js'
import { DEPLOYMENT, PARTY, SHARED } from '../fate/settings.js'
import type { Setting } from '../fate/settings.js'
import { checkExchange, checkTogether } from '../fate/together.js'
import { deploymentVars, exchangeVars, hostName, hostVars, servingName, servingVars } from '../fate/vars.js'

/**
 * Parties of a FATE deployment. Each party that is ours is a host `party-<id>` of the group `parties`. A party that is
 * not managed gets no host, so nothing can log in to it: it is only in the variables `parties` and `peers`. An exchange
 * that is ours is the host `exchange-osx` of the group `exchange`, and the serving cluster of a party of ours the host
 * `serving-<id>` of the group `serving`.
 */
export default defineInventoryPlugin({
  summary: 'Parties of a FATE deployment',
  options: {
    parties: 'The parties: for each its id, its address, and what differs from the rest of the file.',
    ...summaries('', { ...SHARED, ...DEPLOYMENT }),
    ...summaries('parties[].', PARTY),
  },
  examples: `
plugin: fate_parties
parties:
  - {id: 10000, address: 192.168.7.1}
  - {id: 9999, address: 192.168.7.2, compute_core: 16}
  - {id: 8888, managed: false, peer_address: 203.0.113.7}
`,
  foreign: {
    // KubeFATE's file, also as parties-prod.conf or prod.parties.conf.
    name: /parties[^/]*\.conf$/,
    translate: (text, { path }) => translatePartiesConf(text, path),
  },
  read(written, builder) {
    const file = readChecked(written)
    const fate = builder.addGroup('fate')
    builder.addGroup('parties')
    builder.addChild('fate', 'parties')
    builder.addGroup('exchange')
    builder.addChild('fate', 'exchange')
    for (const [name, value] of deploymentVars(file)) {
      builder.setVar(fate, name, value, placeOf(written, name))
    }
    const exchange = exchangeVars(file)
    if (exchange) {
      const place = placeOf(written, 'exchange')
      const host = builder.addHost('exchange-osx', 'exchange', place)
      for (const [name, value] of exchange) builder.setVar(host, name, value, place)
    }
    builder.addGroup('serving')
    builder.addChild('fate', 'serving')
    for (const party of file.parties.filter((one) => one.managed)) {
      const serving = servingVars(party, file)
      if (serving) {
        const host = builder.addHost(servingName(party), 'serving', placeOf(party.written, 'serving_address'))
        for (const [name, value] of serving)
          builder.setVar(host, name, value, placeOf(party.written, 'serving_address'))
      }
      const place = placeOf(party.written)
      for (const [name, message] of unused(party)) {
        const place = placeOf(party.written.has(name) ? party.written : written, name)
        builder.warn({ code: 'bad-inventory', place, message: `party ${party.id} has a ${message}` })
      }
      const host = builder.addHost(hostName(party), 'parties', place)
      for (const [name, value] of hostVars(party, file)) {
        builder.setVar(host, name, value, party.written.has(name) ? placeOf(party.written, name) : place)
      }
    }
  },
})

function readChecked(written: Dict): PartiesFile {
  const problems: Problem[] = []
  const file = readPartiesFile(written, problems)
  problems.push(...checkTogether(file.parties), ...checkExchange(written, file))
  if (problems.length > 0) throw new FplayError(problems)
  return file
}

/** Settings of a party that say nothing with the engines it has, and why. */
function unused({ settings }: Party): [string, string][] {
  const found: [string, string][] = []
  if (settings.get('gpu_count') !== 0 && settings.get('device') !== 'GPU') {
    found.push(['gpu_count', 'gpu_count, which counts only with device GPU'])
  }
  if (externalOf(settings).hdfs && settings.get('storage') !== 'HDFS') {
    found.push(['name_node', 'name_node, which counts only with storage HDFS'])
  }
  if (settings.has('osx_tls') && settings.get('federation') !== 'OSX') {
    found.push(['osx_tls', 'osx_tls, which counts only with federation OSX'])
  }
  return found
}

function summaries(prefix: string, table: Readonly<Record<string, Setting>>): Record<string, string> {
  return Object.fromEntries(Object.entries(table).map(([name, { summary }]) => [prefix + name, summary]))
}
