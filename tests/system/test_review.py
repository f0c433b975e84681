#!/usr/bin/env python3
"""What needs a person, and what they decide: test_review.py TERRIERD TERRIER FILLREGISTER"""
import contextlib
import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import time

FILLREGISTER = os.path.abspath(sys.argv.pop(3))

import support
from mkpcap import Capture

ROLE = ('--role', 'Caldicott Guardian')
WHY = ('--reason', 'agreed in DSA-12')
ENCRYPTED = os.path.join(support.GOLDEN, 'postgresql', 'tls.pcap')
CLEAR = os.path.join(support.GOLDEN, 'postgresql', 'standby.pcap')
CLEAR_SIGN_IN = os.path.join(support.GOLDEN, 'ftp', 'active.pcap')
KIND = 'pat.encounter'


class Case(support.Case):
    def setUp(self):
        super().setUp()
        self.register = self.path('register.db')

    def talk(self, name='talk.pcap', start=None, **more):
        """Admissions from PAS to TIE."""
        capture = Capture(start=start) if start else Capture()
        support.hl7_talk(capture, ('ADT^A01', 'ADT^A03'), **more)
        self.read(self.save(name, capture))

    def review(self, *args, **more):
        return support.run(support.TERRIER, 'review', *args, '--database', self.database, **more)

    def list(self, *args):
        return self.rows('review', *args)

    def only(self, kind=KIND, *args):
        rows = [row for row in self.list(*args) if row['kind_id'] == kind]
        self.assertEqual(len(rows), 1, rows)
        return rows[0]

    def decide(self, verb, *args, **more):
        result = self.review(verb, *args, '--format', 'json', **more)
        self.assertEqual((result.status, result.err), (0, ''))
        return json.loads(result.out)

    def records(self):
        result = support.run(support.TERRIER, 'verify', '--database', self.database, '--format', 'json')
        self.assertEqual(result.status, 0, result.err)
        return json.loads(result.out)['coverage'].get('register_records', 0)

    def refused(self, result, *words, status=2):
        self.assertEqual(result.status, status, result.err)
        self.assertEqual(result.out, '')
        self.assertEqual(result.err.count('\n'), 1, result.err)
        self.assertTrue(result.err.startswith('terrier: '))
        for word in words:
            self.assertIn(word, result.err)

    def enter_assets(self, *rows, header='asset_id,asset_name,asset_type,match_ip'):
        self.ask('assets', 'import', self.write('assets.csv', '\n'.join((header,) + rows) + '\n'))

    def know(self, *more, header=''):
        self.enter_assets('PAS,Patient administration,system,' + support.PAS + (more[0] if more else ''),
                          'TIE,Integration engine,system,' + support.TIE + (more[1] if more else ''),
                          header='asset_id,asset_name,asset_type,match_ip' + header)

    def declare(self, cells='', header=''):
        self.ask('declare', 'import', self.write(
            'declared.csv', 'source_asset_id,destination_asset_id,kind_id%s\nPAS,TIE,%s%s\n' % (header, KIND, cells)))

    def explain(self, thing, *args):
        return [(row['part'], row['item'], row['value']) for row in self.rows('explain', thing, *args)]


