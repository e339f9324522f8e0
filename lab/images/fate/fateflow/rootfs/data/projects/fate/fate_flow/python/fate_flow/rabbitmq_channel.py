"""A job's data over RabbitMQ: a queue of the own broker for each direction, the other party's federated to it.

Kept of FATE: an account for each session, equal at both parties and made by the one in the settings; a virtual host for
each pair; upstream and policy set over the management interface, so that the own broker logs in to the other one.
"""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request

from fate_flow.channels import Channel, FederationError, read_routes, required

ALL = {'configure': '.*', 'write': '.*', 'read': '.*'}


class RabbitMq(Channel):
    def __init__(self, conf, party_id, stopping):
        super().__init__(party_id, stopping)
        try:
            import pika
        except ImportError as error:
            raise FederationError(f'No module named pika: {error}') from error
        self.pika = pika
        engine = required(conf, 'rabbitmq', 'host', 'port', 'mng_port', 'user', 'password')
        self.host, self.port, self.user = engine['host'], engine['port'], str(engine['user'])
        self.management = f'http://{engine["host"]}:{engine["mng_port"]}/api'
        login = f'{self.user}:{engine["password"]}'.encode()
        self.headers = {'Content-Type': 'application/json',
                        'Authorization': f'Basic {base64.b64encode(login).decode()}'}
        self.routes = read_routes('rabbitmq_route_table.yaml')

    def push(self, party_id, topic, body):
        """Into the own queue, from which the other party's broker fetches it."""
        vhost, account = self.prepare(topic)
        self.put(f'queues/{vhost}/send', {'durable': True})
        self.put(f'queues/{vhost}/receive', {'durable': True})
        queue = 'receive' if party_id == self.party_id else 'send'
        with self.connection(vhost, account) as connection:
            connection.channel().basic_publish('', queue, json.dumps(body).encode())

    def pull(self, topic, sender=None):
        vhost, account = self.prepare(topic)
        self.put(f'queues/{vhost}/receive', {'durable': True})
        if sender is not None and sender != self.party_id:
            self.federate(vhost, account, sender)
        with self.connection(vhost, account) as connection:
            channel = connection.channel()
            for method, _properties, body in channel.consume('receive', inactivity_timeout=0.5):
                if method is not None:
                    channel.basic_ack(method.delivery_tag)
                    channel.cancel()
                    return json.loads(body)
                if self.stopping.is_set():
                    self.pause()

    def federate(self, vhost, account, sender):
        route = self.routes.get(sender)
        if route is None:
            raise FederationError(f'party {sender} is not in rabbitmq_route_table.yaml')
        uri = f'amqp://{account}:{account}@{route["host"]}:{route["port"]}/{vhost}'
        self.put(f'parameters/federation-upstream/{vhost}/peer',
                 {'value': {'uri': uri, 'queue': 'send', 'reconnect-delay': 1}})
        self.put(f'policies/{vhost}/receive', {'pattern': '^receive$', 'apply-to': 'queues',
                                               'definition': {'federation-upstream': 'peer'}})

    def prepare(self, topic):
        """The virtual host of a topic and the account that both parties use for it."""
        vhost = account = urllib.parse.quote(topic, safe='')
        self.put(f'users/{account}', {'password': account, 'tags': ''})
        self.put(f'vhosts/{vhost}', {})
        for user in (self.user, account):
            self.put(f'permissions/{vhost}/{urllib.parse.quote(user, safe="")}', ALL)
        return vhost, account

    def put(self, path, body):
        request = urllib.request.Request(f'{self.management}/{path}', json.dumps(body).encode(), self.headers,
                                         method='PUT')
        try:
            urllib.request.urlopen(request, timeout=15).close()
        except urllib.error.HTTPError as error:
            raise FederationError(f'rabbitmq refuses {path}: {error.code} {error.reason}') from error
        except OSError as error:
            raise FederationError(f'rabbitmq management {self.management}: {error}') from error

    def connection(self, vhost, account):
        credentials = self.pika.PlainCredentials(account, account)
        try:
            return self.pika.BlockingConnection(
                self.pika.ConnectionParameters(self.host, self.port, vhost, credentials, socket_timeout=15))
        except self.pika.exceptions.AMQPError as error:
            raise FederationError(f'rabbitmq {self.host}:{self.port}: {error!r}') from error
