"""Storage engines of a worker: what a task writes can be read again."""

import os
import re

from double import wire

DATA = '/data/projects/fate/fate_flow/data'


class StorageError(Exception):
    """The engine did not keep what it was given."""


def hdfs(conf, name):
    """A file of the name node that the settings give, its block on a data node."""
    address = conf.section('storage', 'hdfs').get('name_node', 'hdfs://fate-cluster')
    match = re.fullmatch(r'hdfs://([^:/]+)(?::(\d+))?/?', str(address))
    if not match:
        raise StorageError(f'storage.hdfs.name_node is {address!r}')
    host, port, path = match.group(1), int(match.group(2) or 9000), f'/fate/{name}'
    created = ask(host, port, {'kind': 'create', 'path': path})
    node, _, node_port = created['datanode'].rpartition(':')
    ask(node, node_port, {'kind': 'write', 'path': path, 'body': name})
    if ask(node, node_port, {'kind': 'read', 'path': path}).get('body') != name:
        raise StorageError(f'{path} is not what was written')


def standalone(_conf, name):
    """A file of FATE-Flow's own folder."""
    os.makedirs(DATA, exist_ok=True)
    with open(f'{DATA}/{name}', 'w', encoding='utf-8') as file:
        file.write(name)


def eggroll(_conf, _name):
    """Comes with the session."""


ENGINES = {'hdfs': hdfs, 'standalone': standalone, 'eggroll': eggroll}


def try_out(conf, name):
    """Raises StorageError, OSError."""
    if conf.storage not in ENGINES:
        raise StorageError(f'this double has no storage engine {conf.storage}')
    ENGINES[conf.storage](conf, name)


def ask(host, port, message):
    try:
        reply = wire.call(host, port, message, timeout=15)
    except wire.Unavailable as error:
        raise StorageError(f'hdfs: {error}') from error
    if reply.get('code') != 'OK':
        raise StorageError(f'hdfs: {reply.get("code")}: {reply.get("error")}')
    return reply
