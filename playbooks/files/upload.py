"""Uploads the table FATE_TABLE as FATE's document does. Runs in FATE-Flow's container. A table that is there is replaced."""
import contextlib
import json
import os
import re
import sys
import urllib.parse
import urllib.request

from fate_client.pipeline import FateFlowPipeline

URL = os.environ['FATE_FLOW_URL']
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
table = json.loads(os.environ['FATE_TABLE'])
key = {'namespace': table['namespace'], 'name': table['name']}


def ask(path, fields=None):
    data = json.dumps(fields).encode() if fields else None
    asked = urllib.request.Request(URL + path, data, {'Content-Type': 'application/json'})
    try:
        with opener.open(asked, timeout=60) as reply:
            return json.load(reply)
    except (OSError, ValueError) as error:
        return sys.exit(f'FATE-Flow: it does not answer at {URL}: {error}')


def logged(text):
    """The last lines that the job logged whose id stands in the text."""
    found = re.search(r'job_id=(\d+)', text)
    lines = []
    for folder, _, files in sorted(os.walk(f'/data/projects/fate/fate_flow/logs/{found.group(1)}') if found else []):
        for file in sorted(files):
            with open(f'{folder}/{file}', encoding='utf-8', errors='replace') as opened:
                lines += [line.strip()[:300] for line in opened if line.strip()]
    return lines[-8:]


def upload(name):
    with contextlib.redirect_stdout(sys.stderr):
        FateFlowPipeline().set_parties(local='0').transform_local_file_to_dataframe(
            file=table['file'], namespace=key['namespace'], name=name, meta=table['meta'], head=table.get('head', True),
            extend_sid=table.get('extend_sid', True), **({'partitions': table['partitions']} if 'partitions' in table else {}))


trial = {**key, 'name': f'{key["name"]}__fplay_trial'}
replaces = ask('/table/query?' + urllib.parse.urlencode(key))['code'] == 0
try:
    if replaces:
        # A file that FATE does not take must not cost the table that is there.
        upload(trial['name'])
        ask('/table/delete', key)
    upload(key['name'])
    if replaces:
        ask('/table/delete', trial)
except (ValueError, OSError) as error:
    sys.exit('\n'.join(f'FATE-Flow: {line}' for line in [str(error), *logged(str(error))]))
answer = ask('/table/query?' + urllib.parse.urlencode(key))
if answer['code'] != 0:
    sys.exit(f'FATE-Flow: the table is not there after its upload: {answer.get("message")}')
print(f'{key["namespace"]}, {key["name"]} has {answer["data"].get("count")} rows')
