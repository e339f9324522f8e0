"""Where FATE looks up another party's Pulsar: with a number, although FATE-Flow gives it a table whose keys are text.

FATE 2.2.0 has this defect; a deployment has to get around it.
"""


def remote_cluster(route_table, party):
    """(host, port) of the party's broker, that of a domain where only a default is given. Raises LookupError."""
    remote_party = route_table.get(int(party.party_id), None)
    if remote_party is not None:
        return remote_party['host'], remote_party['port']
    default = route_table.get('default')
    if default is None:
        raise LookupError(f'party {party.party_id} is not in the route table, and there is no default')
    return f'{party.party_id}.{default["domain"]}', default['brokerPort']
