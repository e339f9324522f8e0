# One host of a lab: made, on, off, removed. Sourced after common.sh, trees.sh and network.sh; STATE is the lab's
# folder. hosts/N/ holds: kind, name, tree (its path), docker/ (only with an engine), ssh_host_ed25519_key, disk/ (what
# differs from the tree), work/ and root/ (for the overlay), pid (process id and start time), init, log.

host_folder() { printf '%s/hosts/%s\n' "$STATE" "$1"; }

# make_host NUMBER KIND[:docker]: its folder, complete or not at all.
make_host() {
  folder=$(host_folder "$1")
  [ -f "$folder/kind" ] && return
  rm -rf "$folder"
  mkdir -p "$folder/disk/root/.ssh" "$folder/disk/etc" "$folder/work" "$folder/root"
  case $2 in *:docker) mkdir "$folder/docker" ;; esac
  tree_path "${2%:docker}" >"$folder/tree" # also when the recipe changes meanwhile: a disk fits one tree only
  printf '%s-%s\n' "$LAB" "$1" | tee "$folder/name" >"$folder/disk/etc/hostname"
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$folder/ssh_host_ed25519_key"
  give_identity "$1" "${2%:docker}"
  # Last: a host that has a kind is complete.
  printf '%s\n' "$2" >"$folder/kind.partial"
  mv "$folder/kind.partial" "$folder/kind"
}

# The host key where the kind's ssh server looks for it, and the lab's key for everybody who may log in.
give_identity() { # NUMBER KIND
  disk=$(host_folder "$1")/disk tree=$(cat "$(host_folder "$1")/tree")
  chmod 700 "$disk/root" "$disk/root/.ssh"
  cp "$STATE/key.pub" "$disk/root/.ssh/authorized_keys"
  for user in dev dev2; do
    [ -d "$tree/home/$user" ] || continue
    mkdir -p "$disk/home"
    cp -a "$tree/home/$user" "$disk/home/"
    mkdir "$disk/home/$user/.ssh"
    cp "$STATE/key.pub" "$disk/home/$user/.ssh/authorized_keys"
    chmod 700 "$disk/home/$user/.ssh"
    chown -R --reference="$tree/home/$user" "$disk/home/$user/.ssh"
  done
  if [ "$2" = busybox ]; then
    mkdir -p "$disk/etc/dropbear"
    cp "$(host_folder "$1")/ssh_host_ed25519_key" "$disk/etc/dropbear/openssh_key"
  else
    mkdir -p "$disk/etc/ssh"
    cp "$(host_folder "$1")/ssh_host_ed25519_key" "$disk/etc/ssh/"
  fi
}

host_process() { # NUMBER: the process id of its init, or nothing and status 1 when it is off
  [ -f "$(host_folder "$1")/pid" ] && read -r pid born <"$(host_folder "$1")/pid" || return
  # The process may have ended and its number been given away: the start time tells.
  [ "$(cut -d ' ' -f 22 "/proc/$pid/stat" 2>/dev/null)" = "$born" ] || return
  printf '%s\n' "$pid"
}

in_host() { # NUMBER COMMAND...
  inner=$(host_process "$1") || die "host $1 of lab $LAB is off"
  shift
  # Where the caller has temporary files and a home is no folder of the host.
  env -u TMPDIR HOME=/root nsenter -t "$inner" -m -p -n -u -i -r -w -- "$@"
}

# start_host NUMBER: begins to boot; await_host waits until it serves.
start_host() {
  folder=$(host_folder "$1")
  stop_host "$1" # what is left of one that was killed half way
  [ -d "$(cat "$folder/tree")" ] ||
    die "the tree of host $1 is gone from the cache; take the lab down (lab/lab down $LAB)"
  plug_in "$1"
  write_hosts_file "$folder/disk/etc/hosts"
  printf 'nameserver %s.253\n' "$NET" >"$folder/disk/etc/resolv.conf"
  host_init "$1" >"$folder/init"
  HOME=/root setsid nsenter --net="/run/netns/$(host_ns "$1")" unshare -m -p -u -i --fork \
    sh "$LAB_DIR/host-boot.sh" "$folder" "$(cat "$folder/tree")" "$(cat "$folder/name")" \
    </dev/null >"$folder/log" 2>&1 9>&- &
}

write_hosts_file() { # FILE
  printf '127.0.0.1 localhost\n' >"$1"
  for other in "$STATE"/hosts/*; do printf '%s.%s %s\n' "$NET" "${other##*/}" "$(cat "$other/name")"; done >>"$1"
}

# The host's own init, run inside it: starts its servers, then reaps.
host_init() { # NUMBER
  case $(cat "$(host_folder "$1")/kind") in
    busybox) cat <<'INIT' ;;
[ -f /etc/dropbear/key ] || dropbearconvert openssh dropbear /etc/dropbear/openssh_key /etc/dropbear/key
dropbear -F -E -r /etc/dropbear/key -P /run/sshd.pid 2>>/var/log/sshd.log &
INIT
    *:docker) cat <<INIT ;;
mkdir -p /run/sshd
/usr/sbin/sshd -D -E /var/log/sshd.log &
dockerd --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent=/$(host_ns "$1") >>/var/log/dockerd.log 2>&1 &
INIT
    *) cat <<'INIT' ;;
mkdir -p /run/sshd
/usr/sbin/sshd -D -E /var/log/sshd.log &
INIT
  esac
  printf 'while :; do sleep 86400 & wait; done\n'
}

# await_host NUMBER: until ssh answers, and the engine where there is one.
await_host() {
  folder=$(host_folder "$1")
  deadline=$(($(date +%s) + 60))
  until inner=$(host_process "$1") && [ -s "/proc/$inner/root/run/sshd.pid" ]; do
    [ "$(date +%s)" -lt "$deadline" ] ||
      host_failed "$1" "no ssh server after 60 s" "$folder/log" "$folder/disk/var/log/sshd.log"
    sleep 0.02
  done
  # This machine may know for a while that there was no way to a host whose power was off.
  until timeout 2 bash -c ": </dev/tcp/$NET.$1/22" 2>/dev/null; do
    [ "$(date +%s)" -lt "$deadline" ] || host_failed "$1" 'no way to its ssh server after 60 s' "$folder/log"
    sleep 0.1
  done
  [ -d "$folder/docker" ] || return 0
  until in_host "$1" docker version >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$deadline" ] ||
      host_failed "$1" "no Docker Engine after 60 s" "$folder/disk/var/log/dockerd.log"
    sleep 0.05
  done
}

host_failed() { # NUMBER WHAT LOG...
  number=$1 what=$2
  shift 2
  tail -n 8 "$@" >&2 2>/dev/null || true
  die "host $number of lab $LAB did not come up: $what"
}

# stop_host NUMBER: as when the power fails. What it has on disk stays.
stop_host() {
  ns=$(host_ns "$1")
  if [ -e "/run/netns/$ns" ]; then
    # Its init takes everything with it, containers too; found by their network, also where no pid was written yet.
    while pids=$(ip netns pids "$ns" 2>/dev/null) && [ -n "$pids" ]; do
      # shellcheck disable=SC2086
      kill -9 $pids 2>/dev/null || true
      sleep 0.01
    done
  fi
  rm -f "$(host_folder "$1")/pid"
  unplug "$1"
  find /sys/fs/cgroup -depth -type d \( -path "*/$ns" -o -path "*/$ns/*" \) -exec rmdir {} + 2>/dev/null || true
}
