#!/usr/bin/python3
"""Asks the Ansible installed here what it makes of every case, and records the answers for the tests.

Usage: /usr/bin/python3 test/support/record-ansible.py   (Debian: apt-get install ansible-core)
"""
import json
import os
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
    recorded = {
        'ansible': __version__,
        'jinja': jinja_version,
        'python': sys.version.split()[0],
        'expressions': expressions,
        'templates': templates,
    }
    with open(os.path.join(CASES, 'recorded.json'), 'w') as file:
        json.dump(recorded, file, ensure_ascii=False, indent=1)
        file.write('\n')


main()
