# What every double stands on: libc, a Python that is not in PATH, busybox. To a user of the image it looks like Alpine.
packages='python3.11-minimal libpython3.11-stdlib python3-yaml python3-pymysql busybox-static'
skip='gcc-12-base dpkg tar python3 python3.11 libpython3-stdlib python3-minimal media-types libncursesw6
  libreadline8 readline-common libsqlite3-0 libdb5.3 libacl1 libmd0 libpcre2-8-0 libselinux1 libtinfo6'

finish() {
  local home=usr/libexec/double lib
  mkdir -p $home/bin $home/lib etc tmp root var/tmp usr/local/bin proc sys dev run
  chmod 1777 tmp var/tmp
  mv usr/bin/python3.11 $home/bin/python3
  mv usr/lib/python3.11 $home/lib/
  mv usr/lib/python3/dist-packages/{yaml,pymysql} $home/lib/python3.11/
  lib=$home/lib/python3.11
  rm -rf usr/lib/python3 usr/share/* etc/* usr/sbin/* usr/lib/{valgrind,systemd}
  rm -rf $lib/{ensurepip,lib2to3,pydoc_data,distutils,turtledemo}
  rm -f $lib/yaml/*.so $lib/lib-dynload/{_sqlite3,_dbm,_curses*,readline,_codecs_*,nis}*.so
  rm -rf usr/lib/x86_64-linux-gnu/{audit,gconv}
  local applet
  for applet in $(chroot . /bin/busybox --list); do
    case $applet in dpkg* | rpm* | busybox) continue ;; esac
    [ -e usr/bin/$applet ] || ln -s busybox usr/bin/$applet
  done
  echo 'root:x:0:0:root:/root:/bin/sh' >etc/passwd
  echo 'root:x:0:' >etc/group
  # Compiled once here, by content: containers start faster, and equal sources stay equal bytes.
  chroot . /$home/bin/python3 -m compileall -q --invalidation-mode unchecked-hash /$lib || true
}
