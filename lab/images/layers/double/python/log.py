"""A program's log: lines with a time, in files and, where the real program does so, on the console."""

import os
import sys
import threading
import time


class Log:
    """Writes every line to `path`, errors also to `errors_path`, and to stderr when `console` is true."""

    def __init__(self, path=None, errors_path=None, console=False):
        self.path, self.errors_path, self.console = path, errors_path, console
        self.lock = threading.Lock()

    def info(self, text):
        self.write('INFO', text, self.path)

    def error(self, text):
        self.write('ERROR', text, self.path, self.errors_path)

    def write(self, level, text, *paths):
        now = time.time()
        clock = time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(now))
        line = f'[{level}] {clock},{int(now * 1000) % 1000:03d} {text}\n'
        with self.lock:
            if self.console:
                sys.stderr.write(line)
                sys.stderr.flush()
            for path in filter(None, paths):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, 'a', encoding='utf-8') as file:
                    file.write(line)
