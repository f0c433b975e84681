#!/usr/bin/env python3
"""terrier changes and what terrier findings says with a register: recordings 40 days apart, edits of the register beside
them. Run as test_changes.py TERRIERD TERRIER FILLREGISTER."""
import json
import os
import sys
import time

from support import Case, PAS, TERRIER, TERRIERD, TIE, client_hello, hl7_talk, main, run, server_hello
from mkpcap import Capture

FILLREGISTER = os.path.abspath(sys.argv.pop(3))
DAY = 86400
NOW = int(time.time()) // 3600 * 3600
THEN, LATER = NOW - 45 * DAY, NOW - 5 * DAY
LAB, GP = '10.77.1.30', '203.0.113.9'
OWN = '[networks]\nown = 10.0.0.0/8\n[zone Data]\nnetworks = 10.77.1.0/24\n'


class Recorded(Case):
    def watch(self, at, *talks, sensor='test', config=OWN):
        """Reads a recording of messages from PAS: (receiver, codes, port)."""
        capture = Capture(start=at)
        for i, (receiver, codes, port) in enumerate(talks):
            hl7_talk(capture, codes, client=f'{PAS}:{40001 + i}', server=f'{receiver}:{port}')
        path = self.save(f'{at}-{sensor}.pcap', capture)
        result = run(TERRIERD, '--database', self.database, '--config', self.write('terrier.conf', config), '--sensor',
                     sensor, '--read', path)
        self.assertEqual(result.status, 0, result.err)

    def enter(self, what, **cells):
        result = run(FILLREGISTER, self.path('register.db'), 'entry', what, *(f'{k}={v}' for k, v in cells.items()))
        self.assertEqual((result.status, result.err), (0, ''))

    def enter_assets(self):
        self.enter('asset', asset_id='A-PAS', asset_name='PAS', asset_type='system', match_ip=PAS,
                   information_asset_owner='Head of IT', zone='Data')
        self.enter('asset', asset_id='A-TIE', asset_name='TIE', asset_type='system', match_ip=TIE, zone='Data')
        self.enter('declaration', source_asset_id='A-PAS', destination_asset_id='A-TIE', kind_id='pat.encounter',
                   purpose='direct care', lawful_basis_art6='6(1)(e)', authorised_by_role='Caldicott Guardian')

    def told(self, *args, cause='observation'):
        """(object, change, name, field, before, after) of the rows with this cause."""
        return [(r['object'], r['change'], r['object_name'], r['field'], r['before'], r['after'])
                for r in self.rows('changes', *args) if r['cause'] == cause]

    def coverage(self, command='changes', *args):
        return json.loads(self.ask(command, '--format=json', *args))['coverage']


