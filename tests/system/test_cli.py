#!/usr/bin/env python3
"""Tests of the program terrier as people and scripts run it: test_cli.py TERRIER FILLDB."""
import contextlib
import csv
import io
import json
import os
import pty
import re
import sqlite3
import stat
import subprocess
import sys
import tempfile
import unittest

TERRIER, FILLDB = sys.argv[1:3]
COLUMNS = ('exchange_id source_name source_address destination_name destination_address direction initiated_by '
           'transport server_port protocol kind_id kind tier confidence encrypted connections messages '
           'bytes_to_destination bytes_to_source first_seen last_seen evidence segment sensor').split()
HAS_SVG = re.search(rb'--format F .*svg', subprocess.run([TERRIER, 'map', '--help'], capture_output=True, check=True).stdout)
COMMANDS = ['status', 'map', 'flows', 'hosts', 'kinds', 'findings', 'explain', 'verify']
FINDING_COLUMNS = ('finding_id rule_id title severity confidence category status source_asset_id destination_asset_id '
                   'flow_id kind_id what_was_observed why_it_matters recommended_action control_refs first_seen last_seen '
                   'occurrences owner_role due_date decision decided_by_role decided_on risk_ref evidence_ref limits '
                   'reason decision_lapsed').split()


class Result:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()


def run(*args, env=None, **more):
    environment = dict(os.environ, LC_ALL='C', **(env or {}))
    if 'TERRIER_DATABASE' not in (env or {}):
        environment.pop('TERRIER_DATABASE', None)
    return Result(subprocess.run([TERRIER, *args], capture_output=True, env=environment, timeout=60, **more))


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.database = cls.path('terrier.db')
        subprocess.run([FILLDB, cls.database], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder.name, name)

    def ask(self, *args):
        result = run(*args, '--database', self.database)
        self.assertEqual((result.status, result.err), (0, ''), args)
        return result.out

    def rows(self, *args):
        return list(csv.DictReader(io.StringIO(self.ask(*args, '--format=csv'), newline='')))

    def refused(self, args, *words, status=2):
        result = run(*args)
        self.assertEqual(result.status, status, (args, result.err))
        self.assertEqual(result.out, '')
        self.assertTrue(result.err.startswith('terrier: '), result.err)
        self.assertEqual(result.err.count('\n'), 1, result.err)
        for word in words:
            self.assertIn(word, result.err)


class CommandLine(Case):
    def test_help_fits_a_screen_and_names_every_command(self):
        result = run('--help')
        self.assertEqual((result.status, result.err), (0, ''))
        self.assertLessEqual(result.out.count('\n'), 24)
        self.assertLessEqual(max(map(len, result.out.splitlines())), 80)
        for command in COMMANDS:
            self.assertIn('\n  ' + command + ' ', result.out)

    def test_every_command_has_help_both_ways(self):
        for command in COMMANDS:
            result = run(command, '--help')
            self.assertEqual(result.status, 0)
            self.assertEqual(result.out, run('help', command).out)
            self.assertEqual(result.out, run('--help', command).out)
            self.assertTrue(result.out.startswith('Usage: terrier ' + command))
            self.assertLessEqual(result.out.count('\n'), 40)
            self.assertLessEqual(max(map(len, result.out.splitlines())), 100)

    def test_versions_of_all_libraries(self):
        out = run('--version').out
        self.assertRegex(out, r'\Aterrier \d+\.\d+\.\d+\n')
        for library in ('libpcap', 'nDPI', 'SQLite', 'Graphviz'):
            self.assertRegex(out, r'(?m)^' + library + r'\D* \d+\.\d+')

    def test_mistakes_are_one_line_with_the_nearest_name(self):
        self.refused([], '--help')
        self.refused(['flow'], 'terrier flows')
        self.refused(['xyzzy'], '--help')
        self.refused(['flows', '--kidn', 'x'], '--kind')
        self.refused(['flows', '--kidn=x'], '--kind')
        self.refused(['flows', '-x'], '-x')
        self.refused(['flows', '--format'], 'missing')
        self.refused(['flows', '--from='], 'empty')
        self.refused(['map', '--all=yes'], 'no value')
        self.refused(['flows', '--kind', 'a', '--kind', 'b'], 'twice')
        self.refused(['flows', 'extra'], 'extra')
        self.refused(['flows', '--', '--kind'], '--kind')
        self.refused(['flows', '--limit', '0'], '--limit')
        self.refused(['flows', '--limit', '-3'], '--limit')
        self.refused(['flows', '--limit', '99999999999999999999'], '--limit')
        self.refused(['flows', '--view', 'all'], 'network, ig or public')
        self.refused(['flows', '--title', 'x'], 'does not take it')
        self.refused(['map', '--dpi', '9999'], '--dpi')
        self.refused(['explain'], 'one id')
        self.refused(['explain', 'a', 'b'], 'one id')

    def test_a_level_that_maps_do_not_have_is_refused_not_ignored(self):
        self.refused(['map', '--level', 'organisation', '--database', self.database], 'organisation')

    def test_options_may_stand_before_the_command_and_take_an_equals_sign(self):
        self.assertEqual(run('--database=' + self.database, 'flows', '--format=csv').out,
                         self.ask('flows', '--format', 'csv'))

    def test_the_database_may_come_from_the_environment(self):
        result = run('flows', '--format=csv', env={'TERRIER_DATABASE': self.database})
        self.assertEqual((result.status, result.out), (0, self.ask('flows', '--format=csv')))
        other = run('flows', '--database', self.database, env={'TERRIER_DATABASE': '/nowhere'})
        self.assertEqual(other.status, 0)


