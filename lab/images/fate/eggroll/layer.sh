above='runtime double tools'
packages='tini'

finish() {
  local home=data/projects/fate jar
  mv usr/bin/tini tini
  rm -f usr/bin/tini-static
  mkdir -p data/projects/python/venv/bin usr/lib/jvm/jre-1.8.0-openjdk/bin \
    $home/eggroll/{conf,lib,data,logs,bin,python/eggroll} $home/fate/python/fate $home/fate_flow/python/fate_flow
  ln -s /usr/libexec/double/bin/python3 data/projects/python/venv/bin/python
  ln -s /usr/libexec/double/bin/python3 data/projects/python/venv/bin/python3
  ln -s /usr/libexec/double/java usr/lib/jvm/jre-1.8.0-openjdk/bin/java
  for jar in core-3.2.0 clustermanager-3.2.0 nodemanager-3.2.0 resourcemanager-3.2.0; do
    : >$home/eggroll/lib/eggroll-$jar.jar
  done
  : >$home/eggroll/lib/mysql-connector-java-8.0.28.jar
  : >$home/eggroll/conf/node-extend-env.properties
  echo '<Configuration/>' >$home/eggroll/conf/log4j2.xml
  echo "__version__ = '2.2.0'" >$home/fate/python/fate/__init__.py
}
