"""Tells why the job FATE_JOB_ID failed at this party: its tasks that did not succeed, and the last lines that they logged."""
import json
import os
import urllib.parse
import urllib.request

JOB, LOGS = os.environ['FATE_JOB_ID'], '/data/projects/fate/fate_flow/logs'
LINES, WIDTH = 15, 400
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    with opener.open(f'{os.environ["FATE_FLOW_URL"]}/job/task/query?{urllib.parse.urlencode({"job_id": JOB})}', timeout=30) as reply:
        tasks = json.load(reply).get('data') or []
except (OSError, ValueError) as error:
    print(f'FATE-Flow does not answer: {error}')
    tasks = []
bad = [task for task in tasks if task['status'] not in ('success', 'pass')]
for task in bad:
    print(f'{task["task_name"]} of {task["role"]} {task["party_id"]}: {task["status"]}')
names = [task['task_name'] for task in bad if task['status'] == 'failed'] or [task['task_name'] for task in bad]
for folder, _, files in sorted(os.walk(f'{LOGS}/{JOB}')):
    for file in sorted(files):
        path = f'{folder}/{file}'
        # Logs of the tasks that failed, or those of the whole job when none did.
        if names and not any(name in path for name in names):
            continue
        with open(path, encoding='utf-8', errors='replace') as opened:
            lines = [line.rstrip()[:WIDTH] for line in opened if line.strip()]
        print(f'{path[len(LOGS) + 1:]}:')
        for line in lines[-LINES:]:
            print(f'  {line}')
