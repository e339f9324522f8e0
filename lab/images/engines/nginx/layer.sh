# nginx itself, of Debian, behind the double of FATE's routing.
above='runtime double tools'
packages='nginx-light'
skip='gcc-12-base dpkg perl* libperl* libgdbm* libdb5.3 passwd adduser init-system-helpers debianutils mount libmount1
  util-linux* login libpam* libaudit* libcap-ng0 libsemanage* libsepol* python3* media-types lsb-base sysvinit-utils
  readline-common libreadline8 libsystemd0 iproute2 libbpf* libelf* libxtables* libmnl* libcap2* libselinux1
  libpcre2-8-0 debconf libdebconfclient0'

finish() {
  rm -rf usr/share/{doc,man,lintian} usr/lib/systemd etc/{init.d,logrotate.d,default,ufw}
  mkdir -p data/projects/fate/proxy/nginx/{conf,logs} var/log/nginx var/lib/nginx
  printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n' >etc/passwd
  printf 'root:x:0:\nnogroup:x:65534:\n' >etc/group
  echo '{}' >data/projects/fate/proxy/nginx/conf/route_table.yaml
}
