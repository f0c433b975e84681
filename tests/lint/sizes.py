#!/usr/bin/env python3
"""Holds the tree to its limits: functions to 100 lines, files of code to 600, no words of unfinished work, no paths of
somebody's machine, and no test that nobody runs."""
import os
import re

from tree import Tap, files, read

FUNCTION_MAX, FILE_MAX = 100, 600
WORDS = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X)\b')
PATHS = re.compile(r'(?<![\w.$}])/(ho' r'me|ro' r'ot|wo' r'rk|Us' r'ers)/\w')
TEXT = ('.c', '.h', '.in', '.py', '.sh', '.md', '.build', '.txt', '.csv', '.sql', '.awk', '.conf', '.service', '.1', '.5', '.8')


def long_functions(path):
    """A function begins with `{` and ends with `}`, each alone in the first column."""
    faults, start = [], None
    for number, line in enumerate(read(path).splitlines(), 1):
        if line == '{':
            start = number - 1
        elif line.startswith('}') and start is not None:
            if number - start + 1 > FUNCTION_MAX:
                faults.append(f'{path}:{start}: {number - start + 1} lines')
            start = None
    return faults


def grep(paths, pattern):
    return [f'{path}:{number}: {line.strip()[:80]}' for path in paths for number, line in
            enumerate(read(path).splitlines(), 1) if pattern.search(line)]


def unlisted(folder, prefix):
    """Sources of tests whose name is not in the list that builds them."""
    listed = read(f'{folder}/meson.build')
    names = [os.path.basename(path)[len(prefix):-2] for path in files(folder, suffixes=('.c',))
             if os.path.basename(path).startswith(prefix)]
    return [f'{folder}/{prefix}{name}.c' for name in names
            if not re.search(rf"'({prefix})?({re.escape(name)}|{re.escape(re.sub('^dissect_', '', name))})(\.c)?'", listed)]


def main():
    tap = Tap()
    sources = files('src', 'include', 'data', 'tests', suffixes=('.c', '.h', '.py'))
    texts = [p for p in files('') if p.endswith(TEXT) or '.' not in os.path.basename(p)]
    texts = [p for p in texts if '/corpus/' not in p]
    tap.test(f'no function is longer than {FUNCTION_MAX} lines',
             [f for path in sources if path.endswith('.c') for f in long_functions(path)])
    tap.test(f'no file of code is longer than {FILE_MAX} lines',
             [f'{path}: {n} lines' for path in sources if not path.startswith('tests/')
              for n in [read(path).count('\n')] if n > FILE_MAX])
    tap.test('nothing is left to be finished, by its own words', grep(texts, WORDS))
    tap.test('no path belongs to one machine', grep(texts, PATHS))
    tap.test('every unit test and every fuzz target is built',
             unlisted('tests/unit', 'test_') + unlisted('tests/fuzz', 'fuzz_'))
    tap.end()


main()
