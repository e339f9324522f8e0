"""Runs the pipeline script FATE_PIPELINE in FATE-Flow's container and follows its jobs, since FATE's client waits for ever.

Prints a line with a bar whenever something changes, what the script itself says, and at the end a line of JSON: {"jobs": [{"id",
"stage", "status", "seconds"}], "why"}. Status 0 only when the script ended well. A job that waits longer for cores than wait_limit, or
takes longer than time_limit, is stopped.
"""
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

URL, SETTINGS = os.environ['FATE_FLOW_URL'], json.loads(os.environ['FATE_JOB'])
LOOK = 1  # seconds between looks
ENDED = ('success', 'failed', 'canceled', 'timeout', 'pass')
NOISE = re.compile(r'^(Running task|Job is waiting|Job id is|Total time|Job is success|$)')
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(path, fields, post=False):
    """The answer; code 100 when there is none."""
    data = json.dumps(fields).encode() if post else None
    url = URL + path + ('' if post else '?' + urllib.parse.urlencode(fields))
    try:
        with opener.open(urllib.request.Request(url, data, {'Content-Type': 'application/json'}), timeout=30) as reply:
            return json.load(reply)
    except (OSError, ValueError) as error:
        return {'code': 100, 'message': str(error)}


class Follower:
    def __init__(self):
        self.jobs, self.last_words, self.shown = [], [], ''
        self.script = subprocess.Popen([sys.executable, '-u', '-c', os.environ['FATE_PIPELINE']], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, universal_newlines=True, errors='replace')

    def run(self):
        """Why it did not go well; empty when it did."""
        listener = threading.Thread(target=self.listen)
        listener.start()
        why = ''
        while self.script.poll() is None and not why:
            why = self.look()
            time.sleep(LOOK)
        if why:
            self.script.kill()
        listener.join()
        self.query_open()
        if not why and self.script.returncode != 0:
            why = next((line for line in reversed(self.last_words) if line.strip()), f'status {self.script.returncode}')
        return why

    def listen(self):
        for line in self.script.stdout:
            line = re.sub(r'\x1b\[\d*[A-Z]', '', line).strip()
            found = re.match(r'Job id is (\d+)$', line)
            if found:
                self.jobs.append({'id': found.group(1), 'stage': '', 'status': 'submitted', 'percent': 0, 'began': time.time(), 'seconds': 0})
            elif not NOISE.match(line):
                self.last_words = self.last_words[-40:] + [line]
                print(line, flush=True)

    def query_open(self):
        """Brings all jobs up to date that had not ended."""
        for job in self.jobs:
            if job['status'] not in ENDED:
                self.query(job)

    def query(self, job):
        """Brings a job up to date."""
        answer = ask('/job/query', {'job_id': job['id'], 'role': 'guest', 'party_id': SETTINGS['guest']})
        if answer['code'] != 0 or not answer.get('data'):
            return
        data = answer['data'][0]
        stage = ((data.get('dag') or {}).get('dag') or {}).get('stage') or ''
        if job['status'] in ('submitted', 'waiting', 'ready') and data['status'] not in ('waiting', 'ready'):
            job['got_cores'] = time.time()
        job.update(stage=stage, status=data['status'], percent=int(data.get('progress') or 0), seconds=int(time.time() - job['began']))

    def look(self):
        """Shows how far the job is; why it has to be stopped, if so."""
        if not self.jobs:
            return ''
        job = self.jobs[-1]
        # The one before may have ended since it was looked at.
        self.query_open()
        waited = time.time() - job['began']
        self.show(job)
        if job['status'] in ('submitted', 'waiting', 'ready') and waited > SETTINGS['wait_limit']:
            return self.stop(job, f'has waited {int(waited)} s for cores: other jobs have them, or a party does not answer (wait_limit)')
        if waited > SETTINGS['time_limit']:
            return self.stop(job, f'did not end within {SETTINGS["time_limit"]} s (time_limit)')
        # FATE's client goes on asking after such a job for ever.
        return f'job {job["id"]} ended with timeout' if job['status'] == 'timeout' else ''

    def show(self, job):
        tasks = []
        if job['status'] == 'running':
            answer = ask('/job/task/query', {'job_id': job['id'], 'role': 'guest', 'party_id': SETTINGS['guest'], 'status': 'running'})
            tasks = [task['task_name'] for task in answer.get('data') or []] if answer['code'] == 0 else []
        what = ', '.join(tasks) or {'waiting': 'waits for cores'}.get(job['status'], job['status'])
        full = job['percent'] // 5
        text = f'{"█" * full}{"░" * (20 - full)} {job["percent"]:3d}%  job {job["id"]} {job["stage"]} {what}'
        if text != self.shown:
            self.shown = text
            print(text, flush=True)

    def stop(self, job, why):
        answer = ask('/job/stop', {'job_id': job['id']}, post=True)
        if answer['code'] == 0:
            return f'job {job["id"]} {why}, and was stopped'
        return f'job {job["id"]} {why}, and could not be stopped: {answer.get("message")}'


# The text comes in UTF-8, whatever the locale of the image is.
sys.stdout = open(1, 'w', encoding='utf-8', closefd=False)
follower = Follower()
verdict = follower.run()
told = [{name: job[name] for name in ('id', 'stage', 'status', 'seconds')} for job in follower.jobs]
print(json.dumps({'jobs': told, 'why': verdict}), flush=True)
sys.exit(1 if verdict else 0)