class List(Case):
    def test_what_is_seen_and_not_declared_is_listed_with_its_reason(self):
        self.talk()
        row = self.only()
        self.assertEqual(row['why'], 'seen but not declared; special category data, in clear')
        self.assertEqual((row['about'], row['sensitivity_tier'], row['encrypted_in_transit']), ('flow', '3', 'no'))
        self.assertEqual((row['seen_kind_id'], row['seen_status'], row['seen_messages']), (KIND, 'observed_only', '2'))
        self.assertEqual([row[name] for name in ('decision', 'decided_by_role', 'reason', 'until')], [''] * 4)
        self.assertRegex(row['seen'], '^S-[0-9a-z]{12}$')
        self.assertEqual(list(row)[0], 'id')
        self.assertEqual(list(row)[-5:], ['decision', 'decided_by_role', 'reason', 'until', 'seen'])

    def test_it_is_the_flow_that_flows_lists(self):
        self.talk()
        flows = {row['flow_id'] for row in self.rows('flows', '--level', 'asset', '--view', 'ig')}
        self.assertIn(self.only()['id'], flows)

    def test_nothing_to_review_is_an_empty_answer(self):
        self.talk()
        self.know()
        self.declare()
        self.assertEqual(self.list('--kind', KIND), [])

    def test_the_filters_of_flows_choose(self):
        self.talk()
        self.assertEqual(len(self.list('--with', support.PAS, '--kind', KIND)), 1)
        self.assertEqual(self.list('--kind', 'img.*'), [])
        self.assertEqual(self.list('--status', 'declared_and_observed'), [])
        self.assertEqual(len(self.list('--status', 'observed_only', '--limit', '1')), 1)
        self.refused(self.review('--status', 'open'), 'option --status')

    def test_the_public_view_is_refused(self):
        self.talk()
        self.refused(self.review('--view', 'public'), 'option --view', 'ig or network')
        self.refused(self.review('accept', 'F-1', '--view', 'public', *ROLE, *WHY), 'option --view')

    def test_the_ig_view_tells_no_addresses_and_the_network_view_does(self):
        self.talk()
        self.assertNotIn(support.PAS, json.dumps(self.list()))
        self.assertIn(support.PAS, json.dumps(self.list('--view', 'network')))

    def test_reviews_that_are_due_are_listed_and_are_no_flows(self):
        self.talk()
        self.know(',2001-02-03', ',2199-01-01', header=',review_due')
        due = [row for row in self.list() if row['about'] == 'asset']
        self.assertEqual([(row['id'], row['why']) for row in due],
                         [('PAS', 'review of the asset was due on 2001-02-03')])
        self.assertEqual(self.list()[-1]['id'], 'PAS')
        self.assertEqual(len([row for row in self.list('--with', 'tie') if row['about'] == 'asset']), 0)
        self.refused(self.review('accept', 'PAS', *ROLE, *WHY), 'id PAS: is no flow', 'review_due')

    def test_on_a_terminal_the_background_is_summed_up(self):
        capture = Capture()
        support.hl7_talk(capture)
        for last in (5, 6):
            capture.udp('10.77.1.20:40000', '10.77.1.%d:123' % last, b'\x23' + b'\0' * 47)
            capture.udp('10.77.1.%d:123' % last, '10.77.1.20:40000', b'\x24' + b'\0' * 47)
        self.read(self.save('x.pcap', capture))
        self.assertEqual(len(self.list()), 3)

        def on_terminal(*args):
            ours, theirs = pty.openpty()
            subprocess.run([support.TERRIER, 'review', '--database', self.database, *args], stdout=theirs,
                           env=dict(os.environ, NO_COLOR='1', COLUMNS='200'), check=True)
            os.close(theirs)
            text = b''
            try:
                while piece := os.read(ours, 65536):
                    text += piece
            except OSError:
                pass
            os.close(ours)
            return ' '.join(text.decode().split())
        shown = on_terminal()
        self.assertIn('+ 2 of tier 0 and 1: --all shows them', shown)
        self.assertEqual(len(re.findall('F-[0-9a-z]{12}', shown)), 1)
        self.assertEqual(len(re.findall('F-[0-9a-z]{12}', on_terminal('--all'))), 3)


