# The command line of the larger images (CentOS or Debian): bash, GNU tools, curl.
above='runtime'
packages='bash coreutils curl grep sed findutils tar gzip mawk procps'
skip='gcc-12-base dpkg debconf base-files debianutils init-system-helpers perl* libperl* libgdbm* libdb5.3 openssl
  ca-certificates'

finish() {
  rm -rf etc usr/share usr/sbin/* usr/lib/{mime,systemd,tmpfiles.d,sysctl.d}
  ln -s mawk usr/bin/awk
  ln -sf bash usr/bin/sh
}
