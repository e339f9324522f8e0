"""Records what Ansible's editing modules make of small files:
/usr/bin/python3 test/support/record-edits.py >test/modules/recorded/edits.json

Needs the package ansible of Debian 12 (ansible-core 2.14), ssh-keygen, and any program named crontab. The cases are drawn
with a fixed seed.
"""
import contextlib
import importlib
import io
import json
import os
import random
import tempfile

from ansible.module_utils import basic

LINES = ['a', 'b', 'ab', '# a', 'a=1', 'b=2', '', 'ä a', '  a', '# BEGIN x', '# END x', 'a\r']
PATTERNS = ['^a', 'b$', r'a=(\d)', '^#', 'x', r'(?P<k>\w)=', r'a\s', '(?i)A$', r'^\s*$', 'ä', '(?m)^a']


def text(rng, choices=LINES):
    lines = [rng.choice(choices) for _ in range(rng.randint(0, 6))]
    body = '\n'.join(lines)
    return body + ('\n' if lines and rng.random() < 0.75 else '')


def maybe(rng, params, name, choose, chance=0.4):
    if rng.random() < chance:
        params[name] = choose()


def place(rng, params, names):
    name = rng.choice(names + [None])
    if name:
        params[name] = rng.choice(PATTERNS + ['BOF' if name == 'insertbefore' else 'EOF'])


def lineinfile(rng):
    params = {'line': rng.choice(LINES + [r'\1 c', r'\g<k>!', 'new'])}
    maybe(rng, params, rng.choice(['regexp', 'search_string']), lambda: rng.choice(PATTERNS))
    if rng.random() < 0.3:
        params['state'] = 'absent'
        if 'regexp' in params or 'search_string' in params:
            del params['line']
        return params
    place(rng, params, ['insertafter', 'insertbefore'])
    if params.get('insertafter') == 'EOF' and rng.random() < 0.3:
        params['insertafter'] = 'BOF'
    maybe(rng, params, 'firstmatch', lambda: True, 0.3)
    if 'regexp' in params:
        maybe(rng, params, 'backrefs', lambda: True, 0.5)
    return params


def blockinfile(rng):
    params = {'block': rng.choice(['', 'one', 'one\ntwo\n', 'a\n\nb', 'ü'])}
    maybe(rng, params, 'state', lambda: 'absent', 0.25)
    maybe(rng, params, 'marker', lambda: '# {mark} x', 0.7)
    place(rng, params, ['insertafter', 'insertbefore'])
    return params


def replace(rng):
    params = {'regexp': rng.choice(PATTERNS), 'replace': rng.choice(['', 'new', r'<\g<0>>', 'a'])}
    maybe(rng, params, 'after', lambda: rng.choice(PATTERNS), 0.3)
    maybe(rng, params, 'before', lambda: rng.choice(PATTERNS), 0.3)
    return params


INI_LINES = ['[a]', '[b]', '[a] ; note', '', '# x = 1', ';y=2', 'x = 1', 'x=2', '  x\t=\t1', 'x', 'y = 2', '[[c]', 'xx = 1', 'z= ä', 'x = 1\r']


def ini_file(rng):
    params = {}
    maybe(rng, params, 'section', lambda: rng.choice(['a', 'b', 'c', 'ä']), 0.8)
    maybe(rng, params, 'option', lambda: rng.choice(['x', 'y', 'z', 'x.y', '$(x)']), 0.9)
    if rng.random() < 0.3:
        params['values'] = rng.sample(['1', '2', '', 'ä', "it's"], rng.randint(0, 3))
    else:
        maybe(rng, params, 'value', lambda: rng.choice(['1', '2', '', ' 1', 'ä']), 0.8)
    maybe(rng, params, 'state', lambda: 'absent', 0.3)
    for name, chance in [('exclusive', 0.3), ('allow_no_value', 0.25), ('no_extra_spaces', 0.3)]:
        maybe(rng, params, name, lambda: name != 'exclusive', chance)
    return params


K1, K2, K3 = ('AAAAC3NzaC1lZDI1NTE5AAAAI' + c for c in 'abc')
KEY_LINES = ['ssh-ed25519 %s one' % K1, 'ssh-ed25519 %s' % K2, 'ssh-rsa %s two  words' % K3, '', '# ssh-rsa %s old' % K1, '#x', 'broken', 'ssh-rsa',
             'no-pty,from="a,b 1" ssh-rsa %s three' % K3, 'command="echo \'$(x)\' ssh-rsa",no-pty  ssh-ed25519 %s ü' % K1, 'no-pty ssh-rsa-cert-v01@openssh.com %s' % K2]


def authorized_key(rng):
    keys = [line for line in KEY_LINES if K1 in line or K2 in line or K3 in line]
    lines = rng.sample(keys + ['', '# note'], rng.randint(1, 3))
    params = {'user': 'root', 'key': '\n'.join(lines), 'manage_dir': False}
    maybe(rng, params, 'state', lambda: 'absent', 0.3)
    maybe(rng, params, 'exclusive', lambda: True, 0.3)
    maybe(rng, params, 'key_options', lambda: rng.choice(['', 'no-pty', 'from="a,b 1",no-pty', 'a=1,b,a=2']), 0.3)
    maybe(rng, params, 'comment', lambda: rng.choice(['', 'new one', "it's"]), 0.25)
    return params


