above='runtime tools mariadb'

finish() {
  mkdir -p etc/mysql/conf.d docker-entrypoint-initdb.d var/lib/mysql run/mysqld
  chown 999:999 var/lib/mysql run/mysqld
  printf '%s\n' root:x:0:0:root:/root:/bin/bash mysql:x:999:999::/var/lib/mysql:/bin/false >etc/passwd
  printf '%s\n' root:x:0: mysql:x:999: >etc/group
  ln -s /run var/run
  chmod 1777 run/mysqld
}
