above='runtime double tools'

finish() {
  mkdir -p usr/local/bin etc/hadoop hadoop/dfs/name hadoop/dfs/data
  printf '#!/bin/bash\nexec /usr/libexec/double/bin/python3 -I -m double.hadoop "$@"\n' >usr/local/bin/run-hadoop
  chmod 755 usr/local/bin/run-hadoop
  echo '<configuration/>' >etc/hadoop/core-site.xml
}
