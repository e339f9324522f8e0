import { defineModule, Fail, type Module } from './contract.js'

/** Modules of ansible-core, and of collections by the short names that playbooks still use, which fplay has not. */
const NAMES = new Set(
  `acl alternatives apache2_module apt_key apt_repository apt_rpm aws_s3 capabilities composer consul_kv cpanm cpu_facts
  crypttab deb822_repository debconf dconf dnf5 dnf_config_manager dpkg_divert dpkg_selections easy_install ec2 ec2_ami ec2_group
  ec2_instance expect filesystem firewalld flatpak gem git_config github_release grafana_dashboard haproxy helm homebrew homebrew_cask
  htpasswd icinga2_host influxdb_database interfaces_file iptables jboss jenkins_job jenkins_plugin k8s kernel_blacklist keytool
  launchd ldap_entry locale_gen logrotate lvg lvol lxc_container lxd_container mail make maven_artifact modprobe mongodb_user
  monit mount mysql_db mysql_info mysql_query mysql_replication mysql_user mysql_variables nagios nmcli npm open_iscsi openssl_dhparam
  openssl_pkcs12 openssl_publickey opkg osx_defaults pacman pam_limits pamd parted patch pear pip pkg5 pkgng portage
  postgresql_db postgresql_ext postgresql_privs postgresql_query postgresql_user proxmox rabbitmq_parameter rabbitmq_plugin rabbitmq_policy
  rabbitmq_user rabbitmq_vhost redhat_subscription redis rhel_repo rhn_register rhsm_repository route53 rpm_key runit s3_bucket
  seboolean sefcontext selinux selinux_permissive selogin seport snap ssh_config subversion sudoers supervisorctl svc svn
  synchronize sysvinit systemd_info terraform timezone ufw uptimerobot virt win_command win_copy win_feature win_file win_get_url win_ping
  win_regedit win_service win_shell win_stat win_user xattr xml yum_repository zabbix_host zfs zypper zypper_repository`
    .split(/\s+/)
    .filter(Boolean),
)

/** True for a module that other playbooks may name rightly, though there is none here: of a collection, or known by name. */
export function isForeign(written: string): boolean {
  if (/^ansible\.(?:builtin|legacy)\./.test(written)) return NAMES.has(written.replace(/^.*\./, ''))
  return NAMES.has(written) || /^[a-z_]\w*\.[a-z_]\w*\.[a-z_]\w*$/i.test(written)
}

/** What is said of such a module. */
export const FOREIGN_CURE =
  'do it with other modules or a command, or add a module of your own in library/ (docs/own-modules.md)'

/** A module in the place of one that is not here: a task that is reached fails by it. */
export function foreignModule(name: string): Module {
  return defineModule({
    summary: `Not here: ${name}`,
    params: {},
    open: true,
    freeForm: '_raw_params',
    returns: {},
    examples: '',
    wanted: () => {
      throw new Fail(`fplay has no module "${name}"`, [], FOREIGN_CURE)
    },
  }) as Module
}
