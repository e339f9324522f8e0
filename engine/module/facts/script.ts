import { join, sh, Script } from '../quote.js'

/** Kinds of facts, as `gather_subset` names them. */
export type Subset = 'min' | 'hardware' | 'network' | 'virtual'

/** A part of the script: prints `@name` and then what `readFacts` makes facts of. */
function part(name: string, body: string): Script {
  return Script.trusted(`printf '@%s\\n' ${name}\n${body}`)
}

/** Reads files where others start programs: forks are what gathering facts costs. */
const MIN = [
  part('uname', 'uname -s; uname -n; uname -r; uname -m; uname -v'),
  part('os', 'cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release 2>/dev/null'),
  part('redhat', 'cat /etc/redhat-release /etc/debian_version 2>/dev/null'),
  part('hosts', 'cat /etc/hosts 2>/dev/null'),
  part('user', `id -un; id -u; id -g; printf '%s\\n' "$HOME" "$SHELL"`),
  part('account', 'while IFS= read -r L; do printf "%s\\n" "$L"; done </etc/passwd'),
  part('env', 'env'),
  part('date', "date '+%Y %m %d %H %M %S %s %Z %z %A %u %U %j'; date -u '+%Y-%m-%dT%H:%M:%SZ'"),
  part('cmdline', 'cat /proc/cmdline 2>/dev/null'),
  // the first that Ansible would take; -V ends before Python loads anything
  part(
    'python',
    'for P in python3 /usr/libexec/platform-python python; do P=$(command -v $P 2>/dev/null) || continue; printf "%s " "$P"; "$P" -V 2>&1; break; done',
  ),
  part('fips', 'cat /proc/sys/crypto/fips_enabled 2>/dev/null; echo'),
  part(
    'hostkeys',
    'for F in /etc/ssh/ssh_host_*_key.pub; do { read -r T K _ <"$F" && printf "%s %s %s\\n" "$F" "$T" "$K"; } 2>/dev/null; done',
  ),
  part(
    'managers',
    'for P in apt-get dnf yum zypper apk pacman emerge; do command -v $P >/dev/null 2>&1 && echo $P; done; echo',
  ),
  part(
    'init',
    '{ read -r C </proc/1/comm && echo "comm=$C"; } 2>/dev/null; for P in /run/systemd/system /sbin/openrc /etc/init.d /etc/dinit.d; do [ -e $P ] && echo "$P"; done; [ ! -L /sbin/init ] || ls -l /sbin/init',
  ),
  part(
    'chroot',
    '[ -z "${debian_chroot-}" ] && { [ ! -e /proc/1/root/. ] || [ /proc/1/root/. -ef / ]; } || echo chroot',
  ),
  part(
    'selinux',
    'if [ -d /sys/fs/selinux ]; then cat /sys/fs/selinux/enforce 2>/dev/null; else echo none; fi; cat /etc/selinux/config 2>/dev/null',
  ),
  part('apparmor', 'cat /sys/module/apparmor/parameters/enabled 2>/dev/null'),
  part('resolv', 'cat /etc/resolv.conf 2>/dev/null'),
  part('machine', 'cat /etc/machine-id 2>/dev/null; getconf LONG_BIT 2>/dev/null'),
]

/** Attributes of block devices and their partitions, without a process of its own for each. */
const DEVICES = `value() { V=; { read -r V <"$D/$1"; } 2>/dev/null && printf '%s=%s\\n' "$1" "$V"; }
for D in /sys/block/*; do
  [ -e "$D" ] || continue
  printf 'device=%s\\n' "\${D##*/}"
  for F in removable size queue/rotational queue/scheduler queue/hw_sector_size queue/discard_granularity device/vendor device/model; do value $F; done
  for H in "$D"/holders/*; do [ -e "$H" ] && printf 'holder=%s\\n' "\${H##*/}"; done
  B=$D; for D in "$B"/*; do
    [ -e "$D/partition" ] || continue
    printf 'partition=%s\\n' "\${D##*/}"; for F in start size; do value $F; done
    for H in "$D"/holders/*; do [ -e "$H" ] && printf 'holder=%s\\n' "\${H##*/}"; done
  done
done`

const HARDWARE = [
  part(
    'cpu',
    "grep -E '^(processor|model name|vendor_id|cpu cores|physical id|siblings|flags)' /proc/cpuinfo; echo",
  ),
  part('nproc', 'nproc 2>/dev/null; echo'),
  part('memory', 'cat /proc/meminfo'),
  part('uptime', 'cat /proc/uptime /proc/loadavg'),
  part(
    'dmi',
    'for F in /sys/class/dmi/id/*; do V=; [ -f "$F" ] && { read -r V <"$F"; printf "%s=%s\\n" "${F##*/}" "$V"; } 2>/dev/null; done',
  ),
  part('devices', DEVICES),
  part('disklinks', 'ls -l /dev/disk/by-id /dev/disk/by-label /dev/disk/by-uuid 2>/dev/null'),
  part('mounts', 'cat /proc/mounts'),
]

const NETWORK = [
  part('addresses', 'ip -o addr show 2>/dev/null || ifconfig 2>/dev/null'),
  part('links', 'ip -o link show 2>/dev/null'),
  part(
    'sys',
    'for D in /sys/class/net/*; do S=; { read -r S <"$D/speed"; } 2>/dev/null; K=; for P in bridge bonding tun_flags; do [ -e "$D/$P" ] && K=$P; done; printf "%s %s %s\\n" "${D##*/}" "${S:--}" "$K"; done',
  ),
  part('route4', 'ip -4 route show default 2>/dev/null || cat /proc/net/route'),
  part('route6', 'ip -6 route show default 2>/dev/null'),
]

const VIRTUAL = [
  part(
    'container',
    'if [ -e /.dockerenv ]; then echo docker; fi; cat /run/systemd/container 2>/dev/null; cat /proc/1/cgroup 2>/dev/null',
  ),
  part(
    'vm',
    'cat /sys/class/dmi/id/product_name /sys/class/dmi/id/sys_vendor /sys/hypervisor/type 2>/dev/null; grep -c hypervisor /proc/cpuinfo',
  ),
]

/**
 * One script for all wanted subsets.
 * @param timeout  seconds after which `df` is given up: it hangs on a dead network file system
 * @param factPath  folder of local facts: `*.fact`, JSON or INI, or programs that print JSON
 */
export function factsScript(subsets: ReadonlySet<Subset>, timeout: number, factPath: string): Script {
  const df = sh`printf '@df\\n'; if command -v timeout >/dev/null 2>&1; then timeout ${timeout} df -P -k 2>/dev/null; else df -P -k 2>/dev/null; fi`
  const local = sh`printf '@local\\n'; for F in ${factPath}/*.fact; do [ -e "$F" ] || continue
printf '\\n%%fact %s\\n' "\${F##*/}"; if [ -x "$F" ]; then "$F" 2>/dev/null; else cat -- "$F"; fi; done`
  return join([
    ...MIN,
    local,
    ...(subsets.has('hardware') ? [...HARDWARE, df] : []),
    ...(subsets.has('network') ? NETWORK : []),
    ...(subsets.has('virtual') ? VIRTUAL : []),
    Script.trusted(':'),
  ])
}
