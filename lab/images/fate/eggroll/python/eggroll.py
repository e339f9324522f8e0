"""Doubles of Eggroll's cluster manager and node manager.

Kept: eggroll.properties (jdbc address, account, addresses of both managers, cores of a node), a real login into the
database, the tables that must be there before, own rows in server_node that turn HEALTHY by heartbeat and LOSS
without, sessions that need a healthy and reachable node manager, node-extend-env.properties, -p.
Not kept: gRPC, data on disk, processes per session, the dashboard.
"""

import os
import socket
import threading
import time

from double import properties, wire
from double.eggroll_meta import Meta, MetaError
from double.log import Log

HEARTBEAT = 2.0  # seconds
KEY = 'eggroll.resourcemanager.'


def main(command):
    home = os.environ.get('EGGROLL_HOME', '/data/projects/fate/eggroll').rstrip('/')
    role = command.main.split('.')[-2]
    log = Log(f'{home}/logs/eggroll/{role}.jvm.log', f'{home}/logs/eggroll/{role}.jvm.err.log', console=True)
    path = command.option_after('-c', f'{home}/conf/eggroll.properties')
    try:
        settings = properties.load(path)
        port = int(command.option_after('-p') or settings.get(f'{KEY}{role}.port', '0'))
        if role == 'clustermanager':
            cluster_manager(settings, port, log)
        else:
            node_manager(settings, port, log, home)
    except (OSError, OverflowError, ValueError, MetaError) as error:
        log.error(f'{role} failed to start: {error}')
        raise SystemExit(1) from error


def cluster_manager(settings, port, log):
    meta = Meta(settings)
    meta.check_tables()
    host = settings.get(f'{KEY}clustermanager.host') or socket.gethostname()

    def handle(message):
        kind = message.get('kind')
        if kind == 'ping':
            return {'code': 'OK'}
        if kind == 'heartbeat':
            meta.heartbeat(message['host'], message['port'], 'NODE_MANAGER', message['cores'])
            return {'code': 'OK'}
        if kind == 'session':
            return open_session(meta, message)
        if kind == 'end':
            meta.end_session(message['session'])
            return {'code': 'OK'}
        return {'code': 'UNIMPLEMENTED', 'error': f'unknown kind of message {kind!r}'}

    meta.heartbeat(host, port, 'CLUSTER_MANAGER', None)
    wire.serve('0.0.0.0', port, handle)
    log.info(f'cluster manager listens on {port}')
    while True:
        time.sleep(HEARTBEAT)
        try:
            meta.heartbeat(host, port, 'CLUSTER_MANAGER', None)
            meta.mark_lost()
        except MetaError as error:
            log.error(f'heartbeat: {error}')


def open_session(meta, message):
    """A session lives on a node manager that is alive in the table and answers now."""
    problem = 'no HEALTHY node manager in server_node'
    for host, port in meta.healthy_nodes():
        try:
            reply = wire.call(host, port, {'kind': 'start', 'session': message['session']}, timeout=10)
        except wire.Unavailable as error:
            problem = f'node manager: {error}'
            continue
        if reply.get('code') == 'OK':
            meta.begin_session(message['session'], int(message['cores']))
            return {'code': 'OK'}
        problem = f'node manager: {reply.get("error")}'
    return {'code': 'UNAVAILABLE', 'error': problem}


def node_manager(settings, port, log, home):
    properties.load(f'{home}/conf/node-extend-env.properties')
    own = settings.get(f'{KEY}nodemanager.host') or socket.gethostname()
    beat = {'kind': 'heartbeat', 'host': own, 'port': port,
            'cores': int(settings.get('eggroll.session.processors.per.node', '4'))}
    manager = (settings.get(f'{KEY}clustermanager.host', 'localhost'),
               settings.get(f'{KEY}clustermanager.port', '4670'))
    wire.serve('0.0.0.0', port, lambda message: {'code': 'OK'})
    log.info(f'node manager listens on {port}')
    threading.Thread(target=send_heartbeats, args=(manager, beat, log), daemon=True).start()
    threading.Event().wait()


def send_heartbeats(manager, beat, log):
    """For ever: a cluster manager that is not there yet, or away, is waited for."""
    said = None
    while True:
        try:
            reply = wire.call(*manager, beat, timeout=10)
            problem = None if reply.get('code') == 'OK' else reply.get('error')
        except wire.Unavailable as error:
            problem = str(error)
        if problem != said:
            log.info('heartbeat accepted') if problem is None else log.error(f'heartbeat: {problem}')
            said = problem
        time.sleep(HEARTBEAT)
