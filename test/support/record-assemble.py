"""Records what Ansible's assemble makes of small folders:
/usr/bin/python3 test/support/record-assemble.py >test/modules/recorded/assemble.json

Needs the package ansible-core 2.14. The cases are drawn with a fixed seed.
"""
import json
import os
import random
import re
import tempfile

from ansible.modules.assemble import assemble_from_fragments

NAMES = ['a', 'b.conf', 'B.conf', '.hidden', '10', '9', 'z~', 'ä', '漢', '😀', '-e', 'a b', "it's"]
TEXTS = ['', 'one', 'one\n', 'two\nlines\n', '\n', 'open\nend', 'ü\r\n']
DELIMITERS = [None, '', '# --', '# --\n', '\\n', '\\\\t|', '\\x41\\101\\q', "'\\''", '漢']
PATTERNS = [None, None, r'\.conf$', '^[0-9]', 'a', '(?i)^b', 'ä|漢']

rng = random.Random(5)
cases = []
for _ in range(200):
    names = rng.sample(NAMES, rng.randint(0, 5))
    files = {name: rng.choice(TEXTS) for name in names}
    delimiter, regexp, hidden = rng.choice(DELIMITERS), rng.choice(PATTERNS), rng.random() < 0.5
    # It takes the escapes of a delimiter apart again for each fragment, which is not to be repeated.
    if delimiter and '\\\\' in delimiter and len(names) > 2:
        continue
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            with open(os.path.join(folder, name), 'wb') as file:
                file.write(text.encode())
        path = assemble_from_fragments(folder, delimiter, regexp and re.compile(regexp), hidden)
        with open(path, 'rb') as file:
            whole = file.read().decode()
        os.unlink(path)
    params = {'delimiter': delimiter, 'regexp': regexp, 'ignore_hidden': hidden}
    params = {key: value for key, value in params.items() if value is not None}
    cases.append({'params': params, 'files': files, 'whole': whole})
print('[\n' + ',\n'.join(json.dumps(case, ensure_ascii=False) for case in cases) + '\n]')
