#!/usr/bin/env python3
"""The map with and without a register, on the sample: test_map.py TERRIERD TERRIER"""
import csv
import io
import os
import re
import shutil
import tempfile

import support
from support import TERRIER, TERRIERD, Case, run

SAMPLE = os.path.join(support.HERE, os.pardir, os.pardir, 'contrib', 'sample')
DASHED = 'stroke-dasharray="7 5"'
ARROW = re.compile(r'<g id="arrow-\d+" role="img" aria-label="([^"]*)" data-flows="([^"]*)">(.*?)</g>', re.S)


class Map(Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='terrier-test-')
        cls.addClassCleanup(cls.folder.cleanup)
        cls.database = cls.path('terrier.db')
        done = run(TERRIERD, '--config', os.path.join(SAMPLE, 'terrier.conf'), '--sensor', 'sample', '--read',
                   os.path.join(SAMPLE, 'hospital.pcap.gz'), '--database', cls.database)
        assert done.status == 0, done.err
        for command, name in (('assets', 'assets.csv'), ('declare', 'declared.csv')):
            done = cls.terrier(command, 'import', os.path.join(SAMPLE, name))
            assert done.status == 0, done.err

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder.name, name)

    @classmethod
    def terrier(cls, *args):
        return run(TERRIER, *args, '--database', cls.database)

    def draw(self, *args, form='svg'):
        done = self.terrier('map', '--format', form, *args)
        self.assertEqual((done.status, done.err), (0, ''), args)
        return done.out

    def arrows(self, *args):
        """[(words, ids of flows, drawing)]"""
        return [(words, ids.split('; '), drawing) for words, ids, drawing in ARROW.findall(self.draw(*args))]

    def flows(self, *args):
        done = self.terrier('flows', '--level', 'asset', '--view', 'ig', '--format', 'csv', *args)
        self.assertEqual(done.status, 0, done.err)
        return {row['flow_id']: row for row in csv.DictReader(io.StringIO(done.out))}

    def test_without_a_register_the_map_is_what_it_was(self):
        with open(os.path.join(support.GOLDEN, 'map', 'sample-ig.dot'), encoding='utf-8') as golden:
            self.assertEqual(self.draw('--register', self.path('none.db'), form='dot'), golden.read())

    def test_each_flow_of_the_register_is_drawn_by_its_status(self):
        rows, seen = self.flows(), set()
        for words, ids, drawing in self.arrows('--all'):
            for flow in ids:
                status = rows[flow]['status']
                seen.add(flow)
                self.assertEqual(status == 'declared_not_observed', DASHED in drawing, words)
                self.assertIn({'declared_and_observed': 'declared and observed',
                               'observed_only': 'observed, not declared',
                               'declared_not_observed': 'declared, not observed'}[status], words)
        self.assertEqual(seen, set(rows))

    def test_one_status_alone_is_drawn(self):
        for status in ('declared_and_observed', 'observed_only', 'declared_not_observed'):
            page = self.draw('--all', '--status', status)
            ids = {flow for _, flows, _ in ARROW.findall(page) for flow in flows.split('; ')}
            self.assertEqual(ids, set(self.flows('--status', status)), status)
            self.assertIn(f'only status {status}', page)
            self.assertEqual('>!</text>' in page, status == 'observed_only')

    def test_ids_are_in_print_where_there_is_room(self):
        page = self.draw('--status', 'declared_not_observed')
        for flow in self.flows('--status', 'declared_not_observed'):
            self.assertIn(f'>{flow}</text>', page)
        for asset in ('A-LIMS', 'X-REFLAB'):
            self.assertIn(f'>{asset}</text>', page)
            self.assertIn(f'data-asset="{asset}"', page)

    def test_the_page_is_a_record_that_nobody_has_signed(self):
        page = self.draw('--marking', 'TEST MARK')
        for words in ('Example Trust (ODS RXX); Systems by zone', '>Version: register of 22 records, head ',
                      '>Produced on 2', '>First review due of what is on it: 2', '>Author (role):<', '>Reviewer (role):<',
                      '>Approved by (role):<', '>Signature and date:<', 'terrier export flows', '>medical device<',
                      '>Outside, in the UK<', '>A-BACKUP, holds backups<'):
            self.assertIn(words, page)
        self.assertEqual(page.count('>TEST MARK<'), 2)
        head = re.search(r'>register head ([0-9a-f]+)', page)[1]
        self.assertIn(re.search(r'records, head ([0-9a-f]+)', page)[1], head)
        self.assertEqual(page, self.draw('--marking', 'TEST MARK'))

    def test_a_rejected_flow_has_a_sign_of_its_own(self):
        shutil.copy(self.path('register.db'), self.path('rejected.db'))
        flow = next(iter(self.flows('--from', 'A-LIMS', '--to', 'A-TIE')))
        mine = ('--register', self.path('rejected.db'))
        done = self.terrier('review', 'reject', flow, '--role', 'SIRO', '--reason', 'no agreement', *mine)
        self.assertEqual(done.status, 0, done.err)
        words = [words for words, ids, _ in self.arrows('--from', 'A-LIMS', '--to', 'A-TIE', *mine) if flow in ids]
        self.assertEqual(len(words), 1)
        self.assertIn('rejected by a decision', words[0])
        self.assertIn('>rejected by a decision</text>', self.draw('--from', 'A-LIMS', *mine))
        self.assertNotIn('rejected by a decision<', self.draw('--from', 'A-LIMS'))

    def test_the_public_view_tells_nothing_of_the_register(self):
        page = self.draw('--view', 'public', '--level', 'asset', form='dot')
        for words in ('A-PAS', 'F-', 'Patient administration', 'declared, not observed'):
            self.assertNotIn(words, page)

    def test_the_network_view_of_assets_adds_addresses_and_ports(self):
        text = self.draw('--view', 'network', '--level', 'asset', '--all', form='dot')
        self.assertIn('A-PAS, 10.77.1.10', text)
        self.assertIn('tcp/2575', text)
        self.assertIn('declared, not observed', text)

    def test_a_status_that_cannot_be_drawn_is_refused(self):
        for args in (['--status', 'open'], ['--status', 'observed_only', '--level', 'host'],
                     ['--status', 'observed_only', '--view', 'public'],
                     ['--status', 'observed_only', '--register', self.path('none.db')]):
            done = self.terrier('map', *args)
            self.assertEqual((done.status, done.out, done.err.count('\n')), (2, '', 1), args)
            self.assertIn('--status', done.err)

    def test_every_format_is_written(self):
        for form, begin in (('pdf', b'%PDF-'), ('png', b'\x89PNG'), ('dot', b'digraph')):
            path = self.path('map.' + form)
            self.assertEqual(self.terrier('map', '--output', path).status, 0)
            with open(path, 'rb') as written:
                self.assertEqual(written.read(len(begin)), begin)


if __name__ == '__main__':
    support.main()
