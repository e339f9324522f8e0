"""Double of Pulsar: `bin/pulsar standalone -nss`, one broker with its administration interface.

Kept: conf/standalone.conf (ports, bindAddress, clusterName, advertisedAddress, which is localhost when empty), tenants,
clusters and namespaces made over HTTP, messages that go to the brokers of the namespace's other clusters after a lookup
there, whose answer is that broker's advertised address. What is kept on disk is in data/.
Not kept: Pulsar's protocol, subscriptions, retention, TLS, memory.
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

from double import properties, wire
from double.log import Log
from double.web import WebServer

RETRY = 0.5  # seconds

log = Log(console=True)


class Broker:
    def __init__(self, settings):
        self.cluster = settings.get('clusterName') or sys.exit('clusterName is required')
        self.address = (settings.get('advertisedAddress') or 'localhost', int(settings['brokerServicePort']))
        self.lock = threading.Lock()
        self.topics = {}
        try:
            with open('data/meta.json', encoding='utf-8') as file:
                self.meta = json.load(file)
        except FileNotFoundError:
            self.meta = {'tenants': {}, 'clusters': {self.cluster: {}}, 'namespaces': {}}
            self.keep()

    def keep(self):
        with open('data/meta.json', 'w', encoding='utf-8') as file:
            json.dump(self.meta, file)

    # --- administration: GET and PUT of /admin/v2/<kind>/<name>

    def admin(self, method, kind, name, body):
        table = self.meta.get(kind)
        if table is None:
            return 404, {'reason': f'no {kind}'}
        if method == 'GET':
            return (200, table[name]) if name in table else (404, {'reason': f'{name} does not exist'})
        if kind == 'tenants' and not set(body.get('allowedClusters', [])) <= set(self.meta['clusters']):
            return 412, {'reason': 'Clusters do not exist'}
        if kind == 'namespaces':
            tenant = self.meta['tenants'].get(name.split('/')[0])
            if tenant is None:
                return 404, {'reason': 'Tenant does not exist'}
            if not set(body['replication_clusters']) <= set(tenant['allowedClusters']):
                return 403, {'reason': 'Cluster is not in the list of allowed clusters of the tenant'}
        table[name] = body
        self.keep()
        return 204, None

    # --- the broker

    def handle(self, message):
        kind = message.get('kind')
        if kind == 'lookup':
            return {'code': 'OK', 'broker': list(self.address)}
        topic = message.get('topic', '')
        namespace = '/'.join(topic.split('/')[:2])
        if kind == 'replicate':
            self.keep_message(topic, message['body'])
            return {'code': 'OK'}
        if kind == 'produce':
            if namespace not in self.meta['namespaces']:
                return {'code': 'NotFound', 'error': f'namespace {namespace} does not exist'}
            self.keep_message(topic, message['body'])
            for cluster in self.meta['namespaces'][namespace]['replication_clusters']:
                if cluster != self.cluster:
                    threading.Thread(target=self.replicate, args=(cluster, message), daemon=True).start()
            return {'code': 'OK'}
        if kind == 'receive':
            with self.lock:
                waiting = self.topics.get(topic)
                return {'code': 'OK', 'body': waiting.pop(0)} if waiting else {'code': 'EMPTY'}
        return {'code': 'UNIMPLEMENTED', 'error': f'unknown kind {kind!r}'}

    def keep_message(self, topic, body):
        with self.lock:
            self.topics.setdefault(topic, []).append(body)

    def replicate(self, cluster, message):
        url = self.meta['clusters'][cluster].get('brokerServiceUrl', '')
        host, _, port = url.removeprefix('pulsar://').rpartition(':')
        while True:
            try:
                found = wire.call(host, port, {'kind': 'lookup', 'topic': message['topic']}, timeout=10)
                wire.call(*found['broker'], {**message, 'kind': 'replicate'}, timeout=10)
                return
            except (wire.Unavailable, ValueError) as error:
                log.error(f'replication to cluster {cluster} at {url}: unable to connect: {error}')
                time.sleep(RETRY)


def administration(broker, port):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        timeout = 60

        def answer(self):
            parts = self.path.split('/')
            body = json.loads(self.rfile.read(int(self.headers.get('Content-Length') or 0)) or b'{}')
            status, found = (404, {}) if parts[:3] != ['', 'admin', 'v2'] else broker.admin(
                self.command, parts[3], '/'.join(parts[4:]), body)
            text = b'' if found is None else json.dumps(found).encode()
            self.send_response(status)
            self.send_header('Content-Length', str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_PUT = answer

        def log_message(self, *_):
            pass

    threading.Thread(target=WebServer(('0.0.0.0', port), Handler).serve_forever, daemon=True).start()


def main():
    if sys.argv[1:2] != ['standalone']:
        sys.exit('this double knows only: pulsar standalone')
    os.makedirs('data', exist_ok=True)
    settings = properties.load('conf/standalone.conf')
    broker = Broker(settings)
    administration(broker, int(settings['webServicePort']))
    wire.serve(settings.get('bindAddress') or '0.0.0.0', settings['brokerServicePort'], broker.handle)
    log.info(f'messaging service is ready, cluster {broker.cluster}, advertised {broker.address}')
    threading.Event().wait()


if __name__ == '__main__':
    main()
