#!/bin/sh
# npm run demo        two hosts on this machine, FATE on both, a job between them
# npm run demo:down   removes hosts, containers and files; "-- --cache" also the trees and images kept for next time
set -eu
cd "$(dirname "$0")/.."
LAB_DIR=$PWD/lab
LAB=demo NET=192.168.7
. lab/common.sh
. lab/network.sh

up() {
  require_machine 'npm run demo'
  ! command -v ip >/dev/null || require_free_net
  sh lab/bootstrap.sh
  lab/lab up $LAB --net $NET.0/24 --hosts debian:docker,debian:docker
  lab/lab images $LAB
  say "hosts $NET.1 and $NET.2 are up"
  # The shipped inventory knows nothing of the lab, and ~/.ssh is nobody's business here.
  ANSIBLE_PRIVATE_KEY_FILE=$(lab/lab files $LAB | sed -n 1p)
  FPLAY_KNOWN_HOSTS_FILE=$(lab/lab files $LAB | sed -n 2p)
  export ANSIBLE_PRIVATE_KEY_FILE FPLAY_KNOWN_HOSTS_FILE ANSIBLE_REMOTE_USER=root
  set -- playbooks/deploy.yml -i inventory
  printf '\n$ fplay %s\n' "$*"
  exec node dist/engine/cli/main.js "$@"
}

down() {
  require_machine 'npm run demo:down'
  lab/lab down $LAB
  [ "${1-}" != --cache ] || remove_cache
}

remove_cache() {
  for lab in "$LAB_HOME"/*/; do
    [ ! -d "$lab" ] || die "the cache stays: lab $(basename "$lab") runs from it"
  done
  rm -rf "$LAB_CACHE" "$LAB_HOME"
}

case ${1-up} in
  up) up ;;
  down) down "${2-}" ;;
  *) die "demo.sh up, or demo.sh down [--cache]" ;;
esac
