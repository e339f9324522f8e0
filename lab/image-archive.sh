# FATE's images on the hosts. Sourced after common.sh, trees.sh and host.sh. Both kinds come as one archive and a list
# (name:tag, a tab, image id): the lab's doubles, built from lab/images, or with LAB_IMAGES=real the true ones.

ensure_image_archive() { # SET: sets image_folder and image_archive, the path without its ending
  case ${LAB_IMAGES:-doubles} in
    doubles)
      image_folder=$LAB_CACHE/images
      mkdir -p "$image_folder"
      image_archive=$image_folder/images
      [ "$1" = fate ] || image_archive=$image_folder/images-$1
      [ -f "$image_archive.tar" ] || say "building the doubles of FATE's images (once, kept in $image_folder)"
      bash "$LAB_DIR/images/build.sh" "$image_folder" "$1" >"$image_folder/build.log" 2>&1 9>&- || {
        tail -n 15 "$image_folder/build.log" >&2
        die "the images could not be built; the whole log is $image_folder/build.log"
      }
      ;;
    real)
      [ "$1" = fate ] || die "LAB_IMAGES=real has the images of Eggroll only"
      image_folder=$LAB_CACHE/real-images
      image_archive=$image_folder/images
      [ -f "$image_folder/images.tar" ] || pull_real_images
      ;;
    *) die "LAB_IMAGES is 'doubles' or 'real', not '$LAB_IMAGES'" ;;
  esac
}

# load_images [SET]: into each engine of the lab that has not exactly these, all at once.
load_images() {
  ensure_image_archive "${1:-fate}"
  sort "$image_archive.txt" >"$STATE/images.sorted"
  loading=
  for host in "$STATE"/hosts/*; do
    [ -d "$host/docker" ] || continue
    [ -n "$(images_wanting "${host##*/}")" ] || continue
    say "loading the images into $(cat "$host/name")"
    in_host "${host##*/}" docker load -q <"$image_archive.tar" >"$host/load.log" 2>&1 &
    loading="$loading $!"
  done
  failed=
  for job in $loading; do wait "$job" || failed=yes; done
  [ -z "$failed" ] || die "the images could not be loaded: $(tail -qn 1 "$STATE"/hosts/*/load.log | paste -sd ' ')"
}

images_wanting() { # NUMBER: the lines of the list that its engine does not have
  in_host "$1" docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}}	{{.ID}}' |
    sort | comm -13 - "$STATE/images.sorted"
}

# The true images, pulled once for all hosts by an engine of its own that stands in the machine's network; lab hosts have no way out.
pull_real_images() {
  ensure_trees debian
  say "pulling FATE's true images (once, kept in $image_folder)"
  rm -rf "$image_folder"
  mkdir -p "$image_folder/disk/etc/ssl/certs" "$image_folder/work" "$image_folder/root" "$image_folder/docker"
  cp /etc/resolv.conf "$image_folder/disk/etc/resolv.conf"
  cp /etc/ssl/certs/ca-certificates.crt "$image_folder/disk/etc/ssl/certs/" 2>/dev/null || true
  puller_init "$(sed -n 's/^tag=//p' "$LAB_DIR"/images/fate/*/image.sh | paste -sd ' ')" >"$image_folder/init"
  unshare -m -p -u -i --fork --kill-child \
    sh "$LAB_DIR/host-boot.sh" "$image_folder" "$(tree_path debian)" fplay-pull >"$image_folder/pull.log" 2>&1 9>&- || {
    reason=$(tail -n 1 "$image_folder/pull.log")
    rm -rf "$image_folder"
    die "LAB_IMAGES=real is not possible here, because the images cannot be pulled ($reason); without it the doubles are used"
  }
  mv "$image_folder/docker/lab-images.txt" "$image_folder/images.txt"
  mv "$image_folder/docker/lab-images.tar" "$image_folder/images.tar"
  rm -rf "$image_folder/disk" "$image_folder/work" "$image_folder/root" "$image_folder/docker"
}

puller_init() { # IMAGES
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    eval "value=\${$name-}"
    [ -z "$value" ] || printf "export %s='%s'\n" "$name" "$value"
  done
  cat <<INIT
set -e
dockerd --bridge=none --iptables=false --ip-forward=false --exec-opt native.cgroupdriver=cgroupfs >/var/log/dockerd.log 2>&1 &
for _ in \$(seq 300); do docker version >/dev/null 2>&1 && break; sleep 0.1; done
for image in $1; do docker pull -q "\$image"; done
docker save -o /var/lib/docker/lab-images.tar $1
docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}}	{{.ID}}' >/var/lib/docker/lab-images.txt
INIT
}