class Databases(Case):
    def test_what_is_missing_or_no_database_is_said(self):
        text = self.path('text.db')
        with open(text, 'w') as f:
            f.write('hello, this is no database at all\n' * 100)
        for command in (['flows'], ['hosts'], ['kinds'], ['findings'], ['status'], ['explain', 'N-a'], ['explain', 'X-a']) + ((['map'],) if HAS_SVG else ()):
            self.refused(command + ['--database', self.path('missing.db')], 'missing.db')
            self.refused(command + ['--database', text], 'text.db')
            self.refused(command + ['--database', self.folder.name], self.folder.name)
        self.assertFalse(os.path.exists(self.path('missing.db')))

    def test_a_newer_or_foreign_database_is_refused(self):
        for pragma in ('user_version = 9999', 'application_id = 1'):
            path = self.path(pragma.split()[0] + '.db')
            subprocess.run([FILLDB, path], check=True)
            with contextlib.closing(sqlite3.connect(path)) as db:
                db.execute('PRAGMA ' + pragma)
                db.commit()
            self.refused(['flows', '--database', path], path)

    @unittest.skipIf(os.geteuid() == 0, 'root may read everything')
    def test_what_may_not_be_read_is_said(self):
        secret = self.path('secret.db')
        subprocess.run([FILLDB, secret], check=True)
        os.chmod(secret, 0)
        self.refused(['flows', '--database', secret], 'secret.db', status=1)

    def test_an_empty_database_gives_empty_answers(self):
        empty = self.path('empty.db')
        subprocess.run([FILLDB, empty, 'empty'], check=True)
        result = run('flows', '--database', empty, '--format', 'csv')
        self.assertEqual((result.status, result.out), (0, ','.join(COLUMNS) + '\r\n'))
        self.assertEqual(json.loads(run('flows', '--database', empty, '--format', 'json').out)['flows'], [])
        for command in ['flows', 'hosts', 'kinds', 'findings', 'status'] + ['map'] * bool(HAS_SVG):
            since = [] if command == 'status' else ['--since', '7d']
            result = run(command, '--database', empty, *since)
            self.assertEqual((result.status, result.err), (0, ''), command)


