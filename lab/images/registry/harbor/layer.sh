# The double of Harbor: Debian's registry, and before it what Harbor asks of people.
above='runtime double'
packages='docker-registry'
skip='gcc-12-base dpkg perl* libperl* libgdbm* libdb5.3 passwd adduser init-system-helpers debianutils debconf
  libdebconfclient0 libaudit* libcap-ng0 libsemanage* libsepol* libpam* libselinux1 libpcre2-8-0 media-types lsb-base
  sysvinit-utils ca-certificates openssl tar'

finish() {
  find usr/bin -type f -not -name docker-registry -delete
  rm -rf etc var usr/share usr/lib/systemd
}