class Decide(Case):
    def setUp(self):
        super().setUp()
        self.talk()
        self.id = self.only()['id']

    def authorisation(self):
        rows = self.rows('flows', '--level', 'asset', '--view', 'ig')
        return next((row['authorisation'], row['authorised_by_role']) for row in rows if row['flow_id'] == self.id)

    def test_what_is_accepted_is_authorised_and_done_with(self):
        said = self.decide('accept', self.id, *ROLE, *WHY)
        self.assertEqual(said['recorded'][0]['id'], self.id)
        self.assertEqual(said['recorded'][0]['decision'], 'accept')
        self.assertRegex(said['coverage']['register_head'], '^[0-9a-f]{64}$')
        self.assertEqual(self.list('--kind', KIND), [])
        self.assertEqual(self.authorisation(), ('authorised', 'Caldicott Guardian'))

    def test_what_is_rejected_is_not_authorised(self):
        self.decide('reject', self.id, *ROLE, *WHY)
        self.assertEqual(self.list('--kind', KIND), [])
        self.assertEqual(self.authorisation()[0], 'not_authorised')

    def test_what_is_deferred_stays_behind_the_others(self):
        support.hl7_talk(capture := Capture(), ('ORU^R01',), client='10.77.1.30:4000', server='10.77.1.31:2575')
        self.read(self.save('more.pcap', capture))
        self.decide('defer', self.id, *ROLE, *WHY, '--until', '31/12/2199')
        rows = self.list()
        self.assertGreater(len(rows), 1)
        self.assertEqual(rows[-1]['id'], self.id)
        self.assertIn('until 2199-12-31', rows[-1]['why'])
        self.assertEqual((rows[-1]['earlier_decision'], rows[-1]['earlier_reason']), ('defer', WHY[1]))

    def test_a_beginning_of_an_id_will_do(self):
        self.decide('accept', self.id[:9].upper(), *ROLE, *WHY)
        self.assertEqual(self.list('--kind', KIND), [])

    def test_several_are_decided_together_or_not_at_all(self):
        self.refused(self.review('accept', self.id, 'F-zzzz', *ROLE, *WHY), 'id F-zzzz: no such flow')
        self.refused(self.review('accept', self.id, self.id, *ROLE, *WHY), 'given twice')
        self.assertFalse(os.path.exists(self.register))
        self.assertEqual(self.records(), 0)

    def test_what_is_wrong_is_refused_and_leaves_nothing(self):
        for words, args in (
                (('option --role', 'missing'), WHY),
                (('option --reason', 'missing'), ROLE),
                (('option --reason', 'NHS number'), ROLE + ('--reason', 'as for 943 476 5919')),
                (('option --role', 'e-mail'), ('--role', 'jane.doe@trust.example') + WHY),
                (('option --until', 'past'), ROLE + WHY + ('--until', '2001-01-01')),
                (('option --until', 'date'), ROLE + WHY + ('--until', 'soon'))):
            self.refused(self.review('accept', self.id, *args), *words)
        self.refused(self.review('defer', self.id, *ROLE, *WHY), 'option --until', 'until when')
        self.refused(self.review('accept', *ROLE, *WHY), 'ID... is missing')
        self.refused(self.review('acept', self.id, *ROLE, *WHY), 'did you mean terrier review accept')
        self.refused(self.review('accept', self.rows('flows')[0]['exchange_id'], *ROLE, *WHY), 'terrier explain X-')
        self.refused(self.review('--role', 'SIRO'), 'option --role', 'does not take it')
        self.assertFalse(os.path.exists(self.register))

    @support.needs_root
    def test_who_may_only_read_is_told_whom_to_ask(self):
        self.decide('reject', self.id, *ROLE, *WHY)
        os.chmod(self.folder, 0o755)
        for name in os.listdir(self.folder):
            os.chmod(self.path(name), 0o644)
        result = self.review('accept', self.id, *ROLE, *WHY, preexec_fn=support.as_nobody)
        self.refused(result, 'cannot be written', self.register, 'ask', status=1)
        self.assertEqual(self.review(preexec_fn=support.as_nobody).status, 0)
        self.assertEqual(self.records(), 1)

    def test_decided_twice_both_are_told(self):
        self.decide('accept', self.id, *ROLE, *WHY)
        self.decide('reject', self.id, '--role', 'SIRO', '--reason', 'no agreement was found')
        self.assertEqual(self.authorisation()[0], 'not_authorised')
        told = self.explain(self.id)
        history = [value for part, item, value in told if (part, item) == ('history', 'decision')]
        self.assertEqual(history, ['accepted by Caldicott Guardian: agreed in DSA-12',
                                   'rejected by SIRO: no agreement was found'])
        self.assertEqual(len([1 for part, item, value in told
                              if (part, item) == ('history', 'hash') and re.fullmatch('[0-9a-f]{64}', value)]), 2)
        self.assertTrue(any('encrypted no' in value for part, item, value in told if item == 'seen then'))

    def test_what_was_rejected_and_is_seen_again_is_the_worst(self):
        self.decide('reject', self.id, *ROLE, *WHY)
        self.talk('again.pcap', start=time.time() + 3600)
        row = self.list()[0]
        self.assertEqual(row['id'], self.id)
        self.assertRegex(row['why'], '^rejected on .* by Caldicott Guardian and still seen, last on ')

    def test_an_expired_decision_returns(self):
        self.decide('accept', self.id, *ROLE, *WHY)
        row = self.only(KIND, '--register', self.path('none.db'))
        cells = [name + '=' + value for name, value in row.items() if name.startswith('seen_')]
        subprocess.run([FILLREGISTER, self.register, 'entry', 'decision', 'id=' + self.id, 'decision=accept',
                        'decided_by_role=SIRO', 'reason=x', 'decided_on=2001-01-01', 'until=2002-01-01', *cells],
                       check=True)
        self.assertIn('accepted on 2001-01-01, but the decision was valid until 2002-01-01', self.only()['why'])
        self.assertEqual(self.authorisation()[0], 'not_assessed')

    @support.needs_root
    def test_a_line_reaches_the_system_log(self):
        script = r'''
import os, socket, subprocess, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind('/dev/log')
log.settimeout(10)
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(log.recv(1000).decode())
'''
        inside = 'mount -t tmpfs none /dev && : > /dev/null && exec python3 -c "$0" "$@"'
        result = support.run('unshare', '-m', 'sh', '-c', inside, script, support.TERRIER, 'review', 'accept', self.id,
                             *ROLE, '--reason', 'a secret reason', '--database', self.database)
        if 'unshare' in result.err or 'mount' in result.err:
            self.skipTest('no mount namespace: ' + result.err)
        self.assertEqual(result.status, 0, result.err)
        self.assertRegex(result.out, r'command review accept %s, rows 1, hash [0-9a-f]{64}\n' % self.id)
        self.assertNotIn('secret', result.out)


