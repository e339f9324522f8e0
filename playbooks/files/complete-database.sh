#!/bin/sh
# A database whose first start was cut off (by a power failure, say) is never set up again by MySQL's image: the account is
# missing for ever. This completes it, or empties its folder so that it is set up anew. It is run only where fplay itself
# made the folder and no start has succeeded since; and what holds any table of FATE-Flow is left alone.
# Works in the party's folder. What is wanted comes in the environment (see tasks/start.yml). Prints "changed" after a change.
set -eu
data=shared_dir/data/mysql
[ -n "$(ls -A "$data" 2>&1)" ] || exit 0

client() { # ARGUMENT...: the account's own login
  docker exec -i "$FATE_CONTAINER" mysql --defaults-extra-file=/etc/mysql/fate-client.cnf "$@" "$FATE_DB"
}

in_folder() { # COMMAND ARGUMENT...: in a container, because the files are MySQL's
  command=$1
  shift
  docker run --rm --network none --user root --volume "$PWD/$data:/data" --entrypoint "$command" "$FATE_IMAGE" "$@"
}

restarts() { docker inspect -f '{{.RestartCount}}' "$FATE_CONTAINER" 2>/dev/null; }

# While it is being set up nobody can connect; that may still be going on.
answer='no container'
if docker start "$FATE_CONTAINER" >/dev/null 2>&1; then
  before=$(restarts)
  for _ in $(seq "$FATE_PATIENCE"); do
    if answer=$(client -e 'select 1' 2>&1); then answer=ok; fi
    case $answer in
      ok | *1044* | *1045* | *1049*) break ;; # no right, no such account, no such database: it is up
    esac
    [ "$(restarts)" -le $((before + 1)) ] || break # it ends again and again
    sleep 1
  done
fi
if [ "$answer" = ok ]; then
  if [ -e confs/mysql/init/20-eggroll-tables.sql ]; then client <confs/mysql/init/20-eggroll-tables.sql; fi
  exit 0
fi

# A listing that fails ends this here: nothing is emptied that was not looked into.
tables=
case " $(in_folder ls -A /data | tr '\n' ' ') " in
  *" $FATE_DB "*) tables=$(in_folder ls -A "/data/$FATE_DB") ;;
  '  ') echo "$PWD/$data cannot be looked into" >&2 && exit 1 ;;
esac
tables=$(printf '%s\n' "$tables" |
  grep -vE '^(store_locator|store_option|store_partition|server_node|session_main|session_option|session_processor|processor_resource|node_resource|session_ranks)\.|^db\.opt$' || true)
if [ -n "$tables" ]; then
  echo "the database cannot be used ($answer), and $PWD/$data holds tables that are not Eggroll's: is the password another one?" >&2
  exit 1
fi
docker rm -f "$FATE_CONTAINER" >/dev/null 2>&1 || true
in_folder find /data -mindepth 1 -delete
echo changed
