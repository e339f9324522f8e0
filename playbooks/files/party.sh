# What the scripts of backup and restore share. What is wanted comes in the environment (see tasks/back-up.yml).
LC_ALL=C
export LC_ALL
umask 077

fail() { # MESSAGE
  printf '%s\n' "$1" >&2
  exit 1
}

# A client program of the party's database, logged in as FATE is; its password stands in no command line.
database() { # PROGRAM WORD...
  program=$1
  shift
  if [ -n "$FATE_MYSQL_OUTSIDE" ]; then
    docker run --rm -i --network host --volume "$FATE_HOME/confs/mysql/client.cnf:/etc/mysql/fate-client.cnf:ro" \
      "$FATE_MYSQL_OUTSIDE" "$program" --defaults-extra-file=/etc/mysql/fate-client.cnf "$@"
  else
    docker exec -i "$FATE_PROJECT-mysql-1" "$program" --defaults-extra-file=/etc/mysql/fate-client.cnf "$@"
  fi
}

# As root in a container that sees the party's data and nothing else: the files there belong to accounts of containers. What it
# prints is not to be kept by Docker as well.
inside() { # SCRIPT
  docker run --rm -i --name "$FATE_PROJECT-files" --log-driver none --network none --user 0:0 \
    --volume "$FATE_HOME/shared_dir:/party" --workdir /party --entrypoint sh "$FATE_IMAGE" -c "set -eu; $1"
}

# The one of a run that was killed goes on without it.
end_inside() {
  [ -z "$(docker ps -aq --filter "name=^/$FATE_PROJECT-files\$")" ] || docker rm -f "$FATE_PROJECT-files" >/dev/null
}

# Ends with a message unless the archive is whole: each of its members has the checksum that it was given.
verify() { # ARCHIVE
  sums=$(tar -xOf "$1" SHA256SUMS 2>/dev/null) || fail "$1 is no backup of fplay, or it is cut off: it has no checksums"
  case $sums in *.gz*) ;; *) fail "$1 has nothing in it" ;; esac
  printf '%s\n' "$sums" | while read -r sum member; do
    case $member in manifest.json | mysql.sql.gz | data.tar.gz) ;; *) fail "$1 has a member $member, which no backup has" ;; esac
    found=$(tar -xOf "$1" "$member" 2>/dev/null | sha256sum)
    [ "${found%% *}" = "$sum" ] || fail "$1 is damaged: $member does not have its checksum"
  done
}
