"""Tells whether FATE-Flow has the table FATE_TABLE: {"there", "rows"}. Any answer but these two is an error."""
import json
import os
import sys
import urllib.parse
import urllib.request

table = json.loads(os.environ['FATE_TABLE'])
fields = urllib.parse.urlencode({'namespace': table['namespace'], 'name': table['name']})
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    with opener.open(f'{os.environ["FATE_FLOW_URL"]}/table/query?{fields}', timeout=60) as reply:
        answer = json.load(reply)
except (OSError, ValueError) as error:
    sys.exit(f'FATE-Flow does not answer at {os.environ["FATE_FLOW_URL"]}: {error}')
if answer['code'] == 7001:
    print(json.dumps({'there': False, 'rows': 0}))
elif answer['code'] == 0:
    print(json.dumps({'there': True, 'rows': answer['data'].get('count')}))
else:
    sys.exit(f'FATE-Flow: code {answer["code"]}: {answer.get("message")}')
