"""Double of `jupyter notebook`: a page on the given address. Kept: --ip and --port. Not kept: notebooks, passwords."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler

from double.web import WebServer

PAGE = b'<!doctype html><title>Jupyter Notebook</title>'


class Handler(BaseHTTPRequestHandler):
    timeout = 60

    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


def main():
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    options = dict(word.lstrip('-').partition('=')[::2] for word in sys.argv[2:])
    WebServer((options.get('ip', 'localhost'), int(options.get('port', '8888'))), Handler).serve_forever()


if __name__ == '__main__':
    main()
