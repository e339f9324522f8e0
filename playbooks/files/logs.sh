# Collects what a bug report needs of a party on its host, with passwords masked, and prints the path of one archive. Reads only;
# what it writes stands in a folder of its own in /tmp, which the playbook removes.
LC_ALL=C
export LC_ALL
umask 077
work=$(mktemp -d /tmp/fplay-logs.XXXXXX) || exit 1
trap 'rm -rf "$work"; exit 129' HUP INT TERM
out=$work/$FATE_NAME
home=$FATE_DIR/$FATE_PROJECT
mkdir "$out" "$out/containers"

note() { # FILE COMMAND WORD...: what a command says, also when it fails
  file=$1
  shift
  {
    echo "\$ $*"
    timeout 60 "$@" </dev/null || echo "(ended with status $?)"
    echo
  } >>"$out/$file" 2>&1
}

# Passwords by their key: what stands after it. Prints the values (mode=list) or the lines without them (mode=mask).
by_key='
  {
    line = $0
    if (match(tolower(line), /(password|passwd|default_pass|secret|private_key|identified by)[" ]*[=:,][ <]*|identified by +/)) {
      head = substr(line, 1, RSTART + RLENGTH - 1)
      value = substr(line, RSTART + RLENGTH)
      quote = substr(value, 1, 1)
      if (quote == "\"" || quote == "\047") {
        for (end = length(value); end > 1 && substr(value, end, 1) != quote; end--);
        tail = substr(value, end + 1)
        value = substr(value, 2, end - 2)
      } else tail = ""
      if (mode == "list") {
        print value
        gsub(/\\"/, "\"", value); gsub(/\\\\/, "\\", value); gsub(/\047\047/, "\047", value)
        print value
      }
      line = head "***" tail
    }
    if (mode == "mask") print line
  }'
# The same values wherever else they stand; short ones would mask half the log.
by_value='
  FNR == NR { if (length($0) >= 6) secrets[++count] = $0; next }
  {
    for (i = 1; i <= count; i++) {
      done = ""
      while ((at = index($0, secrets[i])) > 0) {
        done = done substr($0, 1, at - 1) "***"
        $0 = substr($0, at + length(secrets[i]))
      }
      $0 = done $0
    }
    print
  }'

for command in date 'uname -a' 'cat /etc/os-release' id nproc uptime 'free -m' 'df -h' 'ip addr' 'ip route'; do note host.txt $command; done
for command in 'docker version' 'docker info' 'docker compose version' 'docker-compose version' 'docker images' 'docker network ls' 'docker volume ls'; do
  note docker.txt $command
done
note services.txt docker ps --all --filter "label=com.docker.compose.project=$FATE_PROJECT" --no-trunc
note files.txt ls -laR "$home/confs" "$home/docker-compose.yml" "$FATE_DIR"/*.tar
for container in $(docker ps --all --filter "label=com.docker.compose.project=$FATE_PROJECT" --format '{{.Names}}'); do
  note "containers/$container.inspect" docker inspect "$container"
  note "containers/$container.log" docker logs --timestamps --tail "$FATE_LINES" "$container"
  case $container in
    *-fateflow-1) places="/data/projects/fate/fate_flow/logs/fate_flow ${FATE_JOB:+/data/projects/fate/fate_flow/logs/$FATE_JOB}" ;;
    *-osx-1 | *-exchange-1) places=/data/projects/fate/osx/logs ;;
    *manager-1) places=/data/projects/fate/eggroll/logs ;;
    *) continue ;;
  esac
  note "containers/$container.files" docker exec "$container" sh -c \
    'lines=$1; shift; find "$@" -type f -name "*.log" 2>/dev/null | while read -r file; do echo "==> $file"; tail -n "$lines" "$file"; done' \
    sh "$FATE_LINES" $places
done
if [ -d "$home/confs" ]; then
  cp -R "$home/confs" "$out/configuration" 2>>"$out/files.txt"
  cp "$home/docker-compose.yml" "$out/configuration/" 2>>"$out/files.txt"
fi

{
  echo # so that the list is never empty
  [ ! -d "$out/configuration" ] || find "$out/configuration" -type f -exec awk -v mode=list "$by_key" {} +
  cat "$out/configuration/mysql/root-password" 2>/dev/null
} >"$work/secrets"
[ ! -e "$out/configuration/mysql/root-password" ] || echo '***' >"$out/configuration/mysql/root-password"
[ ! -d "$out/configuration" ] || grep -rl 'PRIVATE KEY' "$out/configuration" | while read -r file; do echo '(a private key)' >"$file"; done
find "$out" -type f | while read -r file; do
  case $file in
    */configuration/*) awk -v mode=mask "$by_key" "$file" >"$work/one" ;;
    *) cp "$file" "$work/one" ;;
  esac
  awk "$by_value" "$work/secrets" "$work/one" >"$file"
done
rm -f "$work/secrets" "$work/one"
tar -czf "$work/logs.tar.gz" -C "$work" "$FATE_NAME" && printf '%s\n' "$work/logs.tar.gz"
