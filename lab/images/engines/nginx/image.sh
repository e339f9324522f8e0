tag=federatedai/nginx:2.0.0-release
layers='runtime double tools nginx'
config='{
  "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  "Cmd": ["/usr/libexec/double/bin/python3", "-I", "-m", "double.routes"],
  "ExposedPorts": {"9300/tcp": {}, "9310/tcp": {}}
}'
