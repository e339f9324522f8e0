"""Writes what ansible-playbook does as the test's recordings have it (test/support/differential/case.ts)."""
import json
import os
import re

from ansible.plugins.callback import CallbackBase

COLUMNS = {'ok': 'ok', 'changed': 'changed', 'unreachable': 'unreachable', 'failures': 'failed',
           'skipped': 'skipped', 'rescued': 'rescued', 'ignored': 'ignored'}
TALKERS = ('debug', 'fail', 'assert')
PLUMBING = re.compile(r'^(?:_ansible|ansible_loop|ansible_index_var|item$|changed$|failed$|attempts$|warnings$)')


def word_of(values):
    if values.get('skipped') or 'skip_reason' in values:
        return None
    if values.get('_ansible_no_log') is True or 'censored' in values:
        return '<censored>'
    if 'msg' in values:
        number = isinstance(values['msg'], (int, float)) and not isinstance(values['msg'], bool)
        return str(values['msg']) if number else values['msg']
    return {key: value for key, value in values.items() if not PLUMBING.match(key)} or None


class CallbackModule(CallbackBase):
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, 'stdout', 'case_trace'

    def __init__(self):
        super().__init__()
        self.lines, self.tasks, self.early, self.hosts = [], {}, {}, {}

    def v2_playbook_on_play_start(self, play):
        self.lines.append({'play': play.get_name()})
        self.tasks, self.early = {}, {}  # the tasks of a batch have been there in the batch before

    def v2_playbook_on_task_start(self, task, is_conditional=False):
        if task.action not in ('meta', 'ansible.builtin.meta'):
            line = self.early.pop(task._uuid, {'ends': {}, 'says': {}})
            self.tasks[task._uuid] = line
            self.lines.append({'task': task.get_name().strip(), **line})

    v2_playbook_on_handler_task_start = v2_playbook_on_task_start

    def put(self, result, status):
        uuid = result._task._uuid
        if uuid not in self.tasks and result._task.action not in ('meta', 'ansible.builtin.meta'):
            # While handlers run, a host without any may go ahead to its next task, which is announced for the others only.
            self.tasks[uuid] = self.early[uuid] = {'ends': {}, 'says': {}}
        line = self.tasks.get(uuid)
        if line is None:
            return
        host = result._host.name
        line['ends'][host] = status
        talker = result._task.action.split('.')[-1]
        if talker in TALKERS and not (talker == 'debug' and status in ('failed', 'ignored')):
            values = result._result
            items = values.get('results')
            said = [word_of(item) for item in items] if isinstance(items, list) else word_of(values)
            if status == 'skipped' and not isinstance(items, list):
                said = None
            if said is not None:
                line['says'][host] = said

    def v2_runner_on_ok(self, result):
        self.put(result, 'changed' if result._result.get('changed') else 'ok')

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.put(result, 'ignored' if ignore_errors else 'failed')

    def v2_runner_on_skipped(self, result):
        self.put(result, 'skipped')

    def v2_runner_on_unreachable(self, result):
        self.put(result, 'unreachable')

    def v2_playbook_on_stats(self, stats):
        for host in sorted(stats.processed):
            counts = stats.summarize(host)
            self.hosts[host] = {name: counts[key] for key, name in COLUMNS.items() if counts[key]}
        self.write()

    def write(self):
        lines = []
        for line in self.lines:
            if 'task' in line:
                line = dict(line, ends=dict(sorted(line['ends'].items())), says=dict(sorted(line['says'].items())))
                if not line['says']:
                    del line['says']
            lines.append(line)
        with open(os.environ['CASE_TRACE'], 'w') as file:
            json.dump({'hosts': self.hosts, 'tasks': lines}, file, default=str)
