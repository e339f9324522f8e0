import { suggest } from '../../engine/errors.js'
import type { Place, Problem } from '../../engine/errors.js'
import { keyPlaceOf, placeOf } from '../../engine/language/place.js'
import { isDict } from '../../engine/language/value.js'
import type { Dict, Value } from '../../engine/language/value.js'
import { judgeEngines, judgeVariant } from './engines.js'
import type { Engines } from './engines.js'
import { judgeVersions } from './images.js'
import type { FateVersion } from './images.js'
import { isIpv4, show } from './readers.js'
import type { Refusal } from './readers.js'
import { portsOf, PORTS, routedPorts, servicesOf, SERVING_SERVICES } from './services.js'
import type { External } from './services.js'
import { DEPLOYMENT, PARTY, SHARED, UNMANAGED } from './settings.js'
import type { Setting } from './settings.js'

/** Settings by name, as read. */
export type Settings = ReadonlyMap<string, Value>

/** A party as the file describes it. */
export interface Party {
  readonly id: string
  /** False: it belongs to somebody else, is routed to and never logged in to. */
  readonly managed: boolean
  /** What is said of this party itself. */
  readonly own: Settings
  /** What holds for it: its own settings, else the deployment's, else the defaults. */
  readonly settings: Settings
  /** The services that run on its host; none when it is not managed. */
  readonly services: readonly string[]
  /** Ports by name: those its services publish, or those the others reach when it is not managed. */
  readonly ports: ReadonlyMap<string, number>
  /** Ports by name of its serving cluster, at `serving_address`; none without one. */
  readonly servingPorts: ReadonlyMap<string, number>
  /** The dictionary it was read from, for places. */
  readonly written: Dict
}

/** A parties file, read; only meaningful when no problem was found. */
export interface PartiesFile {
  readonly deployment: Settings
  readonly parties: readonly Party[]
}

/** Reads a parties file; what is wrong with it goes to `problems`. */
export function readPartiesFile(file: Dict, problems: Problem[]): PartiesFile {
  const reader = new PartyReader(file, problems)
  const deployment = reader.settings(file, { ...SHARED, ...DEPLOYMENT }, 'a parties file', [
    'plugin',
    'parties',
  ])
  const list = file.get('parties')
  if (!Array.isArray(list) || list.length === 0) {
    reader.refuse(placeOf(file, 'parties'), {
      message: file.has('parties') ? `parties is ${show(list ?? null)}` : 'there is no list of parties',
      cure: 'list them as "parties: [{id: 10000, address: 192.168.7.1}, …]"',
    })
    return { deployment, parties: [] }
  }
  const parties = list.map((item, index) => reader.party(item, placeOf(list, index), deployment))
  return { deployment, parties: parties.filter((party) => party !== undefined) }
}

class PartyReader {
  constructor(
    private readonly file: Dict,
    private readonly problems: Problem[],
  ) {}

  /** Notes a problem, and what is wrong for all parties only once. */
  refuse(place: Place | undefined, refusal: Refusal): void {
    const isKnown = this.problems.some(
      (one) => one.message === refusal.message && one.place?.line === place?.line,
    )
    if (isKnown) return
    this.problems.push({ code: 'bad-inventory', place, ...refusal })
  }

  /** The settings of a dictionary that are right; the others are refused. */
  settings(
    dict: Dict,
    table: Readonly<Record<string, Setting>>,
    what: string,
    others: readonly string[],
  ): Settings {
    const read = new Map<string, Value>()
    for (const [key, value] of dict) {
      const name = String(key)
      if (others.includes(name)) continue
      const setting = Object.hasOwn(table, name) ? table[name] : undefined
      if (setting) {
        const result = setting.read(value, name)
        if ('value' in result) read.set(name, result.value)
        else this.refuse(placeOf(dict, key), result)
      } else if (/^ansible_\w+$/.test(name)) {
        read.set(name, value)
      } else {
        this.refuse(keyPlaceOf(dict, key), {
          message: `${what} has no key ${show(key)}`,
          allowed: suggest(name, [...Object.keys(table), ...others]),
        })
      }
    }
    return read
  }

  party(item: Value, place: Place | undefined, deployment: Settings): Party | undefined {
    if (!isDict(item)) {
      this.refuse(place, {
        message: `a party is ${show(item)}`,
        cure: 'write "- id: 10000" and its address below',
      })
      return undefined
    }
    const before = this.problems.length
    const managed = item.get('managed') !== false
    const own = this.settings(
      item,
      partyTable(managed),
      managed ? 'a party' : 'a party that is not managed',
      [],
    )
    const settings = new Map<string, Value>([...defaults(), ...deployment, ...own])
    if (!item.has('id'))
      this.refuse(place, { message: 'a party has no id', cure: 'add its id: digits, such as 10000' })
    if (managed) this.managed(item, settings)
    else if (!item.has('peer_address'))
      this.missing(item, 'peer_address', 'the address at which the others reach it')
    if (this.problems.length > before) return undefined
    const given = new Map([...givenPorts(deployment), ...givenPorts(own)])
    const services = managed ? servicesOf(enginesOf(settings), externalOf(settings)) : []
    const ports = managed ? portsOf(services, given) : portsOfOther(settings, given)
    const servingPorts = portsOf(settings.has('serving_address') ? SERVING_SERVICES : [], given)
    return {
      id: own.get('id') as string,
      managed,
      own,
      settings,
      services,
      ports,
      servingPorts,
      written: item,
    }
  }

