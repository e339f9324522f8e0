#!/usr/bin/python3
"""Records which hosts ansible-core selects for each line of patterns.txt, and what it knows of each host.

Usage: /usr/bin/python3 test/engine/inventory/recorded/patterns/record.py   (Debian: apt-get install ansible-core)
"""
import json
import os

from ansible import __version__
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.utils.display import Display
from ansible.vars.manager import VariableManager

Display.warning = lambda *args, **kwargs: None
HERE = os.path.dirname(os.path.abspath(__file__))
MAGIC = {'group_names', 'groups', 'inventory_dir', 'inventory_file', 'inventory_hostname', 'inventory_hostname_short',
         'omit', 'playbook_dir', 'ansible_playbook_python', 'ansible_version', 'ansible_facts', 'ansible_config_file'}


def ask(step):
    try:
        return [host.name for host in step()]
    except Exception:
        return None


def answers(source):
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[os.path.join(HERE, source)])
    variables = VariableManager(loader=loader, inventory=inventory)
    with open(os.path.join(HERE, 'patterns.txt')) as file:
        lines = [line.rstrip('\n') for line in file if line.strip()]
    selected = {line: ask(lambda: inventory.list_hosts(line)) for line in lines}
    known = {}
    for host in inventory.get_hosts():
        own = variables.get_vars(host=host, include_hostvars=False)
        known[host.name] = {key: value for key, value in sorted(own.items()) if key not in MAGIC}
    return {'selected': selected, 'groups': {name: sorted(group_hosts(inventory, name)) for name in inventory.groups},
            'known': known}


def group_hosts(inventory, name):
    return [host.name for host in inventory.groups[name].get_hosts()]


with open(os.path.join(HERE, 'answers.json'), 'w') as file:
    json.dump({'ansible': __version__, **{name: answers(name) for name in ('hosts', 'hosts.yml')}}, file, indent=1)
    file.write('\n')
