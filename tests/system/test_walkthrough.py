#!/usr/bin/env python3
"""The way of the quick guide, as an IG lead and then an auditor go it, on the sample recording:
test_walkthrough.py TERRIERD TERRIER SAMPLE."""
import csv
import hashlib
import io
import os
import re
import sqlite3
import struct
import sys

import office
import support

SAMPLE = os.path.abspath(sys.argv[3])
GUIDE = os.path.join(os.path.dirname(SAMPLE), os.pardir, 'docs', 'quick-guide.md')
HUMAN = {'purpose': 'Direct care', 'lawful_basis_art6': '6(1)(e)', 'condition_art9': '9(2)(h)',
         'authorised_by_role': 'Senior Information Risk Owner', 'authorised_on': '21/11/2026'}
ROLE = 'Information Governance Lead'


def hash_of(previous, row):
    """A record's hash as terrier-register(7) says, by other means than Terrier's."""
    state = hashlib.blake2b(digest_size=32)
    number, made_us, *texts = row
    for field in (b'terrier register 1', previous, struct.pack('<q', number), struct.pack('<q', made_us),
                  *(text.encode() for text in texts)):
        state.update(struct.pack('<Q', len(field)) + field)
    return state.digest()


class Walk(support.Case):
    def setUp(self):
        super().setUp()
        with open(os.path.join(SAMPLE, 'terrier.conf'), encoding='utf-8') as file:
            self.read(os.path.join(SAMPLE, 'hospital.pcap.gz'), config=file.read())
        self.register = self.path('register.db')

    def do(self, *args, status=0):
        """One command of the guide."""
        result = support.run(support.TERRIER, *args, '--database', self.database)
        self.assertEqual(result.status, status, (args, result.err))
        return result

    def edit(self, name, change):
        """What a person does to a sheet: in Windows' encoding and with semicolons, as a spreadsheet saves it."""
        with open(self.path(name), encoding='utf-8', newline='') as file:
            rows = list(csv.DictReader(file))
        columns = list(rows[0])
        rows = change(rows)
        with open(self.path(name), 'w', encoding='cp1252', errors='replace', newline='') as file:
            out = csv.DictWriter(file, columns, delimiter=';')
            out.writeheader()
            out.writerows(rows)
        return rows

    def make_assets(self):
        """suggest, correct three rows, import."""
        def correct(rows):
            for row in rows:
                if 'pacs' in row['asset_id']:
                    row['asset_name'], row['information_asset_owner'] = 'Picture archive – main site', 'Head of Radiology'
                elif row['asset_id'] == 'lims':
                    row['information_asset_owner'], row['criticality'] = 'Head of Pathology', '5'
                elif row['asset_id'] == 'pas':
                    row['personal_data'], row['review_due'] = 'Yes', '1 April 2099'
            return rows
        self.do('assets', 'suggest', '--output', self.path('assets.csv'))
        rows = self.edit('assets.csv', correct)
        self.assertGreater(len(rows), 10)
        self.assertFalse(any(row['purpose'] or row['lawful_basis_art6'] for row in rows), 'a person says that')
        self.assertIn('0 new', self.do('assets', 'check', self.path('assets.csv')).out.replace('%d would be new' % len(rows), '0 new'))
        self.do('assets', 'import', self.path('assets.csv'))
        assets = {row['asset_id']: row for row in self.rows('assets', 'list')}
        self.assertEqual(len(assets), len(rows))
        self.assertEqual(assets['pas']['review_due'], '2099-04-01')
        self.assertIn('Picture archive – main site', [row['asset_name'] for row in assets.values()])

    def declare_ten(self):
        """Fills in ten of the flows that were seen between assets."""
        def fill(rows):
            known = [row for row in rows if row['source_asset_id'] and row['destination_asset_id'] and row['sensitivity_tier'] == '3']
            for row in known[:10]:
                row.update(HUMAN)
            return rows
        self.do('export', 'flows', '--output', self.path('flows.csv'))
        self.edit('flows.csv', fill)
        self.do('declare', 'import', self.path('flows.csv'))
        self.assertEqual(len(self.rows('declare', 'list')), 10)
        declared = self.rows('flows', '--status', 'declared_and_observed', '--view', 'ig')
        self.assertGreaterEqual(len(declared), 10)
        self.assertEqual({row['authorised_on'] for row in declared}, {'2026-11-21'})

    def decide(self):
        """Accepts two and rejects one of what the list has first."""
        ids = [row['id'] for row in self.rows('review') if row['id'].startswith('F-')][:3]
        self.do('review', 'accept', ids[0], ids[1], '--role', ROLE, '--reason', 'Known and needed', '--until', '2099-01-01')
        self.do('review', 'reject', ids[2], '--role', ROLE, '--reason', 'Nobody agreed to this')
        rows = {row['flow_id']: row for row in self.rows('flows', '--level', 'asset', '--view', 'ig')}
        self.assertEqual([rows[i]['authorisation'] for i in ids], ['authorised', 'authorised', 'not_authorised'])
        left = [row['id'] for row in self.rows('review')]
        self.assertFalse(set(ids) & set(left), 'the rejected one was not seen since')
        return ids

    def file_workbook(self):
        """The head that the filed workbook has."""
        self.do('export', '--output', self.path('register.xlsx'))
        self.head = re.search('[0-9a-f]{64}', self.do('verify').out)[0]
        said = {row['item']: row for row in self.rows('status') if row['part'] == 'register'}
        self.assertEqual(said['head']['value'], self.head)
        self.assertEqual((said['declared flows']['count'], said['decisions']['count']), ('10', '3'))

    def go(self):
        self.make_assets()
        self.declare_ten()
        ids = self.decide()
        self.file_workbook()
        return ids

    @office.needed
    def test_the_workbook_says_what_the_tables_say(self):
        self.go()
        book = office.sheets(self.path('register.xlsx'), self.path('profile'))
        self.assertIn(self.head, [cell for row in book['About'] for cell in row])
        for table, sheet in (('flows', 'Data flows'), ('assets', 'Information assets'), ('ropa', 'Support for the ROPA')):
            expected = list(csv.reader(io.StringIO(self.do('export', table).out, newline='')))
            self.assertEqual(len(book[sheet]), len(expected))
            for have, want in zip(book[sheet], expected):
                self.assertTrue(all(map(office.is_same, have, want)), (have, want))

    def test_one_changed_byte_is_found_and_named(self):
        ids = self.go()
        self.assertEqual(self.do('verify').status, 0)
        db = sqlite3.connect(self.register)
        db.execute("UPDATE record SET body = replace(body, 'Nobody agreed', 'Somebody agreed') WHERE id = ?", (ids[2],))
        db.commit()
        db.close()
        result = self.do('verify', status=3)
        self.assertIn(ids[2], result.out + result.err)
        self.assertIn('decision', result.out + result.err)

    def test_a_chain_made_anew_is_found_by_the_filed_head(self):
        ids = self.go()
        db = sqlite3.connect(self.register)
        rows = db.execute('SELECT number, made_us, account, source, type, id, body FROM record ORDER BY number').fetchall()
        previous = bytes(32)
        for row in rows:
            row = row[:6] + (row[6].replace('"decision":"reject"', '"decision":"accept"') if row[5] == ids[2] else row[6],)
            made = hash_of(previous, row)
            db.execute('UPDATE record SET body = ?, previous = ?, hash = ? WHERE number = ?', (row[6], previous, made, row[0]))
            previous = made
        db.execute('UPDATE head SET hash = ?', (previous,))
        db.commit()
        db.close()
        self.do('verify')
        result = self.do('verify', '--head', self.head, status=3)
        self.assertIn(self.head[:16], result.out + result.err)

    def test_the_guide_has_no_more_than_ten_commands_and_all_of_them_work(self):
        with open(GUIDE, encoding='utf-8') as file:
            lines = re.findall(r'^    \$ (.*)$', file.read(), re.M)
        self.assertLessEqual(len(lines), 10)
        words = [line.split()[:3] for line in lines if line.startswith('terrier ')]
        for done in (['assets', 'suggest'], ['assets', 'import'], ['export', 'flows'], ['declare', 'import'], ['review', 'import']):
            self.assertIn(['terrier', *done], words)
        self.go()
        self.do('review', '--output', self.path('review.csv'))
        decided = self.edit('review.csv', lambda rows: [dict(row, decision='accept' if row['id'].startswith('F-') else '', reason='Known',
                                                             decided_by_role=ROLE) for row in rows[1:3]])
        self.do('review', 'import', self.path('review.csv'))
        self.assertEqual({row['authorisation'] for row in self.rows('flows', '--level', 'asset', '--view', 'ig')
                          if row['flow_id'] in [row['id'] for row in decided]}, {'authorised'})


if __name__ == '__main__':
    support.unittest.main(argv=sys.argv[:1], verbosity=2)
