tag=federatedai/fateflow:2.2.0-release
layers='runtime double tools flow fateflow'
# As in the real image, the default command only initialises the command lines and ends: a deployment brings the server's.
config='{
  "Env": ["PATH=/data/projects/python/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "FATE_FLOW_IP=fateflow", "FATE_FLOW_PORT=9380", "FATE_PROJECT_BASE=/data/projects/fate",
          "EGGROLL_HOME=/data/projects/fate/eggroll",
          "PYTHONPATH=/data/projects/fate/fate/python:/data/projects/fate/fate_flow/python:/data/projects/fate/fate_client/python:/data/projects/fate/eggroll/python"],
  "WorkingDir": "/data/projects/fate",
  "Cmd": ["/bin/bash", "-c", "pipeline init --ip ${FATE_FLOW_IP} --port ${FATE_FLOW_PORT} && flow init --ip ${FATE_FLOW_IP} --port ${FATE_FLOW_PORT}"],
  "ExposedPorts": {"9360/tcp": {}, "9380/tcp": {}}
}'
