#!/usr/bin/python3
"""Asks the Ansible installed here what it makes of every case, and records the answers for the tests.

Usage: /usr/bin/python3 test/support/record-ansible.py   (Debian: apt-get install ansible-core)
"""
import json
import os
import random
import sys
import time
import warnings

warnings.simplefilter('ignore')
os.environ['TZ'] = 'UTC'
time.tzset()

from ansible import __version__
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.display import Display
from jinja2 import __version__ as jinja_version
from jinja2.runtime import Undefined

Display.warning = lambda *args, **kwargs: None

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, '..', 'engine', 'language', 'jinja', 'cases')


def tagged(value):
    """JSON that keeps what JSON cannot say: floats, large integers, keys that are no text."""
    if isinstance(value, Undefined):
        str(value)
        return ''
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return {'float': repr(value)}
    if isinstance(value, int):
        return value if abs(value) < 2 ** 53 else {'int': str(value)}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [tagged(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((tagged(item) for item in value), key=str)
    if isinstance(value, dict):
        return {'dict': [[tagged(key), tagged(item)] for key, item in value.items()]}
    if type(value).__name__ in ('range', 'generator', 'dict_keys', 'dict_values', 'dict_items', 'zip', 'map'):
        return [tagged(item) for item in value]
    return {'text': str(value)}


def ask(step):
    try:
        return {'value': tagged(step())}
    except Exception:
        return {'error': True}


def random_values(count):
    """Values whose rendering is full of special cases; the same ones every time."""
    chance = random.Random(7)
    pieces = [
        'a', 'b c', 'x: y', '- z', '#', "it's", '"q"', 'é', '☃', '\n', ' ', '\t', 'word', 'yes', 'no', '1', '1.5', 'null', '~',
        '{', '}', '[', ']', ',', ':', '?', '&', '*', '!', '%', '@', '`', '|', '>', '=', '0x1', 'long word here', '\\', '/',
        '\u00a0', '\x07', '\ufeff', '😀', '12:30', '2020-01-01', '...', '---', "''", 'end ',
    ]

    def text():
        count = chance.choice([0, 1, 1, 1, 2, 2, 3, 5, 25])
        return chance.choice(['', ' ', '']).join(chance.choice(pieces) for _ in range(count))

    def value(depth):
        kind = chance.random()
        if depth < 3 and kind < 0.3:
            return [value(depth + 1) for _ in range(chance.randint(0, 4))]
        if depth < 3 and kind < 0.6:
            return {text(): value(depth + 1) for _ in range(chance.randint(0, 4))}
        if kind < 0.7:
            return chance.choice([None, True, False, 0, 1, -5, 10 ** 6, 2 ** 53 - 1])
        if kind < 0.8:
            return chance.choice([0.5, 1e-7, 1.5e300, 123.456, chance.random() * 10 ** chance.randint(-20, 20)])
        return text()

    return [value(0) for _ in range(count)]


WRITERS = [
    'v | to_yaml', 'v | to_nice_yaml', 'v | to_nice_yaml(indent=2, width=40)', 'v | to_json', 'v | to_nice_json', '[v] | string',
]


def main():
    with open(os.path.join(CASES, 'variables.json')) as file:
        variables = json.load(file)
    environment = Templar(loader=DataLoader(), variables=variables).environment
    # Folded constants would be written into Python source, where inf and nan are no names.
    environment.optimized = False

    def expression(text):
        run = environment.compile_expression(text, undefined_to_none=False)
        return run(**{**environment.globals, **variables})

    def template(text, backslashes):
        templar = Templar(loader=DataLoader(), variables=variables)
        return templar.do_template(text, escape_backslashes=backslashes, convert_data=False)

    with open(os.path.join(CASES, 'expressions.txt')) as file:
        lines = [line.rstrip('\n') for line in file]
    expressions = [
        {'source': line, **ask(lambda: expression(line))} for line in lines if line and not line.startswith('# ')
    ]
    with open(os.path.join(CASES, 'templates.txt')) as file:
        sources = file.read().split('\n=====\n')
    templates = []
    for source in sources:
        templates.append({
            'source': source,
            'file': ask(lambda: template(source, False)),
            'string': ask(lambda: template(source, True)),
        })
    writers = [(source, environment.compile_expression(source)) for source in WRITERS]
    values = [
        {'value': tagged(value), 'written': {source: str(write(v=value)) for source, write in writers}}
        for value in random_values(120)
    ]
    recorded = {
        'ansible': __version__,
        'jinja': jinja_version,
        'python': sys.version.split()[0],
        'expressions': expressions,
        'templates': templates,
        'values': values,
    }
    with open(os.path.join(CASES, 'recorded.json'), 'w') as file:
        json.dump(recorded, file, ensure_ascii=False, indent=1)
        file.write('\n')


main()
