# Writes what a party holds into one archive on its host and prints {"archive", "bytes"}: the database FATE_DB, if it has one, and
# below shared_dir the folders FATE_FOLDERS, if any. The services that write are frozen while these are read, so that database
# and files are of one moment; jobs go on afterwards. An archive has its name only when it is whole.
set -eu

for program in tar gzip sha256sum; do
  command -v "$program" >/dev/null 2>&1 || fail "the host has no $program"
done
when=$(date -u +%Y%m%dT%H%M%SZ)
work=$FATE_BACKUPS/.$FATE_PROJECT.partial
archive=$FATE_BACKUPS/$FATE_PROJECT-$when${FATE_FOLDERS:+-all}.tar
frozen=
well=

tidy() {
  code=$?
  trap - EXIT HUP INT TERM
  [ -z "$frozen" ] || docker unpause $frozen >/dev/null || code=1
  end_inside
  rm -rf "$work"
  exit "$code"
}

# Those that a killed run left frozen as well.
freeze() {
  well=$(docker ps -q --filter "label=com.docker.compose.project=$FATE_PROJECT" --filter health=healthy)
  for state in paused running; do
    for one in $(docker ps --filter "label=com.docker.compose.project=$FATE_PROJECT" --filter "status=$state" \
      --format '{{.Label "com.docker.compose.service"}}/{{.ID}}'); do
      case $one in mysql/* | osx/* | nginx/* | fateboard/*) continue ;; esac
      [ "$state" = paused ] || docker pause "${one##*/}" >/dev/null
      frozen="$frozen ${one##*/}"
    done
  done
}

# Whatever ends this script, the party must not stay frozen. Away from it, because those that end a script by force end its
# children too. Only while the folder of the backup says that it is still this one.
guard() {
  echo "$$" >"$work/frozen"
  (
    $(command -v setsid) sh -c '
      script=$1 work=$2 files=$3
      shift 3
      while kill -0 "$script" 2>/dev/null; do sleep 1; done
      [ "$(cat "$work/frozen" 2>/dev/null)" = "$script" ] || exit
      docker unpause "$@"
      docker rm -f "$files"
      rm -rf "$work"' sh "$$" "$work" "$FATE_PROJECT-files" $frozen </dev/null >/dev/null 2>&1 &
  )
}

thaw() {
  [ -z "$frozen" ] || docker unpause $frozen >/dev/null
  frozen=
  rm -f "$work/frozen"
}

# Docker calls a service that was frozen unhealthy until it is asked the next time, and so would whoever looks right after this.
recover() {
  for _ in $(seq 60); do
    unwell=$(docker ps -q --filter health=unhealthy)
    waits=
    for one in $well; do
      case $unwell in *"$one"*) waits=yes ;; esac
    done
    [ -n "$waits" ] || break
    sleep 1
  done
}

room() {
  needed=$(inside "du -sck --exclude=mysql $FATE_FOLDERS" | tail -n 1)
  needed=${needed%%[!0-9]*}
  free=$(df -Pk "$FATE_BACKUPS" | { read -r _ && read -r _ _ _ left _ && echo "$left"; })
  [ "$free" -gt "$needed" ] || fail "$FATE_BACKUPS has $((free / 1024)) MB free, and the data takes $((needed / 1024)) MB: make room first"
}

dump() {
  [ -n "$FATE_DB" ] || return 0
  # A dump of a server that replicates by transaction ids could be loaded by its superuser only.
  ids=
  ! database mysqldump --help 2>/dev/null | grep -q set-gtid-purged || ids=--set-gtid-purged=OFF
  database mysqldump --single-transaction --no-tablespaces --hex-blob $ids "$FATE_DB" >"$work/mysql.sql"
  tail -n 1 "$work/mysql.sql" | grep -q '^-- Dump completed' || fail 'mysqldump ended before its end'
}

trap tidy EXIT
trap 'exit 129' HUP INT TERM
[ -z "$FATE_DB" ] || [ -n "$FATE_MYSQL_OUTSIDE" ] || [ -n "$(docker ps -q --filter "name=^/$FATE_PROJECT-mysql-1\$")" ] ||
  fail "MySQL of $FATE_PROJECT does not run, so it cannot be dumped: start the party first (deploy.yml)"
rm -rf "$work"
mkdir "$work"
end_inside
if [ -n "$FATE_FOLDERS" ]; then
  room
  freeze
  guard
fi
dump
if [ -n "$FATE_FOLDERS" ]; then
  # In the background, because a shell heeds a signal only when it waits.
  inside "tar -cSz --numeric-owner --anchored --exclude=data/mysql -f - $FATE_FOLDERS" >"$work/data.tar.gz" &
  wait $!
fi
thaw
[ -z "$FATE_DB" ] || gzip "$work/mysql.sql"
cd "$work"
members="${FATE_DB:+mysql.sql.gz} ${FATE_FOLDERS:+data.tar.gz}"
printf '{"time":"%s",%s\n' "$when" "${FATE_MANIFEST#\{}" >manifest.json
sha256sum manifest.json $members >SHA256SUMS
tar -cf archive.tar manifest.json SHA256SUMS $members
verify archive.tar
sync
mv archive.tar "$archive"
recover
printf '{"archive":"%s","bytes":%s}\n' "$archive" "$(wc -c <"$archive")"
