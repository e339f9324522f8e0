"""Records what Ansible's find finds in a small tree:
/usr/bin/python3 test/support/record-find.py >test/modules/recorded/find.json

Needs the package ansible-core 2.14. The cases are drawn with a fixed seed.
"""
import contextlib
import importlib
import io
import json
import os
import random
import tempfile
import time

from ansible.module_utils import basic

# Path, kind and what is in it: text, target of a link, or days since it was changed in front of the text.
TREE = [
    ['a.log', 'file', 'error: one\nno error\n'], ['b.log', 'file', 'x' * 2048], ['.hidden', 'file', 'error'],
    ["it's $(a).txt", 'file', ' error\r\nüber\n'], ['old.log', 'file', 'old', 30], ['älter', 'file', 'alt', 3],
    ['back\\slash', 'file', ''], ['[x]', 'file', ''], ['sub', 'directory'], ['sub/a.log', 'file', 'error\n'],
    ['sub/.git', 'directory'], ['sub/.git/config', 'file', '[core]'], ['sub/deep', 'directory'],
    ['sub/deep/er', 'directory'], ['sub/deep/er/c.log', 'file', 'deep'], ['empty', 'directory'],
    ['to-file', 'link', 'a.log'], ['to-dir', 'link', 'sub'], ['broken', 'link', 'none'],
    ['bin', 'file', '\udcff\udcfeerror'],
]
CASES = [
    {}, {'recurse': True}, {'recurse': True, 'hidden': True}, {'file_type': 'any'}, {'file_type': 'link', 'recurse': True},
    {'file_type': 'directory', 'recurse': True}, {'patterns': ['*.log']}, {'patterns': '*.log,*.txt', 'recurse': True},
    {'patterns': ['back\\*']}, {'patterns': ['[[]x]']}, {'patterns': ['[!ab]*'], 'file_type': 'any'},
    {'patterns': ['^[ab]'], 'use_regex': True}, {'patterns': ['log'], 'use_regex': True}, {'excludes': ['*.log']},
    {'excludes': ['.*g'], 'use_regex': True, 'recurse': True}, {'patterns': ['*.log'], 'excludes': 'a*,b*', 'recurse': True},
    {'age': '2d'}, {'age': '1w', 'recurse': True}, {'age': '-2d', 'recurse': True}, {'age': 86400}, {'age': '-60s', 'age_stamp': 'ctime'},
    {'age': '10d', 'file_type': 'any', 'recurse': True}, {'size': '1k'}, {'size': '-10'}, {'size': '2k', 'file_type': 'any'},
    {'size': '0', 'recurse': True}, {'contains': 'error'}, {'contains': '.*error', 'recurse': True}, {'contains': 'one', 'read_whole_file': True},
    {'contains': 'one\\nno', 'read_whole_file': True}, {'contains': 'error', 'file_type': 'any'}, {'contains': '(?i)ERR.*e$', 'recurse': True},
    {'contains': 'über'}, {'contains': '^error\\b', 'hidden': True, 'get_checksum': True}, {'get_checksum': True, 'recurse': True, 'file_type': 'any'},
    {'recurse': True, 'depth': 1}, {'recurse': True, 'depth': 2, 'file_type': 'any'}, {'recurse': True, 'depth': 2, 'hidden': True, 'file_type': 'any'},
    {'depth': 3}, {'recurse': True, 'depth': 3, 'patterns': '*.log'}, {'recurse': True, 'follow': True}, {'follow': True},
    {'recurse': True, 'follow': True, 'file_type': 'any', 'depth': 2}, {'recurse': True, 'follow': True, 'patterns': '*.log', 'contains': 'error'},
    {'paths': ['', 'none', 'a.log', 'sub'], 'patterns': '*.log'}, {'paths': ['sub/', './/sub/../sub'], 'file_type': 'any'}, {'paths': ['to-dir']},
    {'age': '2 days'}, {'size': '1kb'}, {'size': '1K', 'age': '-1W'},
]


def build(folder):
    for path, kind, *rest in TREE:
        full = os.path.join(folder, path)
        if kind == 'directory':
            os.mkdir(full)
        elif kind == 'link':
            os.symlink(rest[0], full)
        else:
            with open(full, 'wb') as file:
                file.write(rest[0].encode('utf-8', 'surrogateescape'))
            if len(rest) > 1:
                then = time.time() - rest[1] * 86400
                os.utime(full, (then, then))


def run(folder, params):
    paths = [os.path.join(folder, path) for path in params.get('paths', [''])]
    basic._ANSIBLE_ARGS = json.dumps({'ANSIBLE_MODULE_ARGS': dict(params, paths=paths)}).encode()
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        try:
            importlib.import_module('ansible.modules.find').main()
        except SystemExit:
            pass
    result = json.loads(out.getvalue())
    if result.get('failed'):
        return {'failed': True}
    rest = folder.rstrip('/') + '/'
    files = sorted([file['path'].replace(rest, ''), file.get('checksum')] for file in result['files'])
    skipped = {path.replace(rest, ''): why.replace(rest, '') for path, why in result['skipped_paths'].items()}
    return {'files': files, 'matched': result['matched'], 'examined': result['examined'], 'msg': result['msg'], 'skipped': skipped}


with tempfile.TemporaryDirectory() as folder:
    build(folder)
    cases = [{'params': params, **run(folder, params)} for params in CASES]
    tree = json.dumps(TREE, ensure_ascii=True).replace('], [', '],\n[')
    print('{"tree": ' + tree + ',\n"cases": [\n' + ',\n'.join(json.dumps(case, ensure_ascii=False) for case in cases) + '\n]}')