class Flows(Case):
    def test_the_columns_are_those_of_the_contract(self):
        out = self.ask('flows', '--format', 'csv')
        self.assertEqual(out.split('\r\n')[0], ','.join(COLUMNS))
        self.assertEqual(out.count('\r\n'), 1 + 8)
        self.assertNotIn('\n', out.replace('\r\n', ''))

    def test_a_row_says_all_that_was_seen(self):
        row, = self.rows('flows', '--kind', 'pat.encounter')
        self.assertRegex(row.pop('exchange_id'), r'^X-[0-9a-z]{12}$')
        self.assertEqual(row.pop('evidence'), 'HL7 ADT^A01 ×12; ADT^A08 ×4')
        self.assertEqual(row, {
            'source_name': 'tie.trust.example', 'source_address': '10.77.1.20', 'destination_name': 'lims.trust.example',
            'destination_address': '10.77.1.30', 'direction': 'one_way', 'initiated_by': 'source', 'transport': 'tcp',
            'server_port': '2575', 'protocol': 'HL7v2', 'kind_id': 'pat.encounter',
            'kind': 'Admissions, discharges and transfers', 'tier': '3', 'confidence': 'high', 'encrypted': 'no',
            'connections': '40', 'messages': '16', 'bytes_to_destination': '7100', 'bytes_to_source': '1200',
            'first_seen': '2026-11-21T15:00:00Z', 'last_seen': '2026-11-21T16:30:00Z', 'segment': '',
            'sensor': 'span-a'})

    def test_what_is_unknown_or_absent_is_empty_or_said(self):
        by_kind = {row['kind_id']: row for row in self.rows('flows')}
        icmp = by_kind['inf.monitoring']
        self.assertEqual((icmp['transport'], icmp['server_port'], icmp['messages'], icmp['direction'],
                          icmp['initiated_by']), ('icmp', '', '', 'both', 'source'))
        other = by_kind['unk.other']
        self.assertEqual((other['initiated_by'], other['encrypted'], other['tier'], other['destination_address']),
                         ('unknown', 'unknown', 'unknown', '[203.0.113.0/24]'))
        self.assertEqual(by_kind['unk.encrypted']['initiated_by'], 'destination')

    def test_a_formula_is_made_text(self):
        row, = self.rows('flows', '--kind', 'img.study')
        self.assertEqual(row['source_name'], "'=CT01")

    def test_json_is_one_object_with_exact_integers(self):
        answer = json.loads(self.ask('flows', '--format', 'json', '--kind', 'img.*', '--since', '24h'))
        self.assertEqual(set(answer), {'version', 'query', 'coverage', 'flows'})
        self.assertEqual(answer['query']['kind'], 'img.*')
        self.assertEqual(answer['query']['since'], '2026-11-20T18:30:00Z')
        self.assertEqual(answer['coverage']['packets'], 123456)
        self.assertEqual(answer['coverage']['kernel_drops'], 3)
        self.assertIn('not configured', answer['coverage']['inside_and_outside'])
        flow, = answer['flows']
        self.assertEqual(list(flow), COLUMNS)
        self.assertEqual((flow['server_port'], flow['bytes_to_destination'], flow['source_name']),
                         (104, 126000000, '=CT01'))

    def test_ends_are_chosen_by_address_block_and_any_name(self):
        def count(*args):
            return len(self.rows('flows', *args))
        self.assertEqual(count('--with', '10.77.1.50'), 1)
        self.assertEqual(count('--from', '10.77.1.50'), 0)
        self.assertEqual(count('--to', '10.77.1.50'), 1)
        self.assertEqual(count('--from', '10.77.1.0/24'), 6)  # one goes both ways
        self.assertEqual(count('--from', '10.77.1.0/24', '--to', '10.77.30.0/24'), 2)
        self.assertEqual(count('--with', 'zzpacs'), 1)
        self.assertEqual(count('--with', 'pacs.trust.example'), 1)
        self.assertEqual(count('--with', 'PACS'), 1)
        self.assertEqual(count('--with', 'pac'), 0)
        self.assertEqual(count('--from', 'tie'), 1)
        self.assertEqual(count('--with', 'outlook.office365.com'), 1)
        self.assertEqual(count('--with', '[outlook.office365.com]'), 1)
        self.assertEqual(count('--with', '203.0.113.77'), 1)
        self.assertEqual(count('--with', '203.0.112.0/20'), 1)
        self.assertEqual(count('--with', 'broadcast'), 1)
        self.assertEqual(count('--from', '10.77.1.5'), 1)
        self.assertEqual(count('--to', 'fd00:77::/64'), 1)
        self.assertEqual(count('--from', 'nobody.example'), 0)

    def test_what_cannot_be_an_end_is_refused(self):
        for x in ('10.77.1.5/8', '10.77.1', '10.77.1.0/33', 'fd00::/129', '10.77.1.300', 'fe80:::1'):
            self.refused(['flows', '--database', self.database, '--with', x], x)

    def test_kinds_and_groups(self):
        self.assertEqual(len(self.rows('flows', '--kind', 'img.*')), 1)
        self.assertEqual(len(self.rows('flows', '--kind', 'inf.*')), 3)
        self.refused(['flows', '--database', self.database, '--kind', 'img.stuyd'], 'img.study')
        self.refused(['flows', '--database', self.database, '--kind', 'img'], "'img.*'")
        self.refused(['flows', '--database', self.database, '--kind', 'zzz.*'], 'terrier kinds')

    def test_zones(self):
        self.assertEqual(len(self.rows('flows', '--zone', 'wards')), 3)
        self.assertEqual(len(self.rows('flows', '--zone', '10.77.30.0/24')), 3)
        self.assertEqual(len(self.rows('flows', '--zone', 'Outside')), 2)
        self.refused(['flows', '--database', self.database, '--zone', 'Imagin'], 'Imaging')

    def test_windows(self):
        self.assertEqual(len(self.rows('flows', '--since', '30m')), 3)
        self.assertEqual(len(self.rows('flows', '--until', '2026-11-21T16:00')), 1)
        row, = self.rows('flows', '--until', '2026-11-21T16:00')
        self.assertEqual(row['messages'], '12')
        self.assertEqual(len(self.rows('flows', '--since', '2027-01-01')), 0)
        self.refused(['flows', '--database', self.database, '--since', 'yesterday'], '--since')
        self.refused(['flows', '--database', self.database, '--since', '1h', '--until', '2h'], '--until')

    def test_the_ig_view_hides_addresses_of_systems(self):
        out = self.ask('flows', '--view', 'ig', '--format', 'csv')
        self.assertIsNone(re.search(r'10\.77\.\d+\.[1-9]', out))
        self.assertIn('Wards', out)
        self.assertIn('[outlook.office365.com]', out)
        self.assertIn('epr.trust.example', out)

    def test_the_public_view_tells_organisations_and_kinds_only(self):
        rows = self.rows('flows', '--view', 'public')
        self.assertEqual(list(rows[0]), COLUMNS)
        self.assertTrue(all(row['exchange_id'] == row['evidence'] == row['protocol'] == '' for row in rows))
        merged, = [row for row in rows if row['kind_id'] == 'unk.encrypted']
        self.assertEqual((merged['source_name'], merged['destination_name'], merged['connections']),
                         ('This organisation', 'This organisation', '20'))
        for secret in ('trust.example', 'TIE', 'CT01', '10.77.1.', 'outlook', 'Wards'):
            self.assertNotIn(secret, self.ask('flows', '--view', 'public', '--format', 'csv'))

    def test_limits(self):
        self.assertEqual(len(self.rows('flows', '--limit', '3')), 3)
        answer = json.loads(self.ask('flows', '--limit', '3', '--format', 'json'))
        self.assertEqual((answer['query']['limit'], answer['query']['rows_found']), (3, 8))

    def test_the_same_question_has_the_same_answer(self):
        for form in ('csv', 'json', 'table'):
            self.assertEqual(self.ask('flows', '--format', form), self.ask('flows', '--format', form))


