"""This party's side of a job: what the scheduling party may ask of it, and the workers that run its tasks."""

import json
import os
import threading

from fate_flow import worker
from fate_flow.database import DatabaseError
from fate_flow.channels import Stopped

ENDED = ('success', 'failed', 'canceled', 'timeout')


class Refused(Exception):
    """A request that is answered with one of FATE-Flow's codes."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Party:
    def __init__(self, conf, database, home, log):
        self.conf, self.database, self.home, self.log = conf, database, home, log
        self.running = {}  # (job id, role, party id) -> event that stops the workers

    def handle(self, message):
        """Answers a message that came to the gRPC port."""
        if message.get('kind') == 'probe':
            return {'code': 'OK'}
        if message.get('kind') != 'unary':
            return {'code': 'UNIMPLEMENTED', 'error': 'fateflow takes scheduling calls only'}
        return {'code': 'OK', 'body': self.answer(message['body'])}

    def answer(self, body):
        commands = {'create': self.create, 'apply': self.apply, 'give_back': self.give_back, 'start': self.start,
                    'status': self.status, 'finish': self.finish}
        try:
            return {'code': 0, 'message': 'success', 'data': commands[body['command']](body['job'], body)}
        except Refused as error:
            return {'code': error.code, 'message': str(error)}
        except (DatabaseError, KeyError, OSError) as error:
            self.log.error(f'{body.get("command")}: {error}')
            return {'code': 1000, 'message': f'{type(error).__name__}: {error}'}

    # --- commands of the scheduling party; a job here is one role of one party

    def create(self, job, _body):
        total, _free = self.database.cores()
        cores = wanted_cores(job['dag']) or self.conf.job_cores
        if cores > total:
            raise Refused(1006, f'Resource limit exceeded: the job wants {cores} cores, '
                                f'party {self.conf.party_id} has {total}')
        self.database.add_job({**job, 'cores': cores})
        self.write(job, 'jobs', 'dag.json', json.dumps(job['dag'], indent=2))

    def apply(self, job, _body):
        return self.database.book(self.find(job))

    def give_back(self, job, _body):
        self.database.give_back(self.find(job))

    def start(self, job, _body):
        found = self.find(job)
        stopping = self.running.setdefault(key_of(job), threading.Event())
        self.database.update_job(found, status='running', start_time=worker.now())
        threading.Thread(target=self.work, args=(found, stopping), daemon=True).start()

    def status(self, job, _body):
        """waiting, running, success or failed, over all tasks of the job."""
        rows = self.tasks(job)
        states = [row['status'] for row in rows]
        if 'failed' in states:
            return 'failed'
        return 'success' if len(rows) == len(own_tasks(job)) and set(states) == {'success'} else 'running'

    def finish(self, job, body):
        """Ends the job with the given status, whatever it does now. An ended job keeps its status."""
        found = self.find(job)
        stopping = self.running.pop(key_of(job), None)
        if stopping:
            stopping.set()
        self.database.give_back(found)
        if found['status'] not in ENDED:
            progress = 100 if body['status'] == 'success' else found['progress']
            self.database.update_job(found, status=body['status'], progress=progress, end_time=worker.now())

    # --- workers

    def work(self, job, stopping):
        """Runs the job's tasks one after the other, in a thread of its own."""
        names = own_tasks(job)
        for number, name in enumerate(names):
            problem = self.run_task(job, name, stopping)
            if problem is not None:
                return
            self.database.update_job(job, progress=100 * (number + 1) // len(names))

    def run_task(self, job, name, stopping):
        """None when it went well, else what was wrong; both are in the task's row and log."""
        columns = (job['job_id'], name, f'{job["job_id"]}_{name}', job['role'], job['party_id'])
        self.database.run("replace into t_task values (%s, %s, %s, %s, %s, 'running', '')", *columns)
        try:
            self.write(job, 'logs', f'{name}.log', f'start of {name} at {job["role"]} {job["party_id"]}')
            worker.run(self.conf, self.database, self.home, job, name, stopping)
            status, problem = 'success', None
        except Stopped:
            status, problem = 'canceled', 'stopped'
        except Exception as error:  # a task may fail in any way; the job has to learn of it
            status, problem = 'failed', f'{type(error).__name__}: {error}'
        self.write(job, 'logs', f'{name}.log', f'{status}: {problem or "done"}')
        self.database.run('replace into t_task values (%s, %s, %s, %s, %s, %s, %s)', *columns, status, problem or '')
        return problem

    # --- helpers

    def find(self, job):
        found = self.database.jobs(job_id=job['job_id'], role=job['role'], party_id=job['party_id'])
        if not found:
            raise Refused(1001, f'job {job["job_id"]} not found')
        return found[0]

    def tasks(self, job):
        return self.database.run('select * from t_task where f_job_id=%s and f_role=%s and f_party_id=%s',
                                 job['job_id'], job['role'], job['party_id'])

    def write(self, job, folder, file, text):
        place = f'{self.home}/{folder}/{job["job_id"]}/{job["role"]}/{job["party_id"]}'
        os.makedirs(place, exist_ok=True)
        with open(f'{place}/{file}', 'a', encoding='utf-8') as opened:
            opened.write(text + '\n')


def own_tasks(job):
    """Names of the tasks that run at this role of this party, each after those it depends on."""
    tasks = job['dag']['dag']['tasks']
    names = []

    def add(name):
        for other in tasks[name].get('dependent_tasks') or []:
            add(other)
        if name not in names:
            names.append(name)

    for name in tasks:
        add(name)
    return [name for name in names if runs_at(job, tasks[name].get('parties'))]


def runs_at(job, parties):
    return not parties or any(one['role'] == job['role'] and job['party_id'] in one['party_id'] for one in parties)


def key_of(job):
    return job['job_id'], job['role'], job['party_id']


def wanted_cores(dag):
    """conf.task.engine_run.cores of a job, the place where 2.x looks."""
    conf = dag['dag'].get('conf') or {}
    return ((conf.get('task') or {}).get('engine_run') or {}).get('cores')
