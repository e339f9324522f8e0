"""A job's data over Pulsar: topics of the own broker, which passes them on to the other party's."""

import importlib
import importlib.util
import json
import types
import urllib.error
import urllib.request

from double import wire
from fate_flow.channels import Channel, FederationError, read_routes, required

BACKEND = '/data/projects/fate/fate/python/fate/arch/federation/backends/pulsar/_federation.py'


class Pulsar(Channel):
    """Tenant, cluster of the other party and namespace are made before the first message to it."""

    def __init__(self, conf, party_id, stopping):
        super().__init__(party_id, stopping)
        try:
            importlib.import_module('pulsar')
        except ImportError as error:
            raise FederationError(f'No module named pulsar: {error}') from error
        engine = required(conf, 'pulsar', 'host', 'port', 'mng_port')
        self.address = engine['host'], engine['port']
        self.admin_url = f'http://{engine["host"]}:{engine["mng_port"]}/admin/v2'
        self.cluster, self.tenant = engine.get('cluster', 'standalone'), engine.get('tenant', 'fl-tenant')
        self.routes = read_routes('pulsar_route_table.yaml')
        if self.admin('GET', f'tenants/{self.tenant}') is None:
            self.put(f'tenants/{self.tenant}', {'allowedClusters': [self.cluster]})

    def push(self, party_id, topic, body):
        clusters = [self.cluster]
        if party_id != self.party_id:
            self.join(party_id)
            clusters.append(party_id)
        namespace = f'{self.tenant}/{topic}'
        self.put(f'namespaces/{namespace}', {'replication_clusters': clusters})
        self.until_ok({'kind': 'produce', 'topic': f'{namespace}/data', 'body': body})

    def pull(self, topic, sender=None):
        return self.until_ok({'kind': 'receive', 'topic': f'{self.tenant}/{topic}/data'})['body']

    def join(self, party_id):
        """Makes the other party known to the own broker."""
        spec = importlib.util.spec_from_file_location('pulsar_backend', BACKEND)
        backend = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(backend)
        try:
            host, port = backend.remote_cluster(self.routes, types.SimpleNamespace(party_id=party_id))
        except LookupError as error:
            raise FederationError(str(error)) from error
        self.put(f'clusters/{party_id}', {'brokerServiceUrl': f'pulsar://{host}:{port}'})
        tenant = self.admin('GET', f'tenants/{self.tenant}')
        if party_id not in tenant['allowedClusters']:
            self.put(f'tenants/{self.tenant}', {'allowedClusters': [*tenant['allowedClusters'], party_id]})

    def put(self, path, body):
        if self.admin('PUT', path, body) is None:
            raise FederationError(f'pulsar refuses {path}')

    def admin(self, method, path, body=None):
        """The answer, None where there is nothing or it is refused. Raises FederationError when nobody answers."""
        data = None if body is None else json.dumps(body).encode()
        try:
            request = urllib.request.Request(f'{self.admin_url}/{path}', data, method=method)
            with urllib.request.urlopen(request, timeout=15) as answer:
                return json.loads(answer.read() or b'{}')
        except urllib.error.HTTPError:
            return None
        except OSError as error:
            raise FederationError(f'pulsar administration {self.admin_url}: {error}') from error

    def until_ok(self, message):
        while True:
            try:
                reply = wire.call(*self.address, message, timeout=15)
            except wire.Unavailable as error:
                reply = {'code': 'UNAVAILABLE', 'error': str(error)}
            if reply.get('code') == 'OK':
                return reply
            self.pause()
