# Debian with dnf, rpm and what makes repositories of both: stands in for the Red Hat family, whose trees cannot be had from
# Debian's mirrors. dnf and rpm are the real ones, on a host that has no packages of theirs yet.

build_debian_dnf() { # TREE
  cp -a "$(tree_path debian)" "$1"
  install_packages "$1" dnf rpm rpm2cpio cpio createrepo-c
  trim_debian "$1"
  chroot "$1" dnf --version
}
