tag=federatedai/eggroll:3.2.0-release
layers='runtime double tools eggroll'
config='{
  "Env": ["PATH=/data/projects/python/venv/bin:/usr/lib/jvm/jre-1.8.0-openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "EGGROLL_HOME=/data/projects/fate/eggroll/", "FATE_PROJECT_BASE=/data/projects/fate",
          "PYTHONPATH=/data/projects/fate/fate/python:/data/projects/fate/fate_flow/python:/data/projects/fate/eggroll/python"],
  "WorkingDir": "/data/projects/fate/eggroll/",
  "Entrypoint": ["/tini", "--"]
}'
