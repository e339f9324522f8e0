import { linesOf, type Facts, type Parts } from './parts.js'

type Fields = Readonly<Record<string, string>>

/** A device or a partition as /sys has it. */
interface Entry {
  readonly name: string
  readonly fields: Record<string, string>
  readonly holders: string[]
  readonly partitions: Entry[]
}

/** Names of a device below /dev/disk, by the folder there. */
type Links = ReadonlyMap<string, Readonly<Record<Folder, string[]>>>
const FOLDERS = { 'by-id': 'ids', 'by-label': 'labels', 'by-uuid': 'uuids' } as const
type Folder = (typeof FOLDERS)[keyof typeof FOLDERS]

/** Block devices with their partitions, from /sys; sizes are text in units that people read, as Ansible writes them. */
export function deviceFacts(parts: Parts): Facts {
  const links = readLinks(linesOf(parts, 'disklinks'))
  const devices = readDevices(linesOf(parts, 'devices'))
  const by = (folder: Folder): Facts =>
    Object.fromEntries([...links].flatMap(([name, all]) => (all[folder].length ? [[name, all[folder]]] : [])))
  return {
    devices: Object.fromEntries(devices.map((entry) => [entry.name, deviceOf(entry, links)])),
    device_links: { ids: by('ids'), labels: by('labels'), uuids: by('uuids'), masters: {} },
  }
}

function readDevices(lines: readonly string[]): Entry[] {
  const devices: Entry[] = []
  let current: Entry | undefined
  for (const line of lines) {
    const [key = '', value = ''] = [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]
    if (key === 'device' || key === 'partition') {
      current = { name: value, fields: {}, holders: [], partitions: [] }
      ;(key === 'device' ? devices : devices.at(-1)!.partitions).push(current)
    } else if (key === 'holder') current?.holders.push(value)
    else if (current) current.fields[key] = value.trim()
  }
  return devices
}

function deviceOf({ name, fields, holders, partitions }: Entry, links: Links): Facts {
  return {
    // what Ansible tells of every device whose entry in /sys/block is a link, as all are for long
    virtual: 1,
    links: linksOf(name, links),
    vendor: fields['device/vendor'] ?? null,
    model: fields['device/model'] ?? null,
    sas_address: null,
    sas_device_handle: null,
    removable: fields['removable'] ?? null,
    support_discard: fields['queue/discard_granularity'] ?? null,
    partitions: Object.fromEntries(
      partitions.map((entry) => [entry.name, partitionOf(entry, links, fields)]),
    ),
    rotational: fields['queue/rotational'] ?? null,
    scheduler_mode: /\[(\S+)\]/.exec(fields['queue/scheduler'] ?? '')?.[1] ?? '',
    ...sizeOf(fields, fields),
    host: '',
    holders,
  }
}

function partitionOf({ name, fields, holders }: Entry, links: Links, disk: Fields): Facts {
  return {
    links: linksOf(name, links),
    start: fields['start'] ?? '0',
    ...sizeOf(fields, disk),
    uuid: links.get(name)?.uuids[0] ?? null,
    holders,
  }
}

function linksOf(name: string, links: Links): Facts {
  const { ids = [], labels = [], uuids = [] } = links.get(name) ?? {}
  return { ids, labels, uuids, masters: [] }
}

/** /sys counts sectors of 512 bytes, whatever those of the device are. */
function sizeOf({ size: sectors = '0' }: Fields, disk: Fields): Facts {
  return { sectors, sectorsize: disk['queue/hw_sector_size'] ?? '512', size: readable(Number(sectors) * 512) }
}

const UNITS = ['YB', 'ZB', 'EB', 'PB', 'TB', 'GB', 'MB', 'KB'] as const

/** `1536` is `1.50 KB`. */
function readable(bytes: number): string {
  const found = UNITS.map((unit, index) => ({ unit, size: 1024 ** (UNITS.length - index) })).find(
    ({ size }) => bytes >= size,
  )
  return found ? `${(bytes / found.size).toFixed(2)} ${found.unit}` : `${bytes.toFixed(2)} Bytes`
}

/** `lrwxrwxrwx 1 root root 9 Jan 1 00:00 NAME -> ../../sda1`, below the name of the folder. */
function readLinks(lines: readonly string[]): Links {
  const links = new Map<string, Record<Folder, string[]>>()
  let folder: Folder | undefined
  for (const line of lines) {
    const heading = /^\/dev\/disk\/(by-[a-z]+):$/.exec(line)?.[1]
    if (heading !== undefined) folder = FOLDERS[heading as keyof typeof FOLDERS]
    const [, name, device] = /(\S+) -> .*\/([^/]+)$/.exec(line) ?? []
    if (name === undefined || device === undefined || folder === undefined) continue
    const known = links.get(device) ?? { ids: [], labels: [], uuids: [] }
    known[folder].push(name)
    links.set(device, known)
  }
  return links
}
