#!/usr/bin/env python3
"""Declared against observed, on the sample: test_reconcile.py TERRIERD TERRIER

The sample's hospital with a small register: statuses, levels, options that select, and what each view leaves out."""
import csv
import io
import os
import re
import tempfile

import support
from support import TERRIER, TERRIERD, Case, run

SAMPLE = os.path.join(support.HERE, os.pardir, os.pardir, 'contrib', 'sample')
ASSETS = """\
asset_id,asset_name,asset_type,match_ip,match_hostname,match_dns_suffix,match_ae_title,match_hl7_app,match_port,organisation,zone,kinds
A-PAS,Patient administration,system,10.77.1.10,,,,,,Trust,Data centre,
A-TIE,Integration engine,system,,,,,TIE^ZZTRUST,,Trust,Data centre,
A-EPR,Patient record,system,,,,,EPR,,Trust,Data centre,clin.*
A-PACS,Image archive,system,,pacs,,,,,Trust,Imaging,
A-RIS,Radiology,system,,,,RISMWL,,,Trust,Data centre,
A-PHARM,Pharmacy,system,10.77.1.70/32,,,,,,Trust,Data centre,
A-FS,File store,system,,fs0?,,,,,Trust,Data centre,pat.identity
A-DNS,Name server,service,10.77.1.5,,,,,53,Trust,Data centre,
A-SPINE,National services,external_party,,,spine.example,,,,NHS England,,
A-LOST,Old results server,system,10.77.1.250,,,,,,Trust,Data centre,
"""
DECLARED = """\
source_asset_id,destination_asset_id,kind_id,encrypted_in_transit,retired_on,purpose
A-EPR,A-TIE,clin.*,no,,Direct care
A-RIS,A-PACS,img.report,yes,,Direct care
A-EPR,A-PHARM,med.prescription,,2026-01-01,Direct care
A-PAS,A-LOST,lab.result,,,Direct care
A-PAS,A-LOST,lab.order,,2026-01-01,Direct care
A-TIE,A-RIS,clin.order,,,Direct care
"""
# the hosts of the sample that only ever ask, by name and address
CLIENTS = ['ct01', 'CLINICUS', 'ward7-pc1', '10.77.20.11', '10.77.30.21', '10.77.30.22']
ADDRESS = re.compile(r'(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d./])')


