tag=federatedai/spark-master:2.2.0-release
layers='runtime double tools spark'
config='{
  "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "SPARK_MASTER_PORT=7077",
          "SPARK_MASTER_WEBUI_PORT=8080", "SPARK_WORKER_WEBUI_PORT=8081"],
  "Cmd": ["/bin/bash", "/master.sh"],
  "ExposedPorts": {"7077/tcp": {}, "8080/tcp": {}, "8081/tcp": {}}
}'
