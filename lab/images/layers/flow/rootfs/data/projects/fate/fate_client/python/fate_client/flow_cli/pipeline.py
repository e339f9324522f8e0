"""Double of the command `pipeline`: init and config check. Exit status 0 whatever happened."""

import argparse
import json

from fate_client.flow_cli import server


def main():
    parser = argparse.ArgumentParser(prog='pipeline')
    commands = parser.add_subparsers(dest='command', required=True)
    init = commands.add_parser('init')
    init.add_argument('--ip', required=True)
    init.add_argument('--port', required=True, type=int)
    commands.add_parser('config').add_argument('action', choices=['show', 'check'])
    options = parser.parse_args()
    if options.command == 'init':
        answer = server.init('pipeline', options.ip, options.port)
    elif options.action == 'show':
        ip, port = server.address('pipeline')
        answer = {'code': 0, 'message': 'success', 'data': {'ip': ip, 'port': port}}
    else:
        answer = server.request('GET', '/server/fateflow', at=server.address('pipeline'))
    print(json.dumps(answer, indent=4))


if __name__ == '__main__':
    main()
