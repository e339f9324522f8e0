"""Double of the command `flow`: init, server info, test toy, job query and stop, table query.

Kept: its words and options, JSON on standard output, `toy test job <id> is <status>` once a second, exit status 0
whatever happened. Not kept: every other command.
"""

import argparse
import json
import sys
import time

from fate_client.flow_cli import server


def main():
    parser = argparse.ArgumentParser(prog='flow')
    commands = parser.add_subparsers(required=True)
    add(commands, 'init', init, ('--ip', {'required': True}), ('--port', {'required': True, 'type': int}))
    add(group(commands, 'server'), 'info', lambda _: show(ask('GET', '/server/fateflow')))
    toy_options = (('-gid', '--guest-party-id', {'required': True}), ('-hid', '--host-party-id', {'required': True}),
                   ('-t', '--timeout', {'type': int, 'default': 300}), ('--task-cores', {'type': int}))
    add(group(commands, 'test'), 'toy', toy, *toy_options)
    job = group(commands, 'job')
    job_options = (('-j', '--job-id', {}), ('-r', '--role', {}), ('-p', '--party-id', {}))
    add(job, 'query', lambda options: show(ask('GET', '/job/query', given(options))), *job_options)
    add(job, 'stop', lambda options: show(ask('POST', '/job/stop', given(options))),
        ('-j', '--job-id', {'required': True}))
    add(group(commands, 'table'), 'query', lambda options: show(ask('GET', '/table/query', given(options))),
        ('--namespace', {'required': True}), ('--name', {'required': True}))
    options = parser.parse_args()
    options.run(options)


def group(commands, name):
    return commands.add_parser(name).add_subparsers(required=True)


def add(commands, name, run, *options):
    parser = commands.add_parser(name)
    for *names, details in options:
        parser.add_argument(*names, **details)
    parser.set_defaults(run=run)


def given(options):
    return {name: value for name, value in vars(options).items() if name != 'run' and value is not None}


def ask(method, path, fields=None):
    return server.request(method, path, fields, server.address('flow'))


def show(answer):
    print(json.dumps(answer, indent=4), flush=True)


def init(options):
    show(server.init('flow', options.ip, options.port))


def toy_job(guest, host, cores):
    parties = [{'role': 'guest', 'party_id': [guest]}, {'role': 'host', 'party_id': [host]}]
    conf = {'task': {'engine_run': {'cores': cores}}} if cores else {}
    tasks = {'toy_example_0': {'component_ref': 'toy_example', 'parameters': {}, 'stage': 'default'}}
    return {'dag': {'conf': conf, 'parties': parties, 'stage': 'train', 'tasks': tasks}, 'schema_version': '2.1.0'}


def toy(options):
    guest = options.guest_party_id
    answer = ask('POST', '/job/submit', {'dag_schema': toy_job(guest, options.host_party_id, options.task_cores)})
    if answer.get('code') != 0:
        return show(answer)
    job_id = answer['job_id']
    for _ in range(options.timeout):
        found = ask('GET', '/job/query', {'job_id': job_id, 'role': 'guest', 'party_id': guest})
        if found.get('code') != 0:
            return show(found)
        status = found['data'][0]['status']
        print(f'toy test job {job_id} is {status}', flush=True)
        if status in ('success', 'failed', 'canceled'):
            if status != 'success':
                hint(job_id)
            return None
        time.sleep(1)
    print('timeout...', flush=True)
    ask('POST', '/job/stop', {'job_id': job_id})
    return hint(job_id)


def hint(job_id):
    print(f'check log: flow job download-log -j {job_id} -o ./', flush=True)


if __name__ == '__main__':
    sys.exit(main())
