#!/usr/bin/env python3
"""Compiles every header alone, and twice: headers.py COMPILER..."""
import concurrent.futures
import os
import subprocess
import sys

from tree import ROOT, Tap, files

FLAGS = ['-std=c17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-Iinclude', '-x', 'c', '-']


def compile_alone(header):
    """What the compiler says of it."""
    source = f'#include "{header}"\n#include "{header}"\nextern int terrier_lint;\n'
    done = subprocess.run([*sys.argv[1:], '-I.', *FLAGS], input=source, capture_output=True, text=True, cwd=ROOT,
                          check=False)
    return done.stderr.splitlines()[:5] if done.returncode != 0 else []


def main():
    tap = Tap()
    headers = files('src', 'include', suffixes=('.h',))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for header, said in zip(headers, pool.map(compile_alone, headers)):
            tap.test(f'{header} compiles alone and twice', said)
    tap.end()


main()
