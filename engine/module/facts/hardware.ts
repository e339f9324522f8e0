import { deviceFacts } from './devices.js'
import { assignments, linesOf, type Facts, type Parts } from './parts.js'

/** Processors, memory, mounts, uptime. Sizes are MB where the name says so, bytes in `mounts`. */
export function hardwareFacts(parts: Parts): Facts {
  const [uptime = '0', load = ''] = linesOf(parts, 'uptime')
  const [one, five, fifteen] = load.split(' ').map(Number)
  return {
    ...processorFacts(parts),
    ...memoryFacts(linesOf(parts, 'memory')),
    uptime_seconds: Math.floor(Number(uptime.split(' ')[0])),
    loadavg: { '1m': one, '5m': five, '15m': fifteen },
    mounts: mountFacts(parts),
    ...firmwareFacts(assignments(linesOf(parts, 'dmi'))),
    ...deviceFacts(parts),
  }
}

/** Facts whose files in /sys have their names, and those that have others. */
const FIRMWARE = [
  'bios_date', 'bios_vendor', 'bios_version', 'board_asset_tag', 'board_name', 'board_serial', 'board_vendor', 'board_version',
  'chassis_asset_tag', 'chassis_serial', 'chassis_vendor', 'chassis_version', 'product_name', 'product_serial', 'product_uuid',
  'product_version',
] // prettier-ignore

/** Kinds of housings by their number, as the SMBIOS standard counts them. */
const HOUSINGS = [
  'Unknown', 'Other', 'Unknown', 'Desktop', 'Low Profile Desktop', 'Pizza Box', 'Mini Tower', 'Tower', 'Portable', 'Laptop',
  'Notebook', 'Hand Held', 'Docking Station', 'All In One', 'Sub Notebook', 'Space-saving', 'Lunch Box', 'Main Server Chassis',
  'Expansion Chassis', 'Sub Chassis', 'Bus Expansion Chassis', 'Peripheral Chassis', 'RAID Chassis', 'Rack Mount Chassis',
  'Sealed-case PC', 'Multi-system', 'CompactPCI', 'AdvancedTCA', 'Blade', 'Blade Enclosure', 'Tablet', 'Convertible',
  'Detachable', 'IoT Gateway', 'Embedded PC', 'Mini PC', 'Stick PC',
] // prettier-ignore

function firmwareFacts(dmi: Readonly<Record<string, string>>): Facts {
  return {
    ...Object.fromEntries(FIRMWARE.map((name) => [name, dmi[name]?.trim() || 'NA'])),
    system_vendor: dmi['sys_vendor']?.trim() || 'NA',
    form_factor: HOUSINGS[Number(dmi['chassis_type'] ?? NaN)] ?? 'NA',
  }
}

function processorFacts(parts: Parts): Facts {
  const entries = linesOf(parts, 'cpu').map((line) => line.split(/\s*:\s*/) as [string, string])
  const values = (name: string): readonly string[] =>
    entries.filter(([key]) => key === name).map(([, value]) => value)
  const count = values('processor').length
  const sockets = new Set(values('physical id')).size || 1
  const cores = Number(values('cpu cores')[0] ?? 1)
  const siblings = Number(values('siblings')[0] ?? cores)
  const usable = Number(linesOf(parts, 'nproc')[0] ?? count)
  return {
    processor: values('processor').flatMap((number, i) =>
      [number, values('vendor_id')[i], values('model name')[i]].filter((value) => value !== undefined),
    ),
    processor_count: sockets,
    processor_cores: cores,
    processor_threads_per_core: Math.max(1, Math.floor(siblings / cores)),
    processor_vcpus: count,
    processor_nproc: usable,
    processor_flags: (values('flags')[0] ?? '').split(' ').filter(Boolean),
  }
}

function memoryFacts(lines: readonly string[]): Facts {
  const kilobytes = new Map(
    lines.map((line) => {
      const [name = '', value = '0'] = line.split(/:\s+/)
      return [name, parseInt(value, 10)] as const
    }),
  )
  const mb = (name: string): number => Math.floor((kilobytes.get(name) ?? 0) / 1024)
  const [total, free, buffers, cached] = [mb('MemTotal'), mb('MemFree'), mb('Buffers'), mb('Cached')]
  return {
    memtotal_mb: total,
    memfree_mb: free,
    swaptotal_mb: mb('SwapTotal'),
    swapfree_mb: mb('SwapFree'),
    memory_mb: {
      real: { total, free, used: total - free },
      nocache: { free: free + buffers + cached, used: total - free - buffers - cached },
      swap: {
        total: mb('SwapTotal'),
        free: mb('SwapFree'),
        used: mb('SwapTotal') - mb('SwapFree'),
        cached: mb('SwapCached'),
      },
    },
  }
}

/** Mounts of devices, with the sizes that `df` tells. */
function mountFacts(parts: Parts): readonly Facts[] {
  const sizes = new Map(
    linesOf(parts, 'df')
      .slice(1)
      .map((line) => {
        const fields = line.split(/\s+/)
        const [total, , available] = fields.slice(1, 4).map((kilobytes) => Number(kilobytes) * 1024)
        return [fields.slice(5).join(' '), { size_total: total, size_available: available }] as const
      }),
  )
  return linesOf(parts, 'mounts').flatMap((line) => {
    const [device = '', mount = '', fstype, options] = line.split(' ').map(unescaped)
    const isDevice =
      device.startsWith('/') || device.includes(':/') || fstype === 'overlay' || fstype === 'zfs'
    return isDevice && fstype !== 'none' ? [{ device, mount, fstype, options, ...sizes.get(mount) }] : []
  })
}

/** /proc/mounts writes blanks as \040. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)))
}
