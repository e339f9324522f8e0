"""Double of FATE's nginx: the real nginx, with maps made of route_table.yaml where the real image has Lua.

Kept: the request's headers dest-party-id and service choose the endpoint, the table is read again every 5 s, a party
without the entry `fateflow` is an error of the server, one that is not in the table goes to the default proxy.
Not kept: gRPC on 9310 (the port answers HTTP), several endpoints (the first is used).
"""

import subprocess
import sys
import time

import yaml

from double.log import Log

TABLE = '/data/projects/fate/proxy/nginx/conf/route_table.yaml'
SETTINGS = '/tmp/nginx.conf'
PAUSE = 5.0
BROKEN = 'broken'

log = Log(console=True)


def read_table():
    with open(TABLE, encoding='utf-8') as file:
        table = yaml.safe_load(file)
    if not isinstance(table, dict):
        raise ValueError('route_table.yaml is no mapping')
    return {str(party): entry for party, entry in table.items()}


def endpoint(entry, service):
    """host:port of the first endpoint, BROKEN where Lua would fail."""
    try:
        first = entry[service][0]
        return f'{first["host"]}:{int(first["http_port"])}'
    except (KeyError, IndexError, TypeError, ValueError):
        return BROKEN


def write_settings(table):
    routes = {party: endpoint(entry, 'fateflow') for party, entry in table.items() if party != 'default'}
    lines = [f'    "{party}" "{where}";' for party, where in routes.items()]
    lines.append(f'    default "{endpoint(table.get("default"), "proxy")}";')
    with open(SETTINGS, 'w', encoding='utf-8') as file:
        file.write('''
daemon off;
worker_processes 1;
error_log stderr;
pid /tmp/nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  underscores_in_headers on;
  client_max_body_size 0;
  resolver 127.0.0.11 valid=5s ipv6=off;
  map $http_dest_party_id $endpoint {
%s
  }
  server {
    listen 9300;
    listen 9310;
    location / {
      if ($endpoint = "%s") { return 500; }
      if ($http_x_hops ~ "......") { return 508; }
      proxy_set_header X-Hops "$http_x_hops+";
      proxy_read_timeout 60s;
      proxy_pass http://$endpoint;
    }
  }
}
''' % ('\n'.join(lines), BROKEN))


def main():
    try:
        table = read_table()
    except (OSError, ValueError, yaml.YAMLError) as error:
        sys.exit(f'{TABLE}: {error}')
    write_settings(table)
    server = subprocess.Popen(['/usr/sbin/nginx', '-c', SETTINGS])
    while server.poll() is None:
        time.sleep(PAUSE)
        try:
            now = read_table()
        except (OSError, ValueError, yaml.YAMLError) as error:
            log.error(f'{TABLE}: {error}')
            continue
        if now != table:
            table = now
            write_settings(table)
            subprocess.run(['/usr/sbin/nginx', '-c', SETTINGS, '-s', 'reload'], check=False)
    sys.exit(server.returncode)


if __name__ == '__main__':
    main()
