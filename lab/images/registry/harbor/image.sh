tag=goharbor/harbor-double:v2.11.0
layers='runtime double harbor'
config='{
  "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"],
  "Entrypoint": ["/usr/libexec/double/bin/python3", "-I", "-m"],
  "Cmd": ["double.harbor"],
  "ExposedPorts": {"8080/tcp": {}}
}'
