"""The components beside the toy example: reader, psi, hetero_secureboost, evaluation.

Kept: that each fails where the real one would (no table, no id in common, no label, no model), that parties wait for each other
over the deployed transport, what is left behind (models in `model`, outputs in `jobs`). Not kept: learning. A model here is a file
that says it is none, and a metric is what guessing gives.
"""

import json
import os


class TaskFailed(Exception):
    """The component itself is not content."""


class Work:
    """One task at one party: its parameters, what earlier tasks gave, and the way to the other parties."""

    def __init__(self, database, home, job, name, channel):
        self.database, self.home, self.job, self.name, self.channel = database, home, job, name, channel
        self.dag = job['dag']['dag']
        self.task = self.dag['tasks'][name]
        own = (self.dag.get('party_tasks') or {}).get(f'{job["role"]}_{job["party_id"]}') or {}
        self.parameters = {**(self.task.get('parameters') or {}),
                           **((own.get('tasks') or {}).get(name) or {}).get('parameters', {})}
        self.parties = {party['role']: party['party_id'] for party in self.task.get('parties') or self.dag['parties']}

    def is_guest(self):
        return self.job['role'] == 'guest'

    def topic(self, what, party):
        return f'{self.job["job_id"]}_{self.name}_{what}_{party}'

    def given(self):
        """What the first input got from the task that it names."""
        for inputs in ((self.task.get('inputs') or {}).get('data') or {}).values():
            source = (inputs[0] if isinstance(inputs, list) else inputs)['task_output_artifact']
            source = source[0] if isinstance(source, list) else source
            return self.read('jobs', f'{source["producer_task"]}.{source["output_artifact_key"]}.json')
        raise TaskFailed(f'{self.name} has no input')

    def put(self, key, value):
        self.write('jobs', self.job['job_id'], f'{self.name}.{key}.json', value)

    def read(self, folder, file, job_id=None):
        try:
            with open(self.path(folder, job_id or self.job['job_id'], file), encoding='utf-8') as opened:
                return json.load(opened)
        except OSError as error:
            raise TaskFailed(f'{file} of job {job_id or self.job["job_id"]} is not there') from error

    def write(self, folder, job_id, file, value):
        path = self.path(folder, job_id, file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as opened:
            json.dump(value, opened)

    def path(self, folder, job_id, file):
        return f'{self.home}/{folder}/{job_id}/{self.job["role"]}/{self.job["party_id"]}/{file}'


def toy_example(work):
    """The guest sends numbers to every host, which adds them up and sends the sum back."""
    if work.is_guest():
        numbers = list(range(20))
        for host in work.parties['host']:
            work.channel.push(host, work.topic('numbers', host), numbers)
        for host in work.parties['host']:
            if work.channel.pull(work.topic('sum', host), host) != sum(numbers):
                raise TaskFailed(f'host {host} sent another sum')
    elif work.job['role'] == 'host':
        guest, own = work.parties['guest'][0], work.job['party_id']
        work.channel.push(guest, work.topic('sum', own), sum(work.channel.pull(work.topic('numbers', own), guest)))


def reader(work):
    namespace, name = work.parameters.get('namespace'), work.parameters.get('name')
    rows = work.database.run('select * from t_table where f_namespace=%s and f_name=%s', namespace, name)
    if not rows:
        raise TaskFailed(f'no found table: namespace {namespace}, name {name}')
    work.put('output_data', {'ids': json.loads(rows[0]['ids']), 'label': rows[0]['label']})


def psi(work):
    """The guest learns which ids all have, and tells them."""
    data = work.given()
    if work.is_guest():
        common = set(data['ids'])
        for host in work.parties['host']:
            common &= set(work.channel.pull(work.topic('ids', host), host))
        common = sorted(common)
        for host in work.parties['host']:
            work.channel.push(host, work.topic('common', host), common)
    else:
        guest, own = work.parties['guest'][0], work.job['party_id']
        work.channel.push(guest, work.topic('ids', own), data['ids'])
        common = work.channel.pull(work.topic('common', own), guest)
    if not common:
        raise TaskFailed('the parties have no id in common')
    work.put('output_data', {**data, 'ids': common})


def hetero_secureboost(work):
    data, own = work.given(), work.job['party_id']
    if work.dag.get('stage') == 'predict':
        model = (work.dag.get('conf') or {}).get('model_warehouse') or {}
        work.read('model', f'{work.name}.json', model.get('model_id'))
    elif work.is_guest() and not data['label']:
        raise TaskFailed('the table of the guest has no label')
    if work.is_guest():
        for host in work.parties['host']:
            work.channel.push(host, work.topic('gradients', host), len(data['ids']))
            work.channel.pull(work.topic('splits', host), host)
    else:
        guest = work.parties['guest'][0]
        work.channel.pull(work.topic('gradients', own), guest)
        work.channel.push(guest, work.topic('splits', own), len(data['ids']))
    if work.dag.get('stage') == 'predict':
        work.put('test_output_data', data)
    else:
        model = {'double': 'no model: nothing was learned', 'rows': len(data['ids']), 'parameters': work.parameters}
        work.write('model', work.job['job_id'], f'{work.name}.json', model)
        work.put('train_output_data', data)


def evaluation(work):
    work.given()
    work.put('metric', [{'name': name, 'type': 'metric', 'data': {'metric': name, 'val': 0.5, 'double': 'guessed'}}
                        for name in work.parameters.get('metrics') or []])


COMPONENTS = {'toy_example': toy_example, 'reader': reader, 'psi': psi, 'hetero_secureboost': hetero_secureboost,
              'evaluation': evaluation}
