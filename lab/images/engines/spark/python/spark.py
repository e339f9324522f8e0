"""Double of Spark's master and worker: /master.sh, /worker.sh.

Kept: SPARK_MASTER_PORT and the ports of the pages, SPARK_MASTER naming the master a worker registers at, an application
that gets executors only from registered workers, executors that call the driver back at the address it gave.
Not kept: Spark's protocol, Python on the workers, memory, cores of a host.
"""

import os
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

from double import wire
from double.log import Log
from double.web import WebServer

LOST_AFTER = 12  # seconds without a word of a worker
PAUSE = 2.0

log = Log(console=True)


def master():
    workers = {}

    def handle(message):
        kind = message.get('kind')
        if kind == 'worker':
            if message['address'] not in workers:
                log.info(f'Registering worker {message["address"]}')
            workers[message['address']] = time.time()
            return {'code': 'OK'}
        if kind == 'application':
            alive = [address for address, seen in workers.items() if time.time() - seen < LOST_AFTER]
            if not alive:
                return {'code': 'WAITING', 'error': 'Initial job has not accepted any resources; check your cluster UI'
                                                    ' to ensure that workers are registered'}
            return start_executor(alive[0], message)
        return {'code': 'UNIMPLEMENTED', 'error': f'unknown kind {kind!r}'}

    page(int(os.environ.get('SPARK_MASTER_WEBUI_PORT', '8080')))
    wire.serve('0.0.0.0', os.environ.get('SPARK_MASTER_PORT', '7077'), handle)
    log.info('I have been elected leader! New state: ALIVE')


def start_executor(address, message):
    host, _, port = address.rpartition(':')
    try:
        return wire.call(host, port, {**message, 'kind': 'executor'}, timeout=15)
    except wire.Unavailable as error:
        return {'code': 'UNAVAILABLE', 'error': str(error)}


def worker():
    match = re.fullmatch(r'spark://([^:/]+):(\d+)', os.environ.get('SPARK_MASTER', ''))
    if not match:
        sys.exit(f'SPARK_MASTER is {os.environ.get("SPARK_MASTER")!r}, not spark://host:port')
    master_host, master_port = match.groups()
    own_host = os.uname().nodename

    def handle(message):
        """An executor connects to its driver before it takes tasks."""
        driver = message['driver']
        try:
            return wire.call(driver['host'], driver['port'], {'kind': 'hello', 'executor': own_host}, timeout=10)
        except wire.Unavailable as error:
            return {'code': 'UNAVAILABLE', 'error': f'executor on {own_host} cannot connect to driver: {error}'}

    server = wire.serve('0.0.0.0', 0, handle)
    page(int(os.environ.get('SPARK_WORKER_WEBUI_PORT', '8081')))
    while True:
        try:
            wire.call(master_host, master_port,
                      {'kind': 'worker', 'address': f'{own_host}:{server.server_address[1]}'}, timeout=5)
        except wire.Unavailable as error:
            log.error(f'Failed to connect to master {master_host}:{master_port}: {error}')
        time.sleep(PAUSE)


def page(port):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'Spark (double)\n')

        def log_message(self, *_):
            pass

    threading.Thread(target=WebServer(('0.0.0.0', port), Handler).serve_forever, daemon=True).start()


if __name__ == '__main__':
    {'master': master, 'worker': worker}[sys.argv[1]]()
    threading.Event().wait()
