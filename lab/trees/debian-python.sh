# Debian with the Python that Ansible needs of its hosts: to record what ansible-playbook does.

build_debian_python() { # TREE
  cp -a "$(tree_path debian)" "$1"
  install_packages "$1" python3 python3-apt
  trim_debian "$1"
  chroot "$1" /usr/bin/python3 -c 'import apt'
}
