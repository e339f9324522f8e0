"""Computing engines of a worker: a session that must be had before a task, and is given back after it."""

import configparser
import os
import re
import time

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


class Spark:
    """An application at the master that spark-defaults.conf names; its executor has to reach the driver in here."""

    def __init__(self, conf, session, cores):
        home = conf.section('computing', 'spark').get('home') or ''
        defaults = self.read_defaults(f'{home.rstrip("/")}/conf/spark-defaults.conf')
        match = re.fullmatch(r'spark://([^:/]+):(\d+)', defaults.get('spark.master', ''))
        if not match:
            raise ComputingError(f'spark.master is {defaults.get("spark.master")!r}, not spark://host:port')
        if cores > int(defaults.get('spark.cores.max', cores)):
            raise ComputingError(f'the job wants {cores} cores, spark.cores.max is {defaults["spark.cores.max"]}')
        self.driver = wire.serve('0.0.0.0', 0, lambda _message: {'code': 'OK'})
        driver = {'host': defaults.get('spark.driver.host', os.uname().nodename), 'port': self.driver.server_address[1]}
        self.start(*match.groups(), {'kind': 'application', 'session': session, 'driver': driver, 'cores': cores})

    def read_defaults(self, path):
        try:
            with open(path, encoding='utf-8') as file:
                lines = [line.split(None, 1) for line in file if line.strip() and not line.startswith('#')]
            return {key: value.strip() for key, value in lines}
        except (OSError, ValueError) as error:
            raise ComputingError(f'{path}: {error}') from error

    def start(self, host, port, message):
        """Waits a while for resources, as an application does."""
        for _attempt in range(20):
            try:
                reply = wire.call(host, port, message, timeout=20)
            except wire.Unavailable as error:
                raise ComputingError(f'spark master: {error}') from error
            if reply.get('code') == 'OK':
                return
            if reply.get('code') != 'WAITING':
                break
            time.sleep(1)
        raise ComputingError(f'spark: {reply.get("error")}')

    def close(self):
        self.driver.shutdown()
        self.driver.server_close()


ENGINES = {'standalone': Standalone, 'eggroll': Eggroll, 'spark': Spark}


def open_session(conf, session, cores):
    """Raises ComputingError."""
    if conf.computing not in ENGINES:
        raise ComputingError(f'this double has no computing engine {conf.computing}')
    return ENGINES[conf.computing](conf, session, cores)
