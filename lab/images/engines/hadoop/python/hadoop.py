"""Double of HDFS: name node and data nodes.

Kept: CLUSTER_NAME, fs.default.name of core-site.xml as the address to bind to, CORE_CONF_fs_defaultFS and
SERVICE_PRECONDITION of a data node, names and blocks on the mounted folders, a file that is only written when a data
node is alive. Not kept: Hadoop's protocol, replication, permissions, safe mode, the pages.
"""

import hashlib
import json
import os
import re
import sys
import threading
import time
import xml.etree.ElementTree as xml

from double import wire
from double.log import Log

NAMES, BLOCKS = '/hadoop/dfs/name', '/hadoop/dfs/data'
LOST_AFTER = 12  # seconds without a heartbeat
PAUSE = 2.0

log = Log(console=True)


def name_node():
    if not os.environ.get('CLUSTER_NAME'):
        sys.exit('Cluster name not specified')
    host, port = bind_address()
    nodes, names = {}, read_names()

    def handle(message):
        kind = message.get('kind')
        alive = [address for address, seen in nodes.items() if time.time() - seen < LOST_AFTER]
        if kind == 'heartbeat':
            nodes[message['address']] = time.time()
        elif kind == 'create':
            if not alive:
                return {'code': 'IOException', 'error': 'could only be written to 0 of the 1 minReplication nodes. '
                                                        'There are 0 datanode(s) running'}
            names[message['path']] = alive[len(names) % len(alive)]
            write_names(names)
            return {'code': 'OK', 'datanode': names[message['path']]}
        elif kind == 'locate':
            if message['path'] not in names:
                return {'code': 'FileNotFoundException', 'error': f'{message["path"]} does not exist'}
            return {'code': 'OK', 'datanode': names[message['path']]}
        elif kind == 'report':
            return {'code': 'OK', 'live': len(alive)}
        else:
            return {'code': 'UNIMPLEMENTED', 'error': f'unknown kind {kind!r}'}
        return {'code': 'OK'}

    wire.serve(host, port, handle)
    wire.serve('0.0.0.0', 9870, handle)
    log.info(f'NameNode RPC up at {host}:{port}')


def bind_address():
    site = xml.parse('/etc/hadoop/core-site.xml').getroot()
    found = {one.findtext('name'): one.findtext('value') for one in site.iter('property')}
    address = found.get('fs.default.name') or found.get('fs.defaultFS') or ''
    return split_address(address)


def split_address(address):
    match = re.fullmatch(r'hdfs://([\w.-]+):(\d+)/?', address)
    if not match:
        sys.exit(f'Invalid URI for NameNode address: {address!r}')
    return match.group(1), int(match.group(2))


def read_names():
    try:
        with open(f'{NAMES}/names.json', encoding='utf-8') as file:
            return json.load(file)
    except FileNotFoundError:
        log.info(f'Formatting {NAMES}')
        return {}


def write_names(names):
    with open(f'{NAMES}/names.json', 'w', encoding='utf-8') as file:
        json.dump(names, file)


def data_node():
    wait_for(os.environ.get('SERVICE_PRECONDITION', ''))
    host, port = split_address(os.environ.get('CORE_CONF_fs_defaultFS', ''))

    def handle(message):
        file = f'{BLOCKS}/{hashlib.sha256(message["path"].encode()).hexdigest()}'
        if message.get('kind') == 'write':
            with open(file, 'w', encoding='utf-8') as block:
                json.dump(message['body'], block)
            return {'code': 'OK'}
        with open(file, encoding='utf-8') as block:
            return {'code': 'OK', 'body': json.load(block)}

    wire.serve('0.0.0.0', 9866, handle)
    while True:
        try:
            wire.call(host, port, {'kind': 'heartbeat', 'address': f'{os.uname().nodename}:9866'}, timeout=5)
        except wire.Unavailable as error:
            log.error(f'Problem connecting to server {host}:{port}: {error}')
        time.sleep(PAUSE)


def wait_for(precondition):
    for address in precondition.split():
        host, _, port = address.rpartition(':')
        while True:
            try:
                wire.call(host, port, {'kind': 'report'}, timeout=5)
                break
            except wire.Unavailable:
                log.info(f'{address} is not available yet')
                time.sleep(PAUSE)


if __name__ == '__main__':
    {'namenode': name_node, 'datanode': data_node}[sys.argv[1]]()
    threading.Event().wait()