class Hosts(Case):
    def host(self, address, *args):
        return next(row for row in self.rows('hosts', *args) if row['address'] == address)

    def test_a_system_has_names_with_sources_roles_and_services(self):
        host = self.host('10.77.1.50')
        self.assertEqual((host['name'], host['names'], host['zone'], host['roles'], host['serves'],
                          host['receives_kinds'], host['sends_kinds']),
                         ('pacs.trust.example', 'dns:pacs.trust.example; ae_title:ZZPACS', 'Data centre', 'clinical_system',
                          'DICOM tcp/104', '1', '0'))
        self.assertEqual(host['role_reasons'], 'clinical_system: offers a service by which health data (tier 3) moves')
        self.assertEqual(self.host('10.77.1.60')['roles'], 'server')

    def test_a_scanner_is_seen_by_what_it_tried(self):
        host = self.host('10.77.9.9')
        self.assertEqual((host['empty_out'], host['unanswered_out'], host['zone'], host['roles']),
                         ('254', '12', '10.77.9.0/24', ''))

    def test_no_place_is_claimed_while_own_networks_are_not_configured(self):
        self.assertEqual({row['place'] for row in self.rows('hosts')}, {'unknown'})

    def test_hosts_are_chosen_by_zone_name_and_kind(self):
        self.assertEqual({row['address'] for row in self.rows('hosts', '--zone', 'Wards')},
                         {'10.77.30.21', '10.77.30.22'})
        self.assertEqual(len(self.rows('hosts', '--with', 'pacs')), 1)
        self.assertEqual({row['address'] for row in self.rows('hosts', '--kind', 'img.study')},
                         {'10.77.1.50', '10.77.20.11'})

    def test_views_fold_what_they_hide(self):
        rows = self.rows('hosts', '--view', 'ig')
        wards, = [row for row in rows if row['zone'] == 'Wards']
        self.assertEqual((wards['address'], wards['systems']), ('Wards', '2'))
        self.assertIsNone(re.search(r'10\.77\.\d+\.[1-9]', str(rows)))
        public = self.ask('hosts', '--view', 'public', '--format', 'csv')
        self.assertNotIn('trust.example', public)
        self.assertNotIn('TIE', public)