class Overtaken(Case):
    def again(self, capture, **more):
        """The same systems, as another recording shows them."""
        self.database = self.path('again.db')
        self.read(capture, **more)

    def test_clear_text_overtakes_what_was_accepted_encrypted(self):
        self.read(ENCRYPTED)
        flow = self.only('inf.database')['id']
        self.decide('accept', flow, *ROLE, *WHY)
        self.assertEqual(self.list('--kind', 'inf.database'), [])
        self.again(CLEAR)
        row = self.only('inf.database')
        self.assertEqual(row['id'], flow)
        self.assertIn("but encryption was 'yes' when it was decided and is 'no' now", row['why'])

    def test_another_zone_overtakes(self):
        self.talk()
        flow = self.only()['id']
        self.decide('accept', flow, *ROLE, *WHY)
        self.again(self.path('talk.pcap'), config=support.OWN_ALL + '[zone Wards]\nnetworks = %s/32\n' % support.TIE)
        self.assertIn("but zone of the destination was '10.77.1.0/24' when it was decided and is 'Wards' now",
                      self.only()['why'])

    def test_a_declared_tier_overtakes(self):
        self.read(CLEAR)
        self.enter_assets('DB,Database,system,10.77.1.90,', 'PAS,PAS,system,10.77.1.10,',
                          header='asset_id,asset_name,asset_type,match_ip,kinds')
        self.decide('accept', self.only('inf.database')['id'], *ROLE, *WHY)
        self.enter_assets('DB,Database,system,10.77.1.90,pat.identity', 'PAS,PAS,system,10.77.1.10,',
                          header='asset_id,asset_name,asset_type,match_ip,kinds')
        self.assertIn("sensitivity tier was 'unknown' when it was decided and is '3' now",
                      self.only('inf.database')['why'])


