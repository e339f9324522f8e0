"""What a pipeline asks of the FATE-Flow server, and how it waits for a job."""

import json
import time
import urllib.request
import uuid
from datetime import timedelta

from fate_client.flow_cli import server


class FateFlow:
    def __init__(self):
        self.at = server.address('pipeline')

    def ask(self, method, path, fields=None):
        return server.request(method, path, fields, self.at)

    def run(self, graph):
        """Submits a graph and waits for its end; job, role, party and model."""
        site = self.ask('GET', '/site/info/query')
        guest = next((one['party_id'][0] for one in graph['dag']['parties'] if one['role'] == 'guest'), None)
        party_id = site['data']['party_id'] if site['code'] == 0 else guest
        answer = self.ask('POST', '/job/submit', {'dag_schema': graph})
        if answer.get('code') != 0:
            raise ValueError(f'submit job is failed, response={answer}')
        self.wait(answer['job_id'], 'guest', party_id)
        return {'job_id': answer['job_id'], 'role': 'guest', 'party_id': party_id, **answer['data']}

    def upload(self, file, **fields):
        answer = self.send_file(file, {**fields, 'meta': json.dumps(fields['meta'])})
        if answer.get('code') != 0:
            raise ValueError(f'Upload data fails, response={answer}')
        self.wait(answer['job_id'], 'local', '0')

    def send_file(self, file, fields):
        mark = uuid.uuid4().hex
        with open(file, 'rb') as opened:
            content = opened.read()
        body = b''.join(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                        for name, value in fields.items())
        body += f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'.encode()
        body += content + f'\r\n--{mark}--\r\n'.encode()
        url = f'http://{self.at[0]}:{self.at[1]}/v2/data/component/upload/file'
        asked = urllib.request.Request(url, body, {'Content-Type': f'multipart/form-data; boundary={mark}'})
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=120) as reply:
                return json.load(reply)
        except (OSError, ValueError) as error:
            return {'code': 100, 'message': f'Connection refused: {error}'}

    def wait(self, job_id, role, party_id):
        """Has no end of its own, as in the real one: a job that waits for cores is waited for."""
        started = time.time()
        print(f'Job id is {job_id}\n', flush=True)
        while True:
            answer = self.ask('GET', '/job/query', {'job_id': job_id, 'role': role, 'party_id': party_id})
            if answer.get('code') != 0:
                raise ValueError(f'query job is failed, response={answer}')
            found = answer['data'][0]
            elapsed = timedelta(seconds=int(time.time() - started))
            if found['status'] == 'success':
                print(f'Job is success!!! Job id is {job_id}, response_data={found}\nTotal time: {elapsed}', flush=True)
                return
            if found['status'] in ('failed', 'canceled'):
                raise ValueError(f'Job is {found["status"]}, please check out job_id={job_id} in fate_flow log directory')
            if found['status'] == 'waiting':
                print(f'\x1b[80D\x1b[1A\x1b[KJob is waiting, time elapse: {elapsed}', flush=True)
            time.sleep(1)

    def output(self, kind, job, task):
        fields = {name: job[name] for name in ('job_id', 'role', 'party_id')}
        answer = self.ask('GET', f'/output/{kind}/query', {**fields, 'task_name': task})
        if answer.get('code') != 0:
            raise ValueError(f"query task={job['job_id']}'s output {kind} is failed, response={answer}")
        return answer['data']
