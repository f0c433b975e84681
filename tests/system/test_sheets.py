#!/usr/bin/env python3
"""terrier assets and terrier declare: files of people into the register and back: test_sheets.py TERRIERD TERRIER"""
import csv
import io
import json
import os
import time
import unittest

import support
from support import TERRIER, Case, as_nobody, needs_root, run

SAMPLE = os.path.join(support.HERE, os.pardir, os.pardir, 'contrib', 'sample')
ASSETS = ('asset_id,asset_name,asset_type,match_ip,zone,kinds,notes\n'
          'A-PAS,Patient administration,system,10.77.1.10,Data centre,pat.*,café €\n'
          'A-TIE,Integration engine,system,10.77.1.20,Data centre,clin.order;pat.encounter,\n'
          'A-CT,CT scanner,medical_device,10.77.20.0/24,Imaging,img.study,\n')
DECLARED = ('source_asset_id,destination_asset_id,kind_id,purpose\n'
            'A-PAS,A-TIE,pat.encounter,Direct care\n'
            'A-CT,A-PAS,img.study,\n')
FAULTY = ('asset_id,asset_name,asset_type,match_ip,backup_asset_id,review_due,criticality\n'
          'A-1,One,sistem,10.77.1.0.5,A-9,11/21/2026,7\n'
          ',Two,system,10.77.1.9/24,,31/02/2026,\n'
          'A-1,Three,system,,A-1,,\n'
          '"A-3","Four\x01",system,,,,\n')
GOLDEN = """\
terrier: {0}: line 2: column asset_type: 'sistem': did you mean 'system'? write system, dataset, device, medical_device, \
service, external_party, storage or paper
terrier: {0}: line 2: column match_ip: '10.77.1.0.5': no address: write 10.77.1.50, a block as 10.77.1.0/24, or IPv6; \
between two of them stands a ;
terrier: {0}: line 2: column review_due: '11/21/2026': a date with no such month: write 2026-11-21 or 21/11/2026, the \
day first
terrier: {0}: line 2: column criticality: '7': write a whole number from 1 to 5
terrier: {0}: line 2: column backup_asset_id: 'A-9': no asset has this ID: did you mean 'A-1'?
terrier: {0}: line 3: column asset_id: empty: it is needed
terrier: {0}: line 3: column match_ip: '10.77.1.9/24': one address of a block: write 10.77.1.0/24 for the block, or the \
address without a length
terrier: {0}: line 3: column review_due: '31/02/2026': a date with no such day: write 2026-11-21 or 21/11/2026, the day first
terrier: {0}: line 4: column asset_id: 'A-1': line 2 has it too: give each its own
terrier: {0}: line 5: column asset_name: 'Four\\x01': character U+0001 in it does not print: type the cell again
"""


class SheetCase(Case):
    def terrier(self, *args, **more):
        return run(TERRIER, *args, '--database', self.database, **more)

    def done(self, *args, err='', **more):
        result = self.terrier(*args, **more)
        self.assertEqual((result.status, result.err), (0, err), args)
        return result.out

    def fails(self, *args, status=2, **more):
        """What stderr says, each line as CONTRACT has it."""
        result = self.terrier(*args, **more)
        self.assertEqual((result.status, result.out), (status, ''), result.err)
        for line in result.err.splitlines():
            self.assertTrue(line.startswith('terrier: '), line)
        return result.err

    def import_both(self):
        self.done('assets', 'import', self.write('assets.csv', ASSETS))
        self.done('declare', 'import', self.write('declared.csv', DECLARED))

    def exported(self, what='assets', **more):
        return list(csv.DictReader(io.StringIO(self.done(what, 'export', **more), newline='')))

    def has_register(self):
        return os.path.exists(self.path('register.db'))