class Kinds(Case):
    def test_all_kinds_are_listed_with_how_often_they_were_seen(self):
        rows = {row['kind_id']: row for row in self.rows('kinds')}
        self.assertGreater(len(rows), 60)
        study = rows['img.study']
        self.assertEqual((study['exchanges'], study['messages'], study['bytes'], study['tier'],
                          study['special_category']), ('1', '240', '126048000', '3', 'health'))
        self.assertEqual((rows['lab.result']['exchanges'], rows['lab.result']['last_seen']), ('0', ''))

    def test_of_some_systems_only_what_they_exchanged(self):
        self.assertEqual([row['kind_id'] for row in self.rows('kinds', '--with', 'pacs')], ['img.study'])


class Explain(Case):
    def setUp(self):
        self.id = self.rows('flows', '--kind', 'pat.encounter')[0]['exchange_id']

    def test_all_about_one_exchange(self):
        rows = self.rows('explain', self.id)
        facts = {(row['part'], row['item']): row for row in rows}
        self.assertEqual(facts['exchange', 'id']['value'], self.id)
        self.assertEqual(facts['source', 'name from dns']['value'], 'tie.trust.example')
        self.assertEqual(facts['source', 'name from dns']['count'], '4')
        evidence = [row for row in rows if row['part'] == 'evidence']
        self.assertEqual([row['count'] for row in evidence], ['12', '4'])
        self.assertRegex(evidence[0]['value'], r'ADT\^A01: catalogue says pat\.encounter, confidence high')
        hours = [row for row in rows if row['part'] == 'volume']
        self.assertEqual([row['messages'] for row in hours], ['12', '4'])
        self.assertIn(('limit', 'place'), facts)

    def test_the_beginning_of_an_id_will_do(self):
        whole = self.ask('explain', self.id)
        self.assertEqual(self.ask('explain', self.id[:10]), whole)
        self.assertEqual(self.ask('explain', self.id[2:].upper()), whole)

    def test_unknown_and_ambiguous_ids_are_refused(self):
        self.refused(['explain', 'X-nosuchid', '--database', self.database], 'terrier flows')
        self.refused(['explain', 'X-', '--database', self.database], 'X-')
        self.refused(['explain', 'N' * 500, '--database', self.database], 'terrier flows')

    def test_the_ig_view_hides_addresses(self):
        self.assertNotIn('10.77.1.', self.ask('explain', self.id, '--view', 'ig'))


