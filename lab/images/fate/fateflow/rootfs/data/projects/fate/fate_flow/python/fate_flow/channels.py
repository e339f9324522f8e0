"""What the transports of a job's data have in common."""

import yaml

RETRY = 0.3  # seconds
CONF = '/data/projects/fate/fate_flow/conf'


class FederationError(Exception):
    """The engine cannot be used at all. What merely gets no answer is waited for, as in the real one."""


class Stopped(Exception):
    """The job was stopped while it waited."""


class Channel:
    """A worker's way to the workers of other parties: push(party, topic, body), pull(topic, sender)."""

    def __init__(self, party_id, stopping):
        self.party_id, self.stopping = party_id, stopping

    def pause(self):
        if self.stopping.wait(RETRY):
            raise Stopped


def required(conf, name, *keys):
    """The settings federation.<name>, all of `keys` among them. Raises FederationError."""
    engine = conf.section('federation', name)
    missing = [key for key in keys if key not in engine]
    if missing:
        raise FederationError(f'federation.{name}: field required: {", ".join(missing)}')
    return engine


def read_routes(file):
    """A route table beside service_conf.yaml; its keys become text, as in FATE-Flow. Raises FederationError."""
    try:
        with open(f'{CONF}/{file}', encoding='utf-8') as opened:
            routes = yaml.safe_load(opened) or {}
        return {str(party): dict(route) for party, route in routes.items()}
    except (OSError, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise FederationError(f'{file}: {error}') from error
