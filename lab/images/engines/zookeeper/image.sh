tag=zookeeper:3.7.2
layers='runtime double tools serving'
config='{
  "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  "Cmd": ["/usr/libexec/double/bin/python3", "-I", "-m", "double.serving", "zookeeper"],
  "ExposedPorts": {"2181/tcp": {}}
}'
