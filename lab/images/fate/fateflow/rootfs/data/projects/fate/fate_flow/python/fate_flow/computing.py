"""Computing engines of a worker: a session that must be had before a task, and is given back after it."""

import configparser

from double import wire

EGGROLL_CONF = '/data/projects/fate/eggroll/conf/eggroll.properties'


class ComputingError(Exception):
    """The engine gave no session."""


class Standalone:
    """Everything in the worker itself."""

    def __init__(self, conf, session, cores):
        pass

    def close(self):
        pass


class Eggroll:
    """A session at the cluster manager, whose address stands in service_conf and again in eggroll.properties."""

    def __init__(self, conf, session, cores):
        engine = conf.section('computing', 'eggroll')
        self.session = session
        self.address = (engine.get('host', '127.0.0.1'), engine.get('port', 4670))
        self.read_client_settings()
        self.ask({'kind': 'session', 'session': session, 'cores': cores})

    def read_client_settings(self):
        """Eggroll's own client wants the file, with its section, before anything else."""
        reader = configparser.RawConfigParser()
        try:
            with open(EGGROLL_CONF, encoding='utf-8') as file:
                reader.read_file(file)
            reader['eggroll']
        except (OSError, KeyError, configparser.Error) as error:
            raise ComputingError(f'{EGGROLL_CONF}: {error}') from error

    def close(self):
        self.ask({'kind': 'end', 'session': self.session})

    def ask(self, message):
        try:
            reply = wire.call(*self.address, message, timeout=15)
        except wire.Unavailable as error:
            raise ComputingError(f'eggroll cluster manager: {error}') from error
        if reply.get('code') != 'OK':
            raise ComputingError(f'eggroll: {reply.get("error")}')


ENGINES = {'standalone': Standalone, 'eggroll': Eggroll}


def open_session(conf, session, cores):
    """Raises ComputingError."""
    if conf.computing not in ENGINES:
        raise ComputingError(f'this double has no computing engine {conf.computing}')
    return ENGINES[conf.computing](conf, session, cores)