class Reconcile(Case):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='terrier-test-')
        cls.addClassCleanup(cls.folder.cleanup)
        cls.database = cls.path('terrier.db')
        done = run(TERRIERD, '--config', os.path.join(SAMPLE, 'terrier.conf'), '--read',
                   os.path.join(SAMPLE, 'hospital.pcap.gz'), '--database', cls.database)
        assert done.status == 0, done.err
        for command, name, text in (('assets', 'assets.csv', ASSETS), ('declare', 'declared.csv', DECLARED)):
            with open(cls.path(name), 'w', encoding='utf-8') as out:
                out.write(text)
            done = cls.terrier(command, 'import', cls.path(name))
            assert done.status == 0, done.err

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder.name, name)

    @classmethod
    def terrier(cls, *args):
        return run(TERRIER, *args, '--database', cls.database)

    def text(self, *args):
        done = self.terrier('flows', *args, '--format', 'csv')
        self.assertEqual((done.status, done.err), (0, ''), args)
        return done.out

    def flows(self, *args, level='asset'):
        return list(csv.DictReader(io.StringIO(self.text('--level', level, *args))))

    def keys(self, *args, level='asset'):
        return {(r['source_asset_id'] or r['source_name'], r['destination_asset_id'] or r['destination_name'],
                 r['kind_id']) for r in self.flows(*args, level=level)}

    def one(self, source, destination, kind, *args):
        found = [r for r in self.flows(*args)
                 if (r['source_asset_id'], r['destination_asset_id'], r['kind_id']) == (source, destination, kind)]
        self.assertEqual(len(found), 1, (source, destination, kind))
        return found[0]

    def test_what_is_declared_and_seen_has_both_sides(self):
        row = self.one('A-EPR', 'A-TIE', 'clin.order')
        self.assertEqual((row['status'], row['differences'], row['purpose'], row['messages'], row['encrypted_in_transit']),
                         ('declared_and_observed', '', 'Direct care', '40', 'no'))
        self.assertEqual((row['source_zone'], row['source_organisation'], row['leaves_organisation'], row['crosses_zone']),
                         ('Data centre', 'Trust', 'no', 'no'))
        row = self.one('A-RIS', 'A-PACS', 'img.report')
        self.assertEqual((row['status'], row['differences']),
                         ('declared_and_observed', 'encryption: declared yes, observed no; '
                          'zone: A-PACS is declared in Imaging and was observed in Data centre'))

    def test_statuses_choose(self):
        self.assertEqual(self.keys('--status', 'retired'), {('A-PAS', 'A-LOST', 'lab.order')})
        self.assertEqual(self.keys('--status', 'declared_not_observed'),
                         {('A-PAS', 'A-LOST', 'lab.result'), ('A-TIE', 'A-RIS', 'clin.order')})
        self.assertEqual(self.keys('--status', 'declared_and_observed'),
                         {('A-EPR', 'A-TIE', 'clin.order'), ('A-EPR', 'A-TIE', 'clin.document'),
                          ('A-RIS', 'A-PACS', 'img.report')})
        retired = self.one('A-EPR', 'A-PHARM', 'med.prescription')
        self.assertEqual((retired['status'], retired['differences']),
                         ('observed_only', 'retired on 2026-01-01 and observed'))
        count = [len(self.flows('--status', s)) for s in ('declared_and_observed', 'observed_only', 'retired',
                                                          'declared_not_observed')]
        self.assertEqual(sum(count), len(self.flows()))
        done = self.terrier('flows', '--status', 'lost')
        self.assertEqual((done.status, done.out), (2, ''))
        self.assertIn("option --status: 'lost': write declared_and_observed", done.err)

    def test_what_was_not_seen_says_whether_its_path_was_watched(self):
        self.assertEqual(self.one('A-PAS', 'A-LOST', 'lab.result')['coverage_note'],
                         'never seen; not seen on 1 day watched; only one end was seen at all: the path may not be '
                         'watched')
        watched = ('never seen; not seen on 1 day watched; both ends were seen with other traffic: what goes between '
                   'them passes the watched points or should')
        for args in (), ('--kind', 'clin.order'), ('--zone', 'Data centre'), ('--with', 'A-TIE'):
            self.assertEqual(self.one('A-TIE', 'A-RIS', 'clin.order', *args)['coverage_note'], watched, args)

    def test_a_filter_never_makes_what_was_seen_unseen(self):
        """A-PACS is declared in Imaging and was seen elsewhere: asking for that zone must not lose what it did."""
        self.assertEqual(self.keys('--zone', 'Imaging', '--status', 'declared_not_observed'), set())
        everything = {(r['flow_id'], r['status'], r['messages']) for r in self.flows()}
        for args in (('--zone', 'Imaging'), ('--kind', 'clin.*'), ('--with', 'A-EPR'), ('--from', 'pas.trust.example'),
                     ('--with', '10.77.1.60')):
            chosen = {(r['flow_id'], r['status'], r['messages']) for r in self.flows(*args)}
            self.assertLess(set(), chosen, args)
            self.assertLess(chosen, everything, args)

    def test_an_asset_is_asked_for_by_id_or_name_at_either_end(self):
        with_epr = self.keys('--with', 'a-epr')
        self.assertEqual(with_epr, self.keys('--with', 'Patient record'))
        self.assertEqual(with_epr, {k for k in self.keys() if 'A-EPR' in k})
        self.assertEqual({k[0] for k in self.keys('--from', 'A-TIE', '--kind', 'clin.*')}, {'A-TIE'})
        self.assertEqual({k[1] for k in self.keys('--to', 'A-LOST')}, {'A-LOST'})
        both = {(r['source_asset_id'], r['destination_asset_id']) for r in self.flows('--from', 'A-SPINE')}
        self.assertIn(('A-TIE', 'A-SPINE'), both)  # information of both ways comes from either end
        self.assertEqual(self.terrier('flows', '--level', 'asset', '--with', 'A-NOBODY', '--format', 'csv').out.count('\n'), 1)

    def test_a_narrowing_port_keeps_other_services_apart(self):
        sent = {k[2] for k in self.keys() if k[0] == 'A-DNS'}
        self.assertEqual(sent, {'inf.dns'})
        self.assertIn('inf.directory', {r['kind_id'] for r in self.flows() if '10.77.1.5' in r['source_addresses']})

    def test_kinds_without_a_tier_take_what_their_ends_hold(self):
        row = next(r for r in self.flows('--from', 'A-FS') if r['kind_id'] == 'inf.fileshare')
        self.assertEqual((row['sensitivity_tier'], row['declared_kinds']), ('3', 'pat.identity'))

    def test_levels_fold(self):
        zones = {(r['source_name'], r['destination_name'], r['kind_id']): r for r in self.flows(level='zone')}
        orders = zones['Data centre', 'Data centre', 'clin.order']
        self.assertEqual((orders['status'], orders['source_asset_id'], orders['source_addresses']),
                         ('declared_not_observed', '', ''))
        self.assertIn('1 declared_not_observed', orders['differences'])
        organisations = {(r['source_name'], r['destination_name']) for r in self.flows(level='organisation')}
        self.assertIn(('Trust', 'NHS England'), organisations)
        self.assertIn(('Trust', 'Trust'), organisations)
        messages = sum(int(r['messages'] or 0) for r in self.flows())
        for level in 'zone', 'organisation':
            self.assertEqual(sum(int(r['messages'] or 0) for r in self.flows(level=level)), messages, level)

    def test_the_ig_and_public_views_tell_no_client_no_address_and_no_exchange(self):
        asset, zone, organisation = (('--level', level) for level in ('asset', 'zone', 'organisation'))
        for args in (('--view', 'ig'), ('--view', 'ig', *asset), ('--view', 'ig', *zone), ('--view', 'public'),
                     ('--view', 'ig', *asset, '--pseudonyms', self.key()), ('--view', 'public', *zone),
                     ('--view', 'public', *organisation), ('--view', 'public', *organisation, '--system-names')):
            text = self.text(*args)
            self.assertGreater(text.count('\n'), 3, args)
            self.assertIsNone(ADDRESS.search(text), args)
            for client in CLIENTS:
                self.assertNotIn(client, text, args)
            if '--level' in args:
                self.assertNotRegex(text, r'\bX-[0-9a-z]{12}', args)
        self.assertIn(r'share \\(address)\RADIOLOGYIMPORT', self.text('--view', 'ig', *asset))
        self.assertRegex(self.text('--level', 'asset'), r'\bX-[0-9a-z]{12}')
        self.assertIn('Clients of Wards and clinics', self.text('--view', 'ig', *asset))
        self.assertNotRegex(self.text('--view', 'public', *organisation), r'\bF-[0-9a-z]{12}')
        self.assertNotIn('Integration engine', self.text('--view', 'public', *organisation))
        self.assertIn('Integration engine', self.text('--view', 'public', *organisation, '--system-names'))
        self.assertEqual(self.text('--view', 'public', *asset), self.text('--view', 'public', *organisation))

    def key(self, octets=b'0123456789abcdef'):
        path = self.path('key-%d' % (hash(octets) & 0xffffff))
        with open(path, 'wb') as out:
            out.write(octets)
        return path

    def pseudonyms(self, key):
        return set(re.findall(r'client-[0-9a-z]{8}', self.text('--view', 'ig', '--level', 'asset', '--pseudonyms', key)))

    def test_pseudonyms_are_the_keys(self):
        one = self.pseudonyms(self.key())
        self.assertEqual(len(one), 3)  # as many as there are clients
        self.assertEqual(self.pseudonyms(self.key()), one)
        self.assertEqual(self.pseudonyms(self.key(b'another key of 24 octets')) & one, set())

    def test_a_key_that_is_none_is_refused(self):
        for key, reason in ((self.path('none'), 'No such file'), (self.key(b'short'), 'a key of 5 octets, too short'),
                            (self.key(b''), 'a key of 0 octets, too short')):
            done = self.terrier('flows', '--view', 'ig', '--level', 'asset', '--pseudonyms', key)
            self.assertEqual((done.status, done.out), (2, ''))
            self.assertRegex(done.err, r'^terrier: option --pseudonyms: \S+: %s.*head -c 32 /dev/urandom' % reason)
            self.assertEqual(done.err.count('\n'), 1)

    def test_a_window_knows_the_past(self):
        rows = {(r['source_asset_id'], r['destination_asset_id'], r['kind_id']): r
                for r in self.flows('--since', '2026-11-22')}
        self.assertEqual({r['status'] for r in rows.values()}, {'declared_not_observed', 'retired'})
        self.assertRegex(rows['A-EPR', 'A-TIE', 'clin.*']['coverage_note'], '^last seen 2026-11-21; not seen on 0 days')
        self.assertRegex(rows['A-TIE', 'A-RIS', 'clin.order']['coverage_note'], '^never seen; ')


support.main()
