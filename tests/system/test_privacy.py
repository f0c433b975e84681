#!/usr/bin/env python3
"""Nothing that identifies a person gets out: reads the golden captures of all dissectors, in whose fields a patient and a
user are planted (tests/tools/plants.py), and looks for these in the database, its journal, the log and every export.
test_privacy.py TERRIERD TERRIER"""
import base64
import contextlib
import glob
import io
import os
import re
import tempfile
import time
import zipfile
import zlib

import support
import plants

# Protocols with no field that could hold a text.
WITHOUT_TEXT = {'ntp', 'netflow', 'modbus', 'rtp'}
VIEWS = ('network', 'ig', 'public')
TABLES = [(command, '--format', form) for command in ('kinds', 'status') for form in ('table', 'csv', 'json')]
VIEWED = [(command, '--format', form, '--view', view) for view in VIEWS
          for command in ('flows', 'hosts', 'findings') for form in ('table', 'csv', 'json')]
MAPS = [('map', '--all', '--format', form, '--view', view, '--level', level) for view in VIEWS
        for level in ('host', 'zone') for form in ('svg', 'dot', 'pdf', 'drawio', 'graphml', 'mermaid')]
WAIT_S = 30


def spellings(text):
    """What a plant looks like in bytes, lower case: plain, in the text encodings of Windows and of mainframes, in
    hexadecimal, in base64 at any offset."""
    plain = text.lower().encode()
    yield plain
    yield plain.hex().encode()
    yield text.encode().hex().encode()
    yield text.lower().encode('utf-16-le')
    yield text.lower().encode('utf-16-be')
    for case in (text, text.lower(), text.upper()):
        yield case.encode('cp500').lower()  # as what is searched was folded
    for shift in range(3):  # only characters all of whose bits are known
        coded = base64.b64encode(bytes(shift) + text.encode())
        yield coded[-(-shift * 8 // 6):(shift + len(text)) * 8 // 6].lower()


SPELLINGS = {name: tuple(spellings(name)) for name in plants.ALL}


def found_in(data, names=plants.ALL):
    data = data.lower()
    return sorted({name for name in names if any(spelling in data for spelling in SPELLINGS[name])})


def unpacked(data):
    """A PDF with its compressed streams in clear; all that is in a workbook."""
    if data.startswith(b'PK'):
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return b''.join(book.read(name) for name in book.namelist())
    pdf = data
    for stream in re.findall(rb'stream\r?\n(.*?)endstream', pdf, re.S):
        try:
            pdf += zlib.decompress(stream)
        except zlib.error:
            pass
    return pdf


def dissectors():
    return [line.split()[0] for line in support.run(support.TERRIERD, '--list-dissectors').out.splitlines()]


def captures():
    return [path for name in dissectors() for path in sorted(glob.glob(os.path.join(support.GOLDEN, name, '*.pcap')))]


class Search(support.Case):
    def test_the_search_finds_what_is_there(self):
        for text in ('xx' + plants.SURNAME, plants.SURNAME.lower()):
            self.assertEqual(found_in(text.encode()), [plants.SURNAME])
        self.assertEqual(found_in(plants.PASSWORD.encode('utf-16-le')), [plants.PASSWORD])
        for padding in ('', 'a', 'ab', 'abc'):
            coded = base64.b64encode((padding + '\0' + plants.USER + ':' + plants.PASSWORD + '\0x').encode())
            self.assertIn(plants.PASSWORD, found_in(coded), padding)
        self.assertEqual(found_in(plants.SURNAME.encode('cp500')), [plants.SURNAME])
        self.assertEqual(found_in(b'<' + plants.USER.encode().hex().upper().encode() + b'>'), [plants.USER])
        self.assertEqual(found_in(b'nothing'), [])

    def test_every_dissector_has_a_capture_with_plants(self):
        bare = []
        for name in dissectors():
            content = b''
            for path in glob.glob(os.path.join(support.GOLDEN, name, '*.pcap')):
                with open(path, 'rb') as f:
                    content += f.read()
            self.assertNotEqual(content, b'', 'no golden capture for ' + name)
            if name not in WITHOUT_TEXT and not found_in(content):
                bare.append(name)
        self.assertEqual(bare, [])


class Case(support.Case):
    def check(self, where, data):
        self.assertEqual(found_in(data), [], 'in ' + where)

    def check_files(self, *patterns):
        """All files of these names, of which there must be some."""
        paths = [path for pattern in patterns for path in glob.glob(self.path(pattern))]
        self.assertNotEqual(paths, [])
        for path in paths:
            with open(path, 'rb') as f:
                self.check(os.path.basename(path), f.read())
        return [os.path.basename(path) for path in paths]

    def output(self, *arguments):
        """What a command writes to a file; a PDF unpacked."""
        out = self.path('out')
        result = support.run(support.TERRIER, *arguments, '--database', self.database, '--output', out)
        self.assertEqual((result.status, result.out), (0, ''), ' '.join(arguments) + ': ' + result.err)
        self.check('messages of ' + ' '.join(arguments), result.err.encode())
        with open(out, 'rb') as f:
            return unpacked(f.read())


class Kept(Case):
    """One database of all captures, which the tests only read."""
    folder_of_all = log = None

    def setUp(self):
        super().setUp()
        if Kept.folder_of_all is None:
            Kept.folder_of_all = tempfile.TemporaryDirectory(prefix='terrier-test-')  # pylint: disable=consider-using-with
            self.addClassCleanup(Kept.folder_of_all.cleanup)
            self.database = os.path.join(Kept.folder_of_all.name, 'terrier.db')
            log = self.read(*captures(), '--verbose')
            Kept.log = (log.out + log.err).encode()
        self.folder = Kept.folder_of_all.name
        self.database = self.path('terrier.db')

    def test_log_and_database_have_none(self):
        self.assertIn(b'worker', self.log)
        self.check('the log', self.log)
        self.check_files('terrier.db*')

    def test_the_register_and_what_is_drafted_for_it_have_none(self):
        """A register made from what was seen, decisions about it, and all that is exported then."""
        register = ['--register', self.path('register.db')]
        with open(self.path('assets.csv'), 'wb') as file:
            file.write(self.output('assets', 'suggest', '--format', 'csv'))
        self.check_files('assets.csv')
        done = support.run(support.TERRIER, 'assets', 'import', self.path('assets.csv'), '--database', self.database, *register)
        self.assertEqual(done.status, 0, done.err)
        first = next(row['flow_id'] for row in self.rows('flows', '--level', 'asset', '--view', 'network', *register))
        done = support.run(support.TERRIER, 'review', 'accept', first, '--view', 'network', '--role', 'Auditor', '--reason', 'tested',
                           '--database', self.database, *register)
        self.assertEqual(done.status, 0, done.err)
        self.check_files('register.db*')
        for arguments in [('export', '--format', form, '--view', view) for form in ('json', 'xlsx') for view in VIEWS] + [
                (command, '--format', 'csv', '--view', 'network') for command in ('review', 'changes')] + [
                ('assets', 'rank', '--format', 'csv'), ('flows', '--level', 'asset', '--format', 'csv')]:
            self.check(' '.join(arguments), self.output(*arguments, *register))

    def test_tables_and_maps_have_none(self):
        for arguments in TABLES + VIEWED + MAPS:
            self.check(' '.join(arguments), self.output(*arguments))

    def test_a_name_that_is_kept_is_found_in_every_format(self):
        with open(self.database, 'rb') as f:
            self.assertIn(b'CT01', f.read())
        for arguments in [('map', '--all', '--format', form) for form in ('svg', 'dot', 'pdf', 'drawio', 'graphml', 'mermaid')] + [
                ('flows', '--format', form) for form in ('table', 'csv', 'json')]:
            self.assertIn(b'CT01', self.output(*arguments), arguments)

    def explain_all(self, command, column, views):
        ids = [row[column] for row in self.rows(command)]
        for name in ids:
            for view in views:
                self.check('explain ' + name, self.ask('explain', name, '--format=json', '--view', view).encode())
        for form in ('table', 'csv'):
            self.check('explain ' + ids[0], self.ask('explain', ids[0], '--format', form).encode())
        return len(ids)

    def test_explanations_of_exchanges_have_none(self):
        self.assertGreater(self.explain_all('flows', 'exchange_id', ['network']), 50)

    def test_explanations_of_findings_have_none(self):
        self.assertGreater(self.explain_all('findings', 'finding_id', ['network', 'ig']), 5)


class Running(Case):
    def test_the_journal_has_none_meanwhile(self):
        journal, largest = self.path('terrier.db-wal'), 0
        process = self.start('--workers', '1', '--read', *captures())
        deadline = time.monotonic() + WAIT_S
        while process.poll() is None:
            self.assertLess(time.monotonic(), deadline)
            with contextlib.suppress(FileNotFoundError), open(journal, 'rb') as f:
                content = f.read()
                self.check('the journal', content)
                largest = max(largest, len(content))
            time.sleep(0.05)
        self.assertGreater(largest, 10000)
        self.assertEqual(process.returncode, 0)
        self.check_files('terrier.db*')


support.main()
