"""What Harbor's `prepare` does: reads harbor.yml, refuses what cannot be, and writes what the containers read."""

import json
import os
import shutil
import sys

import yaml

#: `htpasswd -B` of the account that the front has at the registry.
HTPASSWD = 'fate:$2y$05$abcdefghijklmnopqrstuurSCLd3wke0xd6sA.Vy43ZcCG.ReluNy\n'


def refuse(message):
    print(f'Error happened in config validation...\nERROR:root:Error: {message}')
    sys.exit(1)


def check(settings, version):
    host = settings.get('hostname')
    if not host or host in ('localhost', '127.0.0.1', 'reg.mydomain.com'):
        refuse(f'{host} can not be the hostname' if host else 'hostname is not set')
    if settings.get('_version') != version:
        refuse(f"the configure file is of version {settings.get('_version')}, not {version}")
    for part in ('harbor_admin_password', 'data_volume', 'database', 'log', 'jobservice'):
        if not settings.get(part):
            refuse(f'{part} is not set')
    https = settings.get('https')
    if https is None:
        return
    for part in ('certificate', 'private_key'):
        path = https.get(part)
        if not path:
            refuse(f'The protocol is https but attribute ssl_{"cert" if part == "certificate" else "cert_key"} is not set')
        if not os.path.isfile('/hostfs' + path):
            refuse(f'{path} is not a file')


def main():
    version, image = sys.argv[1:]
    with open('/harbor/harbor.yml') as file:
        settings = yaml.safe_load(file)
    check(settings, version)
    https = settings.get('https')
    config = '/harbor/common/config'
    os.makedirs(config, exist_ok=True)
    os.chmod(config, 0o700)
    data = settings['data_volume']
    for name in ('registry', 'database'):
        os.makedirs(f'/hostfs{data}/{name}', exist_ok=True)
    with open(f'{config}/harbor.json', 'w') as file:
        kept = {'https': https is not None, 'harbor_admin_password': settings['harbor_admin_password']}
        json.dump({**kept, 'version': f'v{version}-double'}, file)
    if https:
        shutil.copy('/hostfs' + https['certificate'], f'{config}/server.crt')
        shutil.copy('/hostfs' + https['private_key'], f'{config}/server.key')
    with open(f'{config}/htpasswd', 'w') as file:
        file.write(HTPASSWD)
    with open(f'{config}/registry.yml', 'w') as file:
        yaml.safe_dump(registry(), file)
    port = https.get('port', 443) if https else settings['http'].get('port', 80)
    with open('/harbor/docker-compose.yml', 'w') as file:
        yaml.safe_dump(compose(image, data, port), file)
    print('Generated configuration file: /config/harbor.json')


def registry():
    return {
        'version': 0.1,
        'log': {'level': 'error', 'accesslog': {'disabled': True}},
        'storage': {'filesystem': {'rootdirectory': '/storage'}, 'delete': {'enabled': True}},
        'http': {'addr': ':5000', 'relativeurls': True, 'secret': 'of the double'},
        'auth': {'htpasswd': {'realm': 'behind', 'path': '/config/htpasswd'}},
    }


def compose(image, data, port):
    common = {'image': image, 'restart': 'always', 'networks': ['harbor']}
    config = './common/config:/config:ro'
    return {
        'version': '2.3',
        'services': {
            'registry': {
                **common,
                'container_name': 'registry',
                'entrypoint': ['docker-registry', 'serve', '/config/registry.yml'],
                'volumes': [config, f'{data}/registry:/storage'],
            },
            'proxy': {
                **common,
                'container_name': 'nginx',
                'volumes': [config, f'{data}/database:/database'],
                'ports': [f'{port}:8080'],
            },
        },
        'networks': {'harbor': {}},
    }


if __name__ == '__main__':
    main()
