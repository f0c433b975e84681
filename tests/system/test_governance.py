#!/usr/bin/env python3
"""The governance pack is whole, holds no placeholder but the one for the trust, and its tables have the columns of the
registers: test_governance.py TERRIERD TERRIER PACK BUILD_DIR"""
import csv
import os
import re
import subprocess
import sys
import xml.etree.ElementTree

import support

PACK, BUILD = (os.path.abspath(path) for path in sys.argv[3:5])
del sys.argv[3:5]

DOCUMENTS = ['README.md', 'dpia.md', 'retention-schedule.md', 'staff-notice.md', 'system-controller-consent.md']
TABLES = ['asset-entry.csv', 'ropa-entry.csv']
INSTALLED = sorted(DOCUMENTS + TABLES + ['data-flow.svg', 'fields.md'])
ASSET_COLUMNS = '''asset_id asset_name asset_type description match_ip match_mac match_hostname match_dns_suffix match_ae_title
    match_hl7_app match_port organisation ods_code site zone hosting country supplier support_arrangement contract_ref
    contract_end information_asset_owner information_asset_administrator technical_contact controller_role controller_name
    kinds categories_of_individuals categories_of_personal_data personal_data special_category criminal_offence_data
    protective_marking purpose lawful_basis_art6 condition_art9 dpa2018_sch1_condition common_law_basis dpia_ref dpia_date
    essential_function criticality impact_confidentiality impact_integrity impact_availability backup_arrangement
    backup_asset_id retention_schedule disposal support_end_date security_measures risk_ref last_reviewed review_due
    notes'''.split()
ROPA_COLUMNS = '''processing_ref business_function purpose_of_processing controller_name_and_contact joint_controller
    representative dpo categories_of_individuals categories_of_personal_data categories_of_recipients
    processors_and_contract_ref third_countries transfer_safeguards retention_schedule security_measures_general
    lawful_basis_art6 condition_art9 dpa2018_sch1_condition appropriate_policy_document_ref common_law_basis source_of_data
    privacy_notice_ref location_of_personal_data information_assets flows dpia_required dpia_ref sharing_agreement_refs
    breach_record_ref national_data_opt_out last_reviewed review_due owner_role observed_recipients observed_locations
    observed_encryption observed_last differences_from_record'''.split()
# What only people may say: never filled in here.
FOR_PEOPLE = '''information_asset_owner information_asset_administrator controller_name controller_name_and_contact dpo
    lawful_basis_art6 condition_art9 dpa2018_sch1_condition common_law_basis appropriate_policy_document_ref criticality
    dpia_ref dpia_date last_reviewed review_due owner_role observed_recipients observed_locations observed_encryption
    observed_last differences_from_record'''.split()


def path_of(name):
    return os.path.join(BUILD, 'contrib', 'governance', name) if name == 'fields.md' else os.path.join(PACK, name)


def read(name):
    with open(path_of(name), encoding='utf-8') as f:
        return f.read()


def placeholders(text):
    """What looks like a gap to be filled in and is not marked as one for the trust."""
    text = re.sub(r'`[^`\n]*`', '', text)
    text = re.sub(r'\[TRUST TO COMPLETE: [^\[\]]+\]|\[TRUST TO COMPLETE: …\]', '', text)
    text = re.sub(r'!?\[[^\]\n]*\]\([^)\n]*\)', '', text)
    return re.findall(r'\[[^\]]*\]?|\]|<[^>\n]*>|_{3,}|\.{4,}|TRUST TO COMPLETE|\b(?:TB[CDA]|TO' r'DO|XX' r'+|[Ll]orem)\b', text)


