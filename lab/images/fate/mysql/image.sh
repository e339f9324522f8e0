tag=mysql:8.0.28
layers='runtime tools mariadb mysql'
config='{
  "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "MYSQL_MAJOR=8.0", "MYSQL_VERSION=8.0.28"],
  "Entrypoint": ["docker-entrypoint.sh"],
  "Cmd": ["mysqld"],
  "ExposedPorts": {"3306/tcp": {}, "33060/tcp": {}},
  "Volumes": {"/var/lib/mysql": {}}
}'
