# Packs the Docker Engine that a Debian host of the lab has into package files in /root/packages, and takes it off the host,
# so that a host without one can get it from files: the lab has no way to a repository. $1 is the host's control group.
set -e
mkdir -p /root/packages
for package in docker.io containerd runc; do
  root=/root/pack
  rm -rf $root
  mkdir -p $root/DEBIAN
  dpkg -L $package | while read -r path; do
    [ -f "$path" ] || continue
    mkdir -p "$root${path%/*}"
    cp -a "$path" "$root$path"
  done
  dpkg-query -s $package | grep -vE '^(Status|Conffiles):|^ /' >$root/DEBIAN/control
  dpkg-query -W -f '${Conffiles}\n' $package | awk 'NF { print $1 }' >$root/DEBIAN/conffiles
  for part in preinst postinst prerm postrm; do
    [ ! -e /var/lib/dpkg/info/$package.$part ] || cp /var/lib/dpkg/info/$package.$part $root/DEBIAN/
  done
  dpkg-deb -Znone -b $root /root/packages/$package.deb
done
rm -rf /root/pack
apt-get purge -qy docker.io containerd runc
mv /usr/libexec/docker/cli-plugins/docker-compose /root/docker-compose
# The init script raises a limit that a host of the lab may not, and containers belong into the host's own group.
cat >/etc/default/docker <<END
ulimit() { :; }
DOCKER_OPTS="--exec-opt native.cgroupdriver=cgroupfs --cgroup-parent=/$1"
END
