tag=federatedai/hadoop-namenode:2.0.0-hadoop3.2.1-java8
layers='runtime double tools hadoop'
config='{
  "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  "Cmd": ["/usr/local/bin/run-hadoop", "namenode"]
}'
