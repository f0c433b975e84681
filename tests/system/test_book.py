#!/usr/bin/env python3
"""Tests of workbooks, inside and as LibreOffice reads them: test_book.py TERRIER FILLDB MAKE_BOOK."""
import csv
import hashlib
import io
import os
import pty
import re
import resource
import signal
import subprocess
import sys
import tempfile
import unittest
import zipfile
from xml.etree import ElementTree

import office

TERRIER, FILLDB, MAKE_BOOK = sys.argv[1:4]
MAIN = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
RELATION = '{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id'
TEXT_MAX, CUT = 32767, '… (cut: the CSV export has all of it)'
WORDS = {'asset_type': 'system dataset device medical_device service external_party storage paper',
         'hosting': 'on_premises hscn private_cloud public_cloud supplier',
         'personal_data': 'yes no unknown', 'criticality': '1 2 3 4 5'}


def run(*command, **more):
    environment = dict(os.environ, LC_ALL='C')
    environment.pop('TERRIER_DATABASE', None)
    return subprocess.run(command, capture_output=True, env=environment, timeout=120, check=False, **more)


def read_csv(text):
    return list(csv.reader(io.StringIO(text, newline='')))


def units(text):
    return len(text.encode('utf-16-le')) // 2


class Book:
    """A workbook, opened as what it is: an archive of XML."""

    def __init__(self, octets):
        self.archive = zipfile.ZipFile(io.BytesIO(octets))
        self.parts = {name: self.archive.read(name).decode() for name in self.archive.namelist()}
        targets = {r.get('Id'): r.get('Target') for r in ElementTree.fromstring(self.parts['xl/_rels/workbook.xml.rels'])}
        workbook = ElementTree.fromstring(self.parts['xl/workbook.xml'])
        self.sheets = {s.get('name'): ElementTree.fromstring(self.parts['xl/' + targets[s.get(RELATION)]])
                       for s in workbook.iter(MAIN + 'sheet')}
        self.names = {(n.get('name'), n.text) for n in workbook.iter(MAIN + 'definedName')}

    def cells(self, sheet):
        """Rows of (type, text); what is not there is None."""
        rows = []
        for row in self.sheets[sheet].iter(MAIN + 'row'):
            while len(rows) < int(row.get('r')):
                rows.append([])
            for cell in row:
                letters = re.match('[A-Z]+', cell.get('r'))[0]
                column = sum((ord(c) - 64) * 26 ** i for i, c in enumerate(reversed(letters)))
                rows[-1] += [None] * (column - len(rows[-1]))
                rows[-1][column - 1] = (cell.get('t', 'n'), ''.join(cell.itertext()))
        return rows

    def texts(self, sheet):
        """The same as texts, all rows as wide as the widest."""
        rows = [[cell[1].replace('_x005F_', '_') if cell else '' for cell in row] for row in self.cells(sheet)]
        return [row + [''] * (max(map(len, rows)) - len(row)) for row in rows]

    def facts(self):
        return {row[0]: row[1] for row in self.texts('About') if row[0]}


