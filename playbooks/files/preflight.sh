#!/bin/sh
# Looks at a host and tells what would stop FATE from being deployed or from working there. Changes nothing.
# What is wanted comes in the environment (see tasks/look-at-host.yml). Prints a JSON object a line:
#   {"level", "check", "found", "cure"}    level is ok, warn, fail or unknown
#   {"to", "door", "address", "state"}     state is open, refused, silent, unresolved or what was said instead
#   {"time"}                               seconds since 1970
#   {"image"}                              one of FATE_IMAGES that is on the host
#   {"machine"}                            the same for all addresses of a machine, as long as it is up
LC_ALL=C
export LC_ALL

tab='	' line_end='
'
carriage_return=$(printf '\r')

quote() { # TEXT: sets text, which is it as JSON; mostly without a process of its own
  case $1 in
    *[\\\"]* | *"$tab"* | *"$line_end"* | *"$carriage_return"*)
      text=\"$(printf %s "$1" | tr '\t\r\n' '   ' | sed 's/[\\"]/\\&/g')\"
      ;;
    *) text=\"$1\" ;;
  esac
}

tell() { # (KEY TEXT)...: as a JSON object
  object=
  while [ $# -gt 0 ]; do
    quote "$2"
    object="$object,\"$1\":$text"
    shift 2
  done
  printf '{%s}\n' "${object#,}"
}

check() { # LEVEL NAME FOUND [CURE]
  tell level "$1" check "$2" found "$3" cure "${4-}"
}

number() { # A.B.C.D
  old=$IFS IFS=.
  set -- $1
  IFS=$old
  echo $((($1 << 24) + ($2 << 16) + ($3 << 8) + $4))
}

overlap() { # NET/BITS NET/BITS
  a=$(number "${1%/*}") b=$(number "${2%/*}") bits=${1#*/}
  [ "${2#*/}" -ge "$bits" ] || bits=${2#*/}
  [ $((a >> (32 - bits))) = $((b >> (32 - bits))) ]
}

at_least() { # FOUND WANTED, versions
  [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]
}

# --- the host itself

processor() {
  machine=$(uname -m)
  case $machine in
    x86_64 | amd64) check ok processor "$machine" ;;
    *) check fail processor "$machine" "FATE's images are made for x86_64: take another host, or images built for $machine" ;;
  esac
  flags=$(sed -n '/^flags/{s/.*: / /;s/$/ /;p;q;}' /proc/cpuinfo)
  case $flags in
    *' avx '* | '') ;;
    *) check warn 'processor flags' 'no avx' "torch in FATE's images may end with 'Illegal instruction'" ;;
  esac
  if [ "$FATE_DEVICE" = IPCL ]; then
    case $flags in
      *' avx512ifma '*) check ok 'processor flags' avx512ifma ;;
      *) check warn 'processor flags' 'no avx512ifma' 'device IPCL brings nothing here; use device CPU' ;;
    esac
  fi
  cores=$(nproc 2>/dev/null || grep -c ^processor /proc/cpuinfo)
  if [ "$cores" -ge "$FATE_CORES" ]; then check ok cores "$cores"
  else check warn cores "$cores, and compute_core is $FATE_CORES$together" 'lower compute_core, or jobs will be slow'; fi
}

memory() {
  total=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1024))
  if [ "$total" -ge "$FATE_MEMORY_MB" ]; then check ok memory "$total MB"
  else check warn memory "$total MB, and the services may take $FATE_MEMORY_MB MB$together" 'lower the heaps, or give the host more memory'; fi
}

existing() { # PATH: it, or the nearest folder above it that is there
  place=$1
  while [ ! -d "$place" ]; do place=$(dirname "$place"); done
  echo "$place"
}

disk() { # NAME PATH WANTED_GB
  place=$(existing "$2")
  free=$(df -Pk "$place" 2>/dev/null | { read -r _ && read -r _ _ _ left _ && echo $((left / 1048576)); })
  if [ -z "$free" ]; then check unknown "$1" "df tells nothing of $place"
  elif [ "$free" -ge "$3" ]; then check ok "$1" "$free GB free at $place"
  else check fail "$1" "$free GB free at $place, and $3 GB are needed$together" 'make room, or put the folder on another disk'; fi
}

folder() {
  place=$(existing "$FATE_DIR")
  if [ "$(id -u)" = 0 ]; then
    closed=
    while [ "$place" != / ]; do
      case $(ls -ld "$place") in ?????????[xt]*) ;; *) closed=$place ;; esac
      place=$(dirname "$place")
    done
    if [ -z "$closed" ] || [ "$FATE_USER" = root ]; then check ok folder "$FATE_DIR"
    else check fail folder "$closed is closed, so $FATE_USER cannot reach $FATE_DIR" "chmod o+x $closed"; fi
  elif [ -w "$FATE_DIR/." ]; then check ok folder "$FATE_DIR"
  else check fail folder "$(id -un) may not write to $FATE_DIR" "as root: mkdir -p $FATE_DIR && chown $(id -un):docker $FATE_DIR"; fi
}

