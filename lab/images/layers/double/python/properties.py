"""Java's properties files: escapes, continued lines, and the separators =, : and white space."""

import re

ESCAPES = {'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f'}
# Java's white space, which is less than Python's: a password may well have bytes that Python calls space.
SPACE = ' \t\f'
PAIR = re.compile(rf'((?:\\.|[^\\=:{SPACE}])*)[{SPACE}]*[=:]?[{SPACE}]*(.*)', re.S)


def load(path):
    """The file's pairs as a dict of strings. Raises OSError."""
    with open(path, encoding='latin-1', newline='') as file:
        return parse(file.read())


def parse(text):
    pairs = {}
    for line in logical_lines(text):
        key, value = PAIR.fullmatch(line).groups()
        pairs[unescape(key)] = unescape(value)
    return pairs


def logical_lines(text):
    whole = ''
    for line in re.split(r'\r\n|\r|\n', text):
        line = line.lstrip(SPACE)
        if not whole and (not line or line[0] in '#!'):
            continue
        whole += line
        if trailing_backslashes(whole) % 2:
            whole = whole[:-1]
            continue
        yield whole
        whole = ''
    if whole:
        yield whole


def trailing_backslashes(line):
    return len(line) - len(line.rstrip('\\'))


def unescape(text):
    def one(match):
        found = match.group(1)
        return chr(int(found[1:], 16)) if len(found) == 5 else ESCAPES.get(found, found)

    return re.sub(r'\\(u[0-9a-fA-F]{4}|.)', one, text, flags=re.S)