class Import(SheetCase):
    def test_what_is_new_changed_and_as_it_was_is_counted(self):
        path = self.write('assets.csv', ASSETS)
        self.assertEqual(self.done('assets', 'import', path),
                         path + ': 3 new, 0 changed, 0 as they were; 3 assets in the register\n')
        self.write('assets.csv', ASSETS.replace('CT scanner', 'CT').replace('A-TIE', 'A-T'))
        self.assertEqual(self.done('assets', 'import', path, err='terrier: %s: 1 in the register is not in this file: it '
                                   'stays (--replace takes it out)\n' % path),
                         path + ': 1 new, 1 changed, 1 as they were; 4 assets in the register\n')
        self.assertEqual(self.done('assets', 'import', path, '--replace'),
                         path + ': 0 new, 0 changed, 3 as they were, 1 taken out; 3 assets in the register\n')
        self.assertEqual({row['asset_id']: row['asset_name'] for row in self.exported()},
                         {'A-PAS': 'Patient administration', 'A-T': 'Integration engine', 'A-CT': 'CT'})

    def test_what_did_not_change_makes_no_record(self):
        path = self.write('assets.csv', ASSETS)
        self.done('assets', 'import', path)
        before = json.loads(self.done('assets', 'list', '--format=json'))['coverage']
        self.done('assets', 'import', path)
        self.assertEqual(json.loads(self.done('assets', 'list', '--format=json'))['coverage'], before)
        self.assertEqual(before['register_records'], 3)

    def test_standard_input_is_read(self):
        self.assertEqual(self.done('assets', 'import', '-', input=ASSETS.encode()),
                         'standard input: 3 new, 0 changed, 0 as they were; 3 assets in the register\n')
        self.assertIn('terrier: standard input: line 2: column asset_type', self.fails(
            'assets', 'import', '-', input=ASSETS.replace('system', 'sistem').encode()))

    def test_every_encoding_and_delimiter_gives_the_same(self):
        for i, (encoding, text) in enumerate((
                ('utf-8', ASSETS), ('utf-8-sig', ASSETS), ('utf-16', ASSETS), ('utf-16-le', ASSETS), ('utf-16-be', ASSETS),
                ('cp1252', ASSETS), ('utf-8', ASSETS.replace('\n', '\r\n')), ('utf-8', ASSETS.replace('\n', '\r')),
                ('cp1252', 'sep=;\r\n' + ASSETS.replace('clin.order;pat.encounter', '"clin.order\npat.encounter"').replace(
                    ',', ';')),
                ('utf-16', ASSETS.replace(',', '\t')))):
            with self.subTest(encoding=encoding, i=i):
                path, register = self.write('%d.csv' % i, text.encode(encoding)), self.path('%d.db' % i)
                self.done('assets', 'import', path, '--register', register)
                rows = list(csv.DictReader(io.StringIO(self.done('assets', 'export', '--register', register), newline='')))
                self.assertEqual([row['notes'] for row in rows], ['café €', '', ''])
                self.assertEqual(rows[1]['kinds'], 'clin.order;pat.encounter')

    def test_all_that_is_wrong_is_told_at_once_and_nothing_changes(self):
        self.import_both()
        before = self.done('assets', 'export')
        path = self.write('faulty.csv', FAULTY)
        for word in ('check', 'import'):
            self.assertEqual(self.fails('assets', word, path), GOLDEN.format(path))
        self.assertEqual(self.done('assets', 'export'), before)

    def test_a_first_import_that_fails_makes_no_register(self):
        self.fails('assets', 'import', self.write('faulty.csv', FAULTY))
        self.assertFalse(self.has_register())

    def test_other_files_than_csv_are_called_by_their_names(self):
        for content, word in ((b'PK\x03\x04\x14\0', 'a workbook'), (b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'an Excel workbook'),
                              (b'%PDF-1.4', 'a PDF'), (b'<html></html>', 'a web page'), (b'', 'empty'),
                              (bytes(range(256)) * 20, 'octet 0x81 belongs to no character')):
            err = self.fails('assets', 'import', self.write('x', content))
            self.assertIn(word, err)
        self.assertIn('it is a folder', self.fails('assets', 'import', self.folder))
        self.assertIn('No such file', self.fails('assets', 'import', self.path('none.csv')))
        self.assertIn('declare import', self.fails('assets', 'import', self.write('d.csv', DECLARED)))

    def test_hostile_cells_are_text(self):
        cells = ['=1+1', '+1', '-1', '@x', "'=1", '<script>alert(1)</script>', 'a "b" c', 'one\ntwo', ',;|', '%s%n',
                 'https://example.org', '\U0001f415 عربي', "O'Neill", "''", '=HYPERLINK("x")']
        out = io.StringIO(newline='')
        writer = csv.writer(out)
        writer.writerow(['asset_id', 'asset_name', 'asset_type', 'notes'])
        for i, cell in enumerate(cells):
            writer.writerow(['A-%d' % i, 'n', 'system', cell])
        self.done('assets', 'import', self.write('a.csv', out.getvalue()))
        expected = ["'" + c if c[0] in '=+-@' else c for c in (c[1:] if c[:2] == "'=" else c for c in cells)]
        self.assertEqual([row['notes'] for row in self.exported()], expected)
        self.assertEqual([row['notes'] for row in json.loads(self.done('assets', 'list', '--format=json'))['assets']],
                         [c[1:] if c[:2] == "'=" else c for c in cells])
        for row in range(len(cells)):
            self.assertIn('A-%d ' % row, self.done('assets', 'list'))

    def test_huge_files_are_refused_soon(self):
        start = time.monotonic()
        path = self.write('cell.csv', ASSETS + 'A-X,%s,system\n' % ('x' * 1048576))
        self.assertEqual(self.fails('assets', 'check', path),
                         'terrier: %s: line 5: column asset_name: cell of 1048576 characters, allowed: 8192\n' % path)
        self.assertIn('10001 columns, allowed: 128', self.fails('assets', 'check', self.write('columns.csv', ASSETS.replace(
            'notes\n', 'notes' + ',' * 9994 + '\n'))))
        err = self.fails('assets', 'check', self.write('rows.csv', ASSETS + 'A-Y,y,sistem\n' * 100000))
        self.assertEqual(err.count('\n'), 201)
        self.assertIn('rows.csv: … and 199799 more\n', err)
        self.assertIn('opening quotation mark', self.fails('assets', 'check', self.write('quote.csv', ASSETS + '"' + 'x,\n' * (
            1 << 20))))
        self.assertLess(time.monotonic() - start, 30)


