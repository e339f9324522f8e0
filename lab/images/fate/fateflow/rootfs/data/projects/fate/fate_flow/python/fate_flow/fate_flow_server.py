"""Double of the FATE-Flow server: `python fate_flow/python/fate_flow/fate_flow_server.py`.

Kept: service_conf.yaml (settings.py), the database login and own tables (database.py), the HTTP API with its codes
(api.py), jobs that wait for cores and go over the deployed brokers (scheduler.py, party.py, worker.py).
Ends with status 1 on a setting it refuses, a database it cannot enter, an address it cannot bind.
Not kept: gRPC, authentication, data frames, every component but the toy example and those of components.py, --debug.
"""

import os
import signal
import sys

sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from double import wire  # noqa: E402
from double.log import Log  # noqa: E402
from fate_flow import api, engines, settings  # noqa: E402
from fate_flow.database import Database, DatabaseError  # noqa: E402
from fate_flow.party import Party  # noqa: E402
from fate_flow.scheduler import Scheduler  # noqa: E402

HOME = os.environ.get('FATE_PROJECT_BASE', '/data/projects/fate')


def main():
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _frame: os._exit(128 + number))
    home = f'{HOME}/fate_flow'
    log = Log(f'{home}/logs/fate_flow/fate_flow_stat.log', f'{home}/logs/fate_flow/fate_flow_error.log', console=True)
    try:
        conf = settings.load(f'{home}/conf')
        engines.check(conf)
        database = Database(conf)
        database.prepare(conf)
        party = Party(conf, database, home, log)
        scheduler = Scheduler(conf, database, party, log)
        wire.serve(conf.host, conf.grpc_port, party.handle)
        server = api.server(conf, database, scheduler, party)
    except (settings.Refused, DatabaseError, OSError, OverflowError) as error:
        log.error(f'{type(error).__name__}: {error}')
        raise SystemExit(1) from error
    scheduler.resume()
    log.info(f'party {conf.party_id}: http on {conf.host}:{conf.http_port}, grpc on {conf.grpc_port}')
    server.serve_forever()


if __name__ == '__main__':
    main()
