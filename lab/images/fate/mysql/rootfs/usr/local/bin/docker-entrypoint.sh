#!/bin/bash
# Entry point of the mysql double: a MariaDB server that is set up as the mysql image sets up its own.
# Kept: the variables below with their _FILE twins, init files only for an empty data folder, a temporary server without
# network meanwhile, refusal to start when no password was chosen, uid 999.
# Not kept: MySQL's own options (left out with a note), caching_sha2_password, X protocol on 33060.
set -euo pipefail

data=/var/lib/mysql
socket=/var/run/mysqld/mysqld.sock

note() { echo "$(date -u +%FT%TZ) [Note] [Entrypoint]: $*" >&2; }
refuse() { echo "$(date -u +%FT%TZ) [ERROR] [Entrypoint]: $*" >&2; exit 1; }

# Exports a variable from NAME or from the file in NAME_FILE: scripts among the init files may read it.
take() {
  local name=$1 file=$1_FILE value=''
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then refuse "Both $name and $file are set (but are exclusive)"; fi
  value=${!name:-${2:-}}
  if [ -n "${!file:-}" ]; then value=$(<"${!file}"); fi
  unset "$file"
  export "$name=$value"
}

# Quoted for SQL: with NO_BACKSLASH_ESCAPES only the quote itself is special.
text() { printf "'%s'" "${1//\'/\'\'}"; }
name() { printf '`%s`' "${1//\`/\`\`}"; }

sql() { mysql --protocol=socket -uroot --socket="$socket" --binary-mode=0 "$@"; }

options=()
accepted_options() {
  local option
  for option in "$@"; do
    case $option in
      --default-authentication-plugin=* | --default_authentication_plugin=* | --authentication-policy=* | --mysqlx*)
        note "$option is MySQL's own and left out" ;;
      *) options+=("$option") ;;
    esac
  done
}

check_choice() {
  if [ -z "$MYSQL_ROOT_PASSWORD$MYSQL_ALLOW_EMPTY_PASSWORD$MYSQL_RANDOM_ROOT_PASSWORD" ]; then
    refuse 'Database is uninitialized and password option is not specified
    You need to specify one of the following as an environment variable:
    - MYSQL_ROOT_PASSWORD
    - MYSQL_ALLOW_EMPTY_PASSWORD
    - MYSQL_RANDOM_ROOT_PASSWORD'
  fi
  if [ "$MYSQL_USER" = root ]; then
    refuse 'MYSQL_USER="root", MYSQL_USER and MYSQL_PASSWORD are for a regular user and cannot be used for root'
  fi
}

start_temporary() {
  mysqld --user=mysql --skip-networking --socket="$socket" "${options[@]}" &
  temporary=$!
  local _
  for _ in $(seq 300); do
    if sql -e 'select 1' >/dev/null 2>&1; then return; fi
    kill -0 "$temporary" 2>/dev/null || refuse 'Unable to start server.'
    sleep 0.1
  done
  refuse 'Unable to start server.'
}

root_statements() {
  local password
  password=$(text "$MYSQL_ROOT_PASSWORD")
  echo "set session sql_mode = concat(@@sql_mode, ',NO_BACKSLASH_ESCAPES');"
  if [ -n "$MYSQL_ROOT_HOST" ] && [ "$MYSQL_ROOT_HOST" != localhost ]; then
    echo "create user 'root'@$(text "$MYSQL_ROOT_HOST") identified by $password;"
    echo "grant all on *.* to 'root'@$(text "$MYSQL_ROOT_HOST") with grant option;"
  fi
  [ -z "$MYSQL_DATABASE" ] || echo "create database if not exists $(name "$MYSQL_DATABASE");"
  if [ -n "$MYSQL_USER" ] && [ -n "$MYSQL_PASSWORD" ]; then
    echo "create user $(text "$MYSQL_USER")@'%' identified by $(text "$MYSQL_PASSWORD");"
    [ -z "$MYSQL_DATABASE" ] || echo "grant all on $(name "$MYSQL_DATABASE").* to $(text "$MYSQL_USER")@'%';"
  fi
  # Last: from here on the temporary server asks for the password too.
  [ -z "$MYSQL_ROOT_PASSWORD" ] || echo "alter user 'root'@'localhost' identified by $password;"
}

run_init_files() {
  local file into=()
  [ -z "$MYSQL_DATABASE" ] || into=("--database=$MYSQL_DATABASE")
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) note "running $file"; if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) note "running $file"; sql "${into[@]}" <"$file" ;;
      *.sql.gz) note "running $file"; gunzip -c "$file" | sql "${into[@]}" ;;
      *) note "ignoring $file" ;;
    esac
  done
}

first_start() {
  check_choice
  if [ -n "$MYSQL_RANDOM_ROOT_PASSWORD" ]; then
    MYSQL_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64 | tr -d '/+=')
    note "GENERATED ROOT PASSWORD: $MYSQL_ROOT_PASSWORD"
  fi
  note 'Initializing database files'
  mariadb-install-db --user=mysql --datadir="$data" --auth-root-authentication-method=normal --skip-test-db \
    --skip-name-resolve >/dev/null
  note 'Starting temporary server'
  start_temporary
  root_statements | sql
  export MYSQL_PWD=$MYSQL_ROOT_PASSWORD
  sql -e "delete from mysql.global_priv where User = '' or User = 'root' and
    Host not in ('localhost', $(text "$MYSQL_ROOT_HOST")); flush privileges"
  run_init_files
  unset MYSQL_PWD
  note 'Stopping temporary server'
  kill "$temporary"
  wait "$temporary" || true
  note 'MySQL init process done. Ready for start up.'
}

if [ "${1:-}" = mysqld ] || [ "${1:0:1}" = - ]; then
  [ "${1:-}" != mysqld ] || shift
  accepted_options "$@"
  take MYSQL_ROOT_HOST '%'
  for variable in MYSQL_ROOT_PASSWORD MYSQL_DATABASE MYSQL_USER MYSQL_PASSWORD MYSQL_ALLOW_EMPTY_PASSWORD \
    MYSQL_RANDOM_ROOT_PASSWORD; do
    take $variable
  done
  if [ "$(id -u)" = 0 ]; then
    find "$data" \! -user mysql -exec chown mysql:mysql '{}' +
    chown mysql:mysql /run/mysqld
  fi
  [ -d "$data/mysql" ] || first_start
  exec mysqld --user=mysql "${options[@]}"
fi
exec "$@"
