# The root file systems that hosts boot from: minimal, cached, read-only below each host's own layer.
# Sourced after common.sh. A tree is named after the content of its recipe, so a changed recipe makes a new tree.

TREE_KINDS='debian debian-compose1 busybox'
# Kinds that few tests need, or none: each is built when a lab first asks for it, from a recipe of its own, trees/KIND.sh.
OTHER_KINDS='debian-python debian-dnf'

tree_path() { # KIND
  recipe=$LAB_DIR/trees/$1.sh
  [ -f "$recipe" ] || recipe=
  # shellcheck disable=SC2086
  printf '%s\n' "$LAB_CACHE/trees/$1-$(cat "$LAB_DIR/trees.sh" $recipe | sha256sum | cut -c1-12)"
}

# ensure_trees KIND...: builds those that are missing.
ensure_trees() {
  missing_trees=
  for kind; do
    case " $TREE_KINDS $OTHER_KINDS " in
      *" $kind "*) ;;
      *) die "no kind of host is called '$kind'; there are: $TREE_KINDS $OTHER_KINDS" ;;
    esac
    case $kind in debian-*) note_missing debian ;; esac # what these build on
    note_missing "$kind"
  done
  [ -z "$missing_trees" ] && return
  mkdir -p "$LAB_CACHE/trees"
  (
    flock 8 # two runs at once build a tree once
    ensure_machine_packages
    for kind in $missing_trees; do
      [ -d "$(tree_path "$kind")" ] || build_tree "$kind"
    done
  ) 8>"$LAB_CACHE/lock"
}

note_missing() { # KIND
  case " $missing_trees" in *" $1 "*) return ;; esac
  [ -d "$(tree_path "$1")" ] || missing_trees="$missing_trees$1 "
}

build_tree() { # KIND
  tree=$(tree_path "$1")
  started=$(date +%s)
  say "building the $1 tree (once, kept in $LAB_CACHE)"
  rm -rf "$tree.partial"
  # A mount namespace of its own: whatever is mounted on the way is gone when this ends, however it ends.
  LAB_DIR=$LAB_DIR LAB_CACHE=$LAB_CACHE unshare -m sh -euc \
    '. "$LAB_DIR/common.sh"; . "$LAB_DIR/trees.sh"; [ ! -f "$LAB_DIR/trees/$1.sh" ] || . "$LAB_DIR/trees/$1.sh"
    build_"$(printf %s "$1" | tr - _)" "$2"' _ "$1" "$tree.partial" \
    >"$tree.log" 2>&1 8>&- || {
    tail -n 15 "$tree.log" >&2
    die "the $1 tree could not be built; the whole log is $tree.log"
  }
  mv "$tree.partial" "$tree"
  rm -f "$tree.log"
  say "the $1 tree is ready ($(du -sm "$tree" | cut -f1) MB, $(($(date +%s) - started)) s)"
}

ensure_machine_packages() {
  wanted=
  command -v debootstrap >/dev/null || wanted="$wanted debootstrap"
  command -v ip >/dev/null || wanted="$wanted iproute2"
  command -v ssh-keygen >/dev/null || wanted="$wanted openssh-client"
  command -v xz >/dev/null || wanted="$wanted xz-utils"
  [ -z "$wanted" ] && return
  say "installing on this machine:$wanted"
  # shellcheck disable=SC2086
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $wanted; } \
    >"$LAB_CACHE/apt.log" 2>&1 8>&- || {
    tail -n 5 "$LAB_CACHE/apt.log" >&2
    die "apt-get could not install$wanted; the whole log is $LAB_CACHE/apt.log"
  }
}

# The Debian mirror this machine is configured to use.
debian_mirror() {
  for _ in 1 2; do
    mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
      awk '$1 == "bookworm" && $2 == "main" { print $3; exit }')
    [ -n "$mirror" ] && break
    apt-get update -q >&2
  done
  [ -n "$mirror" ] || die "apt has no source for Debian bookworm main; add one to /etc/apt/sources.list"
  printf '%s\n' "$mirror"
}

# fetch_debs SUITE FOLDER PACKAGE...: downloads packages of any Debian suite with an apt state of our own,
# so that neither the machine's sources nor its package lists change.
fetch_debs() {
  suite=$1 folder=$2
  shift 2
  state=$LAB_CACHE/apt/$suite
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$folder"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$(debian_mirror)" "$suite" >"$state/sources.list"
  cat >"$state/apt.conf" <<-SETTINGS
	Dir::Etc::SourceList "$state/sources.list";
	Dir::Etc::SourceParts "/dev/null";
	Dir::Etc::PreferencesParts "/dev/null";
	Dir::State::Lists "$state/lists";
	Dir::Cache "$state/cache";
	Acquire::Languages "none";
	APT::Sandbox::User "root";
	SETTINGS
  APT_CONFIG=$state/apt.conf apt-get update -q
  (cd "$folder" && APT_CONFIG=$state/apt.conf apt-get download "$@")
  rm -rf "$state"
}

