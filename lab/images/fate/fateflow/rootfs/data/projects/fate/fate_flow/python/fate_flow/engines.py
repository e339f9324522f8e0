"""Engines by name: which combinations the server starts with, and how a worker uses those this double has.

A new engine is a class in computing.py or federation.py and its line there.
"""

from fate_flow.settings import Refused

FEDERATIONS = {
    'standalone': ['standalone', 'rabbitmq', 'pulsar', 'osx', 'rollsite'],
    'eggroll': ['rollsite', 'rabbitmq', 'pulsar', 'osx'],
    'spark': ['rabbitmq', 'pulsar', 'osx', 'standalone'],
}
STORAGES = ['standalone', 'eggroll', 'hdfs', 'mysql', 'simple', 'path', 'hive', 'file', 'api']


def check(conf):
    """Refuses what the server refuses at start. The pair of computing and storage is not looked at, as there."""
    if conf.computing not in FEDERATIONS:
        raise Refused(f'{conf.computing} is illegal')
    if conf.storage not in STORAGES:
        raise Refused(f'{conf.storage} is illegal')
    if conf.federation is None:
        conf.federation = FEDERATIONS[conf.computing][0]
    if conf.federation not in FEDERATIONS[conf.computing]:
        raise Refused(f'{conf.federation} is not supported in {conf.computing}')