class Replace(SheetCase):
    def test_an_asset_that_a_declared_flow_names_stays(self):
        self.import_both()
        path = self.write('assets.csv', ASSETS[:ASSETS.index('A-TIE')])
        err = self.fails('assets', 'import', path, '--replace')
        self.assertIn('assets.csv: asset A-TIE is not in it, but 1 declared flow names it: keep its row', err)
        self.assertIn('assets.csv: asset A-CT is not in it', err)
        self.assertEqual(len(self.exported()), 3)
        self.done('declare', 'import', '--replace', self.write('declared.csv', DECLARED[:DECLARED.index('A-CT')]))
        self.done('assets', 'import', '--replace', self.write('assets.csv', ASSETS[:ASSETS.index('A-CT')]))
        self.assertEqual(len(self.exported()), 2)

    def test_cells_may_not_name_what_is_taken_out(self):
        self.import_both()
        backup = 'asset_id,asset_name,asset_type,backup_asset_id\nA-PAS,P,system,A-CT\n'
        self.assertIn("line 2: column backup_asset_id: 'A-CT': no asset has this ID", self.fails(
            'assets', 'check', self.write('a.csv', backup), '--replace'))
        self.assertEqual(self.terrier('assets', 'check', self.write('a.csv', backup)).status, 0)

    def test_a_file_without_rows_does_not_empty_the_register(self):
        self.import_both()
        path = self.write('assets.csv', 'asset_id,asset_name,asset_type\n')
        self.assertIn('it has no rows: --replace would take all 3 assets out', self.fails('assets', 'import', path, '--replace'))


