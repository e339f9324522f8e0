tag=federatedai/rabbitmq:3.8.3-management
layers='runtime double tools rabbitmq'
config='{
  "Env": ["PATH=/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
          "RABBITMQ_LOGS=-", "HOME=/var/lib/rabbitmq"],
  "Entrypoint": ["docker-entrypoint.sh"],
  "Cmd": ["rabbitmq-server"],
  "ExposedPorts": {"5672/tcp": {}, "15672/tcp": {}}
}'
