"""Double of the OSX broker: carries messages between parties after the deployed route table.

Kept: broker.properties and route_table.json (see osx_routes.py), self_party deciding what is ours, TLS with PEM files
in both directions, logs/broker/broker.log, start without pb_lib but errors for every job.
Not kept: gRPC, queue files on disk, the admin API, keystores, protocol `http`.

Two kinds of message. "unary" (FATE-Flow's calls) goes hop by hop after the route table, and its answer comes back the
same way. "push" (a job's data) ends at the broker of a party that is in self_party, where "pull" fetches it.
"""

import re
import threading
import time
import uuid

from double import properties, wire
from double.log import Log
from double.osx_routes import RouteTable, tls_to
from double.osx_tls import Refusal, tls_server

HOME = '/data/projects/fate/osx'
MOST_HOPS = 8
NUMBERS = {'grpc.port': 9370, 'grpc.tls.port': 9371, 'router.check.interval': 300000,
           'grpc.server.max.inbound.message.size': 2**31 - 1}
FLAGS = {'open.grpc.tls.server': False}


def read_settings(path, log):
    """Defaults overlaid with the file. What is missing or does not fit leaves the default and a line in the log."""
    settings = {**NUMBERS, **FLAGS}
    try:
        found = properties.load(path)
    except OSError as error:
        log.error(f'parse config error: {error}')
        return settings
    for key, value in found.items():
        value = value.strip()
        if key in NUMBERS:
            if re.fullmatch(r'\d{1,10}', value) and int(value) < 2**31:
                settings[key] = int(value)
            else:
                log.error(f'parse config error: {key}={value} is not an int, keeping {settings[key]}')
        elif key in FLAGS:
            if value in ('true', 'false'):
                settings[key] = value == 'true'
            else:
                log.error(f'parse config error: {key}={value} is not true or false')
        else:
            settings[key] = value
    for key in sorted(settings):
        log.info(f'config {key} = {"******" if "password" in key else settings[key]}')
    return settings


class Broker:
    """One party's broker: its routes, and the data that waits here for the party's own workers."""

    def __init__(self, settings, routes, has_protocol_library, log):
        self.settings, self.routes, self.log = settings, routes, log
        self.has_protocol_library = has_protocol_library
        self.id = uuid.uuid4().hex
        self.waiting = {}
        self.lock = threading.Lock()

    def handle(self, message):
        kind = message.get('kind')
        if kind == 'probe':
            return {'code': 'OK'}
        if not self.has_protocol_library:
            return self.refuse('UNIMPLEMENTED', 'java.lang.NoClassDefFoundError: the class path lacks pb_lib')
        if kind == 'unary':
            return self.forward(message)
        if kind == 'push':
            return self.push(message)
        if kind == 'pull':
            return self.pull(message)
        return self.refuse('UNIMPLEMENTED', f'unknown kind of message {kind!r}')

    def push(self, message):
        party = message['to']['party']
        if party not in self.routes.self_party:
            return self.forward(message)
        if message.get('mode') == 'stream':
            problem = self.eggroll_problem()
            if problem:
                return self.refuse('FAILED_PRECONDITION', problem)
        with self.lock:
            self.waiting.setdefault((party, message['topic']), []).append(message['body'])
        return {'code': 'OK'}

    def pull(self, message):
        with self.lock:
            queue = self.waiting.get((message['to']['party'], message['topic']))
            return {'code': 'OK', 'body': queue.pop(0)} if queue else {'code': 'EMPTY'}

    def eggroll_problem(self):
        """Stream mode hands data to Eggroll, whose cluster manager the broker asks first."""
        host, port = (self.settings.get(f'eggroll.cluster.manager.{key}') for key in ('ip', 'port'))
        if not host or not port:
            return 'eggroll.cluster.manager.ip and .port are not set, but stream mode needs them'
        try:
            reply = wire.call(host, port, {'kind': 'ping'}, timeout=10)
        except wire.Unavailable as error:
            return f'cluster manager: {error}'
        return None if reply.get('code') == 'OK' else f'cluster manager: {reply.get("error")}'

    def forward(self, message):
        party, role = message['to']['party'], message['to'].get('role', 'default')
        hops = message.get('hops', [])
        if self.id in hops or len(hops) >= MOST_HOPS:
            problem = f'the routes to party {party} go in a circle; please check route_table.json'
            return self.refuse('UNAVAILABLE', problem)
        endpoints = self.routes.find(party, role)
        if not endpoints:
            return self.refuse('UNAVAILABLE', f'can not find route to party {party} role {role}')
        timeout = float(message.get('timeout', 30))
        onward = {**message, 'hops': [*hops, self.id], 'timeout': timeout * 0.9}
        return self.send(onward, endpoints, timeout)

    def send(self, message, endpoints, timeout):
        problem = ''
        for endpoint in endpoints:
            try:
                return wire.call(endpoint['ip'], endpoint['port'], message, timeout, tls_to(endpoint))
            except (wire.Unavailable, Refusal, OSError) as error:
                problem = f'{endpoint["ip"]}:{endpoint["port"]}: {error}'
                self.log.error(f'party {message["to"]["party"]}: {problem}')
        return {'code': 'UNAVAILABLE', 'error': problem}

    def refuse(self, code, text):
        self.log.error(text)
        return {'code': code, 'error': text}

    def check_routes(self):
        """Tries every endpoint now and then, as the real broker does, and says in the log which are dead."""
        while True:
            time.sleep(max(self.settings['router.check.interval'] / 1000, 1))
            for endpoint in self.routes.endpoints():
                try:
                    wire.call(endpoint['ip'], endpoint['port'], {'kind': 'probe'}, 5, tls_to(endpoint))
                except (wire.Unavailable, Refusal, OSError):
                    self.log.error(f'unable to connect {endpoint["ip"]}:{endpoint["port"]}, '
                                   'please check route_table.json')


def main(command):
    log = Log(f'{HOME}/logs/broker/broker.log', f'{HOME}/logs/broker/broker-error.log')
    folder = command.option_after('-c')
    if folder is None:
        raise SystemExit('Missing required option: c')
    folder = f'{folder.rstrip("/")}/broker'
    settings = read_settings(f'{folder}/broker.properties', log)
    routes = RouteTable(f'{folder}/route_table.json', log)
    line = 'v2' if settings.get('eggroll.version', '3').startswith('2') else 'v3'
    # Up to 2.0 the protocol classes were part of the broker itself.
    needed = ('osx-broker-1.0.', f'pb_lib/{line}/')
    broker = Broker(settings, routes, any(name in jar for jar in command.jars() for name in needed), log)
    try:
        if settings['open.grpc.tls.server']:
            wire.serve('0.0.0.0', settings['grpc.tls.port'], broker.handle, tls_server(settings))
        wire.serve('0.0.0.0', settings['grpc.port'], broker.handle)
    except (Refusal, OSError, OverflowError) as error:
        log.error(f'start failed: {error}')
        raise SystemExit(f'osx: {error}') from error
    log.info(f'broker listens on {settings["grpc.port"]}')
    threading.Thread(target=broker.check_routes, daemon=True).start()
    routes.watch()
