import type { Problem } from '../../engine/errors.js'
import { placeOf } from '../../engine/language/place.js'
import type { Dict, Value } from '../../engine/language/value.js'
import type { PartiesFile, Party } from './party.js'
import { isIpv4 } from './readers.js'
import { doorsOf } from './services.js'
import { network, overlap } from './subnet.js'

/** What is wrong between parties that are right one by one. */
export function checkTogether(parties: readonly Party[]): Problem[] {
  const problems = parties.flatMap((party) => [
    ...ownPorts(party),
    ...reachable(party, parties),
    ...ownSubnet(party, parties),
    ...ownServing(party, parties),
  ])
  parties.forEach((party, index) => {
    for (const earlier of parties.slice(0, index)) problems.push(...betweenTwo(party, earlier))
  })
  return problems
}

/** An exchange is an OSX: nothing else can pass messages on. */
export function checkExchange(written: Dict, { deployment, parties }: PartiesFile): Problem[] {
  const exchange = deployment.get('exchange') as ReadonlyMap<string, Value> | undefined
  if (!exchange) return []
  const port = exchange.get('port') as number
  const neighbour = parties
    .filter((party) => party.managed)
    .flatMap((party) => [
      { who: `party ${party.id}`, address: text(party, 'bind_address'), ports: party.ports },
      {
        who: `the serving cluster of party ${party.id}`,
        address: text(party, 'serving_address'),
        ports: party.servingPorts,
      },
    ])
    .find(
      ({ address, ports }) => address === exchange.get('bind_address') && [...ports.values()].includes(port),
    )
  if (neighbour) {
    const message = `the exchange and ${neighbour.who} both want port ${port} of the same host`
    const cure = 'give the exchange another: "exchange: {address: …, port: 9371}"'
    return [{ code: 'bad-inventory', place: placeOf(written, 'exchange'), message, cure }]
  }
  const secured = parties.find((party) => party.managed && party.settings.has('osx_tls'))
  if (secured && exchange.get('managed') === true && !deployment.has('osx_tls')) {
    const message = `party ${secured.id} has osx_tls and the exchange has not: their OSX cannot talk`
    const cure =
      'give osx_tls at the top of the file: it holds for the exchange too, whose party_id is "exchange"'
    return [{ code: 'bad-inventory', place: placeOf(written, 'exchange'), message, cure }]
  }
  const other = parties.find((party) => text(party, 'federation') !== 'OSX')
  if (!other) return []
  return [
    {
      code: 'bad-inventory',
      place: placeOf(written, 'exchange'),
      message: `party ${other.id} has federation ${text(other, 'federation')}, and an exchange passes on OSX's messages only`,
      cure: 'remove the exchange, or give every party federation OSX',
    },
  ]
}

function ownPorts(party: Party): Problem[] {
  const names = new Map<number, string>()
  const problems: Problem[] = []
  for (const [name, port] of party.ports) {
    const other = names.get(port)
    names.set(port, name)
    if (other === undefined) continue
    const message = `party ${party.id} publishes ${other} and ${name} at the same port ${port}`
    problems.push(
      problem(party, 'ports', { message, cure: 'give one of them another number under "ports:"' }),
    )
  }
  return problems
}

/** Nobody else can reach a party at an address that means "this host". */
function reachable(party: Party, parties: readonly Party[]): Problem[] {
  if (parties.length === 1) return []
  return ['peer_address', 'bind_address']
    .filter((name) => isLoopback(text(party, name)))
    .map((name) =>
      problem(party, party.own.has(name) ? name : 'address', {
        message: `party ${party.id} cannot be reached by the others at ${text(party, name)}`,
        cure: 'give the address that the other parties use for this host',
      }),
    )
}

/** A container network that covers an address makes that address unreachable from the containers. */
function ownSubnet(party: Party, parties: readonly Party[]): Problem[] {
  if (!party.managed) return []
  const subnet = text(party, 'subnet')
  return parties
    .flatMap((other) => ['address', 'peer_address'].map((name) => text(other, name)))
    .filter((address, index, all) => isIpv4(address) && all.indexOf(address) === index)
    .filter((address) => overlap(network(subnet), network(`${address}/32`)))
    .map((address) =>
      problem(party, 'subnet', {
        message: `the subnet ${subnet} of party ${party.id} covers the address ${address} of a party`,
        cure: 'choose a private network that is not in use between the hosts',
      }),
    )
}

/** What else publishes ports at the address of a serving cluster: the parties, and the serving clusters before it. */
function ownServing(party: Party, parties: readonly Party[]): Problem[] {
  if (!party.managed) return []
  const address = text(party, 'serving_address')
  const before = parties.slice(0, parties.indexOf(party))
  const clusters = before
    .filter((other) => other.managed && text(other, 'serving_address') === address)
    .map((other) => ({
      who: `the serving clusters of parties ${other.id} and ${party.id}`,
      ports: other.servingPorts,
    }))
  const trainings = parties
    .filter((other) => other.managed && binds(other, address))
    .map((other) => ({
      who: `the serving cluster of party ${party.id} and party ${other.id}`,
      ports: other.ports,
    }))
  return [...clusters, ...trainings].flatMap(({ who, ports }) => {
    const clashes = sharedPorts(party.servingPorts, ports)
    if (clashes.length === 0) return []
    const others = clashes.length > 1 ? ` and ${clashes.length - 1} more` : ''
    const message = `${who} both want ${clashes[0]!}${others} of ${address}`
    const cure = 'give one of them another host, or other numbers under "ports:"'
    return [problem(party, 'serving_address', { message, cure })]
  })
}