class Import(Case):
    def setUp(self):
        super().setUp()
        self.talk()

    def fill(self, rows, encode=lambda text: text.encode(), delimiter=',', name='filled.csv'):
        out = io.StringIO(newline='')
        writer = csv.DictWriter(out, rows[0].keys(), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
        return self.write(name, encode(out.getvalue()))

    def decided(self, **more):
        """The list with a decision in the row of KIND."""
        rows = self.list()
        for row in rows:
            if row['kind_id'] == KIND:
                row.update({'decision': 'accept', 'decided_by_role': 'Caldicott Guardian', 'reason': 'café', **more})
        return rows

    def test_a_filled_list_is_recorded(self):
        for encode, delimiter in ((lambda text: text.encode(), ','), (lambda text: text.encode('utf-8-sig'), ';'),
                                  (lambda text: text.encode('utf-16'), '\t'),
                                  (lambda text: text.encode('cp1252'), ';')):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.register)
                os.unlink(self.register + '-journal')
            sheet = self.fill(self.decided(), encode, delimiter)
            result = self.review('import', sheet, '--format', 'json')
            self.assertEqual(result.status, 0, result.err)
            said = json.loads(result.out)
            self.assertEqual([row['decision'] for row in said['recorded']], ['accept'])
            flow = said['recorded'][0]['id']
            self.assertIn(('decision', 'reason', 'café'), self.explain(flow))
            self.assertEqual(self.list('--kind', KIND), [])

    def test_check_changes_nothing(self):
        result = self.review('check', self.fill(self.decided()))
        self.assertEqual((result.status, result.err), (0, ''))
        self.assertIn('1 decision would be recorded', result.out)
        self.assertEqual(self.records(), 0)

    def test_rows_that_nobody_decided_are_left_out_and_counted(self):
        result = self.review('import', self.fill(self.list()))
        self.assertEqual((result.status, result.out), (0, ''))
        self.assertIn('no row has a decision', result.err)
        rows = self.decided()
        rows.append(dict(rows[0], decision=''))
        self.assertIn('1 row without a decision left out', self.review('import', self.fill(rows)).err)

    def test_a_forged_seen_is_refused(self):
        sheet = self.fill(self.decided(seen='S-000000000000'))
        self.refused(self.review('import', sheet), 'line 2: column seen:', 'is not of this row')
        self.assertEqual(self.records(), 0)

    def test_a_row_that_has_changed_is_refused_with_what_has(self):
        sheet = self.fill(self.decided())
        self.know()
        self.database = self.path('zoned.db')
        self.read(self.path('talk.pcap'))
        self.refused(self.review('import', sheet), 'filled.csv: line 2: column id:', 'make the list anew')
        os.unlink(self.register)
        self.database = self.path('again.db')
        self.read(self.path('talk.pcap'), config=support.OWN_ALL + '[zone Wards]\nnetworks = %s/32\n' % support.TIE)
        self.refused(self.review('import', sheet), "line 2: 'F-", "has changed since this list was made (zone of the "
                     "destination was '10.77.1.0/24' and is 'Wards' now): review it again")

    def test_all_faults_are_told_and_nothing_is_recorded(self):
        rows = self.decided()
        bad = dict(rows[0], id='F-nothing', reason='', until='soon')
        result = self.review('import', self.fill(rows + rows + [bad]))
        self.assertEqual((result.status, result.out), (2, ''))
        self.assertIn('line 2 decides it too', result.err)
        self.assertIn("column id: 'F-nothing': no flow or finding of this ID", result.err)
        self.assertFalse(os.path.exists(self.register))

    def test_what_is_no_csv_says_so(self):
        self.refused(self.review('import', self.write('x.xlsx', b'PK\x03\x04' + b'\0' * 40)), 'not CSV')
        self.refused(self.review('import', self.path('none.csv')), 'none.csv')
        self.refused(self.review('import'), 'FILE is missing')