clock_file() {
  if [ -f /etc/localtime ]; then check ok 'clock file' /etc/localtime
  else check fail 'clock file' 'no /etc/localtime, which the containers mount' 'ln -sf /usr/share/zoneinfo/UTC /etc/localtime'; fi
}

security() {
  state=$(getenforce 2>/dev/null || sed 's/1/Enforcing/;s/0/Permissive/' /sys/fs/selinux/enforce 2>/dev/null)
  case $state in
    Enforcing) check warn SELinux Enforcing 'label the folder: chcon -Rt svirt_sandbox_file_t '"$FATE_DIR"', or set it to permissive' ;;
    *) check ok SELinux "${state:-none}" ;;
  esac
  if command -v firewall-cmd >/dev/null 2>&1 && [ "$(firewall-cmd --state 2>/dev/null)" = running ]; then
    check warn firewalld running 'restart docker after every restart of firewalld, which removes its rules'
  else check ok firewalld 'not running'; fi
  if [ "$(cat /proc/sys/net/ipv4/ip_forward 2>/dev/null || echo 1)" = 1 ]; then check ok forwarding on
  else check fail forwarding 'net.ipv4.ip_forward is 0: nobody reaches a container' 'sysctl -w net.ipv4.ip_forward=1'; fi
}

# --- Docker

docker_engine() {
  engine=
  if ! command -v docker >/dev/null 2>&1; then
    check fail 'Docker Engine' 'not installed' 'install Docker Engine 19.03 or later'
    return
  fi
  if ! engine=$(docker version --format '{{.Server.Version}}' 2>&1); then
    check fail 'Docker Engine' "$engine" "start it, and let $(id -un) use it: usermod -aG docker $(id -un)"
    engine=
    return
  fi
  if at_least "$engine" 19.03.0; then check ok 'Docker Engine' "$engine"
  else check fail 'Docker Engine' "$engine" 'FATE needs 19.03.0 or later'; fi
  compose=$(docker compose version --short 2>/dev/null || docker-compose version --short 2>/dev/null)
  compose=${compose#v}
  needed=1.27.0
  [ "$FATE_GPUS" = 0 ] || needed=1.28.0
  if [ -z "$compose" ]; then check fail Compose 'not installed' "install Compose $needed or later"
  elif at_least "$compose" "$needed"; then check ok Compose "$compose"
  else check fail Compose "$compose" "FATE needs $needed or later"; fi
  if [ "$FATE_GPUS" != 0 ]; then
    case $(docker info --format '{{json .Runtimes}}' 2>/dev/null) in
      *nvidia*) check ok GPU 'runtime nvidia' ;;
      *) check fail GPU 'Docker has no runtime nvidia' 'install the NVIDIA container toolkit, or use device CPU' ;;
    esac
  fi
}

images() {
  missing=
  # One question where all are there; which are not is told by one each.
  docker image inspect $FATE_IMAGES >/dev/null 2>&1 || for image in $FATE_IMAGES; do
    docker image inspect "$image" >/dev/null 2>&1 || missing="$missing $image"
  done
  for image in $FATE_IMAGES; do
    case " $missing " in *" $image "*) ;; *) tell image "$image" ;; esac
  done
  [ -z "$missing" ] || [ "$FATE_LOOK_UP" ] || { check ok image "to be fetched:$missing"; return; }
  # All at once: a firewall that swallows packets costs 20 s an image.
  for image in $missing; do
    if said=$(DOCKER_CLI_EXPERIMENTAL=enabled timeout 20 docker manifest inspect --insecure "$image" 2>&1); then check ok image "$image can be pulled"
    else check fail image "$image: $(printf '%s\n' "${said:-no answer within 20 s}" | tail -n 1)" 'load it, or correct registry, images or algorithm and device'; fi &
  done
  wait
  [ -n "$missing" ] || check ok image 'all are on the host'
}

networks() {
  clash=
  old=$IFS IFS=$line_end
  set -- $(docker network inspect --format '{{.Name}}{{range .IPAM.Config}} {{.Subnet}}{{end}}' $(docker network ls -q) 2>/dev/null)
  IFS=$old
  for network in "$@"; do
    name=${network%% *}
    [ "$name" != "${FATE_PROJECT}_fate-network" ] || continue
    for subnet in ${network#"$name"}; do
      case $subnet in
        *:*) ;;
        *) ! overlap "$FATE_SUBNET" "$subnet" || clash="$clash $name ($subnet)" ;;
      esac
    done
  done
  if [ -z "$clash" ]; then check ok 'Docker networks' "$FATE_SUBNET is free"
  else check fail 'Docker networks' "$FATE_SUBNET overlaps$clash" 'choose another subnet'; fi
}

# Address of eight hexadecimal digits in the order of this machine, as /proc/net has them.
from_hex() {
  echo "$((0x$1 & 255)).$((0x$1 >> 8 & 255)).$((0x$1 >> 16 & 255)).$((0x$1 >> 24))"
}