  private managed(item: Dict, settings: Map<string, Value>): void {
    if (!item.has('address')) return this.missing(item, 'address', 'the host to log in to')
    const address = settings.get('address')
    if (address === undefined) return // refused already
    if (!settings.has('peer_address')) settings.set('peer_address', address)
    if (!item.has('bind_address')) {
      if (isIpv4(address as string)) settings.set('bind_address', address)
      else this.missing(item, 'bind_address', `the address of the host's own that its ports are published at`)
    }
    this.engines(item, settings)
  }

  private engines(item: Dict, settings: Settings): void {
    const place = (names: readonly string[]): Place | undefined => this.placeOfSetting(item, names)
    const engines = enginesOf(settings)
    const variant = { algorithm: text(settings, 'algorithm'), device: text(settings, 'device') }
    const wrongEngines = judgeEngines(engines)
    if (wrongEngines) this.refuse(place(Object.keys(engines)), wrongEngines)
    const wrongVariant = judgeVariant(variant)
    if (wrongVariant) this.refuse(place(Object.keys(variant)), wrongVariant)
    if (variant.device === 'GPU' && settings.get('gpu_count') === 0) {
      const message = `party ${show(item.get('id') ?? null)} has device GPU and no gpu_count`
      this.refuse(place(['gpu_count', 'device']), { message, cure: 'add gpu_count: 1, or as many as it has' })
    }
    if (settings.has('osx_tls') && settings.get('fate_version') === '2.0') {
      const message = 'osx_tls needs fate_version 2.2: the OSX of 2.0 reads other settings'
      this.refuse(place(['osx_tls']), { message, cure: 'remove osx_tls, or take fate_version 2.2' })
    }
    const images = settings.get('images') as ReadonlyMap<string, string>
    const wrongVersion = judgeVersions(text(settings, 'fate_version') as FateVersion, images)
    if (wrongVersion) this.refuse(place(['images', 'fate_version']), wrongVersion)
  }

  /** Where the first of these settings stands, of the party or else of the deployment. */
  private placeOfSetting(item: Dict, names: readonly string[]): Place | undefined {
    for (const dict of [item, this.file]) {
      const name = names.find((one) => dict.has(one))
      if (name !== undefined) return placeOf(dict, name)
    }
    return placeOf(item, 'id')
  }

  private missing(item: Dict, name: string, what: string): void {
    const id = item.get('id')
    this.refuse(placeOf(item), {
      message: `party ${show(id ?? null)} has no ${name}`,
      cure: `add ${name}: ${what}`,
    })
  }
}

function partyTable(managed: boolean): Readonly<Record<string, Setting>> {
  const all = { ...SHARED, ...PARTY }
  return managed ? all : Object.fromEntries(UNMANAGED.map((name) => [name, all[name]!]))
}

/** What holds where nothing is said. */
export function defaults(): Map<string, Value> {
  const values = new Map<string, Value>()
  for (const [name, setting] of Object.entries({ ...SHARED, ...PARTY })) {
    if (setting.default !== undefined) values.set(name, setting.default)
  }
  return values
}

function givenPorts(settings: Settings): Map<string, number> {
  return (settings.get('ports') as Map<string, number> | undefined) ?? new Map<string, number>()
}

/** The ports at which a party of somebody else is reached. */
function portsOfOther(settings: Settings, given: ReadonlyMap<string, number>): Map<string, number> {
  const names = routedPorts(text(settings, 'federation'))
  return new Map(names.map((name) => [name, given.get(name) ?? PORTS.get(name)!.number]))
}

/** The engines that a party's settings name. */
export function enginesOf(settings: Settings): Engines {
  return {
    computing: text(settings, 'computing'),
    federation: text(settings, 'federation'),
    storage: text(settings, 'storage'),
  }
}

/** What of a party is not in its own containers. */
export function externalOf(settings: Settings): External {
  return {
    mysql: text(settings, 'mysql_host') !== 'mysql',
    hdfs: !/^hdfs:\/\/namenode(:9000)?$/.test(text(settings, 'name_node')),
  }
}

function text(settings: Settings, name: string): string {
  return settings.get(name) as string
}
