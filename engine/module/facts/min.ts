import { assignments, linesOf, type Facts, type Parts } from './parts.js'

/** Facts that are always gathered: names, distribution, user, time, environment. */
export function minFacts(parts: Parts): Facts {
  return {
    ...nameFacts(parts),
    ...distributionFacts(parts),
    ...userFacts(parts),
    env: assignments(linesOf(parts, 'env')),
    date_time: dateFacts(linesOf(parts, 'date')),
    ...cmdlineFacts(linesOf(parts, 'cmdline').join(' ')),
    ...pythonFacts(linesOf(parts, 'python')),
    ...hostKeyFacts(linesOf(parts, 'hostkeys')),
    fips: linesOf(parts, 'fips')[0] === '1',
    is_chroot: linesOf(parts, 'chroot')[0] === 'chroot',
    dns: dnsFacts(linesOf(parts, 'resolv')),
    pkg_mgr: managerOf(linesOf(parts, 'managers')),
    service_mgr: serviceManager(linesOf(parts, 'init')),
    selinux: selinuxFacts(linesOf(parts, 'selinux')),
    apparmor: { status: linesOf(parts, 'apparmor')[0] === 'Y' ? 'enabled' : 'disabled' },
    module_setup: true,
  }
}

function nameFacts(parts: Parts): Facts {
  const [system, nodename = '', kernel, machine, version] = linesOf(parts, 'uname')
  const hostname = nodename.split('.')[0]!
  const names = linesOf(parts, 'hosts')
    .map((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
    .find((entry) => entry.includes(nodename) || entry.includes(hostname))
  // The canonical name is the first of its line in /etc/hosts; a resolver is not asked, since a dead one takes seconds.
  const fqdn = names?.[0]?.includes('.') ? names[0] : nodename
  const [machineId, bits] = linesOf(parts, 'machine')
  return {
    system,
    nodename,
    hostname,
    fqdn,
    domain: fqdn.includes('.') ? fqdn.slice(fqdn.indexOf('.') + 1) : '',
    kernel,
    kernel_version: version,
    machine,
    architecture: machine,
    userspace_bits: bits ?? (/64/.test(machine ?? '') ? '64' : '32'),
    userspace_architecture: machine,
    machine_id: machineId,
  }
}

const FAMILIES: Readonly<Record<string, string>> = {
  debian: 'Debian',
  ubuntu: 'Debian',
  rhel: 'RedHat',
  fedora: 'RedHat',
  centos: 'RedHat',
  rocky: 'RedHat',
  almalinux: 'RedHat',
  openeuler: 'RedHat',
  kylin: 'RedHat',
  ol: 'RedHat',
  alpine: 'Alpine',
  suse: 'Suse',
  opensuse: 'Suse',
  sles: 'Suse',
  arch: 'Archlinux',
}

const NAMES: Readonly<Record<string, string>> = {
  debian: 'Debian',
  ubuntu: 'Ubuntu',
  rhel: 'RedHat',
  centos: 'CentOS',
  fedora: 'Fedora',
  rocky: 'Rocky',
  almalinux: 'AlmaLinux',
  alpine: 'Alpine',
  ol: 'OracleLinux',
  openeuler: 'openEuler',
  kylin: 'Kylin Linux Advanced Server',
}

/** The file from which Ansible takes the version, for facts that name it. */
const FILES: Readonly<Record<string, string>> = {
  RedHat: '/etc/redhat-release',
  Alpine: '/etc/alpine-release',
}
const VARIETIES: Readonly<Record<string, string>> = { Debian: 'Debian', RedHat: 'RedHat', Suse: 'SUSE' }

function distributionFacts(parts: Parts): Facts {
  const os = assignments(linesOf(parts, 'os'))
  const id = os['ID'] ?? ''
  const like = [id, ...(os['ID_LIKE'] ?? '').split(/\s+/)]
  const family = like.map((name) => FAMILIES[name]).find((name) => name !== undefined)
  const precise = linesOf(parts, 'redhat').flatMap((line) => /\d+(\.\d+)+/.exec(line)?.[0] ?? [])[0]
  const version = (id === 'debian' || id === 'centos' ? precise : undefined) ?? os['VERSION_ID'] ?? 'NA'
  const major = version.split('.')[0]!
  return {
    distribution: NAMES[id] ?? os['NAME'] ?? 'NA',
    distribution_version: id === 'debian' ? major : version,
    distribution_major_version: major,
    distribution_release: os['VERSION_CODENAME'] ?? 'NA',
    ...(id === 'debian' && version.includes('.')
      ? { distribution_minor_version: version.split('.')[1] }
      : {}),
    os_family: family ?? NAMES[id] ?? 'NA',
    ...(parts.has('os') && id !== ''
      ? {
          distribution_file_parsed: true,
          distribution_file_path: FILES[family ?? ''] ?? '/etc/os-release',
          distribution_file_variety: VARIETIES[family ?? ''] ?? NAMES[id] ?? 'NA',
        }
      : {}),
    lsb: {},
  }
}

function userFacts(parts: Parts): Facts {
  const [user, uid, gid, home, shell = ''] = parts.get('user') ?? []
  const account = linesOf(parts, 'account').find((line) => line.startsWith(`${user}:`))
  const [, , , , gecos = '', folder, login] = account?.split(':') ?? []
  return {
    user_id: user,
    user_uid: Number(uid),
    user_gid: Number(gid),
    user_dir: folder ?? home,
    user_gecos: gecos,
    user_shell: login ?? shell,
    real_user_id: Number(uid),
    effective_user_id: Number(uid),
    real_group_id: Number(gid),
    effective_group_id: Number(gid),
  }
}

function dateFacts([local = '', utc = '']: readonly string[]): Facts {
  const [year, month, day, hour, minute, second, epoch, tz, offset, weekday, number, week, yearday] =
    local.split(' ')
  return {
    year,
    month,
    day,
    hour,
    minute,
    second,
    date: `${year}-${month}-${day}`,
    time: `${hour}:${minute}:${second}`,
    epoch,
    epoch_int: epoch,
    tz,
    tz_dst: tz,
    tz_offset: offset,
    weekday,
    weekday_number: String(Number(number) % 7),
    weeknumber: week,
    day_of_year: yearday,
    iso8601: utc,
    iso8601_micro: utc.replace('Z', '.000000Z'),
    iso8601_basic: `${year}${month}${day}T${hour}${minute}${second}000000`,
    iso8601_basic_short: `${year}${month}${day}T${hour}${minute}${second}`,
  }
}

/** Words of the kernel's command line; in `proc_cmdline` those that come more than once are lists. */
function cmdlineFacts(line: string): Facts {
  const once = new Map<string, unknown>()
  const all = new Map<string, unknown>()
  for (const word of line.trim().split(/\s+/).filter(Boolean)) {
    const at = word.indexOf('=')
    const [name, value] = at < 0 ? [word, true] : [word.slice(0, at), word.slice(at + 1)]
    once.set(name, value)
    all.set(name, all.has(name) && at >= 0 ? [all.get(name), value].flat() : value)
  }
  return { cmdline: Object.fromEntries(once), proc_cmdline: Object.fromEntries(all) }
}

/** `/usr/bin/python3 Python 3.11.2`: what a host has, though nothing here needs it. */
function pythonFacts([line = '']: readonly string[]): Facts {
  const [, executable, version, suffix = ''] = /^(\S+) Python (\d+\.\d+\.\d+)(\S*)/.exec(line) ?? []
  if (version === undefined) return {}
  const [major, minor, micro] = version.split('.').map(Number)
  const releaselevel = suffix.startsWith('rc') ? 'candidate' : suffix.startsWith('b') ? 'beta' : suffix.startsWith('a') ? 'alpha' : 'final' // prettier-ignore
  const serial = releaselevel === 'final' ? 0 : Number(/\d+/.exec(suffix)?.[0] ?? 0)
  return {
    python_version: version,
    python: {
      executable,
      version: { major, minor, micro, releaselevel, serial },
      version_info: [major, minor, micro, releaselevel, serial],
      has_sslcontext: true,
      type: 'cpython',
    },
  }
}

/** `/etc/ssh/ssh_host_ed25519_key.pub ssh-ed25519 AAAA`. */
function hostKeyFacts(lines: readonly string[]): Facts {
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [file = '', type, key] = line.split(' ')
      const kind = /ssh_host_(\w+)_key\.pub$/.exec(file)?.[1]
      if (kind === undefined) return []
      return [
        [`ssh_host_key_${kind}_public`, key],
        [`ssh_host_key_${kind}_public_keytype`, type],
      ]
    }),
  )
}