class Pack(support.Case):
    def rows(self, name, *_):
        with open(path_of(name), newline='', encoding='utf-8') as f:
            reader = csv.DictReader(f)
            return reader.fieldnames, list(reader)

    def test_all_of_it_is_installed(self):
        done = subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--destdir', self.folder],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        found = [names for at, _, names in os.walk(self.folder) if at.endswith('/share/doc/terrier/governance')]
        self.assertEqual([sorted(names) for names in found], [INSTALLED])

    def test_a_stray_placeholder_is_seen(self):
        self.assertEqual(placeholders('a [TRUST TO COMPLETE: role], `[segment NAME]` and [a link](x.md)'), [])
        for text in ('[role]', '<date>', '[TRUST TO COMPLETE]', '[TRUST TO COMPLETE: role', '[trust to complete: x]', 'TBC',
                     'name: ____', 'on ......', '[TRUST TO COMPLETE: one [role]]'):
            self.assertNotEqual(placeholders(text), [], text)

    def test_no_document_has_another_placeholder_than_that_for_the_trust(self):
        for name in DOCUMENTS + ['data-flow.svg']:
            text = read(name)
            if name.endswith('.svg'):
                text = re.sub(r'<[^>]*>', '', text)
            self.assertEqual(placeholders(text), [], name)

    def test_documents_link_to_what_is_there(self):
        for name in DOCUMENTS:
            for target in re.findall(r'\]\(([^)]+)\)', read(name)):
                self.assertIn(target, INSTALLED, name)
        for name in INSTALLED:
            if name != 'README.md':
                self.assertIn(name, read('README.md'))

    def test_statements_of_law_that_were_not_verified_are_marked(self):
        paragraphs = re.split(r'\n\n|\n\* ', read('dpia.md'))
        for words in ('Act 2016, sections 3 to 6', 'Art. 28', 'reg. 3(2): ', 'Art. 6 UK GDPR), to be chosen', 'Schedule 1 to',
                      'duty of confidentiality**', 'Data (Use and Access) Act'):
            found = [part for part in paragraphs if words in part]
            self.assertEqual(len(found), 1, words)
            self.assertIn('(DPO to check', found[0])

    def test_the_retention_schedule_knows_every_setting_and_that_it_is_not_enforced(self):
        text = read('retention-schedule.md')
        for key in ('hours', 'days', 'months', 'clients', 'size'):
            row = [line for line in text.splitlines() if '`%s` under `[retention]`' % key in line]
            self.assertEqual(len(row), 1, key)
            result = self.daemon('--check', config='[retention]\n%s = %s\n' % (key, '1G' if key == 'size' else '40d'))
            self.assertEqual('not in force' in result.err, '**no**' in row[0], result.err)
        result = self.daemon('--check', config='[privacy]\nclients = fold\n')
        self.assertEqual(result.status != 0, 'refused in this version' in text)

    def test_tables_have_exactly_the_columns_of_the_registers(self):
        for name, columns in (('asset-entry.csv', ASSET_COLUMNS), ('ropa-entry.csv', ROPA_COLUMNS)):
            header, rows = self.rows(name)
            self.assertEqual(header, columns)
            self.assertGreater(len(rows), 0)
            for row in rows:
                self.assertNotIn(None, row, 'too many cells')
                self.assertNotIn(None, row.values(), 'too few cells')
                self.assertEqual([c for c in columns if c in FOR_PEOPLE and row[c]], [])
                self.assertEqual([c for c in columns if row[c] and row[c][0] in '=+-@\t\r'], [])

    def test_the_processing_names_assets_of_the_pack(self):
        assets = [row['asset_id'] for row in self.rows('asset-entry.csv')[1]]
        for row in self.rows('ropa-entry.csv')[1]:
            self.assertEqual(row['information_assets'].split(';'), assets)

    def test_the_asset_entry_can_be_imported(self):
        result = support.run(support.TERRIER, 'assets', 'check', path_of('asset-entry.csv'), '--register',
                             self.path('register.db'))
        self.assertEqual((result.status, result.err), (0, ''))

    def test_the_list_of_fields_is_that_of_the_program(self):
        text = read('fields.md')
        self.assertEqual(text, support.run(support.TERRIERD, '--list-fields').out)
        for line in support.run(support.TERRIERD, '--list-dissectors').out.splitlines():
            self.assertIn('(dissector `%s`)' % line.split()[0], text)

    def test_the_diagram_is_well_formed_and_told_in_words(self):
        root = xml.etree.ElementTree.fromstring(read('data-flow.svg'))
        for part in ('title', 'desc'):
            self.assertTrue(root.find('{http://www.w3.org/2000/svg}' + part).text)


support.main()
