#!/usr/bin/env python3
"""Records in expected.json what ansible-playbook does with the playbooks of this folder.

Run it in this folder, on a machine with ansible-core; names of playbooks limit it to these.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

FLAGS = {'tags': ['-t', 'wanted'], 'check': ['-C']}

TRACE = '''
import json
import os
from ansible.plugins.callback import CallbackBase

COLUMNS = {'ok': 'ok', 'changed': 'changed', 'unreachable': 'unreachable', 'failures': 'failed',
           'skipped': 'skipped', 'rescued': 'rescued', 'ignored': 'ignored'}


class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, 'stdout', 'trace'

    def __init__(self):
        super().__init__()
        self.lines, self.tasks = [], {}

    def v2_playbook_on_play_start(self, play):
        self.lines.append(('PLAY ' + play.get_name(), {}))

    def v2_playbook_on_task_start(self, task, is_conditional=False):
        if task.action != 'meta':
            self.tasks[task._uuid] = {}
            self.lines.append((task.get_name().strip(), self.tasks[task._uuid]))

    v2_playbook_on_handler_task_start = v2_playbook_on_task_start

    def put(self, result, status):
        if result._task._uuid in self.tasks:
            self.tasks[result._task._uuid][result._host.name] = status

    def v2_runner_on_ok(self, result):
        self.put(result, 'changed' if result._result.get('changed') else 'ok')

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.put(result, 'ignored' if ignore_errors else 'failed')

    def v2_runner_on_skipped(self, result):
        self.put(result, 'skipped')

    def v2_runner_on_unreachable(self, result):
        self.put(result, 'unreachable')

    def v2_playbook_on_stats(self, stats):
        hosts = {}
        for host in sorted(stats.processed):
            counts = stats.summarize(host)
            hosts[host] = {name: counts[key] for key, name in COLUMNS.items() if counts[key]}
        trace = [' '.join([name] + ['%s=%s' % pair for pair in sorted(ends.items())]) for name, ends in self.lines]
        with open(os.environ['TRACE_FILE'], 'w') as file:
            json.dump({'hosts': hosts, 'trace': trace}, file)
'''


def record(name, folder):
    output = os.path.join(folder, 'trace.json')
    env = dict(os.environ, ANSIBLE_CALLBACK_PLUGINS=folder, ANSIBLE_STDOUT_CALLBACK='trace', TRACE_FILE=output,
               ANSIBLE_PYTHON_INTERPRETER=sys.executable, ANSIBLE_HOST_KEY_CHECKING='False')
    command = ['ansible-playbook', '-i', 'inventory.ini', name + '.yml', *FLAGS.get(name, [])]
    code = subprocess.run(command, env=env, capture_output=True).returncode
    with open(output) as file:
        return {'exit': code, **json.load(file)}


def main():
    names = sys.argv[1:] or sorted(path[:-len('.yml')] for path in glob.glob('*.yml'))
    version = subprocess.run(['ansible-playbook', '--version'], capture_output=True, text=True).stdout.split('\n')[0]
    with open('expected.json') as file:
        cases = json.load(file)['cases']
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'trace.py'), 'w') as file:
            file.write(TRACE)
        for name in names:
            cases[name] = record(name, folder)
    with open('expected.json', 'w') as file:
        json.dump({'recorded with': version, 'cases': cases}, file, indent=2)
        file.write('\n')


main()
