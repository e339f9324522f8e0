"""The scheduling party's side of a job: made at all parties, cores booked at all, started, followed, ended.

Kept: a refusal of any party refuses the job; without free cores it waits; one failed party ends it everywhere; cores of
jobs that ran when the server was killed stay booked until the job is stopped or cleaned.
"""

import json
import threading
import time

from fate_flow.database import DatabaseError, milliseconds
from fate_flow.federation import RemoteError, ask_party
from fate_flow.party import ENDED, Refused

LOOK = 0.5  # seconds between looks at a running job
BOOK = 1.0  # seconds between attempts to book cores
PATIENCE = 5  # looks in a row at which a party may be out of reach


class Scheduler:
    def __init__(self, conf, database, party, log):
        self.conf, self.database, self.party, self.log = conf, database, party, log
        self.lock = threading.Lock()
        self.last_id = ''

    def submit(self, dag):
        """Makes the job at every party and returns its id. Raises Refused."""
        members = members_of(dag)
        job_id = self.new_id()
        made = []
        try:
            for member in members:
                self.ask(job_id, dag, member, 'create')
                made.append(member)
        except RemoteError as error:
            self.end(job_id, dag, made, 'failed')
            raise Refused(error.code or 1002, f'create job failed: {error}') from error
        self.database.run("insert into t_schedule_job values (%s, 'waiting', %s, %s)",
                          job_id, json.dumps(dag), milliseconds())
        self.follow_in_background(job_id, dag)
        return job_id

    def resume(self):
        """Jobs that waited when the server ended wait on."""
        for row in self.database.run("select f_job_id, f_dag from t_schedule_job where f_status='waiting'"):
            self.follow_in_background(row['job_id'], json.loads(row['dag']))

    def stop(self, job_id):
        """Cancels a job at all parties when it was scheduled here, else our own part of it. Raises Refused."""
        rows = self.database.run('select f_dag from t_schedule_job where f_job_id=%s', job_id)
        if rows:
            dag = json.loads(rows[0]['dag'])
            self.end(job_id, dag, members_of(dag), 'canceled')
            return
        own = self.database.jobs(job_id=job_id)
        if not own:
            raise Refused(1001, f'job {job_id} not found')
        for job in own:
            self.party.finish(job, {'status': 'canceled'})

    def follow_in_background(self, job_id, dag):
        threading.Thread(target=self.follow, args=(job_id, dag), daemon=True).start()

    def follow(self, job_id, dag):
        members = members_of(dag)
        try:
            while not self.book(job_id, dag, members):
                time.sleep(BOOK)
                if self.status(job_id) in ENDED:
                    return
            self.set_status(job_id, 'running')
            for member in members:
                self.ask(job_id, dag, member, 'start')
            final = self.watch(job_id, dag, members)
        except (RemoteError, DatabaseError) as error:
            self.log.error(f'job {job_id}: {error}')
            final = 'failed'
        if final:
            self.end(job_id, dag, members, final)

    def book(self, job_id, dag, members):
        """All parties or none. A party that is out of reach has no cores for us now."""
        booked = []
        for member in members:
            try:
                if self.ask(job_id, dag, member, 'apply'):
                    booked.append(member)
                    continue
            except RemoteError as error:
                self.log.error(f'job {job_id}: {error}')
            break
        if len(booked) == len(members):
            return True
        for member in booked:
            self.ask(job_id, dag, member, 'give_back')
        return False

    def watch(self, job_id, dag, members):
        """The status the job ends with, None when somebody else ended it."""
        started, missed = time.time(), 0
        while self.status(job_id) not in ENDED:
            if time.time() - started > self.conf.task_timeout:
                return 'timeout'
            try:
                states = {self.ask(job_id, dag, member, 'status') for member in members}
                missed = 0
            except RemoteError as error:
                self.log.error(f'job {job_id}: {error}')
                missed += 1
                states = set()
            if 'failed' in states or missed >= PATIENCE:
                return 'failed'
            if states == {'success'}:
                return 'success'
            time.sleep(LOOK)
        return None

    def end(self, job_id, dag, members, status):
        self.set_status(job_id, status)
        for member in members:
            try:
                self.ask(job_id, dag, member, 'finish', status=status)
            except RemoteError as error:
                self.log.error(f'job {job_id}: party {member["party_id"]} does not know that it is {status}: {error}')

    def ask(self, job_id, dag, member, command, **more):
        job = {'job_id': job_id, 'dag': dag, 'scheduler_party_id': self.conf.party_id, **member}
        return ask_party(self.conf, member['party_id'], command, {'job': job, **more})

    def status(self, job_id):
        rows = self.database.run('select f_status from t_schedule_job where f_job_id=%s', job_id)
        return rows[0]['status'] if rows else 'canceled'

    def set_status(self, job_id, status):
        self.database.run('update t_schedule_job set f_status=%s where f_job_id=%s '
                          "and f_status in ('waiting', 'running')", status, job_id)

    def new_id(self):
        """The time, as in the real ids; two jobs never get the same."""
        with self.lock:
            while True:
                now = time.time()
                job_id = time.strftime('%Y%m%d%H%M%S', time.localtime(now)) + f'{int(now * 1e6) % 10**6:06d}0'
                if job_id > self.last_id:
                    self.last_id = job_id
                    return job_id


def members_of(dag):
    """Every role of every party of a job. Raises Refused when the DAG is none."""
    try:
        parties, tasks = dag['dag']['parties'], dag['dag']['tasks']
        members = [{'role': party['role'], 'party_id': str(one)} for party in parties for one in party['party_id']]
        if members and tasks and all(isinstance(task, dict) and set(task.get('dependent_tasks') or []) <= set(tasks)
                                     for task in tasks.values()):
            return members
    except (KeyError, TypeError, AttributeError):
        pass
    raise Refused(5001, 'Invalid parameter: dag_schema')