class Findings(Case):
    def setUp(self):
        super().setUp()
        self.read(CLEAR_SIGN_IN)
        self.finding = self.rows('findings')[0]['finding_id']

    def find(self, *args):
        return {row['finding_id']: row for row in self.rows('findings', *args)}

    def test_their_status_follows_the_decision(self):
        self.assertEqual(self.find()[self.finding]['status'], 'open')
        for verb, status in (('accept', 'accepted'), ('reject', 'false_positive'), ('defer', 'in_progress')):
            self.decide(verb, self.finding, *ROLE, *WHY, '--until', '2199-12-31')
            row = self.find('--status', status)[self.finding]
            self.assertEqual((row['status'], row['decision'], row['decided_by_role'], row['due_date'], row['reason']),
                             (status, verb, ROLE[1], '2199-12-31', WHY[1]))
            self.assertRegex(row['decided_on'], r'^\d{4}-\d\d-\d\d$')
            self.assertNotIn(self.finding, self.find('--status', 'open'))

    def test_one_that_is_gone_is_resolved(self):
        self.decide('accept', self.finding, *ROLE, *WHY)
        before = self.find()[self.finding]
        self.database = self.path('clean.db')
        self.talk()
        row = self.find('--status', 'resolved')[self.finding]
        self.assertEqual((row['title'], row['severity'], row['rule_id'], row['decision']),
                         (before['title'], before['severity'], before['rule_id'], 'accept'))
        self.assertIn(('finding', 'now', 'is not found any more: resolved, or its rule could not be asked'),
                      self.explain(self.finding))
        result = support.run(support.TERRIER, 'findings', '--status', 'resolved', '--since', '7d', '--database',
                             self.database)
        self.refused(result, 'option --status: resolved')
        self.assertEqual(self.find('--since', '7d'), {})

    def test_explain_tells_the_decision(self):
        self.decide('reject', self.finding, *ROLE, *WHY)
        told = self.explain(self.finding)
        self.assertIn(('finding', 'status', 'false_positive'), told)
        self.assertIn(('history', 'decision', 'rejected by Caldicott Guardian: agreed in DSA-12'), told)

    def test_other_words_are_refused(self):
        result = support.run(support.TERRIER, 'findings', '--status', 'closed', '--database', self.database)
        self.refused(result, 'in_progress')


class Explain(Case):
    def setUp(self):
        super().setUp()
        self.talk()

    def test_a_flow_is_told_with_its_ends_and_what_made_them_these(self):
        self.know()
        self.declare(',yes,Direct care', ',encrypted_in_transit,purpose')
        flow = self.only()['id']
        told = self.explain(flow)
        self.assertIn(('flow', 'status', 'declared_and_observed'), told)
        self.assertIn(('flow', 'difference', 'encryption: declared yes, observed no'), told)
        self.assertIn(('declaration', 'Purpose', 'Direct care'), told)
        self.assertTrue(any(part == 'source' and item == 'host' and value.endswith('by address ' + support.PAS)
                            for part, item, value in told), told)
        self.assertIn(('decision', 'in force', 'none'), told)
        self.assertTrue(any(part == 'history' and item == 'declaration' and 'Direct care' in value
                            for part, item, value in told))
        exchange = self.rows('flows', '--kind', KIND)[0]['exchange_id']
        self.assertIn(exchange, [item for part, item, _ in told if part == 'exchange'])
        self.assertIn(('flow', flow), [(part, item) for part, item, _ in self.explain(exchange)])

    def test_the_ig_view_tells_no_address_and_the_public_view_refuses(self):
        self.know()
        flow = self.only()['id']
        self.decide('accept', flow, *ROLE, *WHY, '--view', 'network')
        self.assertNotIn('10.77.1.10', json.dumps(self.explain(flow, '--view', 'ig')))
        self.assertIn('10.77.1.10', json.dumps(self.explain(flow)))
        result = support.run(support.TERRIER, 'explain', flow, '--view', 'public', '--database', self.database)
        self.refused(result, 'option --view')

    def test_an_unknown_flow_says_where_ids_are(self):
        result = support.run(support.TERRIER, 'explain', 'F-zzz', '--database', self.database)
        self.refused(result, 'id F-zzz', 'terrier review')


support.main()
