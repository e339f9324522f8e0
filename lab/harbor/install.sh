#!/bin/bash
# The double of Harbor's install.sh: the steps of the real one, and where it ends early.
set -e
cd "$(dirname "$0")"
docker version --format '{{.Server.Version}}' >/dev/null || { echo 'Need to install docker first and run this script again.'; exit 1; }
if docker compose version >/dev/null 2>&1; then compose='docker compose'
elif docker-compose version >/dev/null 2>&1; then compose=docker-compose
else echo 'Need to install docker-compose or a docker compose plugin first and run this script again.'; exit 1; fi
[ -f harbor.yml ] || { echo 'no config file: harbor.yml'; exit 1; }
echo '[Step 2]: loading Harbor images ...'
docker load -i ./harbor.v2.11.0.tar.gz
echo '[Step 3]: preparing environment ...'
./prepare
if [ -n "$($compose ps -q 2>/dev/null)" ]; then
  echo 'Note: stopping existing Harbor instance ...'
  $compose down -v
fi
echo '[Step 5]: starting Harbor ...'
$compose up -d
echo '----Harbor has been installed and started successfully.----'
