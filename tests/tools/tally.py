#!/usr/bin/env python3
"""Counts the single tests of a meson run: tally.py TESTLOG.json SUMS

Appends a line `passed failed skipped name` to SUMS for each program that ran, and prints what the failed ones said.
Counted are the lines of a TAP test, the tests of a Python unittest, and anything else as one.
"""
import json
import re
import sys

TAP = re.compile(r'^(not )?ok\b[^#\n]*(# *skip)?', re.I | re.M)
UNITTEST = re.compile(r'^Ran (\d+) tests? in ', re.M)
UNITTEST_RESULT = re.compile(r'^(?:OK|FAILED)(?: \((.*)\))?$', re.M)
GOOD = ('OK', 'EXPECTEDFAIL', 'SKIP')


def count_unittest(text):
    total = int(UNITTEST.findall(text)[-1])
    said = UNITTEST_RESULT.findall(text)[-1:] or ['']
    parts = {name: int(n) for name, n in re.findall(r'(\w[\w ]*)=(\d+)', said[0])}
    failed = parts.get('failures', 0) + parts.get('errors', 0) + parts.get('unexpected successes', 0)
    skipped = parts.get('skipped', 0)
    return max(total - failed - skipped, 0), failed, skipped


def count(test):
    """Of one program: (passed, failed, skipped)."""
    out, err = test.get('stdout') or '', test.get('stderr') or ''
    if UNITTEST.search(out + err):
        passed, failed, skipped = count_unittest(out + err)
    elif TAP.search(out):
        lines = TAP.findall(out)
        failed = sum(1 for bad, skip in lines if bad and not skip)
        skipped = sum(1 for _, skip in lines if skip)
        passed = len(lines) - failed - skipped
    elif test['result'] == 'SKIP':
        passed, failed, skipped = 0, 0, 1
    else:
        passed, failed, skipped = int(test['result'] in GOOD), 0, 0
    if test['result'] not in GOOD and failed == 0:
        failed = 1  # it crashed, ran out of time or leaked behind its last test
    return passed, failed, skipped


def main(log, sums):
    try:
        with open(log, encoding='utf-8', errors='replace') as lines:
            tests = [json.loads(line) for line in lines if line.strip()]
    except OSError as error:
        print(f'FAILED: no tests ran: {error}')
        tests = []
    with open(sums, 'a', encoding='utf-8') as out:
        if not tests:
            out.write('0 1 0 meson test\n')
        for test in tests:
            passed, failed, skipped = count(test)
            out.write(f"{passed} {failed} {skipped} {test['name']}\n")
            if failed:
                print(f"FAILED: {test['name']} ({test['result']})")
                said = (test.get('stdout') or '') + (test.get('stderr') or '')
                for line in [line for line in said.splitlines() if not re.match(r'^ok \d', line)][-80:]:
                    print('  | ' + line)


if __name__ == '__main__':
    main(*sys.argv[1:3])
