#!/usr/bin/env python3
"""terrier assets suggest and rank, on the sample hospital: test_assets.py TERRIERD TERRIER"""
import csv
import io
import json
import os
import re
import unittest

import support
from support import TERRIER, Case, run

SAMPLE = os.path.join(support.HERE, os.pardir, os.pardir, 'contrib', 'sample')
# What the machines of the sample really are.
SYSTEMS = {
    'pas': '10.77.1.10', 'tie': '10.77.1.20', 'lims': '10.77.1.30', 'ris': '10.77.1.40', 'pacs': '10.77.1.50',
    'epr': '10.77.1.60', 'pharm': '10.77.1.70', 'fs01': '10.77.1.80', 'db01': '10.77.1.90', 'mail': '10.77.1.100',
    'portal': '10.77.1.110', 'ct01': '10.77.20.11', 'mr01': '10.77.20.12', 'directory': '10.77.1.5',
    'printers': '10.77.40.5', 'workstations-wards-and-clinics': '10.77.30.0/24',
    'monitor-data-centre-1': '10.77.1.120', 'file-store-data-centre-1': '10.77.1.130',
    'file-store-data-centre-2': '10.77.1.140', 'server-bedside-devices-1': '10.77.50.12',
    'workstations-10.77.240.0-24': '10.77.240.0/24',
}
OUTSIDE = {'gpconnect.example', 'ref-lab.example', 'spine.example'}
OBSERVED = {'asset_id', 'asset_name', 'asset_type', 'description', 'match_ip', 'match_hostname', 'match_dns_suffix',
            'match_ae_title', 'match_hl7_app', 'zone', 'hosting', 'kinds', 'categories_of_individuals',
            'categories_of_personal_data', 'personal_data', 'special_category', 'notes'}
ADDRESS = re.compile(r'\b10\.77\.\d+\.\d+(?!/24)(?![\d.-])')