class Findings(Case):
    def test_the_columns_are_those_of_the_register(self):
        out = self.ask('findings', '--format', 'csv')
        self.assertEqual(out.split('\r\n')[0], ','.join(FINDING_COLUMNS))

    def test_a_finding_says_what_why_and_what_to_do(self):
        images, tls = self.rows('findings')
        self.assertRegex(images['finding_id'], r'^N-[0-9a-z]{12}$')
        self.assertEqual((images['rule_id'], images['severity'], images['confidence'], images['category'],
                          images['status'], images['kind_id'], images['occurrences'], images['first_seen']),
                         ('clinical.clear.zones', 'medium', 'high', 'clear_text', 'open', 'img.study', '3',
                          '2026-11-21T16:00:00Z'))
        self.assertEqual(images['what_was_observed'],
                         'server pacs.trust.example (10.77.1.50); client =CT01 (10.77.20.11); Imaging → Data centre; '
                         'DICOM tcp/104; ‘Medical images’; in clear; 3 connections in 1 exchange, 126 MB')
        self.assertEqual(images['evidence_ref'], self.rows('flows', '--kind', 'img.study')[0]['exchange_id'])
        for column in ('why_it_matters', 'recommended_action', 'control_refs', 'limits'):
            self.assertTrue(images[column], column)
        for column in ('source_asset_id', 'destination_asset_id', 'flow_id', 'owner_role', 'due_date', 'decision',
                       'decided_by_role', 'decided_on', 'risk_ref'):
            self.assertEqual(images[column], '', column)
        self.assertEqual(tls['rule_id'], 'tls.old')
        self.assertIn('‘TLS version 1.0’ ×2', tls['what_was_observed'])

    def test_what_could_not_be_judged_is_said(self):
        answer = json.loads(self.ask('findings', '--format', 'json'))
        self.assertEqual(len(answer['findings']), 2)
        self.assertEqual(answer['findings'][0]['decision'], None)
        self.assertIn('backup.none (needs 30 days of watching)', answer['coverage']['not_judged'])

    def test_findings_are_chosen_like_flows_and_keep_their_ids(self):
        images, tls = self.rows('findings')
        for args, found in ((['--kind', 'img.*'], [images]), (['--zone', 'Wards'], [tls]), (['--with', 'pacs'], [images]),
                            (['--from', 'pacs'], []), (['--since', '30m'], []),
                            (['--until', '2026-11-21T17:00'], [images]), (['--limit', '1'], [images])):
            self.assertEqual([row['finding_id'] for row in self.rows('findings', *args)],
                             [row['finding_id'] for row in found], args)
        self.assertEqual([row['finding_id'] for row in self.rows('findings', '--view', 'ig')],
                         [images['finding_id'], tls['finding_id']])

    def test_views_hide_what_they_hide_elsewhere(self):
        self.assertIsNone(re.search(r'10\.77\.\d+\.[1-9]', self.ask('findings', '--view', 'ig', '--format', 'csv')))
        public = self.ask('findings', '--view', 'public', '--format', 'csv')
        for secret in ('trust.example', 'CT01', '10.77.', 'N-', 'X-', 'tcp/'):
            self.assertNotIn(secret, public)
        self.assertIn('Imaging → Data centre', public)

    def test_one_finding_in_full(self):
        finding = self.rows('findings')[0]
        rows = self.rows('explain', finding['finding_id'])
        facts = {(row['part'], row['item']): row for row in rows}
        self.assertEqual(facts['finding', 'why it matters']['value'], finding['why_it_matters'])
        self.assertEqual(facts['finding', 'observed']['value'], finding['what_was_observed'])
        self.assertEqual(facts['exchange', finding['evidence_ref']]['count'], '3')
        whole = self.ask('explain', finding['finding_id'])
        self.assertEqual(self.ask('explain', finding['finding_id'][:6].lower()), whole)
        self.assertLessEqual(max(map(len, whole.split('\n\n')[0].splitlines())), 80)
        self.assertNotIn('10.77.', self.ask('explain', finding['finding_id'], '--view', 'ig'))

    def test_an_exchange_names_its_findings(self):
        finding = self.rows('findings')[0]
        rows = [row for row in self.rows('explain', finding['evidence_ref']) if row['part'] == 'finding']
        self.assertEqual([(row['item'], row['value']) for row in rows],
                         [(finding['finding_id'], 'medium: Health data in clear between zones')])
        other = self.rows('flows', '--kind', 'pat.encounter')[0]['exchange_id']
        self.assertNotIn('N-', self.ask('explain', other))

    def test_unknown_findings_are_refused(self):
        self.refused(['explain', 'N-nosuchid', '--database', self.database], 'terrier findings')
        self.refused(['explain', 'N-', '--database', self.database], 'N-')
        self.refused(['explain', 'N-a', '--view', 'public', '--database', self.database], '--view')


class Status(Case):
    def test_runs_coverage_and_versions(self):
        rows = self.rows('status')
        facts = {(row['part'], row['item']): row for row in rows}
        run_row, = [row for row in rows if row['part'] == 'run']
        for word in ('monday.pcap', 'span-a', 'incomplete', 'cut short', 'nDPI 4.2.0'):
            self.assertIn(word, run_row['value'])
        self.assertEqual((run_row['packets'], run_row['dropped'], run_row['duplicates']), ('123456', '3', '17'))
        self.assertEqual(facts['coverage', 'packets']['count'], '123456')
        self.assertEqual(facts['zone', 'Wards']['value'], '10.77.30.0/24')
        self.assertGreater(int(facts['database', 'file']['bytes']), 4096)
        self.assertRegex(facts['version', 'SQLite']['value'], r'^3\.')
        self.assertIn('not configured', facts['networks', 'inside and outside']['value'])


