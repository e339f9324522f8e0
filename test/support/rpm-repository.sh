# Makes a small repository of packages of our own in /srv/fprepo, and lets dnf know no other.
set -e
rm -rf /srv/fprepo /srv/fpspecs /etc/yum.repos.d/*; mkdir -p /srv/fprepo /srv/fpspecs /etc/yum.repos.d
S=/srv/fpspecs
package() { # NAME VERSION [LINE]… ; what it holds, and its scripts, on standard input
  N=$1 V=$2; shift 2
  { printf 'Name: %s\nVersion: %s\nRelease: 1\nSummary: a test\nLicense: none\nBuildArch: noarch\nAutoReqProv: no\n' "$N" "$V"
    for L do printf '%s\n' "$L"; done; printf '%%description\na test\n'; cat; } >"$S/$N-$V.spec"
  rpmbuild -bb --quiet --define '_rpmdir /srv/fprepo' --define '_build_id_links none' --define "_topdir $S" "$S/$N-$V.spec" >"$S/log" 2>&1 || { cat "$S/log"; exit 1; }
}
data() { # NAME VERSION: a folder, a file and a configuration file
  cat <<F
%install
mkdir -p %{buildroot}/usr/share/$1 %{buildroot}/etc/$1
echo $2 >%{buildroot}/usr/share/$1/version
echo mode=plain >%{buildroot}/etc/$1/$1.conf
%files
%dir /usr/share/$1
/usr/share/$1/version
%dir /etc/$1
%attr(0640,root,root) %config(noreplace) /etc/$1/$1.conf
F
}
nothing() { printf '%%files\n'; }

nothing | package fpshell 1 'Provides: /bin/sh'
data fplib 1.0 | package fplib 1.0
nothing | package fprec 1.0
for V in 1.0 1.1 2.0; do data fphello $V | package fphello $V 'Requires: fplib' 'Recommends: fprec'; done
nothing | package fpmta 1 'Provides: fpmail = 1' 'Provides: /usr/sbin/fpsend'
nothing | package fpbroken 1 'Requires: fpnowhere'
nothing | package fpextra 1
nothing | package fpalone 1
# A daemon: a unit, an account, an init script.
{ cat <<'F'
%install
mkdir -p %{buildroot}/usr/lib/systemd/system %{buildroot}/etc/init.d
echo '[Unit]' >%{buildroot}/usr/lib/systemd/system/fpd.service
cat >%{buildroot}/etc/init.d/fpd <<'S'
#!/bin/sh
P=/run/fpd.pid
case $1 in
start) setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >$P ;;
stop) [ ! -e $P ] || { kill "$(cat $P)"; rm $P; } ;;
status) [ -e $P ] && kill -0 "$(cat $P)" && echo running ;;
esac
S
%pre
getent group fpduser >/dev/null || groupadd -r fpduser
getent passwd fpduser >/dev/null || useradd -r -g fpduser -d /var/lib/fpd -s /sbin/nologin fpduser
exit 0
%files
/usr/lib/systemd/system/fpd.service
%attr(0755,root,root) /etc/init.d/fpd
F
} | package fpd 1
cat >/srv/comps.xml <<'C'
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
<comps><group><id>fpgroup</id><name>Group of FP</name><description>x</description><default>false</default><uservisible>true</uservisible>
<packagelist><packagereq type="mandatory">fplib</packagereq><packagereq type="default">fprec</packagereq></packagelist></group></comps>
C
createrepo_c -q -g /srv/comps.xml /srv/fprepo
printf '[fp]\nname=fp\nbaseurl=file:///srv/fprepo\ngpgcheck=0\nmetadata_expire=3600\n' >/etc/yum.repos.d/fp.repo
