# MariaDB's server and clients, under MySQL's names where those are used.
above='runtime tools'
packages='mariadb-server-core mariadb-client-core mariadb-client mariadb-server'
skip='gcc-12-base dpkg debconf perl* libperl* lib*-perl libgdbm* galera-4 rsync socat lsof psmisc iproute2 passwd
  adduser gawk init-system-helpers debianutils mount libmount1 libblkid1 libfdisk1 util-linux* login libpam*
  libaudit* libcap-ng0 libbpf* libelf* libxtables* libmnl* libsemanage* libsepol* libdb5.3 libwrap0 libpopt0
  libpython* libdebconfclient0 libreadline8 readline-common libsigsegv2 libmpfr6 libsmartcols1 sysvinit-utils
  lsb-base'

finish() {
  local keep='mariadb|mariadb-admin|mariadb-dump|mariadb-install-db|mariadb-check|my_print_defaults|resolveip'
  find usr/bin -mindepth 1 | grep -vE "/($keep)$" | xargs rm -f
  find usr/sbin -mindepth 1 -not -name mariadbd | xargs rm -rf
  find usr/share -mindepth 1 -maxdepth 1 -not -name mysql | xargs rm -rf
  find usr/share/mysql -mindepth 1 -maxdepth 1 -type d -not -name english -not -name charsets | xargs rm -rf
  rm -rf etc var usr/lib/{mysql,systemd,sysusers.d,tmpfiles.d,perl5,python3} usr/lib/x86_64-linux-gnu/security
  mkdir -p usr/lib/mysql/plugin
  ln -s mariadb usr/bin/mysql
  ln -s mariadb-admin usr/bin/mysqladmin
  ln -s mariadb-dump usr/bin/mysqldump
  ln -s mariadb-check usr/bin/mysqlcheck
  ln -s mariadbd usr/sbin/mysqld
}
