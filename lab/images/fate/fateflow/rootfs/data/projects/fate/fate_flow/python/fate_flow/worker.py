"""What a task does once it runs: a computing session, a federation, and the component between them."""

import time

from fate_flow import computing, federation, storage
from fate_flow.components import COMPONENTS, TaskFailed, Work


def now():
    return int(time.time() * 1000)


def run(conf, database, home, job, name, stopping):
    """Runs one task of one party. Raises whatever goes wrong."""
    component = COMPONENTS.get(job['dag']['dag']['tasks'][name].get('component_ref'))
    if component is None:
        raise TaskFailed(f'this double has no component for {name}')
    channel = federation.connect(conf, job['party_id'], stopping)
    own_name = f'{job["job_id"]}_{name}_{job["role"]}_{job["party_id"]}'
    session = computing.open_session(conf, own_name, job['cores'])
    try:
        storage.try_out(conf, own_name)
        component(Work(database, home, job, name, channel))
    finally:
        session.close()
