import { linesOf, type Facts, type Parts } from './parts.js'

/** One address of an interface. */
interface Address {
  readonly device: string
  readonly family: 'inet' | 'inet6'
  readonly address: string
  readonly prefix: number
  readonly broadcast: string
  readonly scope: string
}

/** Interfaces, addresses, default routes, name servers; from `ip`, so a host without it has few of them. */
export function networkFacts(parts: Parts): Facts {
  const addresses = linesOf(parts, 'addresses').flatMap(readAddress)
  const devices = [
    ...new Set([...linesOf(parts, 'links').flatMap(deviceOf), ...addresses.map(({ device }) => device)]),
  ]
  const outside = addresses.filter(({ device, address }) => device !== 'lo' && !address.startsWith('127.'))
  return {
    interfaces: devices,
    all_ipv4_addresses: outside.filter(({ family }) => family === 'inet').map(({ address }) => address),
    all_ipv6_addresses: outside.filter(({ family }) => family === 'inet6').map(({ address }) => address),
    default_ipv4: defaultRoute(parts, 'route4', addresses, 'inet'),
    default_ipv6: defaultRoute(parts, 'route6', addresses, 'inet6'),
    ...Object.fromEntries(devices.map((device) => [factName(device), deviceFacts(device, addresses, parts)])),
  }
}

/** `2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0`. */
function readAddress(line: string): readonly Address[] {
  const match = /^\d+:\s+(\S+)\s+(inet6?)\s+([^\s/]+)\/?(\d+)?(.*)$/.exec(line)
  if (!match) return []
  const [, device = '', family, address = '', prefix = '32', rest = ''] = match
  return [
    {
      device: device.replace(/@.*/, ''),
      family: family as Address['family'],
      address,
      prefix: Number(prefix),
      broadcast: /brd (\S+)/.exec(rest)?.[1] ?? '',
      scope: /scope (\S+)/.exec(rest)?.[1] ?? '',
    },
  ]
}

function deviceOf(line: string): readonly string[] {
  const name = /^\d+:\s+([^:@]+)/.exec(line)?.[1]
  return name === undefined ? [] : [name]
}

function defaultRoute(
  parts: Parts,
  routes: string,
  addresses: readonly Address[],
  family: Address['family'],
): Facts {
  const lines = linesOf(parts, routes)
  const [, gateway] = /default via (\S+)/.exec(lines[0] ?? '') ?? []
  const device = /dev (\S+)/.exec(lines[0] ?? '')?.[1]
  if (device === undefined) return {}
  const own = addresses.find((entry) => entry.device === device && entry.family === family)
  const { macaddress, mtu, type } = linkFacts(device, parts)
  return {
    gateway,
    interface: device,
    ...(own ? addressFacts(own) : {}),
    ...(family === 'inet' ? { alias: device } : {}),
    macaddress,
    mtu,
    type,
  }
}

function addressFacts({ address, prefix, broadcast, family, scope }: Address): Facts {
  if (family === 'inet6') return { address, prefix: String(prefix), scope }
  const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0
  const network = dotted((numeric(address) & mask) >>> 0)
  return { address, prefix: String(prefix), broadcast, netmask: dotted(mask), network }
}

function numeric(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')
}

function deviceFacts(device: string, addresses: readonly Address[], parts: Parts): Facts {
  const own = addresses.filter((entry) => entry.device === device)
  const [first, ...others] = own.filter(({ family }) => family === 'inet').map(addressFacts)
  const ipv6 = own.filter(({ family }) => family === 'inet6').map(addressFacts)
  return {
    device,
    ...linkFacts(device, parts),
    ...(first ? { ipv4: first } : {}),
    ...(others.length > 0 ? { ipv4_secondaries: others } : {}),
    ...(ipv6.length > 0 ? { ipv6 } : {}),
  }
}

const KINDS: Readonly<Record<string, string>> = { bridge: 'bridge', bonding: 'bonding', tun_flags: 'tunnel' }

/** What an interface is, apart from its addresses. */
function linkFacts(device: string, parts: Parts) {
  const link = linesOf(parts, 'links').find((line) => deviceOf(line)[0] === device) ?? ''
  const [, speed = '', kind = ''] =
    linesOf(parts, 'sys')
      .map((line) => line.split(' '))
      .find(([name]) => name === device) ?? []
  return {
    active: /[<,]UP[,>]/.test(link),
    macaddress: /link\/ether (\S+)/.exec(link)?.[1],
    mtu: Number(/mtu (\d+)/.exec(link)?.[1] ?? 0),
    promisc: /[<,]PROMISC[,>]/.test(link),
    type: device === 'lo' ? 'loopback' : (KINDS[kind] ?? 'ether'),
    ...(/^-?\d+$/.test(speed) ? { speed: Number(speed) } : {}),
  }
}

/** `br-1` is the fact `br_1`. */
function factName(device: string): string {
  return device.replace(/[-:.]/g, '_')
}
