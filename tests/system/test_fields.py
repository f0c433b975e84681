#!/usr/bin/env python3
"""The list of kept fields is what the dissectors do: reads each golden capture and the sample with a terrierd that ends where something
is kept that no table names, runs the tests of the dissectors, which do the same, and looks for what the tables name and
none of these shows.
test_fields.py TERRIERD-WATCHED TERRIER TEST-OF-A-DISSECTOR..."""
import glob
import os
import re
import sys

import support

SAMPLE = os.path.join(support.HERE, os.pardir, os.pardir, 'contrib', 'sample', 'hospital.pcap.gz')
UNIT_TESTS = sys.argv[3:]
del sys.argv[3:]


def listed(text):
    """(dissector, way) of every row of the list, and the dissectors that have a part of their own."""
    ways, dissectors = set(), []
    for line in text.splitlines():
        head = re.fullmatch(r'### .* \(dissector `(\w+)`\)', line)
        if head:
            dissectors.append(head.group(1))
        elif dissectors and line.startswith('| '):
            ways |= {(dissectors[-1], way) for way in re.findall('`([^`]+)`', line)}
    return ways, dissectors


class Fields(support.Case):
    def setUp(self):
        super().setUp()
        result = support.run(support.TERRIERD, '--list-fields')
        self.assertEqual((result.status, result.err), (0, ''))
        self.text = result.out

    def test_every_dissector_is_in_the_list(self):
        names = [line.split()[0] for line in support.run(support.TERRIERD, '--list-dissectors').out.splitlines()]
        self.assertEqual(listed(self.text)[1], names)

    def test_every_row_of_a_table_is_whole(self):
        cells = None
        for line in self.text.splitlines():
            found = len(re.findall(r'(?<!\\)\|', line)) if line.startswith('|') else None
            self.assertTrue(cells is None or found in (None, cells), line)
            cells = found

    def test_the_tests_show_what_the_tables_name_and_nothing_else(self):
        said = self.path('said')
        os.environ['TERRIER_SAID'] = said
        self.addCleanup(os.environ.pop, 'TERRIER_SAID')
        for path in sorted(glob.glob(os.path.join(support.GOLDEN, '*', '*.pcap'))) + [SAMPLE]:
            self.read(path, '--again', '--workers', '1')
        self.assertGreater(len(UNIT_TESTS), 50)
        for path in UNIT_TESTS:
            self.assertEqual(support.run(path).status, 0, path)
        with open(said, encoding='utf-8') as f:
            shown = {tuple(line.rstrip('\n').split('\t')) for line in f}
        shown = {pair for pair in shown if pair[1] != 'evidence protocol'}
        named = listed(self.text)[0]
        self.assertGreater(len(shown), 150)
        self.assertEqual(sorted(shown - named), [])
        self.assertEqual(sorted(named - shown), [])


support.main()
