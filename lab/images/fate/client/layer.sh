above='runtime double tools flow'

finish() {
  mkdir -p data/projects/fate/download_dir data/projects/fate/examples
  printf '#!/bin/sh\nexec /usr/libexec/double/bin/python3 -I -m double.jupyter "$@"\n' >usr/bin/jupyter
  chmod 755 usr/bin/jupyter
}