ED1 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEjcFvE5bkCqHzT7zXvT3vO0y9cJm2gkP4mTdXbXK0cV'
ED2 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEjcFvE5bkCqHzT7zXvT3vO0y9cJm2gkP4mTdXbXK1cV'
EC = 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNe3Whma8mHu8pKJsHKq4+xJBCXUjHMy1xaN1opI0mSH/huW07l4F65h8jUcW5n1LbHKZK77PIPCjKGEtjqStm8='
HASHED = '|1|6Gda0HBCkqppxiDndLcOTtLSHeo=|9H5OWpXHjwmWPbIryDcA4mBJ2OM='
HOST_LINES = ['a.example ' + ED1, 'a.example,10.0.0.1 ' + ED2, '10.0.0.1 ' + EC, 'b.example ' + ED1, '*.example,!b.example ' + ED2, HASHED + ' ' + ED1,
              HASHED + ' ' + EC, '[a.example]:2222 ' + ED1, '@revoked a.example ' + ED2, '@cert-authority *.example ' + EC, '# a.example', '', 'A.example ' + EC, 'a.example ' + ED1 + ' note']


def known_hosts(rng):
    params = {'name': rng.choice(['a.example', 'a.example', '10.0.0.1', 'b.example', '[a.example]:2222', 'A.Example'])}
    key = rng.choice([line for line in HOST_LINES if 'AAAA' in line and not line.startswith('!')])
    if rng.random() < 0.3:
        params['state'] = 'absent'
        maybe(rng, params, 'key', lambda: key, 0.5)
    else:
        params['key'] = key
    return params


CRON_LINES = ['#Ansible: a', '#Ansible: b', '#Ansible: None', '* * * * * root x', '1 2 * * * root y', '#* * * * * root x', '# note', '', 'PATH="/bin"', 'A=b', 'PATH="/x"', '@daily root z']


def cron(rng):
    params = {'user': 'root', 'name': rng.choice(['a', 'b', "it's", ''])}
    maybe(rng, params, 'state', lambda: 'absent', 0.3)
    if rng.random() < 0.35:
        params.update(env=True, name=rng.choice(['PATH', 'A', 'B']), job=rng.choice(['/bin', '/x', 'b']))
        name = rng.choice(['insertafter', 'insertbefore', None])
        if name and 'state' not in params:
            params[name] = rng.choice(['PATH', 'A', 'C'])
        return params
    params['job'] = rng.choice(['x', 'y', ' z %', 'x\n'])
    if rng.random() < 0.2:
        params['special_time'] = 'daily'
    else:
        maybe(rng, params, 'minute', lambda: '1', 0.3)
        maybe(rng, params, 'hour', lambda: '2', 0.3)
    maybe(rng, params, 'disabled', lambda: True, 0.2)
    return params


WHERE = {'ini_file': 'ansible_collections.community.general.plugins.modules.', 'authorized_key': 'ansible_collections.ansible.posix.plugins.modules.'}
CHOICES = {'ini_file': INI_LINES, 'authorized_key': KEY_LINES, 'known_hosts': HOST_LINES, 'cron': CRON_LINES}


def run(name, params, before):
    module = importlib.import_module(WHERE.get(name, 'ansible.modules.') + name)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'f')
        with open(path, 'wb') as file:
            file.write(before.encode())
        basic._ANSIBLE_ARGS = json.dumps({'ANSIBLE_MODULE_ARGS': dict(params, **{'cron_file' if name == 'cron' else 'path': path})}).encode()
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            try:
                module.main()
            except SystemExit:
                pass
        result = json.loads(out.getvalue())
        after = ''
        if os.path.exists(path):
            with open(path, 'rb') as file:
                after = file.read().decode()
    if result.get('failed'):
        return None
    return {'msg': result.get('msg', ''), 'after': None if after == before else after}


def skips(name, params, before):
    """Faults of Ansible that are not to be repeated: a line glued to a last line without an end, and bytes counted
    as characters."""
    glued = name == 'lineinfile' and params.get('insertafter', 'EOF') not in ('EOF', 'BOF') and not before.endswith('\n')
    counted = name == 'blockinfile' and '(?m)^a' in params.values() and 'ä' in before
    # Without section and option, the first line of the first section would go.
    headless = name == 'ini_file' and 'section' not in params and 'option' not in params
    # A key would be glued to such a last line.
    glued = glued or name == 'known_hosts' and not before.endswith('\n')
    # Lines with a marker stay, and count as removed each time.
    marked = name == 'known_hosts' and params.get('state') == 'absent' and 'key' not in params and '\n@' in '\n' + before
    return glued or counted or headless or marked


def main():
    rng = random.Random(7)
    cases = []
    for make in (lineinfile, blockinfile, replace, ini_file, authorized_key, known_hosts, cron):
        for _ in range(COUNT):
            params, before = make(rng), text(rng, CHOICES.get(make.__name__, LINES))
            if skips(make.__name__, params, before):
                continue
            try:
                result = run(make.__name__, params, before)
            except Exception:  # the module itself fell over
                continue
            if result is not None:
                cases.append({'module': make.__name__, 'params': params, 'before': before, **result})
    print('[\n' + ',\n'.join(json.dumps(case, ensure_ascii=False) for case in cases) + '\n]')


COUNT = int(os.environ.get('COUNT', '200'))
main()