routes() {
  clash=
  while read -r device destination _ _ _ _ _ mask _; do
    case $device:$destination in
      Iface:* | *:00000000 | br-*:* | docker*:*) continue ;;
    esac
    bits=0 left=$((0x$mask))
    while [ $left -gt 0 ]; do bits=$((bits + (left & 1))) left=$((left >> 1)); done
    net=$(from_hex "$destination")/$bits
    ! overlap "$FATE_SUBNET" "$net" || clash="$clash $net ($device)"
  done </proc/net/route
  if [ -z "$clash" ]; then check ok routes "none to $FATE_SUBNET"
  else check fail routes "$FATE_SUBNET overlaps a route of the host:$clash" 'choose another subnet'; fi
}

addresses() {
  if [ "$FATE_BIND" = 0.0.0.0 ] || grep -qE "(^| )$FATE_BIND( |\$)" /proc/net/fib_trie 2>/dev/null; then
    check ok 'own address' "$FATE_BIND"
  else
    check fail 'own address' "$FATE_BIND is no address of this host" 'give bind_address: the address of the host that its ports are published at'
  fi
}

# Sets taken, and unknown where nobody is known to hold a port.
look_at_ports() {
  own='' taken='' unknown=''
  [ -z "$engine" ] || own=$(docker ps --filter "label=com.docker.compose.project=$FATE_PROJECT" --format '{{.Ports}}')
  for one in $FATE_PORTS; do # NAME:LOCAL:PORT
    port=${one##*:} name=${one%%:*}
    case $one in *:local:*) address=0100007F ;; *) address=$bind ;; esac
    grep -qE "^ *[0-9]+: ($address|00000000|0{32}):$(printf '%04X' "$port") [0-9A-F:]+ 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null || continue
    case $own in *":$port->"*) continue ;; esac
    holder=
    [ -z "$engine" ] || holder=$(docker ps --filter "publish=$port" --format '{{.Names}}' | head -n 1)
    [ -n "$holder" ] || unknown=yes
    taken="$taken $port ($name${holder:+, by the container $holder})"
  done
}

ports() {
  old=$IFS IFS=.
  set -- $FATE_BIND
  IFS=$old
  bind=$(printf '%02X%02X%02X%02X' "$4" "$3" "$2" "$1")
  look_at_ports
  # An engine that has just come up opens the ports of a container before it lists it.
  for again in 1 2 3; do
    [ -n "$engine" ] && { [ -n "$unknown" ] || [ "${taken#*"container $FATE_PROJECT-"}" != "$taken" ]; } || break
    sleep 2
    look_at_ports
  done
  if [ -z "$taken" ]; then check ok ports free
  else check fail ports "taken:$taken" 'stop what listens there, or give other numbers under "ports:"'; fi
}

# --- ways to others

try() { # HOST PORT: prints the state
  if command -v bash >/dev/null 2>&1; then
    said=$(timeout 4 bash -c ': <"/dev/tcp/$0/$1"' "$1" "$2" 2>&1)
  elif command -v nc >/dev/null 2>&1; then
    said=$(timeout 4 nc -w 3 "$1" "$2" </dev/null 2>&1)
  else
    echo 'the host has neither bash nor nc'
    return
  fi
  status=$?
  case $status:$said in
    0:*) echo open ;;
    *[Rr]efused*) echo refused ;;
    *'not known'* | *resol* | *'bad address'*) echo unresolved ;;
    124:* | 143:* | *'timed out'*) echo silent ;;
    *) printf '%s\n' "$said" | tail -n 1 | tr '\t' ' ' ;;
  esac
}

ways() {
  for way in $FATE_WAYS; do # PARTY/DOOR/HOST/PORT
    (
      old=$IFS IFS=/
      set -- $way
      IFS=$old
      tell to "$1" door "$2" address "$3:$4" state "$(try "$3" "$4")"
    ) &
  done
  wait
}

outside() { # NAME HOST PORT SETTING
  state=$(try "$2" "$3")
  if [ "$state" = open ]; then check ok "$1" "$2:$3"
  else check fail "$1" "$2:$3 is $state from this host" "check $4, and the firewall between"; fi
}

together=${FATE_TOGETHER:+ for $FATE_TOGETHER together}
printf '{"time":%s}\n' "$(date +%s)"
# What is cloned has the machine-id of the other; what shares a kernel has a network of its own.
boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null) && network=$(readlink /proc/self/ns/net 2>/dev/null) && tell machine "$boot $network"
processor
memory
folder
clock_file
security
docker_engine
need=$FATE_DISK_GB
if [ -n "$engine" ]; then
  images
  [ -n "$missing" ] || need=2
  disk 'disk of Docker' "$(docker info --format '{{.DockerRootDir}}' 2>/dev/null)" "$need"
  [ -z "$FATE_SUBNET" ] || networks
fi
disk 'disk of the data' "$FATE_DIR" "$FATE_DATA_GB"
addresses
ports
[ -z "$FATE_SUBNET" ] || routes
[ -z "$FATE_MYSQL" ] || outside 'database outside' "${FATE_MYSQL%:*}" "${FATE_MYSQL##*:}" mysql_host
[ -z "$FATE_HDFS" ] || outside 'name node outside' "${FATE_HDFS%:*}" "${FATE_HDFS##*:}" name_node
ways
