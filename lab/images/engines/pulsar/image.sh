tag=federatedai/pulsar:2.10.2
layers='runtime double tools pulsar'
config='{
  "User": "10000:0",
  "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  "WorkingDir": "/pulsar"
}'