class Check(SheetCase):
    def test_it_says_what_would_be_and_changes_nothing(self):
        path = self.write('assets.csv', ASSETS)
        said = path + ': 3 would be new, 0 changed, 0 as they are; 3 assets would be in the register: nothing was changed\n'
        self.assertEqual(self.done('assets', 'check', path), said)
        self.assertFalse(self.has_register())
        self.done('assets', 'import', path)
        self.write('assets.csv', ASSETS.replace('CT scanner', 'CT'))
        self.assertIn(': 0 would be new, 1 changed, 2 as they are', self.done('assets', 'check', path))
        self.assertEqual(self.exported()[2]['asset_name'], 'CT scanner')


class Declare(SheetCase):
    def test_both_ends_are_assets_of_the_register(self):
        self.assertIn("line 2: column source_asset_id: 'A-PAS': no asset has this ID",
                      self.fails('declare', 'import', self.write('declared.csv', DECLARED)))
        self.import_both()
        self.assertEqual([row['kind_id'] for row in self.exported('declare')], ['pat.encounter', 'img.study'])

    def test_a_list_has_the_ids_in_front(self):
        self.import_both()
        rows = self.rows('declare', 'list')
        self.assertRegex(rows[0]['declaration_id'], '^D-[a-z0-9]+$')
        self.assertRegex(rows[0]['flow_id'], '^F-[a-z0-9]+$')
        self.assertEqual(list(rows[0])[:3], ['declaration_id', 'flow_id', 'source_asset_id'])
        path = self.write('list.csv', self.done('declare', 'list', '--format=csv'))
        self.assertEqual(self.done('declare', 'import', path, err='terrier: %s: left unread, for Terrier fills them in itself: '
                                   'declaration_id, flow_id\n' % path),
                         path + ': 0 new, 0 changed, 2 as they were; 2 declared flows in the register\n')

    def test_an_exported_flow_list_is_filled_in_and_imported(self):
        self.import_both()
        flows = ('flow_id,source_asset_id,source_name,destination_asset_id,kind_id,information_kind,transfer_method,'
                 'encrypted_in_transit,frequency,status,purpose,authorised_on\n'
                 'F-1,A-PAS,PAS,A-TIE,pat.encounter,x,HL7v2,no,daily,declared_and_observed,Direct care,\n'
                 'F-2,A-TIE,TIE,A-CT,clin.order,x,DICOM,no,daily,observed_only,Imaging,21/11/2026\n'
                 'F-3,,10.77.9.9,A-TIE,inf.dns,x,DNS,no,daily,observed_only,,\n')
        path = self.write('flows.csv', flows)
        err = ('terrier: {0}: left unread, for Terrier fills them in itself: flow_id, source_name, information_kind, status\n'
               'terrier: {0}: 1 row without anything filled in was left out\n'
               'terrier: {0}: 1 flow is declared already: method, encryption, frequency and categories stay as declared, '
               'here they are what was observed\n'
               'terrier: {0}: 1 in the register is not in this file: it stays (--replace takes it out)\n').format(path)
        self.assertEqual(self.done('declare', 'import', path, err=err),
                         path + ': 1 new, 0 changed, 1 as they were; 3 declared flows in the register\n')
        rows = self.exported('declare')
        self.assertEqual((rows[0]['transfer_method'], rows[2]['transfer_method']), ('', 'DICOM'))
        self.assertEqual(rows[2]['authorised_on'], '2026-11-21')


