import { section, type Inspected } from '../docker/inspect.js'
import { recordOf, textsOf } from '../docker/satisfied.js'
import type { ContainerParams } from './params.js'
import { bytesOf } from './values.js'

type Given = NonNullable<ContainerParams['mounts']>[number]

/** A mount as one text, as `docker create --mount` takes it. Fields with commas are quoted as in CSV. */
export function mountText(mount: Given): string {
  const labels = Object.entries(textsOf(mount.labels)).map(([name, value]) => `volume-label=${name}=${value}`)
  const options = Object.entries(textsOf(mount.volume_options)).map(
    ([name, value]) => `volume-opt=${name}=${value}`,
  )
  return csv([
    `type=${mount.type}`,
    ...field('source', mount.source),
    `target=${mount.target}`,
    ...(mount.read_only === true ? ['readonly'] : []),
    ...field('consistency', mount.consistency),
    ...field('bind-propagation', mount.propagation),
    ...(mount.no_copy === true ? ['volume-nocopy'] : []),
    ...field('volume-driver', mount.volume_driver),
    ...labels,
    ...options,
    ...field(
      'tmpfs-size',
      mount.tmpfs_size === undefined ? undefined : bytesOf(mount.tmpfs_size, 'tmpfs_size'),
    ),
    ...field('tmpfs-mode', mount.tmpfs_mode?.replace(/^0+(?=.)/, '')),
  ])
}

/** A mount of a container as the same text. */
export function foundMount(found: Inspected): string {
  const text = (part: Inspected, name: string): string | undefined =>
    part[name] === undefined || part[name] === '' ? undefined : String(part[name])
  const volume = section(found, 'VolumeOptions')
  const driver = section(volume, 'DriverConfig')
  const tmpfs = section(found, 'TmpfsOptions')
  const mode = tmpfs['Mode']
  return csv([
    `type=${String(found['Type'])}`,
    ...field('source', text(found, 'Source')),
    `target=${String(found['Target'])}`,
    ...(found['ReadOnly'] === true ? ['readonly'] : []),
    ...field('consistency', text(found, 'Consistency')),
    ...field('bind-propagation', text(section(found, 'BindOptions'), 'Propagation')),
    ...(volume['NoCopy'] === true ? ['volume-nocopy'] : []),
    ...field('volume-driver', text(driver, 'Name')),
    ...Object.entries(recordOf(volume['Labels'])).map(([name, value]) => `volume-label=${name}=${value}`),
    ...Object.entries(recordOf(driver['Options'])).map(([name, value]) => `volume-opt=${name}=${value}`),
    ...field('tmpfs-size', text(tmpfs, 'SizeBytes')),
    ...field('tmpfs-mode', typeof mode === 'number' && mode > 0 ? mode.toString(8) : undefined),
  ])
}

function field(name: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [`${name}=${value}`]
}

function csv(fields: readonly string[]): string {
  return fields.map((one) => (/[",\n]/.test(one) ? `"${one.replaceAll('"', '""')}"` : one)).join(',')
}
