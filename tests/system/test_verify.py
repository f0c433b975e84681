#!/usr/bin/env python3
"""Whether `terrier verify` finds what was changed behind its back: test_verify.py FILLREGISTER TERRIER FILLDB."""
import hashlib
import json
import os
import shutil
import sqlite3
import struct

import registers

FIELDS = 'number, made_us, account, source, type, id, body, previous, hash'
INSERT = 'INSERT INTO record (%s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)' % FIELDS


def chain_hash(previous, number, made_us, *texts):
    """A record's hash, made as the header of the register describes it and with nothing of ours."""
    state = hashlib.blake2b(digest_size=32)
    for field in (b'terrier register 1', previous, struct.pack('<q', number), struct.pack('<q', made_us),
                  *(text.encode() for text in texts)):
        state.update(struct.pack('<Q', len(field)) + field)
    return state.digest()


class Verify(registers.Case):
    def setUp(self):
        super().setUp()
        self.enter('entry', 'asset', 'asset_id=PACS', 'asset_name=Bild "und"\tTon \\ é\n2', 'asset_type=system')
        self.enter('entry', 'declaration', 'source_asset_id=PACS', 'destination_asset_id=RIS', 'kind_id=img.study')
        for flow in ('F-1', 'F-2', 'F-3'):
            self.decide(flow)
        self.enter('remove', 'asset', 'asset_id=PACS')

    def records(self):
        return self.sql(('SELECT %s FROM record ORDER BY number' % FIELDS,))

    def head(self):
        return self.verify_rows()['head'][1]

    def bad(self, *words, result='changed', args=()):
        said = self.verify_rows(*args, status=3)
        self.assertEqual(said['register'][0], result)
        for word in words:
            self.assertIn(word, said['register'][1])
        self.assertRegex(said['head'][1], '^[0-9a-f]{64}$')
        self.assertEqual(self.verify('--format', 'csv', *args).out.splitlines()[1].split(',')[1], 'sound')

    def rechain(self, rows, with_head=True):
        """Writes a whole valid chain of these rows in place of the old one."""
        previous, done = bytes(32), []
        for number, row in enumerate(rows, 1):
            now = chain_hash(previous, number, *row[1:7])
            done.append((number, *row[1:7], previous, now))
            previous = now
        self.sql(('DELETE FROM record',), *((INSERT, *row) for row in done))
        if with_head:
            self.sql(('UPDATE head SET records = ?, hash = ?', len(done), previous))

    def test_a_sound_register_is_told_with_its_head(self):
        rows = self.verify_rows()
        self.assertEqual({part: said for part, (said, _) in rows.items()},
                         {'database': 'sound', 'texts': 'sound', 'register': 'sound', 'head': 'last record'})
        self.assertIn('records: 6', rows['register'][1])
        self.assertEqual(rows['head'][1], self.records()[-1][8].hex())
        answer = json.loads(self.verify('--format', 'json').out)
        self.assertEqual(answer['coverage'], {'register_head': rows['head'][1], 'register_records': 6})
        self.assertEqual(len(answer['checks']), 4)
        self.assertIn(rows['head'][1], self.verify().out)

    def test_the_format_is_as_documented(self):
        previous = bytes(32)
        for number, row in enumerate(self.records(), 1):
            self.assertEqual((row[0], row[7]), (number, previous))
            previous = chain_hash(row[7], *row[:7])
            self.assertEqual(row[8], previous)
        body = self.records()[0][6]
        cells = {'asset_id': 'PACS', 'asset_name': 'Bild "und"\tTon \\ é\n2', 'asset_type': 'system'}
        self.assertEqual(body, json.dumps(cells, ensure_ascii=False, separators=(',', ':')))
        self.assertEqual(self.records()[5][6], '')
        self.assertEqual(self.sql(('SELECT records, hash FROM head',)), [(6, previous)])

    def test_one_octet_of_any_column_is_found(self):
        copy = self.path('sound.db')
        shutil.copy(self.register, copy)
        record = self.records()[3]
        self.assertIn('F-2', record[5])
        for i, column in enumerate(FIELDS.split(', ')[1:], 1):
            value = record[i]
            if isinstance(value, int):
                changed = value ^ 1
            elif isinstance(value, bytes):
                changed = value[:7] + bytes([value[7] ^ 1]) + value[8:]
            else:
                changed = value[:-1] + chr(ord(value[-1]) ^ 1)
            with self.subTest(column=column):
                self.sql(('UPDATE record SET %s = ? WHERE number = 4' % column, changed))
                self.bad('record 4 (', ' made 20', ' by root)' if os.geteuid() == 0 and column != 'account' else '')
                shutil.copy(copy, self.register)
        self.sql(('UPDATE record SET number = 40 WHERE number = 4',))
        self.bad('record 5 (decision F-3', result='broken')

    def test_the_description_names_the_record(self):
        self.sql(("UPDATE record SET body = replace(body, 'agreed', 'refused') WHERE number = 4",))
        result = self.verify()
        account = self.records()[3][2]
        self.refused(result, 3, 'terrier: register: ' + self.register, 'record 4 (decision F-2, made 20', ' by ' + account,
                     'changed', 'restore a copy')

    def test_hashes_of_another_size_and_hidden_octets_are_found(self):
        for change in ("hash = x'00'", "previous = x''", "account = account || char(0) || 'x'", "type = 'asset'"):
            with self.subTest(change=change):
                copy = self.path('sound.db')
                shutil.copy(self.register, copy)
                self.sql(('UPDATE record SET %s WHERE number = 2' % change,))
                self.bad('record 2 (')
                shutil.copy(copy, self.register)

    def test_what_was_taken_out_is_missed(self):
        copy = self.path('sound.db')
        shutil.copy(self.register, copy)
        for gone, result, words in ((1, 'broken', 'record 2 (declaration D-'), (4, 'broken', 'record 5 (decision F-3'),
                                    (6, 'cut', 'record 6 (6 records were made, 5 are left)')):
            with self.subTest(gone=gone):
                self.sql(('DELETE FROM record WHERE number = ?', gone))
                self.bad(words, result=result)
                shutil.copy(copy, self.register)
        self.sql(('DELETE FROM record WHERE number = 4',), ('UPDATE record SET number = number - 1 WHERE number > 4',))
        self.bad('record 4 (decision F-3')

    def test_all_of_it_gone_is_missed(self):
        self.sql(('DELETE FROM record',))
        said = self.verify_rows(status=3)
        self.assertEqual(said['register'][0], 'cut')
        self.assertEqual(said['head'], ('none', 'no record was made yet'))
        self.sql(('DELETE FROM head',))
        self.assertEqual(self.verify_rows(status=3)['register'][0], 'cut')

    def test_a_chain_that_was_cut_is_not_added_to(self):
        self.sql(('DELETE FROM record WHERE number = 6',))
        self.refused(self.fill('entry', 'asset', 'asset_id=X'), 1, 'changed by other hands', 'nothing was added',
                     'terrier verify')
        self.assertEqual(len(self.records()), 5)
        self.bad(result='cut')

    def test_two_exchanged_are_found(self):
        self.sql(('UPDATE record SET number = 99 WHERE number = 3',), ('UPDATE record SET number = 3 WHERE number = 4',),
                 ('UPDATE record SET number = 4 WHERE number = 99',))
        self.bad('record 3 (decision F-2')

    def test_one_put_in_is_found(self):
        record = self.records()[5]
        row = (7, record[1], record[2], record[3], 'decision', 'F-9', '{}', record[8])
        self.sql((INSERT, *row, bytes(32)))
        self.bad('record 7 (decision F-9')
        self.sql(('UPDATE record SET hash = ? WHERE number = 7', chain_hash(row[7], *row[:7])))
        self.bad('record 7 (decision F-9', result='broken')
        self.sql(('DELETE FROM record WHERE number = 7',), (INSERT, 0, *row[1:], bytes(32)))
        self.bad('record 0 (decision F-9')

    def test_a_head_that_was_left_or_lost_is_found(self):
        rows = self.records()
        self.rechain(rows[:3] + rows[4:], with_head=False)
        self.bad('5 are left', result='cut')
        rows[3] = (*rows[3][:6], '{"id":"F-2","decision":"reject"}', *rows[3][7:])
        self.rechain(rows, with_head=False)
        self.bad('record 6 (', result='broken')
        self.rechain(rows)
        self.assertEqual(self.verify_rows()['register'][0], 'sound')
        self.sql(('DELETE FROM head',))
        self.bad("own account of its end is missing", result='cut')

    def test_a_chain_rewritten_is_found_by_its_old_head(self):
        old = self.head()
        rows = self.records()
        rows[3] = (*rows[3][:6], rows[3][6].replace('accept', 'reject'), *rows[3][7:])
        self.rechain(rows)
        self.assertEqual(self.verify_rows()['register'][0], 'sound')
        self.assertNotEqual(self.head(), old)
        self.assertEqual(self.verify_rows('--head', old, status=3)['register'][0], 'cut or rewritten')
        self.refused(self.verify('--head', old), 3, 'cut short or rewritten since that head was printed')
        self.rechain(rows[:2])
        self.assertEqual(self.verify_rows()['register'][0], 'sound')
        self.assertEqual(self.verify_rows('--head', old, status=3)['register'][0], 'cut or rewritten')

    def test_a_head_of_old_is_found_in_a_sound_chain(self):
        hashes = [row[8].hex() for row in self.records()]
        self.decide('F-4')
        for number, text in enumerate(hashes, 1):
            said = self.verify_rows('--head', text)['asked']
            self.assertEqual(said, ('found', 'the head that was asked for is that of record %d' % number))
        self.assertIn('asked', self.verify_rows('--head', hashes[2].upper()))
        self.assertIn('asked', self.verify_rows('--head', hashes[2][:16]))
        self.verify_rows('--head', hashes[2][:15] + ('0' if hashes[2][15] != '0' else '1'), status=3)

    def test_a_head_that_is_none_is_the_callers_fault(self):
        for head in ('abc', 'f' * 15, 'f' * 65, 'g' * 64, ' ' + 'f' * 63):
            result = self.verify('--head', head)
            self.refused(result, 2, 'option --head', '64 digits')
            self.assertEqual(result.out, '')

    def test_no_register_is_no_fault_until_a_head_is_asked_for(self):
        old = self.head()
        os.unlink(self.register)
        os.unlink(self.register + '-journal')
        said = self.verify_rows()
        self.assertEqual(said['register'][0], 'missing')
        self.assertEqual(said['head'][0], 'none')
        self.assertFalse(os.path.exists(self.register))
        self.refused(self.verify('--head', old), 3, 'is gone', '--register')
        open(self.register, 'w').close()
        self.assertEqual(self.verify_rows()['register'][0], 'sound')
        self.assertEqual(self.verify_rows('--head', old, status=3)['register'][0], 'cut or rewritten')

    def test_the_register_alone_can_be_verified(self):
        filed = self.path('filed.db')
        shutil.copy(self.register, filed)
        result = registers.run(registers.TERRIER, 'verify', '--register', filed, env={'TERRIER_DATABASE': self.path('none.db')})
        self.assertEqual((result.status, result.err), (0, ''))
        self.assertIn('not looked at', result.out)
        result = registers.run(registers.TERRIER, 'verify', '--register', filed, '--database', self.path('none.db'))
        self.refused(result, 2, 'none.db', 'does not exist')
        self.assertIn('records: 6', result.out)

    def test_texts_that_may_not_be_kept_are_counted_and_not_printed(self):
        planted = ('ZZSMITH 1234567', 'zz.planted@example.org', '943 476 5919')
        host = self.sql(('SELECT host FROM name LIMIT 1',), path=self.database)[0][0]
        for name in planted[:2]:
            self.sql(('INSERT INTO name VALUES (?, 3, ?, 1, 0, 0, 0)', host, name), path=self.database)
        self.sql(("UPDATE exchange SET evidence = ? WHERE id = (SELECT min(id) FROM exchange)",
                  '[[1,"%s",3]]' % planted[2]), path=self.database)
        result = self.verify()
        self.refused(result, 3, '3 texts', self.database)
        self.assertIn('3 of ', result.out)
        for text in planted:
            self.assertNotIn(text, result.out + result.err)
        self.assertEqual(self.verify_rows(status=3)['register'][0], 'sound')

    def test_identifiers_with_a_grammar_of_their_own_pass(self):
        self.sql(("UPDATE exchange SET evidence = ? WHERE id = (SELECT min(id) FROM exchange)",
                  '[[0,"",2],[2,"1.2.840.10008.5.1.4.1.1.481.2",3]]'), path=self.database)
        self.assertEqual(self.verify_rows()['texts'][0], 'sound')

    def test_a_database_that_lost_its_references_is_found(self):
        self.sql(('DELETE FROM host WHERE id = (SELECT source FROM exchange LIMIT 1)',), path=self.database)
        self.refused(self.verify(), 3, self.database, 'damaged')
        self.assertEqual(self.verify_rows(status=3)['database'][0], 'damaged')

    def test_files_that_cannot_be_read_are_told(self):
        def corrupt(path):
            with open(path, 'r+b') as file:
                file.seek(4096)
                file.write(b'\xff' * (os.path.getsize(path) - 4096))
        with open(self.register, 'rb') as file:
            content = file.read()
        corrupt(self.register)
        result = self.verify()
        self.refused(result, 1, 'register: ' + self.register, 'damaged', 'restore a copy')
        self.assertIn('unread', result.out)
        self.refused(self.fill('list'), 1, 'damaged')
        self.refused(self.fill('entry', 'asset', 'asset_id=X'), 1, 'damaged')
        with open(self.register, 'wb') as file:
            file.write(content)
        self.assertEqual(self.verify_rows()['register'][0], 'sound')
        os.truncate(self.register, 5000)
        self.refused(self.verify(), 1, 'damaged')

    def test_an_index_that_lies_is_damage(self):
        db = sqlite3.connect(self.register)
        db.execute('PRAGMA writable_schema = ON')
        db.execute("UPDATE sqlite_schema SET sql = 'CREATE INDEX record_of_entry ON record (id, type, number)' "
                   "WHERE name = 'record_of_entry'")
        db.commit()
        db.close()
        self.refused(self.verify(), 1, 'damaged')

    def test_hostile_texts_reach_no_terminal(self):
        self.sql(("UPDATE record SET id = 'F-' || char(27) || '[2J' || char(10) || 'x' WHERE number = 4",))
        result = self.verify()
        self.refused(result, 3, 'record 4')
        self.assertNotIn('\x1b', result.out + result.err)


registers.main()
