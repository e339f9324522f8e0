"""Federation engines of a worker (a job's data), and the way of FATE-Flow's own calls to another party."""

import json
import time
import urllib.request

from double import wire
from fate_flow.channels import Channel, FederationError, required
from fate_flow.pulsar_channel import Pulsar
from fate_flow.rabbitmq_channel import RabbitMq


class Osx(Channel):
    """Data through the own broker to the other party's, which keeps it until that party's worker fetches it."""

    def __init__(self, conf, party_id, stopping):
        super().__init__(party_id, stopping)
        engine = required(conf, 'osx', 'host', 'port')
        self.address = (engine['host'], engine['port'])
        self.mode = engine.get('mode', 'queue')
        if self.mode == 'stream' and conf.computing != 'eggroll':
            raise FederationError(f'osx in mode stream needs an eggroll session, found {conf.computing}')

    def push(self, party_id, topic, body):
        """Until it is accepted: a broker that takes foreign data for its own, or does not answer, hangs the job."""
        message = {'kind': 'push', 'mode': self.mode, 'to': {'party': party_id, 'role': 'default'},
                   'from': {'party': self.party_id}, 'topic': topic, 'body': body}
        while self.ask(message).get('code') != 'OK':
            self.pause()

    def pull(self, topic, sender=None):
        while True:
            reply = self.ask({'kind': 'pull', 'to': {'party': self.party_id}, 'topic': topic})
            if reply.get('code') == 'OK':
                return reply['body']
            self.pause()

    def ask(self, message):
        try:
            reply = wire.call(*self.address, message, timeout=30)
        except wire.Unavailable as error:
            return {'code': 'UNAVAILABLE', 'error': str(error)}
        if reply.get('code') == 'FAILED_PRECONDITION':
            raise FederationError(reply.get('error'))
        return reply


ENGINES = {'osx': Osx, 'pulsar': Pulsar, 'rabbitmq': RabbitMq}


def connect(conf, party_id, stopping):
    """Raises FederationError."""
    if conf.federation not in ENGINES:
        raise FederationError(f'this double has no federation engine {conf.federation}')
    return ENGINES[conf.federation](conf, party_id, stopping)


class RemoteError(Exception):
    """Another party's FATE-Flow could not be asked, or refused. `code` is FATE-Flow's, None when it was not reached."""

    def __init__(self, text, code=None):
        super().__init__(text)
        self.code = code


def ask_party(conf, party_id, command, body):
    """Calls a party's FATE-Flow by the scheduling proxy, the own party too. Raises RemoteError."""
    started = time.time()
    try:
        answer = PROXIES[conf.proxy_name](conf, party_id, {'command': command, **body})
    except KeyError as error:
        raise RemoteError(f'this double has no proxy {error}') from error
    except (wire.Unavailable, OSError, ValueError) as error:
        raise RemoteError(f'remote request to party {party_id} failed after {time.time() - started:.0f} s: '
                          f'{error}') from error
    if answer.get('code') != 0:
        raise RemoteError(answer.get('message', ''), answer.get('code'))
    return answer.get('data')


def by_osx(conf, party_id, body):
    """The answer of the other FATE-Flow, asked through the own broker. Raises Unavailable."""
    proxy = conf.section('federation', 'osx')
    message = {'kind': 'unary', 'to': {'party': party_id, 'role': 'fateflow'}, 'from': {'party': conf.party_id},
               'timeout': conf.remote_timeout, 'body': body}
    reply = wire.call(proxy.get('host', '127.0.0.1'), proxy.get('port', 9370), message, conf.remote_timeout)
    if reply.get('code') != 'OK':
        raise wire.Unavailable(f'{reply.get("code")}: {reply.get("error")}')
    return reply['body']


def by_nginx(conf, party_id, body):
    """The same through nginx, which is told by headers where to. Raises OSError, ValueError."""
    proxy = conf.section('federation', 'nginx')
    request = urllib.request.Request(
        f'http://{proxy.get("host", "127.0.0.1")}:{proxy.get("http_port", 9300)}/v2/partner', json.dumps(body).encode(),
        {'Content-Type': 'application/json', 'dest-party-id': party_id, 'src-party-id': conf.party_id,
         'service': 'fateflow'})
    with urllib.request.urlopen(request, timeout=conf.remote_timeout) as answer:
        return json.loads(answer.read())


PROXIES = {'osx': by_osx, 'nginx': by_nginx}
