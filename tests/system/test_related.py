#!/usr/bin/env python3
"""What `terrier explain` says of exchanges that belong together: test_related.py TERRIERD TERRIER"""
import os

import support

MOVE = os.path.join(support.GOLDEN, 'dicom', 'move.pcap')


class Related(support.Case):
    def related(self, exchange):
        """{item: [ids, or what stands for them]} of an exchange."""
        found = {}
        for line in self.rows('explain', exchange):
            if line['part'] == 'related':
                found.setdefault(line['item'], []).append(line['value'].split(',')[0])
        return found

    def by_port(self):
        rows = {}
        for row in self.rows():
            rows.setdefault(row['server_port'], []).append(row['exchange_id'])
        return rows

    def check(self):
        rows = self.by_port()
        asked, unclear, sent = rows['104'][0], rows['105'][0], rows['11113']
        caused = self.related(asked)['moves to']
        self.assertEqual(len(caused), 1)
        self.assertIn(caused[0], sent)
        self.assertEqual(self.related(caused[0]), {'moved by': [asked]})
        self.assertRegex(self.related(unclear)['moves to'][0], 'not clear')
        return rows

    def test_a_move_and_its_association_name_each_other(self):
        self.read(MOVE)
        self.check()

    def test_so_they_do_whatever_the_number_of_workers(self):
        seen = []
        for workers in ('1', '2', '3'):
            self.database = os.path.join(self.folder, workers + '.db')
            self.read(MOVE, '--workers', workers)
            seen.append(self.check())
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(seen[0], seen[2])


support.main()
