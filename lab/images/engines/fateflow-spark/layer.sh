# What FATE-Flow's image has more for Spark, Pulsar and RabbitMQ: their clients and Spark's own files.
above='runtime double tools flow fateflow'
packages='python3-pika'
skip='gcc-12-base dpkg tar python3 python3.11 libpython3-stdlib python3-minimal media-types libncursesw6
  libreadline8 readline-common libsqlite3-0 libdb5.3 libacl1 libmd0 libpcre2-8-0 libselinux1 libtinfo6'

finish() {
  local python=usr/libexec/double/lib/python3.11 spark=data/projects/spark-3.1.3-bin-hadoop3.2
  mkdir -p $python $spark/{bin,conf} data/projects/hadoop-3.2.1
  mv usr/lib/python3/dist-packages/pika $python/
  echo '"""Double of the Pulsar client: that it is there."""' >$python/pulsar.py
  : >$spark/conf/spark-defaults.conf
  rm -rf usr/lib/python3 usr/share
}
