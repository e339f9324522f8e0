#!/usr/bin/env bash
# Packs the double of Harbor as its offline installer: pack.sh OUTDIR prints the path of the archive. It says that it is a
# double in its name; what it keeps is told in ../images/registry/harbor/python.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bash "$here/../images/build.sh" "$1" registry
archive=$1/harbor-offline-installer-v2.11.0-double.tgz
newest=$(ls -t "$1/images-registry.tar" "$here"/* | head -n 1)
if [ ! -f "$archive" ] || [ "$newest" -nt "$archive" ]; then
  folder=$(mktemp -d "$1/harbor.XXXXXX")
  trap 'rm -rf "$folder"' EXIT
  mkdir "$folder/harbor"
  cp "$here"/{harbor.yml.tmpl,prepare,install.sh} "$folder/harbor/"
  chmod 755 "$folder/harbor"/{prepare,install.sh}
  gzip -1 -c "$1/images-registry.tar" >"$folder/harbor/harbor.v2.11.0.tar.gz"
  tar -C "$folder" --owner=0 --group=0 -czf "$archive.part" harbor
  mv "$archive.part" "$archive"
fi
echo "$archive"
