#!/usr/bin/env python3
"""Reads every tests/golden/*/NAME.pcap that has a NAME.expect beside it and compares `terrier flows` with it, in the
columns that the .expect names, in any order: test_golden.py TERRIERD TERRIER [Golden.test_FOLDER_NAME]."""
import collections
import csv
import glob
import os

import support


def read_expected(path):
    with open(path, newline='', encoding='utf-8') as table:
        reader = csv.DictReader(table)
        return reader.fieldnames, [tuple(row[c] for c in reader.fieldnames) for row in reader]


def differences(columns, expected, got):
    """Lines for people: what is missing, what is too much."""
    want, have = collections.Counter(expected), collections.Counter(got)
    lines = ['  ' + ','.join(columns)]
    lines += ['- ' + ','.join(row) for row in sorted((want - have).elements())]
    lines += ['+ ' + ','.join(row) for row in sorted((have - want).elements())]
    return '\n'.join(lines) if len(lines) > 1 else ''


class Golden(support.Case):
    def compare(self, pcap, expect):
        columns, expected = read_expected(expect)
        self.read(pcap)
        rows = self.rows()
        self.assertEqual([c for c in columns if rows and c not in rows[0]], [], 'no such column')
        difference = differences(columns, expected, [tuple(row[c] for c in columns) for row in rows])
        self.assertEqual(difference, '', '\n%s: - expected, + printed\n%s' % (os.path.basename(pcap), difference))

    def test_a_wrong_row_is_seen(self):
        self.assertEqual(differences(['a'], [('1',), ('2',)], [('2',), ('1',)]), '')
        self.assertEqual(differences(['a'], [('1',)], [('2',)]), '  a\n- 1\n+ 2')
        self.assertEqual(differences(['a'], [('1',)], [('1',), ('1',)]), '  a\n+ 1')


def add_tests():
    for expect in sorted(glob.glob(os.path.join(support.GOLDEN, '*', '*.expect'))):
        pcap = expect[:-len('expect')] + 'pcap'
        name = 'test_%s_%s' % (os.path.basename(os.path.dirname(pcap)), os.path.basename(pcap)[:-len('.pcap')])
        if os.path.exists(pcap):
            setattr(Golden, name, lambda self, p=pcap, e=expect: self.compare(p, e))


add_tests()
support.main()
