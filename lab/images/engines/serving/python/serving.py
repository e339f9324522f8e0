"""Double of a serving cluster: serving-server, serving-proxy, serving-admin and ZooKeeper.

Kept: the settings files at their places (without one the start fails), zk.url, which has to answer, the ports, the
route table, which has to be right, data of ZooKeeper on the mounted folder, SIGTERM ends it with 143.
Not kept: inference, models, registration, ZooKeeper's protocol, the page behind its login.
"""

import json
import os
import signal
import sys
import threading
import time

from double import properties, wire
from double.log import Log

HOME = '/data/projects/fate-serving'
PATIENCE = 30  # looks for ZooKeeper, a second apart

log = Log(console=True)


def zookeeper():
    with open('/data/version-2', 'a', encoding='utf-8') as file:
        file.write('started\n')
    listen(2181)


def server():
    settings = load('serving-server/conf/serving-server.properties', 'port', 'proxy', 'model.transfer.url')
    listen(settings['port'])


def proxy():
    settings = load('serving-proxy/conf/application.properties', 'coordinator', 'server.port')
    with open(f'{HOME}/serving-proxy/conf/route_table.json', encoding='utf-8') as file:
        table = json.load(file)['route_table']
    for party, roles in table.items():
        for endpoints in roles.values():
            if not all(endpoint['ip'] and isinstance(endpoint['port'], int) for endpoint in endpoints):
                sys.exit(f'route table: party {party} has an endpoint without ip or port')
    if settings['coordinator'] not in table:
        sys.exit(f'route table: party {settings["coordinator"]} itself is not in it')
    listen(settings['server.port'], 8869, 8879)


def admin():
    listen(load('serving-admin/conf/application.properties', 'server.port', 'admin.username', 'admin.password')['server.port'])


def load(path, *keys):
    """The settings file, with its keys and a ZooKeeper that answers."""
    try:
        settings = properties.load(f'{HOME}/{path}')
    except OSError as error:
        sys.exit(f'{path}: {error}')
    missing = [key for key in (*keys, 'zk.url') if not settings.get(key)]
    if missing:
        sys.exit(f'{path}: {", ".join(missing)} missing')
    host, _, port = settings['zk.url'].partition(':')
    for _look in range(PATIENCE):
        try:
            wire.call(host, port, {'kind': 'probe'}, timeout=5)
            return settings
        except wire.Unavailable:
            time.sleep(1)
    return sys.exit(f'zookeeper {settings["zk.url"]} does not answer')


def listen(*ports):
    for port in ports:
        wire.serve('0.0.0.0', port, lambda _message: {'code': 'OK'})
    log.info(f'listens on {", ".join(map(str, ports))}')


if __name__ == '__main__':
    # The JVM ends at once; a first process that says nothing of it would be killed 10 s later.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    {'zookeeper': zookeeper, 'server': server, 'proxy': proxy, 'admin': admin}[sys.argv[1]]()
    threading.Event().wait()
