"""The HTTP API under /v2. Every answer is HTTP 200 with a code in the body, errors too."""

import email
import json
import os
import threading
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

from double.web import WebServer
from fate_flow import tables
from fate_flow.database import DatabaseError
from fate_flow.party import Refused
from fate_flow.worker import now


class Api:
    """One method a path; each takes the request's fields and returns the answer's data."""

    def __init__(self, conf, database, scheduler, party):
        self.conf, self.database, self.scheduler, self.party = conf, database, scheduler, party
        self.paths = {
            ('GET', '/server/fateflow'): self.server,
            ('GET', '/site/info/query'): self.site,
            ('POST', '/job/submit'): self.submit,
            ('GET', '/job/query'): self.job,
            ('GET', '/job/list/query'): self.job_list,
            ('GET', '/job/task/query'): self.task,
            ('POST', '/job/stop'): self.stop,
            ('POST', '/job/clean'): self.stop,
            ('GET', '/output/model/query'): self.model,
            ('GET', '/output/metric/query'): self.metric,
            ('POST', '/data/component/upload'): self.upload,
            ('POST', '/data/component/upload/file'): self.upload_file,
            ('GET', '/table/query'): self.table,
            ('POST', '/table/delete'): self.delete_table,
        }

    def answer(self, method, path, fields):
        if (method, path) == ('POST', '/v2/partner'):
            return self.party.answer(fields)
        handler = self.paths.get((method, path.removeprefix('/v2')))
        if handler is None or not path.startswith('/v2/'):
            return {'code': 404, 'message': f'404 Not Found: {method} {path}'}
        try:
            return {'code': 0, 'message': 'success', **handler(fields)}
        except Refused as error:
            return {'code': error.code, 'message': str(error)}
        except DatabaseError as error:
            return {'code': 5000, 'message': str(error)}

    def server(self, _fields):
        rows = self.database.run("select * from t_server where f_server_name='fateflow'")
        return {'data': [{'host': row['host'], 'port': row['port'], 'server_name': 'fateflow', 'protocol': 'http'}
                         for row in rows]}

    def site(self, _fields):
        if self.conf.federation == 'standalone':
            raise Refused(3000, 'site is standalone')
        return {'data': {'party_id': self.conf.party_id}}

    # --- jobs

    def submit(self, fields):
        job_id = self.scheduler.submit(needed(fields, 'dag_schema'))
        return {'job_id': job_id, 'data': {'model_id': job_id, 'model_version': '0'}}

    def job(self, fields):
        rows = self.database.jobs(**only(fields, 'job_id', 'role', 'party_id', 'status'))
        if not rows:
            raise Refused(1001, 'job not found')
        return {'data': rows}

    def job_list(self, fields):
        limit, page = number(fields, 'limit', 10), number(fields, 'page', 1)
        chosen = only(fields, 'job_id', 'role', 'party_id', 'status')
        return {'data': {'count': len(self.database.jobs(**chosen)),
                         'data': self.database.jobs(limit=limit, offset=limit * (page - 1), **chosen)}}

    def task(self, fields):
        chosen = only(fields, 'job_id', 'role', 'party_id', 'task_name', 'status')
        where = ' and '.join(['1=1', *(f'f_{name}=%s' for name in chosen)])
        return {'data': self.database.run(f'select * from t_task where {where}', *chosen.values())}

    def stop(self, fields):
        self.scheduler.stop(needed(fields, 'job_id'))
        return {'job_id': fields['job_id']}

    # --- what tasks leave behind

    def model(self, fields):
        return self.left_by(fields, 'model', f'{needed(fields, "task_name")}.json')

    def metric(self, fields):
        return self.left_by(fields, 'jobs', f'{needed(fields, "task_name")}.metric.json')

    def left_by(self, fields, folder, file):
        parts = [needed(fields, name) for name in ('job_id', 'role', 'party_id')] + [file]
        if any('/' in part or part.startswith('.') for part in parts):
            raise Refused(5001, 'Invalid parameter')
        try:
            with open('/'.join([self.party.home, folder, *parts]), encoding='utf-8') as opened:
                return {'data': json.load(opened)}
        except OSError as error:
            raise Refused(2000, f'{file} is not there') from error

    # --- tables: what is kept of an upload is its number of rows, its ids and the name of its label

    def upload(self, fields):
        file = needed(fields, 'file')
        if not os.path.isfile(file):
            raise Refused(8001, f'no found file: {file}')
        with open(file, 'rb') as opened:
            return self.take(fields, opened.read())

    def upload_file(self, fields):
        if not isinstance(fields.get('file'), bytes):
            raise Refused(5007, 'No file')
        return self.take(fields, fields['file'])

    def take(self, fields, content):
        namespace, name = needed(fields, 'namespace'), needed(fields, 'name')
        meta = fields.get('meta') or {}
        try:
            meta = json.loads(meta) if isinstance(meta, str) else meta
        except ValueError as error:
            raise Refused(5001, 'Invalid parameter: meta') from error
        job = {'job_id': self.scheduler.new_id(), 'role': 'local', 'party_id': '0', 'cores': 0, 'dag': {},
               'scheduler_party_id': self.conf.party_id}
        self.database.add_job(job)
        has_head = str(fields.get('head', True)).lower() != 'false'
        work = (job, content, has_head, meta, namespace, name)
        threading.Thread(target=self.load, args=work, daemon=True).start()
        return {'job_id': job['job_id'], 'data': {'namespace': namespace, 'name': name}}

    def load(self, job, *upload):
        try:
            self.database.update_job(job, status='running', start_time=now())
            tables.load(self.database, self.conf.storage, *upload)
            status = 'success'
        except (ValueError, DatabaseError) as error:
            self.party.log.error(f'upload of job {job["job_id"]}: {error}')
            self.party.write(job, 'logs', 'upload_0.log', f'failed: {error}')
            status = 'failed'
        self.database.update_job(job, status=status, progress=100, end_time=now())

    def table(self, fields):
        key = needed(fields, 'namespace'), needed(fields, 'name')
        rows = self.database.run('select * from t_table where f_namespace=%s and f_name=%s', *key)
        if not rows:
            raise Refused(7001, f'no found table: namespace {key[0]}, name {key[1]}')
        return {'data': {key: value for key, value in rows[0].items() if key != 'ids'}}

    def delete_table(self, fields):
        self.table(fields)
        self.database.run('delete from t_table where f_namespace=%s and f_name=%s', fields['namespace'], fields['name'])
        return {}


