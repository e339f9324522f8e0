above='runtime double tools'

finish() {
  local role
  mkdir -p spark/conf
  for role in master worker; do
    printf '#!/bin/bash\nexec /usr/libexec/double/bin/python3 -I -m double.spark %s\n' $role >$role.sh
    chmod 755 $role.sh
  done
}