class Changes(Recorded):
    def test_nothing_changes(self):
        for at in (THEN, LATER):
            self.watch(at, (TIE, ['ADT^A01'], 2575))
        self.assertEqual(self.rows('changes'), [])
        self.assertNotIn('not_judged', self.coverage())
        self.assertIn('backup.none', self.coverage()['not_compared'])
        self.assertIn('less than 30 days before', self.coverage()['watching_began'])

    def test_an_empty_database_has_no_changes(self):
        self.assertEqual(self.daemon('--read', self.save('empty.pcap', Capture())).status, 0)
        self.assertEqual(self.rows('changes'), [])

    def test_a_recording_alone_is_where_watching_began(self):
        self.watch(LATER, (TIE, ['ADT^A01'], 2575))
        self.assertIn(('kind', 'appeared', 'Admissions, discharges and transfers', '', '', ''), self.told())
        self.assertIn('what was there already shows as appeared', self.coverage()['watching_began'])

    def test_a_new_recipient(self):
        self.watch(THEN, (TIE, ['ADT^A01'], 2575))
        self.watch(LATER, (TIE, ['ADT^A01'], 2575), (LAB, ['ADT^A01'], 2575))
        self.enter_assets()
        told = self.told()
        self.assertIn(('flow', 'appeared', 'PAS → TIE^ZZ: Admissions, discharges and transfers', 'status', '',
                       'observed_only'), told)
        self.assertTrue(any(t[0] == 'finding' and t[2].startswith('Declared data goes to a new recipient: PAS') and
                            (t[1], t[5]) == ('appeared', 'high') for t in told), told)
        self.assertFalse([t for t in told if t[1] != 'appeared'], told)

    def test_a_flow_that_ends_and_another_that_begins(self):
        self.watch(THEN, (TIE, ['ADT^A01'], 2575), (LAB, ['ORM^O01'], 2575))
        self.watch(LATER, (TIE, ['ADT^A01'], 2576))
        self.enter_assets()
        told = self.told('--view=network')
        name = 'PAS → TIE: Admissions, discharges and transfers'
        self.assertIn(('flow', 'changed', name, 'ports', 'tcp/2575', 'tcp/2576'), told)
        gone = [t[0] for t in told if t[1] == 'disappeared' and LAB not in t[2]]
        self.assertIn('kind', gone)
        self.assertTrue(any(t[:2] == ('flow', 'disappeared') and LAB in t[2] for t in told), told)
        self.assertTrue(any(t[:2] == ('asset', 'disappeared') and LAB in t[2] for t in told), told)

    def test_a_link_that_goes_over_to_tls(self):
        self.watch(THEN, (TIE, ['ADT^A01'], 2575))
        capture = Capture(start=LATER)
        link = capture.tcp(f'{PAS}:40001', f'{TIE}:2575')
        link.client(client_hello(b'tie.trust.example'))
        link.server(server_hello())
        link.close()
        self.read(self.save('tls.pcap', capture), config=OWN)
        self.enter_assets()
        flows = [(t[1], t[2].split(': ')[1]) for t in self.told() if t[0] == 'flow']
        self.assertIn(('disappeared', 'Admissions, discharges and transfers'), flows)
        self.assertEqual([way for way, _ in flows], ['disappeared', 'appeared'])

    def test_a_declared_flow_that_ends_is_declared_still(self):
        self.watch(THEN, (TIE, ['ADT^A01'], 2575))
        self.watch(LATER, (LAB, ['ORM^O01'], 2575))
        self.enter_assets()
        self.assertIn(('flow', 'disappeared', 'PAS → TIE: Admissions, discharges and transfers', 'status',
                       'declared_and_observed', 'declared_not_observed'), self.told())

    def test_a_gap_in_watching_is_no_change(self):
        self.watch(THEN, (TIE, ['ADT^A01'], 2575))
        self.watch(LATER, (LAB, ['ORM^O01'], 2575), sensor='elsewhere')
        self.assertFalse([t for t in self.told() if t[1] == 'disappeared'])
        self.assertIn('sensor test', self.coverage()['not_judged'])

    def test_edits_of_the_register(self):
        self.watch(THEN, (TIE, ['ADT^A01'], 2575))
        self.watch(LATER, (TIE, ['ADT^A01'], 2575))
        self.enter_assets()
        self.enter('asset', asset_id='A-TIE', asset_name='Integration engine', asset_type='system', match_ip=TIE,
                   zone='Data')
        edits = self.told(cause='register_edit')
        self.assertEqual(edits, [
            ('asset', 'appeared', 'PAS', '', '', ''), ('asset', 'appeared', 'TIE', '', '', ''),
            ('declaration', 'appeared', 'A-PAS → A-TIE: pat.encounter', '', '', ''),
            ('asset', 'changed', 'Integration engine', 'asset_name', 'TIE', 'Integration engine')])
        self.assertEqual(self.told(), [])
        until = time.strftime('%Y-%m-%d', time.gmtime(NOW - 2 * DAY))
        self.assertEqual(self.told('--until', until, cause='register_edit'), [])
        self.assertEqual(self.told('--with', 'A-PAS', '--kind', 'pat.*', cause='register_edit'), edits)
        self.assertEqual(self.told('--kind', 'lab.*', cause='register_edit'), [])

    def test_the_public_view_has_kinds_and_numbers(self):
        self.watch(THEN, (TIE, ['ADT^A01'], 2575))
        self.watch(LATER, (TIE, ['ADT^A01'], 2575), (GP, ['REF^I12'], 2575))
        self.enter_assets()
        rows = self.rows('changes', '--view=public')
        self.assertEqual([r['object'] for r in rows], ['kind'])
        self.assertEqual(self.coverage('changes', '--view=public')['flows_appeared'], 1)

    def test_the_order_is_the_same_every_time(self):
        self.watch(THEN, (TIE, ['ADT^A01'], 2575))
        self.watch(LATER, (LAB, ['ORM^O01', 'ADT^A01'], 2575), (GP, ['REF^I12'], 2575))
        first = self.ask('changes', '--format=csv')
        self.assertEqual(self.ask('changes', '--format=csv'), first)
        dates = [row['date'] for row in self.rows('changes')]
        self.assertEqual(dates, sorted(dates))

    def test_a_time_after_the_last_packet_is_refused(self):
        self.watch(LATER, (TIE, ['ADT^A01'], 2575))
        result = run(TERRIER, 'changes', '--since', '2099-01-01', '--database', self.database)
        self.assertEqual(result.status, 2)
        self.assertIn('nothing was watched from then on', result.err)


