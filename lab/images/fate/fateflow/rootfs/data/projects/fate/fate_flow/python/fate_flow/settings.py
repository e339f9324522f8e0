"""service_conf.yaml, local.service_conf.yaml over it, and job_default_config.yaml.

Keys that FATE-Flow does not know are ignored, as there; those missing have the defaults of its source.
"""

import os

import yaml


class Refused(Exception):
    """A setting with which the server does not start."""


class Settings:
    """The settings that the double uses. `section` gives the rest as plain dicts."""

    def __init__(self, content, job_defaults):
        self.content = content
        self.party_id = content.get('party_id', '9999')
        if not isinstance(self.party_id, str):
            raise Refused(f'party_id must be a string, found {self.party_id!r}: put it in quotes')
        flow = self.section('fateflow')
        self.host = flow.get('host', '127.0.0.1')
        self.http_port, self.grpc_port = flow.get('http_port', 9380), flow.get('grpc_port', 9360)
        self.proxy_name = flow.get('proxy_name', 'osx')
        chosen = self.section('default_engines')
        self.computing = chosen.get('computing', 'standalone')
        self.federation = chosen.get('federation')
        self.storage = chosen.get('storage', 'standalone')
        self.cores = self.section('computing', self.computing).get('cores', 32)
        if not isinstance(self.cores, int):
            raise Refused(f'computing.{self.computing}.cores must be a number, found {self.cores!r}')
        runs = job_defaults.get('task_run') or {}
        self.job_cores = (runs.get(self.computing) or {}).get('cores') or job_defaults.get('job_cores', 4)
        self.task_timeout = job_defaults.get('task_timeout', 259200)
        self.remote_timeout = job_defaults.get('remote_request_timeout', 30000) / 1000

    def section(self, *names):
        """A mapping below the given names; empty when it is not there."""
        found = self.content
        for name in names:
            found = found.get(name)
            if found is None:
                return {}
            if not isinstance(found, dict):
                raise Refused(f'{".".join(names)} must be a mapping')
        return found


def load(folder):
    """Reads the folder's files. Raises Refused."""
    content = read(f'{folder}/service_conf.yaml')
    local = f'{folder}/local.service_conf.yaml'
    if os.path.exists(local):
        content = {**content, **read(local)}
    return Settings(content, read(f'{folder}/job_default_config.yaml'))


def read(path):
    try:
        with open(path, encoding='utf-8') as file:
            content = yaml.safe_load(file)
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(f'loading yaml file config from {path} failed: {error}') from error
    if not isinstance(content, dict):
        raise Refused(f'invalid config file: {path}')
    return content