class Inside(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.octets = run(MAKE_BOOK, 'xlsx').stdout
        cls.book = Book(cls.octets)
        cls.csv = run(MAKE_BOOK, 'csv').stdout

    def test_all_sheets_are_there_in_their_order_and_named_for_people(self):
        self.assertEqual(list(self.book.sheets), ['About', 'hostile', 'assets', 'support for the ROPA', 'Lists'])

    def test_there_is_no_formula_link_or_program(self):
        for name, part in self.book.parts.items():
            self.assertNotRegex(name, 'vba|external|hyperlink|drawing|embed', name)
            root = ElementTree.fromstring(part)
            for tag in ('f', 'hyperlink', 'extLst', 'oleObject', 'control'):
                self.assertEqual(list(root.iter(MAIN + tag)), [], (name, tag))
            self.assertNotIn('TargetMode', part)

    def test_texts_are_texts_and_numbers_are_numbers(self):
        rows = self.book.cells('hostile')
        self.assertEqual(rows[1][0], ('inlineStr', '=1+1'))
        for row in rows[1:]:
            self.assertIn(row[0] and row[0][0], (None, 'inlineStr'))
            self.assertEqual(row[1][0], 'n' if abs(int(row[1][1])) < 10 ** 15 else 'inlineStr')
            self.assertEqual(row[2][0], 'n')
        self.assertEqual(rows[1][3], ('n', '25569'))
        self.assertEqual(rows[3][3][0], 'n')
        self.assertAlmostEqual(float(rows[3][3][1]), 46347 + (14 * 3600 + 59 * 60 + 59) / 86400, places=9)

    def test_every_cell_is_what_the_csv_says(self):
        expected = read_csv(self.csv.decode())
        got = self.book.texts('hostile')
        self.assertEqual(len(got), len(expected))
        self.assertEqual(got[0], expected[0])
        for have, want in zip(got[1:], expected[1:]):
            if units(want[0]) <= TEXT_MAX:
                self.assertEqual(have[0], office.as_cell(want[0]))
            self.assertEqual(have[1:3], want[1:3])
            self.assertEqual(have[3] == '', want[3] == '')

    def test_a_text_too_long_is_cut_and_counted(self):
        text = self.book.texts('hostile')[-1][0]
        self.assertTrue(text.endswith('🐕' + CUT))
        self.assertLessEqual(units(text), TEXT_MAX)
        self.assertEqual([row for row in self.book.texts('About') if row[0] == 'hostile'][0][2:4], ['27', '1'])
        self.assertEqual(len(self.book.texts('hostile')[-2][0]), 30000)

    def test_what_looks_like_an_escape_is_escaped(self):
        raw = [row[0][1] for row in self.book.cells('hostile') if row[0]]
        self.assertIn('_x005F_x0041_ and _x005F_x000D_ and _x005F_x00_ and _y0041_', raw)

    def test_headers_stay_in_sight_and_have_filters(self):
        for name, corner in (('hostile', 'D28'), ('assets', 'BC3'), ('support for the ROPA', 'A1')):
            sheet = self.book.sheets[name]
            pane = sheet.find('.//' + MAIN + 'pane')
            self.assertEqual((pane.get('ySplit'), pane.get('xSplit'), pane.get('state')), ('1', None, 'frozen'))
            self.assertIn(sheet.find(MAIN + 'autoFilter').get('ref'), ('A1:' + corner, 'A1'))

    def test_widths_follow_what_is_in_the_columns_within_bounds(self):
        widths = [float(c.get('width')) for c in self.book.sheets['hostile'].iter(MAIN + 'col')]
        self.assertTrue(all(9 <= width <= 66 for width in widths), widths)
        self.assertGreater(widths[0], 60)
        self.assertLess(widths[2], 15)

    def test_pages_are_wide_marked_and_repeat_the_header(self):
        for name in self.book.sheets:
            sheet = self.book.sheets[name]
            setup = sheet.find(MAIN + 'pageSetup')
            self.assertEqual((setup.get('orientation'), setup.get('fitToHeight')), ('landscape', '0'))
            for side in ('oddHeader', 'oddFooter'):
                self.assertIn('&COFFICIAL-SENSITIVE && more', sheet.find('.//' + MAIN + side).text)
        self.assertIn(('_xlnm.Print_Titles', 'hostile!$1:$1'), self.book.names)

    def test_columns_with_words_offer_them_to_people(self):
        lists = self.book.texts('Lists')
        header = self.book.texts('assets')[0]
        offered = {v.get('sqref'): v for v in self.book.sheets['assets'].iter(MAIN + 'dataValidation')}
        self.assertEqual(len(offered), 9)
        for name, words in WORDS.items():
            at = [i for i, title in enumerate(lists[0]) if title == 'assets: ' + name][0]
            self.assertEqual([row[at] for row in lists[1:] if row[at]], words.split())
            letter, column = chr(65 + at), header.index(name)
            letters = ('' if column < 26 else chr(64 + column // 26)) + chr(65 + column % 26)
            validation = offered[f'{letters}2:{letters}1048576']
            self.assertEqual(validation.get('type'), 'list')
            self.assertEqual(validation.find(MAIN + 'formula1').text,
                             f'Lists!${letter}$2:${letter}${len(words.split()) + 1}')
            self.assertEqual(validation.get('showErrorMessage'), '1')
        several = [v for v in offered.values() if v.get('showErrorMessage') is None]
        self.assertEqual(len(several), 1, 'only common_law_basis takes several words')

    def test_the_first_sheet_says_what_it_is_and_what_it_cannot_tell(self):
        facts = self.book.facts()
        self.assertEqual(self.book.texts('About')[0][0], 'Register & <flows>')
        self.assertEqual(facts['Marking'], 'OFFICIAL-SENSITIVE & more')
        self.assertEqual(facts['Organisation'], 'ZZ Trust')
        self.assertRegex(facts['Produced'], r'\A2026-11-21T15:00:00Z, by Terrier \d')
        self.assertEqual(facts['Head of the chain of decisions'], '0123456789abcdef' * 4)
        self.assertEqual((facts['Sensors'], facts['Kernel drops']), ('span-a', '3'))
        self.assertEqual(facts['Exclusions'], 'networks 192.168.50.0/24')
        self.assertEqual(facts['Command'], '=export & <more>')
        for number, words in (('1', 'absence is not evidence'), ('2', 'Encrypted'), ('3', 'Paper, telephone'),
                              ('4', 'drops'), ('5', 'lawful basis')):
            self.assertIn(words, facts[number])
        self.assertIn('People declare it', facts['D'])
        self.assertIn(['assets', 'hosting', 'Hosting', 'D', 'one of: ' + WORDS['hosting']], self.book.texts('About'))
        self.assertIn(['hostile', 'time', 'Time', 'O', 'a time, UTC'], self.book.texts('About'))

    def test_each_sheet_has_the_hash_of_its_csv(self):
        digest = hashlib.blake2b(self.csv, digest_size=32).hexdigest()
        self.assertIn(['hostile', digest], [row[:2] for row in self.book.texts('About')])

    def test_the_same_data_gives_the_same_bytes(self):
        self.assertEqual(run(MAKE_BOOK, 'xlsx').stdout, self.octets)


class Disk(unittest.TestCase):
    def limited(self, limit, *command):
        def limit_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        return run(*command, preexec_fn=limit_files)

    def test_a_sheet_that_cannot_be_put_together_is_noticed(self):
        whole = run(MAKE_BOOK, 'xlsx', '2000').stdout
        largest = max(info.file_size for info in zipfile.ZipFile(io.BytesIO(whole)).infolist())
        self.assertEqual(self.limited(largest, MAKE_BOOK, 'xlsx', '2000').stdout, whole)
        for limit in (largest - 1, largest - 100, largest // 2, 4096):
            result = self.limited(limit, MAKE_BOOK, 'xlsx', '2000')
            self.assertEqual((result.returncode, result.stdout), (1, b''), limit)
            self.assertIn(b'TMPDIR', result.stderr)
            self.assertEqual(result.stderr.count(b'\n'), 1, result.stderr)


class Answers(unittest.TestCase):
    """Answers of terrier from a database with hostile names."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='terrier-test-')
        cls.database = cls.path('terrier.db')
        subprocess.run([FILLDB, cls.database, 'hostile'], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder.name, name)

    def ask(self, *args):
        done = run(TERRIER, *args, '--database', self.database)
        self.assertEqual((done.returncode, done.stderr), (0, b''), args)
        return done.stdout


class Programs(Answers):
    def test_every_answer_can_be_a_workbook_also_by_its_suffix(self):
        for command in ('flows', 'hosts', 'kinds', 'findings', 'status'):
            book = Book(self.ask(command, '--format', 'xlsx'))
            text = self.ask(command, '--format', 'csv')
            self.assertEqual(len(book.sheets), 2)
            self.assertEqual(len(book.texts(list(book.sheets)[1])), len(read_csv(text.decode())))
            self.assertIn(hashlib.blake2b(text, digest_size=32).hexdigest(), [row[1] for row in book.texts('About')])
            self.assertEqual(book.facts()['Marking'], 'OFFICIAL-SENSITIVE')
        self.ask('flows', '--output', self.path('flows.xlsx'))
        with open(self.path('flows.xlsx'), 'rb') as file:
            self.assertEqual(list(Book(file.read()).sheets), ['About', 'flows'])
        self.assertEqual(Book(self.ask('flows', '--format', 'xlsx', '--view', 'public')).facts()['Marking'], 'OFFICIAL')

    def test_a_terminal_is_not_filled_with_it(self):
        main, other = pty.openpty()
        done = subprocess.run([TERRIER, 'flows', '--format', 'xlsx', '--database', self.database], stdout=other,
                              stderr=subprocess.PIPE, timeout=60, check=False)
        os.close(other)
        os.close(main)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, b'terrier: option --format: xlsx cannot be shown here: add --output FILE.xlsx\n')


@office.needed
class Office(Answers):
    def convert(self, octets):
        """What LibreOffice makes of each sheet."""
        book = self.path('book.xlsx')
        with open(book, 'wb') as file:
            file.write(octets)
        return office.sheets(book, self.path('profile'))

    def same(self, sheet, text):
        """Every cell, but for those that were cut."""
        expected = read_csv(text.decode())
        self.assertEqual(len(sheet), len(expected))
        for have, want in zip(sheet, expected):
            self.assertEqual(len(have), len(want))
            for got, cell in zip(have, want):
                if units(cell) > TEXT_MAX:
                    self.assertTrue(got.endswith(CUT))
                    self.assertTrue(cell.startswith(got[:-len(CUT)]))
                else:
                    self.assertTrue(office.is_same(got, cell), (got, cell))

    def test_it_reads_every_cell_as_the_csv_has_it(self):
        sheets = self.convert(run(MAKE_BOOK, 'xlsx').stdout)
        self.assertEqual(set(sheets), {'About', 'hostile', 'assets', 'support for the ROPA', 'Lists'})
        self.same(sheets['hostile'], run(MAKE_BOOK, 'csv').stdout)
        self.assertEqual(sheets['support for the ROPA'], [['processing_ref']])

    def test_it_reads_the_answers_of_terrier_as_their_csv(self):
        for command in ('flows', 'hosts'):
            text = self.ask(command, '--format', 'csv')
            self.assertIn(b'HYPERLINK', text)
            self.same(self.convert(self.ask(command, '--format', 'xlsx'))[command], text)


unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