def needed(fields, name):
    if not fields.get(name):
        raise Refused(5001, f'Invalid parameter: {name} is required')
    return fields[name]


def number(fields, name, default):
    try:
        return max(int(fields.get(name) or default), 1)
    except (TypeError, ValueError) as error:
        raise Refused(5001, f'Invalid parameter: {name}') from error


def parts_of(kind, body):
    """Fields of a form as text, its file as bytes."""
    form = email.message_from_bytes(b'Content-Type: ' + kind.encode() + b'\r\n\r\n' + body)
    parts = form.get_payload() if form.is_multipart() else []
    fields = {}
    for part in parts:
        content = part.get_payload(decode=True)
        name = part.get_param('name', header='content-disposition')
        fields[name] = content if part.get_filename() else content.decode()
    return fields


def only(fields, *names):
    return {name: str(fields[name]) for name in names if fields.get(name)}


def server(conf, database, scheduler, party):
    """A server bound to fateflow.host and http_port. Raises OSError when the address is not ours."""
    api = Api(conf, database, scheduler, party)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        timeout = 60

        def do_GET(self):
            address = urlsplit(self.path)
            self.reply(api.answer('GET', address.path, dict(parse_qsl(address.query))))

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
            kind = self.headers.get('Content-Type') or ''
            try:
                fields = parts_of(kind, body) if kind.startswith('multipart/') else json.loads(body or b'{}')
            except ValueError:
                fields = None
            if isinstance(fields, dict):
                self.reply(api.answer('POST', urlsplit(self.path).path, fields))
            else:
                self.reply({'code': 5001, 'message': 'Invalid parameter: the body is not a JSON object'})

        def reply(self, answer):
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header('Content-Type', 'application/json')
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return WebServer((conf.host, conf.http_port), Handler)