class Flows(SheetCase):
    def test_what_terrier_tells_of_flows_is_filled_in_and_imported(self):
        with open(os.path.join(SAMPLE, 'terrier.conf'), encoding='utf-8') as conf:
            self.read(os.path.join(SAMPLE, 'hospital.pcap.gz'), config=conf.read())
        for what, name in (('assets', 'assets.csv'), ('declare', 'declared.csv')):
            self.done(what, 'import', os.path.join(SAMPLE, name))
        told = self.done('flows', '--level', 'asset', '--format', 'csv')
        result = self.terrier('declare', 'import', self.write('flows.csv', told), '--replace')
        self.assertEqual(result.status, 0, result.err)
        self.assertIn(': 0 new, 0 changed, 10 as they were, 0 taken out', result.out)
        rows = list(csv.DictReader(io.StringIO(told, newline='')))
        new = next(row for row in rows if row['status'] == 'observed_only' and row['source_asset_id'] and
                   row['destination_asset_id'])
        new['purpose'] = 'Direct care'
        out = io.StringIO(newline='')
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        result = self.terrier('declare', 'import', self.write('flows.csv', out.getvalue()))
        self.assertEqual(result.status, 0, result.err)
        self.assertIn(': 1 new, 0 changed, ', result.out)
        self.assertIn((new['source_asset_id'], new['destination_asset_id'], new['kind_id']),
                      [(row['source_asset_id'], row['destination_asset_id'], row['kind_id']) for row in self.exported('declare')])


class List(SheetCase):
    def test_it_works_without_register_and_database(self):
        self.assertEqual(self.rows('assets', 'list'), [])
        self.assertIn('Nothing found', self.done('declare', 'list'))
        self.assertFalse(self.has_register())

    def test_it_selects_by_end_kind_and_zone(self):
        self.import_both()

        def ids(*args):
            return [row['asset_id'] for row in self.rows('assets', 'list', *args)]

        self.assertEqual(ids('--with', 'a-pas'), ['A-PAS'])
        self.assertEqual(ids('--with', 'CT scanner'), ['A-CT'])
        self.assertEqual(ids('--with', '10.77.20.9'), ['A-CT'])
        self.assertEqual(ids('--with', '10.78.20.9'), [])
        self.assertEqual(ids('--kind', 'pat.identity'), ['A-PAS'])
        self.assertEqual(ids('--kind', 'pat.*'), ['A-PAS', 'A-TIE'])
        self.assertEqual(ids('--zone', 'imaging'), ['A-CT'])
        self.assertEqual(ids('--limit', '2'), ['A-PAS', 'A-TIE'])
        self.assertEqual([row['kind_id'] for row in self.rows('declare', 'list', '--with', '10.77.20.1')], ['img.study'])
        self.assertEqual([row['kind_id'] for row in self.rows('declare', 'list', '--zone', 'imaging')], ['img.study'])
        self.assertEqual(len(self.rows('declare', 'list', '--kind', 'pat.*')), 1)
        self.assertIn("there is no kind 'pat.x'", self.fails('assets', 'list', '--kind', 'pat.x'))

    def test_people_see_a_few_columns(self):
        self.import_both()
        self.assertEqual(self.done('assets', 'list').splitlines()[0].split(), 'ID Name Type Zone Kinds Matched by'.split())
        self.assertIn('Direct care', self.done('declare', 'list'))


class Export(SheetCase):
    def test_it_is_imported_as_it_is(self):
        for what, name in (('assets', 'assets.csv'), ('declare', 'declared.csv')):
            self.done(what, 'import', os.path.join(SAMPLE, name))
        self.done('assets', 'import', self.write('more.csv', 'asset_id,asset_name,asset_type,notes,description\n'
                  'A-X,"quo""te",system,"=1\n\nline",\'-x;y\n'), err='terrier: %s: 12 in the register are not in this file: '
                  'they stay (--replace takes them out)\n' % self.path('more.csv'))
        for what in ('assets', 'declare'):
            first = self.done(what, 'export')
            path = self.write(what + '-export.csv', first)
            self.assertIn(': 0 new, 0 changed, ', self.done(what, 'import', path, '--replace'))
            other = ('--register', self.path('other.db'))
            self.done(what, 'import', path, *other)
            self.assertEqual(self.done(what, 'export', *other), first)

    def test_a_file_gets_csv_or_json_by_its_name(self):
        self.import_both()
        self.done('assets', 'export', '--output', self.path('a.json'))
        with open(self.path('a.json'), encoding='utf-8') as f:
            self.assertEqual(len(json.load(f)['assets']), 3)
        self.assertIn('write csv or json', self.fails('assets', 'export', '--format', 'table'))


