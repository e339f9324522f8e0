#!/bin/bash
# As root it gives the data to the server's own account, and goes on as that.
set -eu
if [ "$1" = rabbitmq-server ] && [ "$(id -u)" = 0 ]; then
  find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq:rabbitmq '{}' +
  exec /usr/libexec/double/bin/python3 -I -c \
    'import os, sys; os.setgroups([]); os.setgid(999); os.setuid(999); os.execvp(sys.argv[1], sys.argv[1:])' "$0" "$@"
fi
exec "$@"
