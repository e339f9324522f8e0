tag=federatedai/client:2.0.0-release
layers='runtime double tools flow client'
config='{
  "Env": ["PATH=/data/projects/python/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "FATE_FLOW_IP=fateflow", "FATE_FLOW_PORT=9380", "NOTEBOOK_HASHED_PASSWORD="],
  "WorkingDir": "/data/projects/fate",
  "Cmd": ["/bin/bash", "-c", "pipeline init --ip ${FATE_FLOW_IP} --port ${FATE_FLOW_PORT} && flow init --ip ${FATE_FLOW_IP} --port ${FATE_FLOW_PORT} && jupyter notebook --ip=0.0.0.0 --port=20000 --allow-root --debug --NotebookApp.token= --no-browser --NotebookApp.password=${NOTEBOOK_HASHED_PASSWORD}"],
  "ExposedPorts": {"20000/tcp": {}}
}'