class Words(SheetCase):
    def test_words_are_checked(self):
        self.assertIn('write import, check, list, export', self.fails('assets'))
        self.assertIn('did you mean terrier declare import?', self.fails('declare', 'improt'))
        self.assertIn('its FILE is missing', self.fails('assets', 'check'))
        self.assertIn('takes only one', self.fails('assets', 'check', 'a', 'b'))
        self.assertIn('takes none', self.fails('assets', 'list', 'b'))
        self.assertIn('--limit: terrier assets export does not take it', self.fails('assets', 'export', '--limit', '3'))


class Rights(SheetCase):
    @needs_root
    def test_who_may_only_read_gets_the_remedy_and_changes_nothing(self):
        self.import_both()
        os.chmod(self.folder, 0o755)
        for name in ('register.db', 'register.db-journal'):
            os.chmod(self.path(name), 0o644)
        before = self.done('assets', 'export')
        path = self.write('assets.csv', ASSETS.replace('CT scanner', 'CT'))
        self.assertEqual(self.done('assets', 'export', preexec_fn=as_nobody), before)
        self.assertIn('1 changed', self.done('assets', 'check', path, preexec_fn=as_nobody))
        self.assertIn('cannot be written', self.fails('assets', 'import', path, status=1, preexec_fn=as_nobody))
        self.assertEqual(self.done('assets', 'export'), before)
        os.chmod(path, 0)
        self.assertIn('Permission denied', self.fails('assets', 'import', path, status=1, preexec_fn=as_nobody))

    @needs_root
    def test_who_may_not_make_a_register_is_told(self):
        os.chmod(self.folder, 0o755)
        path = self.write('assets.csv', ASSETS)
        self.assertIn('register', self.fails('assets', 'import', path, preexec_fn=as_nobody))
        self.assertFalse(self.has_register())


class Sample(SheetCase):
    def test_it_is_entered_without_a_word(self):
        assets, declared = (os.path.join(SAMPLE, name) for name in ('assets.csv', 'declared.csv'))
        self.assertEqual(self.done('assets', 'import', assets),
                         assets + ': 12 new, 0 changed, 0 as they were; 12 assets in the register\n')
        self.assertEqual(self.done('declare', 'import', declared),
                         declared + ': 10 new, 0 changed, 0 as they were; 10 declared flows in the register\n')


class Speed(SheetCase):
    def test_a_large_trust_is_entered_soon(self):
        assets = 'asset_id,asset_name,asset_type,match_ip,information_asset_owner\n' + ''.join(
            'A-%d,System %d,system,10.%d.%d.1,Head of department\n' % (i, i, i // 250, i % 250) for i in range(5000))
        declared = 'source_asset_id,destination_asset_id,kind_id,purpose,lawful_basis_art6,review_due\n' + ''.join(
            'A-%d,A-%d,%s,Direct care,6(1)(e),21/11/2026\n' % (i % 5000, (i * 7 + 1) % 5000, ('clin.order', 'pat.identity',
                                                               'img.study', 'lab.result')[i // 5000]) for i in range(20000))
        start = time.monotonic()
        self.done('assets', 'import', self.write('assets.csv', assets))
        self.assertIn('20000 new', self.done('declare', 'import', self.write('declared.csv', declared)))
        self.assertLess(time.monotonic() - start, 30)  # 5 s are promised; a sanitized build on a busy machine takes longer


support.main()