class Assets(Case):
    def setUp(self):
        super().setUp()
        with open(os.path.join(SAMPLE, 'terrier.conf'), encoding='utf-8') as config:
            self.read(os.path.join(SAMPLE, 'hospital.pcap.gz'), config=config.read())

    def terrier(self, *args):
        return run(TERRIER, *args, '--database', self.database)

    def words(self, *args):
        return list(csv.DictReader(io.StringIO(self.ask('assets', *args, '--format=csv'), newline='')))

    def ids(self, *args):
        return {row['asset_id'] for row in self.words('suggest', *args)}

    def import_draft(self, *args):
        path = self.write('assets.csv', self.ask('assets', 'suggest', '--format=csv', *args))
        return self.ask('assets', 'import', path)

    def test_the_draft_names_the_systems_that_there_are(self):
        rows = self.words('suggest')
        self.assertEqual({row['asset_id']: row['match_ip'] for row in rows if row['asset_id'] not in OUTSIDE}, SYSTEMS)
        self.assertEqual({row['asset_id'] for row in rows if row['asset_type'] == 'external_party'}, OUTSIDE)
        self.assertEqual([row['asset_id'] for row in rows if row['asset_type'] == 'medical_device'], ['ct01', 'mr01'])
        pacs, = (row for row in rows if row['asset_id'] == 'pacs')
        self.assertEqual((pacs['asset_name'], pacs['zone'], pacs['match_ae_title']), ('PACS', 'Data centre', 'ZZPACS'))
        self.assertTrue(pacs['notes'].startswith('Proposed by Terrier from what was seen 2026-11-21 to 2026-11-21: '))
        self.assertTrue(pacs['notes'].endswith('Confirm or correct.'))

    def test_what_people_declare_stays_empty(self):
        for row in self.words('suggest'):
            self.assertLessEqual({name for name, text in row.items() if text}, OBSERVED, row['asset_id'])

    def test_import_takes_the_draft_as_it_is_and_then_nothing_is_left(self):
        export = self.ask('assets', 'export', '--format=csv').split('\n', 1)[0]
        draft = self.ask('assets', 'suggest', '--format=csv')
        self.assertEqual(draft.split('\n', 1)[0], export)
        self.assertIn(f'{len(SYSTEMS) + len(OUTSIDE)} new', self.import_draft())
        answer = json.loads(self.ask('assets', 'suggest', '--format=json'))
        self.assertEqual(answer['assets'], [])
        self.assertEqual(answer['query']['hosts_left_out_as_declared'], 25)
        # each host is its asset: no flow has an end that no asset is, but broadcasts
        for row in self.rows('flows', '--level=asset'):
            for end in ('source', 'destination'):
                self.assertTrue(row[end + '_asset_id'] or row[end + '_name'].startswith('['), row)

    def test_all_proposes_again_under_ids_that_are_free(self):
        self.import_draft()
        again = self.ids('--all')
        self.assertEqual(len(again), len(SYSTEMS) + len(OUTSIDE))
        self.assertFalse(again & (set(SYSTEMS) | OUTSIDE))
        self.assertIn('pacs-2', again)

    def test_the_draft_is_the_same_every_time(self):
        self.assertEqual(self.ask('assets', 'suggest', '--format=csv'), self.ask('assets', 'suggest', '--format=csv'))

    def test_options_choose_rows(self):
        self.assertEqual(self.ids('--zone=Imaging'), {'ct01', 'mr01'})
        self.assertEqual(self.ids('--zone=Outside'), OUTSIDE)
        self.assertEqual(self.ids('--with=10.77.1.50'), {'pacs'})
        self.assertEqual(len(self.words('suggest', '--limit=2')), 2)
        refused = self.terrier('assets', 'suggest', '--kind=img.study')
        self.assertEqual((refused.status, refused.out), (2, ''))

    def test_the_table_is_for_people(self):
        lines = self.ask('assets', 'suggest').splitlines()
        self.assertEqual(lines[0].split(), ['ID', 'Name', 'Type', 'Hosts', 'Why'])
        lims, = (line for line in lines if line.startswith('lims '))
        self.assertIn('HL7 application LIMS^ZZTRUST, host name lims.trust.example', lims)

    def test_the_view_for_governance_tells_no_address(self):
        out = self.ask('assets', 'suggest', '--view=ig', '--format=csv')
        self.assertEqual(ADDRESS.findall(out), [])
        self.assertEqual({row['match_ip'] for row in self.words('suggest', '--view=ig')}, {''})
        self.assertEqual(self.ids('--view=ig'), set(SYSTEMS) | OUTSIDE)
        self.assertIn('take --view network for a file to import', self.ask('assets', 'suggest', '--view=ig'))
        for word in ('suggest', 'rank'):
            refused = self.terrier('assets', word, '--view=public')
            self.assertEqual((refused.status, refused.out), (2, ''))
            self.assertIn('--view network or --view ig', refused.err)

    def test_a_score_is_the_sum_of_its_terms_and_says_why(self):
        self.import_draft()
        terms = [line.split()[0] for line in self.ask('assets', '--help').split('The score of rank')[1]
                 .split('\n\n')[0].splitlines()[1:]]
        self.assertEqual(len(terms), 8)
        rows = self.words('rank')
        self.assertEqual([row['asset_id'] for row in rows[:3]], ['tie', 'epr', 'portal'])
        self.assertEqual(rows, sorted(rows, key=lambda row: -int(row['score'])))
        for row in rows:
            self.assertEqual(int(row['score']), sum(int(row[term]) for term in terms), row)
            for term in terms:
                self.assertEqual(row[term] != '0', row[term + '_why'] != '', row)
                if row[term] != '0':
                    self.assertIn(f"{row[term]}: {row[term + '_why']}", row['how'])
        epr = rows[1]
        self.assertEqual((epr['tier'], epr['external'], epr['backup_why']), ('30', '5', 'no backup was seen'))

    def test_what_is_declared_changes_the_rank(self):
        before = {row['asset_id']: int(row['score']) for row in self.words('rank')}
        self.assertEqual(set(before), {''})
        self.import_draft()
        plain = {row['asset_id']: int(row['score']) for row in self.words('rank')}
        self.terrier('assets', 'import', self.write('more.csv', 'asset_id,asset_name,asset_type,match_ip,criticality\n'
                                                    'ct01,CT,medical_device,10.77.20.11,5\n'))
        ct, = (row for row in self.words('rank') if row['asset_id'] == 'ct01')
        self.assertEqual(ct['criticality'], '20')
        self.assertEqual(ct['criticality_why'], 'declared criticality 5 of 5')
        self.assertGreater(int(ct['score']), plain['ct01'])

    def test_rank_is_asked_by_zone_and_kind_and_told_alike_in_both_views(self):
        self.import_draft()
        self.assertEqual({row['asset_id'] for row in self.words('rank', '--zone=Imaging')}, {'ct01', 'mr01'})
        self.assertIn('pacs', {row['asset_id'] for row in self.words('rank', '--kind=img.study')})
        self.assertNotIn('pas', {row['asset_id'] for row in self.words('rank', '--kind=img.study')})
        self.assertEqual([(row['asset_id'], row['score']) for row in self.words('rank')],
                         [(row['asset_id'], row['score']) for row in self.words('rank', '--view=ig')])
        self.assertEqual(ADDRESS.findall(self.ask('assets', 'rank', '--view=ig', '--format=csv')), [])
        self.assertEqual(len(self.words('rank', '--limit=3')), 3)


if __name__ == '__main__':
    support.main()
