# RabbitMQ itself, of Debian, with its management and federation plugins.
above='runtime double tools'
packages='rabbitmq-server'
skip='gcc-12-base dpkg perl* libperl* libgdbm* libdb5.3 passwd adduser gawk init-system-helpers debianutils mount libmount1
  libblkid1 util-linux* login libpam* libaudit* libcap-ng0 libsemanage* libsepol* python3* libpython* media-types
  logrotate cron* socat libwrap0 libpopt0 lsb-base sysvinit-utils openssl readline-common libreadline8 libsystemd0
  libsctp1 libselinux1 libpcre2-8-0 base-passwd libdebconfclient0 debconf libfdisk1 libsmartcols1'

finish() {
  local erlang=usr/lib/erlang
  rm -rf usr/share/{doc,man,lintian,bash-completion} usr/lib/systemd usr/lib/ocf etc/{init.d,logrotate.d,default,apt}
  rm -rf $erlang/lib/*/{src,include,examples,doc} $erlang/{man,doc}
  mkdir -p etc/rabbitmq var/lib/rabbitmq var/log/rabbitmq
  printf '%s\n' root:x:0:0:root:/root:/bin/bash rabbitmq:x:999:999::/var/lib/rabbitmq:/bin/bash >etc/passwd
  printf '%s\n' root:x:0: rabbitmq:x:999: >etc/group
  chmod 1777 var/log/rabbitmq
}
