"""The FATE-Flow server that the command lines talk to; each keeps its own address in the package's folder.

So it is in the container's layer, and gone with the container. Before `init` it is 127.0.0.1:9380, as in the real one,
whatever FATE_FLOW_IP says.
"""

import json
import os
import urllib.error
import urllib.parse
import urllib.request

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def address(program):
    """(ip, port) as `<program> init` left it."""
    try:
        with open(settings(program), encoding='utf-8') as file:
            kept = json.load(file)
            return kept['ip'], kept['port']
    except (OSError, ValueError, KeyError):
        return '127.0.0.1', 9380


def settings(program):
    return f'{FOLDER}/.{program}_settings.json'


def init(program, ip, port):
    """Keeps the address when the server answers there; returns what is printed."""
    answer = request('GET', '/server/fateflow', at=(ip, port))
    if answer['code'] != 0:
        return answer
    with open(settings(program), 'w', encoding='utf-8') as file:
        json.dump({'ip': ip, 'port': port}, file)
    return {'code': 0, 'message': f'{program} has been initialized successfully.'}


def request(method, path, fields=None, at=('127.0.0.1', 9380)):
    """The server's answer, or code 100 when there is none."""
    url = f'http://{at[0]}:{at[1]}/v2{path}'
    data = None
    if method == 'GET' and fields:
        url += '?' + urllib.parse.urlencode(fields)
    elif method == 'POST':
        data = json.dumps(fields or {}).encode()
    try:
        asked = urllib.request.Request(url, data, {'Content-Type': 'application/json'}, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=120) as reply:
            return json.load(reply)
    except (OSError, ValueError) as error:
        return {'code': 100, 'message': 'Connection refused. Please check if the fate flow service is started: '
                                        f'{at[0]}:{at[1]}: {error}'}