/** Whether a party publishes its ports at this address of its host. */
function binds(party: Party, address: string): boolean {
  const bound = text(party, 'bind_address')
  return bound === address || (bound === '0.0.0.0' && text(party, 'address') === address)
}

function betweenTwo(party: Party, earlier: Party): Problem[] {
  if (party.id === earlier.id) {
    return [
      problem(party, 'id', { message: `party ${party.id} is in the list twice`, cure: 'remove one of them' }),
    ]
  }
  return [...sameTransport(party, earlier), ...sameDoor(party, earlier), ...sameHost(party, earlier)]
}

/** A broker that asks for certificates cannot be reached by one that has none. */
function sameSecurity(party: Party, earlier: Party): Problem[] {
  const isTls = (one: Party): boolean => one.settings.has('osx_tls')
  const isOsx = text(party, 'federation') === 'OSX' && party.managed && earlier.managed
  if (!isOsx || isTls(party) === isTls(earlier)) return []
  const [without, having] = isTls(party) ? [earlier, party] : [party, earlier]
  const message = `party ${having.id} has osx_tls and party ${without.id} has not: their OSX cannot talk`
  return [problem(without, 'osx_tls', { message, cure: 'give osx_tls to both, or to neither' })]
}

function sameTransport(party: Party, earlier: Party): Problem[] {
  const [mine, theirs] = [text(party, 'federation'), text(earlier, 'federation')]
  if (mine === theirs) return [...sameMode(party, earlier), ...sameSecurity(party, earlier)]
  return [
    problem(party, 'federation', {
      message: `party ${party.id} has federation ${mine} and party ${earlier.id} has ${theirs}: they cannot talk`,
      cure: 'give both the same federation engine',
    }),
  ]
}

/** OSX passes data on in streams for Eggroll and in queues for others, and cannot pass one to the other. */
function sameMode(party: Party, earlier: Party): Problem[] {
  const [mine, theirs] = [text(party, 'computing'), text(earlier, 'computing')]
  const isStream = (computing: string): boolean => computing === 'Eggroll'
  const isOsx = text(party, 'federation') === 'OSX' && party.managed && earlier.managed
  if (!isOsx || isStream(mine) === isStream(theirs)) return []
  const message = `party ${party.id} computes with ${mine} and party ${earlier.id} with ${theirs}: their OSX cannot talk`
  return [problem(party, 'computing', { message, cure: 'give both Eggroll, or neither' })]
}

/** Two parties behind one address and port: messages for one would reach the other. */
function sameDoor(party: Party, earlier: Party): Problem[] {
  const [name = ''] = doorsOf(text(party, 'federation'))
  const door = (one: Party): string => `${text(one, 'peer_address')}:${String(one.ports.get(name))}`
  if (door(party) !== door(earlier) || !earlier.ports.has(name)) return []
  return [
    problem(party, 'ports', {
      message: `parties ${earlier.id} and ${party.id} would both be reached at ${door(party)}`,
      cure: `give one of them another address, or another port under "ports: ${name}:"`,
    }),
  ]
}

function sameHost(party: Party, earlier: Party): Problem[] {
  if (!party.managed || !earlier.managed || text(party, 'address') !== text(earlier, 'address')) return []
  const problems: Problem[] = []
  const both = `parties ${earlier.id} and ${party.id} share the host ${text(party, 'address')}`
  const clashes = sameBinding(party, earlier) ? sharedPorts(party.ports, earlier.ports) : []
  if (clashes.length > 0) {
    const message = `${both} and both want ${clashes.join(', ')}`
    problems.push(problem(party, 'ports', { message, cure: 'give one of them other numbers under "ports:"' }))
  }
  const [mine, theirs] = [text(party, 'subnet'), text(earlier, 'subnet')]
  if (overlap(network(mine), network(theirs))) {
    const message = `${both} and their subnets ${theirs} and ${mine} overlap`
    problems.push(
      problem(party, 'subnet', { message, cure: 'give one of them another subnet, such as 172.29.1.0/24' }),
    )
  }
  return problems
}

function sameBinding(a: Party, b: Party): boolean {
  const [one, other] = [text(a, 'bind_address'), text(b, 'bind_address')]
  return one === other || one === '0.0.0.0' || other === '0.0.0.0'
}

function sharedPorts(a: Party['ports'], b: Party['ports']): string[] {
  const taken = new Map([...b].map(([name, port]) => [port, name]))
  return [...a]
    .filter(([, port]) => taken.has(port))
    .map(([name, port]) =>
      taken.get(port) === name ? `port ${port} (${name})` : `port ${port} (${name}, ${taken.get(port)})`,
    )
}

function isLoopback(address: string): boolean {
  return address === 'localhost' || address.startsWith('127.')
}

function text(party: Party, name: string): string {
  const value = party.settings.get(name)
  return typeof value === 'string' ? value : ''
}

function problem(party: Party, name: string, what: { message: string; cure: string }): Problem {
  return {
    code: 'bad-inventory',
    place: placeOf(party.written, party.written.has(name) ? name : 'id'),
    ...what,
  }
}
