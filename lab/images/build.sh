#!/usr/bin/env bash
# Builds the lab's doubles of FATE's images, with no Docker Engine on the machine.
#
#   build.sh OUTDIR [SET]
#
# SET is fate (the default), engines, fate-2.0 or registry, the folder of images.
# OUTDIR/images.tar   all images of the set in one archive, for `docker load`; images-SET.tar of another set
# OUTDIR/images.txt   one line an image: name:tag, a tab, image id
# OUTDIR/cache        packages and layers; a layer is made again only when its folder here has changed
#
# Every folder of layers/ and of a set is one layer: what layer.sh says (packages, the layers below, a
# function `finish` that runs in the new tree), then rootfs/ copied over it, and python/ into the package `double`.
# A folder of a set that makes an image has also an image.sh.
# Equal sources and packages give equal digests.
set -euo pipefail
shopt -s inherit_errexit

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export LC_ALL=C
umask 022

main() {
  [ $# = 1 ] || [ $# = 2 ] || { sed -n '2,/^set/{/^# /s/^# //p;}' "${BASH_SOURCE[0]}" >&2; exit 2; }
  [ "$(id -u)" = 0 ] || { echo 'build.sh: must run as root, because files in images belong to root' >&2; exit 1; }
  mkdir -p "$1/cache/layers" "$1"/cache/{debs,none}/partial
  out=$(cd "$1" && pwd)
  local set=${2:-fate}
  archive=$out/images archive_note=$out/cache/built
  [ "$set" = fate ] || archive=$out/images-$set archive_note=$out/cache/built-$set
  exec 9>"$out/cache/lock"
  flock 9
  local now
  now=$(cd "$here" && sources -printf '%P %m ' -exec sha256sum {} \; | sort | sha256sum)
  if [ -f "$archive.tar" ] && [ "$(cat "$archive_note" 2>/dev/null)" = "$now" ]; then return; fi
  rm -f "$archive_note"
  mkdir -p "$out/cache/archive"
  rm -rf "$out"/cache/archive/*
  local image
  for image in "$here/$set"/*/image.sh; do add_image "$image"; done
  write_archive
  printf '%s' "$now" >"$archive_note"
}

# find over the files below this folder that matter to an image
sources() { find . -type f -not -name '*.md' -not -path '*/__pycache__/*' "$@"; }

# --- layers

# Path of a layer's source folder.
source_of() {
  local folder
  for folder in layers fate engines fate-2.0 registry; do
    if [ -d "$here/$folder/$1" ]; then echo "$here/$folder/$1"; return; fi
  done
  echo "there is no layer $1" >&2
  return 1
}

# What decides a layer's content: its own folder, and the keys of the layers below (their packages are left out).
key_of() {
  local dir below='' layer
  dir=$(source_of "$1")
  below=$([ ! -f "$dir/layer.sh" ] || (. "$dir/layer.sh"; echo "${above:-}"))
  {
    for layer in $below; do key_of "$layer"; done
    cd "$dir"
    sources -not -name image.sh -perm /u=x -printf 'x %p\n' | sort
    sources -not -name image.sh -print0 | sort -z | xargs -0 -r sha256sum
  } | sha256sum | cut -c1-24
}

# Prints the path of the layer's tar file, made if it is not there yet.
layer_tar() {
  local name=$1 tar
  tar=$out/cache/layers/$name-$(key_of "$name").tar
  if [ ! -f "$tar" ]; then
    echo "lab images: making layer $name" >&2
    (make_layer "$name" "$tar") >&2
  fi
  echo "$tar"
}

make_layer() {
  local name=$1 tar=$2 dir root
  dir=$(source_of "$name")
  root=$(mktemp -d "$out/cache/tree.XXXXXX")
  trap "rm -rf '$root'" EXIT
  chmod 755 "$root"
  unset above packages skip
  finish() { :; }
  above='' packages='' skip=''
  [ ! -f "$dir/layer.sh" ] || . "$dir/layer.sh"
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
  ln -s usr/bin usr/sbin usr/lib usr/lib64 "$root"
  if [ -n "$packages" ]; then unpack "$root" "$name"; fi
  (cd "$root" && finish)
  if [ -d "$dir/python" ]; then copy_tree "$dir/python" "$root/usr/libexec/double/lib/python3.11/double"; fi
  if [ -d "$dir/rootfs" ]; then copy_tree "$dir/rootfs" "$root"; fi
  # Layers are named after packages and sources, never after the time they were made.
  tar -C "$root" --sort=name --mtime=@1700000000 --owner=0 --group=0 --numeric-owner --format=gnu -cf "$tar.part" .
  rm -f "$out/cache/layers/$name"-*.tar "$out/cache/layers/$name"-*.id
  mv "$tar.part" "$tar"
}

copy_tree() {
  mkdir -p "$2"
  tar -C "$1" --exclude=__pycache__ --mode=u+rw,go+rX,go-w -c . | tar -x --keep-directory-symlink -C "$2"
}

# --- packages, from the mirror that the machine's own apt is set up for

# apt that believes nothing is installed, so that it lists every dependency. $1 is its folder of package files: only
# files that are not in it are listed, so lists are made with an empty one.
bare_apt() {
  : >"$out/cache/nothing-installed"
  apt-get -o "Dir::State::status=$out/cache/nothing-installed" -o "Dir::Cache::archives=$out/cache/$1/" \
    -o APT::Install-Recommends=0 -o Debug::NoLocking=1 -qq "${@:2}"
}

# Names of the package files of a layer with all they depend on, without those it skips.
files_of() {
  (
    packages='' skip=''
    . "$(source_of "$1")/layer.sh"
    [ -n "$packages" ] || exit 0
    skip=$(printf '%s' "$skip" | tr -s ' \n' '|' | sed 's/[*]/.*/g')
    bare_apt none --print-uris install $packages | cut -d' ' -f2 | grep -Ev "^($skip)_" | sort
  )
}

unpack() {
  local root=$1 name=$2 layer file
  bare_apt debs -y --download-only install $packages || {
    apt-get -qq update # the lists were older than the mirror
    bare_apt debs -y --download-only install $packages
  }
  for layer in $above; do files_of "$layer"; done | sort -u >"$root.below"
  files_of "$name" | comm -23 - "$root.below" >"$root.files"
  rm "$root.below"
  while read -r file; do
    dpkg-deb --fsys-tarfile "$out/cache/debs/$file" | tar -x --keep-directory-symlink --exclude='./usr/share/doc*' \
      --exclude='./usr/share/man*' --exclude='./usr/share/locale*' --exclude='./usr/share/lintian*' -C "$root"
  done <"$root.files"
  rm "$root.files"
}

# --- images

sha() { sha256sum "$1" | cut -d' ' -f1; }

# The layer's digest; hashing a large layer takes longer than reading the note beside it.
digest_of() {
  local note=${1%.tar}.id
  [ -f "$note" ] || sha "$1" >"$note"
  cat "$note"
}

# Puts one image's configuration and layers into the archive folder. image.sh sets tag, layers and config.
add_image() {
  local tag='' layers='' config='' name tar id diffs='' files='' json
  . "$1"
  for name in $layers; do
    tar=$(layer_tar "$name")
    id=$(digest_of "$tar")
    ln -f "$tar" "$out/cache/archive/$id.tar"
    diffs+=${diffs:+,}"\"sha256:$id\""
    files+=${files:+,}"\"$id.tar\""
  done
  json=$out/cache/archive/config.part
  printf '{"architecture":"amd64","os":"linux","created":"2024-08-01T00:00:00Z","config":%s,' \
    "$(printf '%s' "$config" | tr -s ' \n' ' ')" >"$json"
  printf '"rootfs":{"type":"layers","diff_ids":[%s]}}' "$diffs" >>"$json"
  id=$(sha "$json")
  mv "$json" "$out/cache/archive/$id.json"
  printf '%s\tsha256:%s\t%s\n' "$tag" "$id" "$files" >>"$out/cache/archive/list.part"
}

write_archive() {
  local dir=$out/cache/archive manifest='' tag id files
  while IFS=$'\t' read -r tag id files; do
    manifest+=${manifest:+,}"{\"Config\":\"${id#sha256:}.json\",\"RepoTags\":[\"$tag\"],\"Layers\":[$files]}"
  done <"$dir/list.part"
  cut -f1,2 "$dir/list.part" >"$archive.txt"
  rm "$dir/list.part"
  printf '[%s]' "$manifest" >"$dir/manifest.json"
  tar -C "$dir" --sort=name --mtime=@1700000000 --owner=0 --group=0 --numeric-owner --hard-dereference --format=gnu \
    -cf "$archive.tar.part" .
  mv "$archive.tar.part" "$archive.tar"
  rm -rf "$dir"
}

main "$@"