class Output(Case):
    def test_a_file_holds_what_standard_output_would(self):
        path = self.path('flows.csv')
        self.assertEqual(self.ask('flows', '--output', path), '')
        with open(path, newline='', encoding='utf-8') as f:
            self.assertEqual(f.read(), self.ask('flows', '--format', 'csv'))
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o666 & ~self.umask())
        self.assertEqual([n for n in os.listdir(self.folder.name) if 'flows.csv.' in n], [])

    @staticmethod
    def umask():
        mask = os.umask(0)
        os.umask(mask)
        return mask

    def test_an_old_file_keeps_its_mode_and_a_link_its_target(self):
        path, link = self.path('old.json'), self.path('link.json')
        with open(path, 'w') as f:
            f.write('old')
        os.chmod(path, 0o640)
        os.symlink(path, link)
        self.ask('flows', '--output', link)
        self.assertTrue(os.path.islink(link))
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o640)
        with open(path, encoding='utf-8') as f:
            self.assertEqual(len(json.load(f)['flows']), 8)

    def test_folders_and_impossible_places_are_refused(self):
        ask = ['flows', '--database', self.database, '--format', 'csv', '--output']
        self.refused(ask + [self.folder.name], 'folder')
        self.refused(ask + [self.path('no/such/place.csv')], 'place.csv', status=1)

    def test_a_full_disk_is_said_and_leaves_nothing(self):
        with open('/dev/full', 'w') as full:
            done = subprocess.run([TERRIER, 'flows', '--database', self.database], stdout=full,
                                  stderr=subprocess.PIPE, encoding='utf-8')
        self.assertEqual(done.returncode, 1)
        self.assertIn('No space left', done.stderr)
        self.assertEqual(done.stderr.count('\n'), 1)
        self.refused(['flows', '--database', self.database, '--output', '/dev/full'], '/dev/full', status=1)
        self.assertTrue(stat.S_ISCHR(os.stat('/dev/full').st_mode))

    def test_unknown_formats_name_the_known(self):
        self.refused(['flows', '--database', self.database, '--format', 'xml'], 'table, csv, json')
        self.refused(['map', '--database', self.database, '--format', 'csv'], 'csv')

    def test_a_reader_that_goes_away_is_no_error(self):
        many = self.path('many.db')
        subprocess.run([FILLDB, many, 'many'], check=True)
        with subprocess.Popen([TERRIER, 'flows', '--database', many, '--format', 'csv'], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as job:
            job.stdout.read(10)
            job.stdout.close()
            self.assertEqual(job.stderr.read(), b'')

    def terminal(self, *args, env=None):
        leader, follower = pty.openpty()
        job = subprocess.Popen([TERRIER, *args, '--database', self.database], stdout=follower,
                               env=dict(os.environ, TERM='xterm', LC_ALL='C', **(env or {})))
        os.close(follower)
        out = b''
        while True:
            try:
                more = os.read(leader, 65536)
            except OSError:
                break
            if not more:
                break
            out += more
        os.close(leader)
        self.assertEqual(job.wait(), 0)
        return out.decode('utf-8')

    def test_a_terminal_gets_what_fits_and_colour_unless_refused(self):
        coloured = self.terminal('flows')
        self.assertIn('\033[1m', coloured)
        plain = self.terminal('flows', env={'NO_COLOR': '1'})
        self.assertNotIn('\033', plain)
        self.assertLessEqual(max(len(line.rstrip()) for line in plain.splitlines()), 80)
        self.assertIn('not configured', plain.replace('\r\n', ' ').replace('   ', ' '))

    def test_a_pipe_gets_neither_colour_nor_cuts(self):
        out = self.ask('flows')
        self.assertNotIn('\033', out)
        self.assertNotIn('…', out)


class Map(Case):
    @unittest.skipUnless(HAS_SVG, 'no format for maps')
    def test_a_map_shows_names_and_no_addresses(self):
        path = self.path('map.svg')
        self.ask('map', '--output', path, '--title', 'Clinical <data>')
        with open(path, encoding='utf-8') as f:
            svg = f.read()
        self.assertIn('<svg', svg)
        self.assertIn('Clinical &lt;data&gt;', svg)
        self.assertIn('not configured', svg)
        self.assertNotIn('10.77.1.20', svg)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
