"""Federation engines of a worker (a job's data), and the way of FATE-Flow's own calls to another party."""

import time

from double import wire

RETRY = 0.3  # seconds


class FederationError(Exception):
    """The engine cannot be used at all. What merely gets no answer is waited for, as in the real one."""


class Stopped(Exception):
    """The job was stopped while it waited."""


class Osx:
    """Data through the own broker to the other party's, which keeps it until that party's worker fetches it."""

    def __init__(self, conf, party_id, stopping):
        engine = conf.section('federation', 'osx')
        missing = [key for key in ('host', 'port') if key not in engine]
        if missing:
            raise FederationError(f'federation.osx: field required: {", ".join(missing)}')
        self.address = (engine['host'], engine['port'])
        self.mode = engine.get('mode', 'queue')
        if self.mode == 'stream' and conf.computing != 'eggroll':
            raise FederationError(f'osx in mode stream needs an eggroll session, found {conf.computing}')
        self.party_id, self.stopping = party_id, stopping

    def push(self, party_id, topic, body):
        """Until it is accepted: a broker that takes foreign data for its own, or does not answer, hangs the job."""
        message = {'kind': 'push', 'mode': self.mode, 'to': {'party': party_id, 'role': 'default'},
                   'from': {'party': self.party_id}, 'topic': topic, 'body': body}
        while self.ask(message).get('code') != 'OK':
            self.pause()

    def pull(self, topic):
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

    def pause(self):
        if self.stopping.wait(RETRY):
            raise Stopped


ENGINES = {'osx': Osx}


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
    if conf.proxy_name != 'osx':
        raise RemoteError(f'this double has no proxy {conf.proxy_name}')
    proxy = conf.section('federation', 'osx')
    message = {'kind': 'unary', 'to': {'party': party_id, 'role': 'fateflow'}, 'from': {'party': conf.party_id},
               'timeout': conf.remote_timeout, 'body': {'command': command, **body}}
    started = time.time()
    try:
        reply = wire.call(proxy.get('host', '127.0.0.1'), proxy.get('port', 9370), message, conf.remote_timeout)
    except wire.Unavailable as error:
        raise RemoteError(f'remote request to party {party_id} failed after {time.time() - started:.0f} s: '
                          f'{error}') from error
    if reply.get('code') != 'OK':
        raise RemoteError(f'remote request to party {party_id} failed: {reply.get("code")}: {reply.get("error")}')
    answer = reply['body']
    if answer.get('code') != 0:
        raise RemoteError(answer.get('message', ''), answer.get('code'))
    return answer.get('data')
