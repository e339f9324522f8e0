#!/usr/libexec/double/bin/python3
"""Puts PULSAR_PREFIX_<key> of the environment into settings files, in place of the key's line or at the end."""

import os
import sys

PREFIX = 'PULSAR_PREFIX_'

for path in sys.argv[1:]:
    with open(path, encoding='utf-8') as file:
        lines = file.read().splitlines()
    for name, value in sorted(os.environ.items()):
        if name.startswith(PREFIX):
            key = name.removeprefix(PREFIX)
            lines = [line for line in lines if line.partition('=')[0].strip() != key] + [f'{key}={value}']
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines) + '\n')
