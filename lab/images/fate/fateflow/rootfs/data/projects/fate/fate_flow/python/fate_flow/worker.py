"""What a task does once it runs: a computing session, a federation, and the component between them."""

import time

from fate_flow import computing, federation, storage


class TaskFailed(Exception):
    """The component itself is not content."""


def now():
    return int(time.time() * 1000)


def run(conf, job, name, stopping):
    """Runs one task of one party. Raises whatever goes wrong."""
    component = COMPONENTS.get(job['dag']['dag']['tasks'][name].get('component_ref'))
    if component is None:
        raise TaskFailed(f'this double has no component for {name}')
    channel = federation.connect(conf, job['party_id'], stopping)
    own_name = f'{job["job_id"]}_{name}_{job["role"]}_{job["party_id"]}'
    session = computing.open_session(conf, own_name, job['cores'])
    try:
        storage.try_out(conf, own_name)
        component(job, name, channel)
    finally:
        session.close()


def toy_example(job, name, channel):
    """The guest sends numbers to every host, which adds them up and sends the sum back."""
    parties = {party['role']: party['party_id'] for party in job['dag']['dag']['parties']}
    topic = f'{job["job_id"]}_{name}'
    if job['role'] == 'guest':
        numbers = list(range(20))
        for host in parties['host']:
            channel.push(host, f'{topic}_numbers_{host}', numbers)
        for host in parties['host']:
            if channel.pull(f'{topic}_sum_{host}', host) != sum(numbers):
                raise TaskFailed(f'host {host} sent another sum')
    elif job['role'] == 'host':
        guest = parties['guest'][0]
        total = sum(channel.pull(f'{topic}_numbers_{job["party_id"]}', guest))
        channel.push(guest, f'{topic}_sum_{job["party_id"]}', total)


COMPONENTS = {'toy_example': toy_example}
