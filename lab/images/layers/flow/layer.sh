# The command lines `flow` and `pipeline`, which the images fateflow and client have in PATH.
above='runtime double tools'

finish() {
  local bin=data/projects/python/venv/bin command
  mkdir -p $bin
  ln -s /usr/libexec/double/bin/python3 $bin/python
  ln -s /usr/libexec/double/bin/python3 $bin/python3
  for command in flow pipeline; do
    printf '%s\n' '#!/bin/sh' 'export PYTHONPATH=/data/projects/fate/fate_client/python' \
      "exec /usr/libexec/double/bin/python3 -m fate_client.flow_cli.$command \"\$@\"" >$bin/$command
    chmod 755 $bin/$command
  done
}