build_debian() { # TREE
  debootstrap --variant=minbase \
    --include=openssh-server,docker.io,iptables,iproute2,procps,sudo,ca-certificates \
    bookworm "$1" "$(debian_mirror)"
  fetch_debs trixie "$1.debs" docker-compose
  mkdir -p "$1/usr/libexec/docker/cli-plugins" "$1.unpacked"
  dpkg-deb -x "$1".debs/docker-compose_*.deb "$1.unpacked"
  find "$1.unpacked" -type f -name docker-compose -perm -u+x \
    -exec mv {} "$1/usr/libexec/docker/cli-plugins/docker-compose" \;
  rm -rf "$1.debs" "$1.unpacked"
  finish_debian "$1"
  chroot "$1" /usr/libexec/docker/cli-plugins/docker-compose version
}

build_debian_compose1() { # TREE
  cp -a "$(tree_path debian)" "$1"
  rm "$1/usr/libexec/docker/cli-plugins/docker-compose"
  install_packages "$1" docker-compose
  # Compose v1 is Python; nothing else on the host shall find one.
  mkdir -p "$1/usr/lib/compose1"
  mv "$1"/usr/bin/python3* "$1/usr/lib/compose1/"
  sed -i '1s|.*|#!/usr/lib/compose1/python3|' "$1/usr/bin/docker-compose"
  trim_debian "$1"
  chroot "$1" docker-compose version
}

# install_packages TREE PACKAGE...: into a tree, starting none of its services.
install_packages() {
  root=$1
  shift
  mount -t proc proc "$root/proc"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  chroot "$root" apt-get update -q
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -qy --no-install-recommends "$@"
  rm "$root/usr/sbin/policy-rc.d"
  umount "$root/proc"
}

# What is the same on every Debian host: people who may log in, sshd without PAM, no leftovers of the building.
finish_debian() { # TREE
  printf '%s\n' 'UsePAM no' 'PasswordAuthentication yes' 'MaxStartups 200:30:400' 'MaxSessions 100' \
    >"$1/etc/ssh/sshd_config.d/lab.conf"
  rm -f "$1"/etc/ssh/ssh_host_*
  chroot "$1" useradd -m -s /bin/bash dev
  chroot "$1" useradd -m -s /bin/bash dev2
  printf '%s\n' root:root dev:dev dev2:dev2 | chroot "$1" chpasswd
  printf 'dev ALL=(ALL) ALL\ndev2 ALL=(ALL) NOPASSWD: ALL\n' >"$1/etc/sudoers.d/lab"
  chmod 440 "$1/etc/sudoers.d/lab"
  trim_debian "$1"
}

trim_debian() { # TREE
  rm -rf "$1"/var/cache/apt/*.bin "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/* \
    "$1"/usr/share/doc/* "$1"/usr/share/man/* "$1"/usr/share/locale/* "$1"/var/log/*.log
  : >"$1/etc/resolv.conf"
  : >"$1/etc/machine-id"
}

build_busybox() { # TREE
  fetch_debs bookworm "$1.debs" busybox-static dropbear-bin libtomcrypt1 libtommath1 libgmp10 zlib1g libcrypt1 libc6
  mkdir -p "$1"
  for name in bin sbin lib lib64; do mkdir -p "$1/usr/$name" && ln -s "usr/$name" "$1/$name"; done
  for deb in "$1".debs/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$1"; done
  find "$1" -depth \( -name gconv -o -path '*/usr/share' \) -exec rm -r {} +
  rm -r "$1.debs"
  chroot "$1" /bin/busybox --install -s
  # For su; the other applets drop the privilege first.
  chmod 4755 "$1/usr/bin/busybox"
  finish_busybox "$1"
  chroot "$1" /usr/sbin/dropbear -V
}

finish_busybox() { # TREE
  for name in dev proc sys run tmp root home home/dev etc etc/dropbear var var/log var/tmp; do mkdir -p "$1/$name"; done
  chmod 700 "$1/root"
  chmod 1777 "$1/tmp" "$1/var/tmp"
  ln -s ../run "$1/var/run"
  printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/:/bin/false' \
    'dev:x:1000:1000::/home/dev:/bin/sh' >"$1/etc/passwd"
  printf '%s\n' 'root:x:0:' 'tty:x:5:' 'nogroup:x:65534:' 'dev:x:1000:' >"$1/etc/group"
  # This busybox has no chpasswd; perl is on every Debian.
  for user in root nobody dev; do
    hash=$(perl -e 'print crypt($ARGV[0], "\$6\$lab\$")' "$user")
    [ "$user" = nobody ] && hash='*'
    printf '%s:%s:19000:0:99999:7:::\n' "$user" "$hash"
  done >"$1/etc/shadow"
  chmod 640 "$1/etc/shadow"
  printf '/bin/sh\n' >"$1/etc/shells"
  chown 1000:1000 "$1/home/dev"
}
