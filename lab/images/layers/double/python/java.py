"""A `java` that knows three programs, and judges its command line as a Java 8 JVM would.

Kept: the class path decides whether the main class is found (exit 1 and the JVM's sentence when not), jars that it
needs besides are missed as the JVM misses them, unknown options are refused, SIGTERM ends it with 143.
Not kept: memory. -Xms, -Xmx and the rest are read and accepted; nothing is taken.
"""

import glob
import importlib
import os
import re
import signal
import sys

# main class -> jar that has it, a jar without which it cannot start, the double
PROGRAMS = {
    'org.fedai.osx.broker.Bootstrap': (r'osx-broker-1\.[01]\.0\.jar', r'grpc-core-.*\.jar', 'osx'),
    'org.fedai.eggroll.clustermanager.Bootstrap': (r'eggroll-clustermanager-.*\.jar', r'eggroll-core-.*\.jar',
                                                   'eggroll'),
    'org.fedai.eggroll.nodemanager.Bootstrap': (r'eggroll-nodemanager-.*\.jar', r'eggroll-core-.*\.jar', 'eggroll'),
    'org.fedai.fate.board.bootstrap.Bootstrap': (r'fateboard-2\.[01]\.0\.jar', r'spring-boot-.*\.jar', 'fateboard'),
}
KNOWN_OPTION = re.compile(
    r'-(D.+|X.*|ea|da|esa|dsa|server|client|d64|verbose(:\w+)?|enableassertions|javaagent:.+|agentlib:.+|agentpath:.+|'
    r'showversion)$'
)
UNITS = {'': 1, 'k': 1024, 'm': 1024**2, 'g': 1024**3}


class CommandLine:
    """What was asked of the JVM: options, -D properties, class path, main class, its arguments."""

    def __init__(self, words):
        self.properties, self.options, self.class_path = {}, [], os.environ.get('CLASSPATH', '.')
        words = list(words)
        while words and words[0].startswith('-'):
            word = words.pop(0)
            if word in ('-cp', '-classpath'):
                self.class_path = words.pop(0) if words else stop(f'Error: {word} requires class path specification')
            elif word in ('-version', '--version'):
                stop('openjdk version "1.8.0_192"\nOpenJDK Runtime Environment (double)', 0)
            elif not KNOWN_OPTION.match(word):
                stop(f'Unrecognized option: {word}\nError: Could not create the Java Virtual Machine.')
            elif word.startswith('-D'):
                name, _, value = word[2:].partition('=')
                self.properties[name] = value
            else:
                self.options.append(word)
        if not words:
            stop('Usage: java [-options] class [args...]')
        self.main, self.arguments = words[0], words[1:]

    def jars(self):
        """Paths of the jars of the class path, `dir/*` spread out; entries that do not exist are silently nothing."""
        for entry in self.class_path.split(':'):
            if entry == '*' or entry.endswith('/*'):
                yield from sorted(glob.glob(entry + '.jar'))
            elif entry.endswith('.jar') and os.path.isfile(entry):
                yield entry

    def option_after(self, name, default=None):
        """The word after `name` among the program's own arguments."""
        if name in self.arguments[:-1]:
            return self.arguments[self.arguments.index(name) + 1]
        return default


def stop(text, status=1):
    print(text, file=sys.stderr, flush=True)
    sys.exit(status)


def heap(options, prefix):
    """Bytes of the last -Xms or -Xmx, or None. A size that the JVM cannot read ends it."""
    size = None
    for option in options:
        if option.startswith(prefix):
            match = re.fullmatch(r'(\d+)([kKmMgG]?)', option[len(prefix):])
            if not match:
                stop(f'Invalid heap size: {option}\nError: Could not create the Java Virtual Machine.')
            size = int(match.group(1)) * UNITS[match.group(2).lower()]
    return size


def check_heap(options):
    least, most = heap(options, '-Xms'), heap(options, '-Xmx')
    if least and most and least > most:
        stop('Error occurred during initialization of VM\n'
             'Initial heap size set to a larger value than the maximum heap size')


def find_program(command):
    """The double for the main class, when the class path has what it needs."""
    jars = list(command.jars())
    main_jar, needed_jar, double = PROGRAMS.get(command.main, (None, None, None))
    if double is None or not has(jars, main_jar):
        stop(f'Error: Could not find or load main class {command.main}')
    if not has(jars, needed_jar):
        stop('Exception in thread "main" java.lang.NoClassDefFoundError: '
             f'none of the class path\'s jars is like {needed_jar}')
    return double


def has(jars, pattern):
    return any(re.fullmatch(pattern, os.path.basename(jar)) for jar in jars)


def warn_of_log_settings(properties):
    for name in ('log4j.configurationFile', 'log4j2.configurationFile'):
        path = properties.get(name, '').removeprefix('file://')
        if path and not os.path.isfile(path):
            print(f'WARN StatusLogger could not find {path}, logging to the console', file=sys.stderr, flush=True)


def main():
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, lambda number, _frame: os._exit(128 + number))
    command = CommandLine(sys.argv[1:])
    check_heap(command.options)
    double = find_program(command)
    warn_of_log_settings(command.properties)
    importlib.import_module(f'double.{double}').main(command)


if __name__ == '__main__':
    main()
