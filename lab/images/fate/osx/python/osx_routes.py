"""route_table.json of the OSX double.

Kept: re-read within 3 s of a new mtime; a file that is invalid at first leaves an empty table and one line in the log,
later the old table; more than 1 MiB is refused; exact party else `default`, then exact role else `default`;
ip and port of every endpoint; self_party as a list of strings.
"""

import json
import os
import time

from double.osx_tls import tls_client

LARGEST = 1024 * 1024
PAUSE = 1.0  # seconds between looks at the file


def tls_to(endpoint):
    """The TLS context for an endpoint, None for plain. Raises osx_tls.Refusal."""
    return tls_client(endpoint) if endpoint.get('useSSL') else None


class RouteTable:
    """The routes that hold now. `self_party` is the list of parties whose data ends here."""

    def __init__(self, path, log):
        self.path, self.log = path, log
        self.table, self.self_party, self.seen = {}, [], None
        self.look()

    def watch(self):
        while True:
            time.sleep(PAUSE)
            self.look()

    def look(self):
        try:
            seen = os.stat(self.path).st_mtime_ns
        except OSError as error:
            if self.seen != 'missing':
                self.log.error(f'route table {self.path}: {error}')
            self.seen = 'missing'
            return
        if seen != self.seen:
            self.seen = seen
            self.load()

    def load(self):
        try:
            self.table, self.self_party = read(self.path)
            self.log.info(f'route table loaded, self_party {self.self_party}')
        except (OSError, ValueError) as error:
            self.log.error(f'invalid route table {self.path}: {error}')

    def find(self, party, role):
        """Endpoints for a party and role, the list of alternatives; empty when there is no route."""
        roles = self.table.get(party) or self.table.get('default') or {}
        return roles.get(role) or roles.get('default') or []

    def endpoints(self):
        return [endpoint for roles in self.table.values() for found in roles.values() for endpoint in found]


def read(path):
    """(route_table, self_party) of the file. Raises OSError, ValueError."""
    if os.path.getsize(path) > LARGEST:
        raise ValueError('larger than 1 MiB')
    with open(path, encoding='utf-8') as file:
        content = json.load(file)
    if not isinstance(content, dict) or not isinstance(content.get('route_table'), dict):
        raise ValueError('route_table is missing')
    self_party = content.get('self_party')
    if not isinstance(self_party, list) or not all(isinstance(party, str) for party in self_party):
        raise ValueError('self_party must be a list of strings')
    for party, roles in content['route_table'].items():
        check_roles(party, roles)
    return content['route_table'], self_party


def check_roles(party, roles):
    if not isinstance(roles, dict):
        raise ValueError(f'party {party}: not an object')
    for role, endpoints in roles.items():
        if not isinstance(endpoints, list):
            raise ValueError(f'party {party} role {role}: not a list of endpoints')
        for endpoint in endpoints:
            check_endpoint(f'party {party} role {role}', endpoint)


def check_endpoint(place, endpoint):
    if not isinstance(endpoint, dict):
        raise ValueError(f'{place}: an endpoint is not an object')
    if endpoint.get('protocol', 'grpc') != 'grpc':
        raise ValueError(f'{place}: this double knows only protocol grpc')
    if not isinstance(endpoint.get('ip'), str) or not endpoint['ip']:
        raise ValueError(f'{place}: an endpoint without ip')
    if not isinstance(endpoint.get('port'), int) or isinstance(endpoint['port'], bool):
        raise ValueError(f'{place}: an endpoint whose port is not a number')
