"""A double of Harbor's front: its REST API as far as a deployment asks it, and a real registry behind its accounts.

Kept: paths, statuses and bodies of the API, Basic authentication, rights of robot accounts, projects that must exist before a
push, a secret that is told once, a password that counts at the first start only. Not kept: tokens (a registry client logs in
with Basic authentication here), the pages, quotas, scanning, replication, garbage collection, many users.
"""

import base64
import http.client
import json
import os
import ssl
import urllib.parse
from http.server import BaseHTTPRequestHandler

from double.harbor_state import Refusal, State
from double.web import WebServer

SETTINGS = json.load(open('/config/harbor.json'))
STATE = State('/database', SETTINGS['harbor_admin_password'])
VERSION = SETTINGS['version']
BEHIND = ('registry', 5000)
BEHIND_LOGIN = 'Basic ' + base64.b64encode(b'fate:s3cret $x').decode()
PASSED_ON = ('accept', 'content-type', 'content-range', 'range', 'content-length')
WRITES = ('POST', 'PUT', 'PATCH', 'DELETE')


class Front(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    # Who speaks TLS to a port without it is told so in HTTP, as by nginx: the docker program waits for that.
    default_request_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        try:
            if url.path.startswith('/v2/'):
                self.registry(url)
            elif url.path.startswith('/api/v2.0/'):
                self.api(url.path[len('/api/v2.0') :], urllib.parse.parse_qs(url.query))
            else:
                raise Refusal(404, 'NOT_FOUND', 'no page here')
        except Refusal as refusal:
            self.answer(refusal.status, {'errors': [{'code': refusal.code, 'message': refusal.message}]})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    # --- accounts

    def who(self):
        """The account of the request, None without one. Raises Refusal for a wrong password."""
        said = self.headers.get('Authorization', '')
        if not said.startswith('Basic '):
            return None
        name, _, password = base64.b64decode(said[6:]).decode().partition(':')
        account = STATE.account(name, password)
        if account is None:
            raise Refusal(401, 'UNAUTHORIZED', 'unauthorized')
        return account

    def need_admin(self):
        if self.who() != 'admin':
            raise Refusal(401, 'UNAUTHORIZED', 'unauthorized')

    # --- REST API

    def api(self, path, query):
        key = (self.command, path)
        if key == ('GET', '/ping'):
            return self.answer(200, 'Pong', 'text/plain')
        if key == ('GET', '/health'):
            parts = [{'name': name, 'status': 'healthy' if up() else 'unhealthy'} for name in ('core', 'registry')]
            overall = 'healthy' if all(part['status'] == 'healthy' for part in parts) else 'unhealthy'
            return self.answer(200, {'status': overall, 'components': parts})
        if key == ('GET', '/systeminfo'):
            return self.answer(200, {'auth_mode': 'db_auth', 'harbor_version': VERSION if self.who() else None})
        if key == ('GET', '/users/current'):
            self.need_admin()
            return self.answer(200, {'user_id': 1, 'username': 'admin', 'sysadmin_flag': True})
        self.need_admin()
        if path == '/projects':
            return self.projects(query)
        if path.startswith('/projects/') and self.command == 'GET':
            return self.one_project(path[len('/projects/') :])
        if path == '/robots':
            return self.robots(query)
        if path.startswith('/robots/') and self.command == 'PATCH':
            return self.answer(200, STATE.new_secret(int(path.rsplit('/', 1)[1]), self.body()))
        raise Refusal(404, 'NOT_FOUND', f'path {path} was not found')

    def projects(self, query):
        if self.command == 'HEAD':
            return self.answer(200 if STATE.project(query['project_name'][0]) else 404, None)
        if self.command == 'POST':
            STATE.add_project(self.body())
            return self.answer(201, None)
        return self.answer(200, STATE.data['projects'])

    def one_project(self, rest):
        name, _, more = rest.partition('/')
        project = STATE.project(name)
        if project is None:
            raise Refusal(403, 'FORBIDDEN', f'project {name} not found')
        if more == '':
            return self.answer(200, project)
        if more == 'repositories':
            _, body = behind('GET', '/v2/_catalog?n=1000')
            names = [one for one in json.loads(body)['repositories'] if one.startswith(name + '/')]
            return self.answer(200, [{'name': one} for one in names])
        raise Refusal(404, 'NOT_FOUND', f'path {rest} was not found')

    def robots(self, query):
        if self.command == 'POST':
            return self.answer(201, STATE.add_robot(self.body()))
        asked = dict(part.split('=') for part in query.get('q', [''])[0].split(',') if '=' in part)
        if asked.get('Level') == 'project' and 'ProjectID' not in asked:
            raise Refusal(400, 'BAD_REQUEST', 'must with project ID when to query project robots')
        found = [one for one in STATE.data['robots'] if str(one['project_id']) == asked.get('ProjectID')]
        hidden = ('secret', 'actions', 'project')
        self.answer(200, [{key: value for key, value in one.items() if key not in hidden} for one in found])

    def body(self):
        data = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        if self.headers.get('Content-Type', '').split(';')[0] != 'application/json':
            raise Refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'unsupported media type')
        return json.loads(data)

    def answer(self, status, body, kind='application/json'):
        data = b'' if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        if status == 401:
            self.send_header('WWW-Authenticate', 'Basic realm="harbor"')
        if self.path.startswith('/v2/'):
            self.send_header('Docker-Distribution-Api-Version', 'registry/2.0')
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(data)))
        # A body that nobody read would be taken for the next request.
        self.send_header('Connection', 'close')
        self.close_connection = True
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(data)

    # --- the registry behind

    def registry(self, url):
        account = self.who()
        project = url.path[len('/v2/') :].split('/')[0]
        if project == '':
            if account is None:
                raise Refusal(401, 'UNAUTHORIZED', 'unauthorized')
        else:
            self.need_right(account, project)
        chunked = 'chunked' in self.headers.get('Transfer-Encoding', '')
        length = int(self.headers.get('Content-Length') or 0)
        body = self.chunks() if chunked else self.piece(length) if length else None
        self.pass_back(*send_behind(self.command, self.path, passed_on(self.headers), body, chunked))

    def need_right(self, account, name):
        project = STATE.project(name)
        action = 'push' if self.command in WRITES else 'pull'
        if account is None and not (project and project['metadata']['public'] == 'true' and action == 'pull'):
            raise Refusal(401, 'UNAUTHORIZED', f'unauthorized to access repository: {name}, action: {action}')
        if project is None:
            raise Refusal(401, 'UNAUTHORIZED', f'project {name} not found')
        if account in (None, 'admin'):
            return
        if account['project'] != name or action not in account['actions']:
            raise Refusal(401, 'UNAUTHORIZED', f'unauthorized to access repository: {name}, action: {action}')

    def chunks(self):
        while size := int(self.rfile.readline().split(b';')[0], 16):
            yield from self.piece(size)
            self.rfile.readline()
        self.rfile.readline()

    def piece(self, length):
        while length > 0:
            data = self.rfile.read(min(length, 65536))
            length -= len(data)
            yield data

    def pass_back(self, connection, response):
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ('connection', 'transfer-encoding', 'server', 'date'):
                self.send_header(name, value)
        self.end_headers()
        while data := response.read(65536):
            self.wfile.write(data)
        connection.close()


def passed_on(headers):
    # A client says in several lines what it takes.
    return {name: ', '.join(headers.get_all(name)) for name in PASSED_ON if name in headers}


def send_behind(method, path, headers, body, chunked):
    connection = http.client.HTTPConnection(*BEHIND, timeout=300)
    connection.request(method, path, body, {**headers, 'Authorization': BEHIND_LOGIN}, encode_chunked=chunked)
    return connection, connection.getresponse()


def behind(method, path):
    connection, response = send_behind(method, path, {}, None, False)
    try:
        return response.status, response.read()
    finally:
        connection.close()


def up():
    try:
        return behind('GET', '/v2/')[0] == 200
    except OSError:
        return False


def main():
    server = WebServer(('', 8080), Front)
    if SETTINGS['https']:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain('/config/server.crt', '/config/server.key')
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == '__main__':
    main()
