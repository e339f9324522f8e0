"""Double of FATE-Board: one page behind the deployed settings, and the login.

Kept: application.properties at the place that -Dspring.config.location names (without the file the start fails),
server.port, the login names, fateflow.url or .url-list (an unreachable FATE-Flow is not fatal).
Not kept: everything that the board shows; sessions; encrypted passwords; ssh.properties.
"""

import json
from http.server import BaseHTTPRequestHandler

from double import properties
from double.log import Log
from double.web import WebServer

HOME = '/data/projects/fate/fate_board'


def main(command):
    path = command.properties.get('spring.config.location', f'{HOME}/conf/application.properties')
    path = path.removeprefix('file:')
    try:
        settings = properties.load(path)
    except OSError as error:
        raise SystemExit(f'Config data resource {path} cannot be found: {error}') from error
    if not settings.get('fateflow.url') and not settings.get('fateflow.url-list'):
        raise SystemExit("Could not resolve placeholder 'fateflow.url'")
    try:
        port = int(settings.get('server.port', '8080'))
        server = WebServer(('0.0.0.0', port), handler_for(settings))
    except (ValueError, OverflowError, OSError) as error:
        raise SystemExit(f'Web server failed to start: {error}') from error
    Log(console=True).info(f'board on port {port}, FATE-Flow at {settings.get("fateflow.url")}')
    server.serve_forever()


def handler_for(settings):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        timeout = 60

        def do_GET(self):
            page = b'<!doctype html><title>FATEBoard</title><p>FATEBoard'
            self.answer(200 if self.path.split('?')[0] in ('/', '/index.html') else 404, 'text/html', page)

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
            if self.path != '/user/login':
                return self.answer(404, 'text/plain', b'')
            code = 0 if login_is_right(settings, body) else 10015
            self.answer(200, 'application/json', json.dumps({'code': code}).encode())

        def answer(self, status, kind, body):
            self.send_response(status)
            self.send_header('Content-Type', kind)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


def login_is_right(settings, body):
    try:
        given = json.loads(body)
    except ValueError:
        return False
    wanted = [settings.get(f'server.board.login.{key}') for key in ('username', 'password')]
    return isinstance(given, dict) and [given.get('username'), given.get('password')] == wanted