class Findings(Recorded):
    """The same recordings, held to the register."""
    def rules(self, *args):
        return {row['rule_id']: row for row in self.rows('findings', *args)}

    def test_without_a_register_nothing_is_undeclared(self):
        self.watch(LATER, (GP, ['REF^I12'], 2575))
        self.assertEqual(list(self.rules()), ['clinical.clear.outside'])
        self.assertIn('see terrier assets suggest', self.coverage('findings')['register'])

    def test_with_a_register_what_differs_is_found(self):
        self.watch(LATER, (TIE, ['ADT^A01', 'ORM^O01'], 2575), (GP, ['REF^I12'], 2575))
        self.enter_assets()
        rules = self.rules()
        self.assertEqual(set(rules), {'clinical.clear.outside', 'external.unregistered', 'flow.undeclared',
                                      'asset.owner.none'})
        undeclared = rules['flow.undeclared']
        self.assertEqual((undeclared['source_asset_id'], undeclared['destination_asset_id'], undeclared['owner_role']),
                         ('A-PAS', 'A-TIE', 'Head of IT'))
        self.assertTrue(undeclared['flow_id'].startswith('F-') and undeclared['evidence_ref'].startswith('X-'))
        self.assertEqual(rules['clinical.clear.outside']['source_asset_id'], 'A-PAS')
        self.assertNotIn('register', self.coverage('findings'))
        self.assertIn(undeclared['finding_id'], self.ask('explain', undeclared['finding_id']))
        self.assertIn('Undeclared flow', self.ask('explain', undeclared['evidence_ref'].split(';')[0]))

    def test_ids_are_the_same_in_every_view(self):
        self.watch(LATER, (TIE, ['ADT^A01', 'ORM^O01'], 2575), (LAB, ['ORM^O01'], 2575))
        self.enter_assets()
        ids = [{row['finding_id'] for row in self.rows('findings', f'--view={view}')} for view in ('network', 'ig')]
        self.assertEqual(*ids)

    def test_a_filter_selects_what_is_declared_too(self):
        self.watch(LATER, (TIE, ['ADT^A01'], 2575))
        self.enter_assets()
        self.assertIn('asset.owner.none', self.rules('--with', 'A-TIE'))
        self.assertEqual(self.rules('--kind', 'lab.result'), {})

    def test_the_public_view_tells_nothing_of_the_register(self):
        self.watch(LATER, (TIE, ['ORM^O01'], 2575))
        self.enter_assets()
        self.assertEqual(self.rules('--view=public'), {})
        self.assertIn('public view', self.coverage('findings', '--view=public')['register'])


if __name__ == '__main__':
    main()
