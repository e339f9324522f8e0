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
  part(
    'managers',
    'for P in apt-get dnf yum zypper apk pacman emerge; do command -v $P >/dev/null 2>&1 && echo $P; done; echo',
  ),
  part('init', 'if [ -d /run/systemd/system ]; then echo systemd; else cat /proc/1/comm 2>/dev/null; fi'),
  part(
    'selinux',
    'if [ -d /sys/fs/selinux ]; then cat /sys/fs/selinux/enforce 2>/dev/null; else echo none; fi; cat /etc/selinux/config 2>/dev/null',
  ),
  part('apparmor', 'cat /sys/module/apparmor/parameters/enabled 2>/dev/null'),
  part('resolv', 'cat /etc/resolv.conf 2>/dev/null'),
  part('machine', 'cat /etc/machine-id 2>/dev/null; getconf LONG_BIT 2>/dev/null'),
]

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
    'for F in product_name sys_vendor bios_version product_version board_name; do printf "%s=" $F; cat /sys/class/dmi/id/$F 2>/dev/null || echo; done',
  ),
  part('mounts', 'cat /proc/mounts'),
]

const NETWORK = [
  part('addresses', 'ip -o addr show 2>/dev/null || ifconfig 2>/dev/null'),
  part('links', 'ip -o link show 2>/dev/null'),
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
printf '\\n%%fact %s\\n' "$F"; if [ -x "$F" ]; then "$F" 2>/dev/null; else cat -- "$F"; fi; done`
  return join([
    ...MIN,
    local,
    ...(subsets.has('hardware') ? [...HARDWARE, df] : []),
    ...(subsets.has('network') ? NETWORK : []),
    ...(subsets.has('virtual') ? VIRTUAL : []),
    Script.trusted(':'),
  ])
}
