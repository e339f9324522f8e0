tag=federatedai/serving-proxy:2.1.6-release
layers='runtime double serving'
config='{
  "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  "WorkingDir": "/data/projects/fate-serving/serving-proxy",
  "Cmd": ["/usr/libexec/double/bin/python3", "-I", "-m", "double.serving", "proxy"]
}'
