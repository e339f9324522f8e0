# Makes a small repository of packages of our own in /srv/fprepo: the host has no way to any other.
set -e
rm -rf /srv/fprepo /srv/fpbuild; mkdir -p /srv/fprepo/pool
B=/srv/fpbuild
package() { # NAME VERSION [FIELD: VALUE]…
  N=$1 V=$2; shift 2
  mkdir -p "$B/DEBIAN"
  { printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\n' "$N" "$V"
    for F do printf '%s\n' "$F"; done; printf 'Description: a test\n'; } >"$B/DEBIAN/control"
  [ ! -d "$B/etc" ] || (cd "$B" && find etc -type f | sed 's,^,/,' >DEBIAN/conffiles)
  dpkg-deb -b "$B" "/srv/fprepo/pool/${N}_${V}_all.deb" >/dev/null
  rm -rf "$B"
}
data() { mkdir -p "$B/usr/share/$1" "$B/etc/$1"; echo "$2" >"$B/usr/share/$1/version"; echo "mode=plain" >"$B/etc/$1/$1.conf"; chmod 640 "$B/etc/$1/$1.conf"; }

data fplib 1.0; package fplib 1.0
package fprec 1.0
for V in 1.0 1.1 2.0; do data fphello $V; package fphello $V 'Depends: fplib' 'Recommends: fprec'; done
package fpmta 1 'Provides: fpmail'
package fpbroken 1 'Depends: fpnowhere'
# A daemon as debhelper packs it: an init script, an account, a service that starts.
data fpd 1; mkdir -p "$B/etc/init.d" "$B/DEBIAN" "$B/lib/systemd/system"
echo '[Unit]' >"$B/lib/systemd/system/fpd.service"
cat >"$B/etc/init.d/fpd" <<'S'
#!/bin/sh
### BEGIN INIT INFO
# Provides: fpd
# Required-Start:
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
### END INIT INFO
P=/run/fpd.pid
case $1 in
start) setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >$P ;;
stop) [ ! -e $P ] || { kill "$(cat $P)"; rm $P; } ;;
restart) $0 stop; $0 start ;;
status) [ -e $P ] && kill -0 "$(cat $P)" && echo running ;;
esac
S
chmod 755 "$B/etc/init.d/fpd"
cat >"$B/DEBIAN/postinst" <<'S'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
  getent passwd fpduser >/dev/null || useradd --system --user-group --no-create-home fpduser
  if [ -x /etc/init.d/fpd ]; then
    update-rc.d fpd defaults >/dev/null
    if [ -n "$2" ]; then _dh_action=restart; else _dh_action=start; fi
    invoke-rc.d --skip-systemd-native fpd $_dh_action || exit 1
  fi
fi
S
cat >"$B/DEBIAN/prerm" <<'S'
#!/bin/sh
invoke-rc.d --skip-systemd-native fpd stop || :
S
cat >"$B/DEBIAN/postrm" <<'S'
#!/bin/sh
[ "$1" != purge ] || { update-rc.d fpd remove >/dev/null; userdel fpduser; }
S
chmod 755 "$B/DEBIAN/postinst" "$B/DEBIAN/prerm" "$B/DEBIAN/postrm"
package fpd 1
cd /srv/fprepo
for F in pool/*.deb; do
  dpkg-deb -f "$F"; echo "Filename: ./$F"; echo "Size: $(stat -c %s "$F")"; echo "SHA256: $(sha256sum "$F" | cut -d' ' -f1)"; echo
done >Packages
