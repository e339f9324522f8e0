#!/bin/sh
# One host from power-on until its own init runs. lab/host.sh starts it as the first process of new mount, process,
# UTS and IPC namespaces inside the host's network namespace; nothing it mounts is seen outside.
#   host-boot.sh FOLDER TREE NAME
set -eu
folder=$1 tree=$2 name=$3
root=$folder/root

# /proc is still the machine's here: this is the process id the machine knows, and the start time that proves it.
read -r stat </proc/self/stat
# shellcheck disable=SC2086
set -- $stat
printf '%s %s\n' "$1" "${22}" >"$folder/pid"

hostname "$name"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$folder/disk,workdir=$folder/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,gid=5,mode=620,ptmxmode=666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
while read -r device minor; do mknod -m 666 "$root/dev/$device" c 1 "$minor"; done <<DEVICES
null 3
zero 5
full 7
random 8
urandom 9
DEVICES
mknod -m 666 "$root/dev/tty" c 5 0
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for stream in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${stream%:*}" "$root/dev/${stream#*:}"; done
mkdir -p "$root/run/lab" "$root/run/lock"
cp "$folder/init" "$root/run/lab/init"
# Docker's layers need a real file system below them; the overlay is none.
if [ -d "$folder/docker" ]; then
  mkdir -p "$root/var/lib/docker"
  mount --bind "$folder/docker" "$root/var/lib/docker"
fi

# Not chroot: an engine in a chroot runs containers but cannot exec into them.
cd "$root"
pivot_root . .
umount -l .
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  /bin/sh /run/lab/init </dev/null