const RENAMED: Readonly<Record<string, string>> = {
  procd: 'openwrt_init',
  'runit-init': 'runit',
  svscan: 'svc',
  'openrc-init': 'openrc',
}

/** What starts services: the first process, or where that has no telling name, what the host has for it. */
function serviceManager(lines: readonly string[]): string {
  const comm = lines.find((line) => line.startsWith('comm='))?.slice(5) ?? ''
  if (comm !== '' && comm !== 'init' && !comm.endsWith('sh')) return RENAMED[comm] ?? comm
  if (lines.includes('/run/systemd/system')) return 'systemd'
  if (lines.includes('/sbin/openrc')) return 'openrc'
  if (lines.some((line) => line.includes('-> ') && line.endsWith('systemd'))) return 'systemd'
  if (lines.includes('/etc/init.d')) return 'sysvinit'
  return lines.includes('/etc/dinit.d') ? 'dinit' : 'service'
}

function dnsFacts(lines: readonly string[]): Facts {
  const values = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).flatMap((line) => line.split(/\s+/).slice(1))
  const search = values('search')
  return { nameservers: values('nameserver'), ...(search.length > 0 ? { search } : {}) }
}

function managerOf(found: readonly string[]): string {
  const names: Readonly<Record<string, string>> = { 'apt-get': 'apt', emerge: 'portage' }
  const [first = 'unknown'] = found
  return names[first] ?? first
}

function selinuxFacts([enforcing, ...config]: readonly string[]): Facts {
  if (enforcing === 'none' || enforcing === undefined) return { status: 'disabled' }
  const { SELINUX: mode = '', SELINUXTYPE: type = '' } = assignments(config)
  return { status: 'enabled', mode: enforcing === '1' ? 'enforcing' : 'permissive', config_mode: mode, type }
}
