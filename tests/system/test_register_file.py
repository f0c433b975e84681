#!/usr/bin/env python3
"""The register as a file of many: who may write and read it, and what a kill leaves: test_register_file.py FILLREGISTER
TERRIER FILLDB."""
import concurrent.futures
import hashlib
import os
import random
import signal
import stat
import subprocess
import time

import registers

JANE, JOHN, GROUP, READERS = 64101, 64102, 64201, 64202  # no such users or groups are needed


class Rights(registers.Case):
    """root has made the register for a group that may write nothing else here."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest('needs root')
        os.chmod(self.database, 0o644)
        for end in ('-wal', '-shm'):
            os.chmod(self.database + end, 0o644)

    def make(self, mode=0o660):
        """As `install -g GROUP -m MODE /dev/null FILE` does."""
        for path in (self.register, self.register + '-journal'):
            with open(path, 'w'):
                os.chown(path, 0, GROUP)
                os.chmod(path, mode)

    def rights(self):
        found = {(os.stat(p).st_uid, os.stat(p).st_gid, stat.S_IMODE(os.stat(p).st_mode))
                 for p in (self.register, self.register + '-journal')}
        self.assertEqual(len(found), 1, found)
        return found.pop()

    def test_a_member_of_the_group_needs_no_other_right(self):
        self.make()
        jane = registers.as_user(JANE, GROUP)
        self.assertEqual(self.verify_rows(preexec_fn=jane)['head'][0], 'none')
        self.decide('F-1', preexec_fn=jane)
        self.decide('F-2', preexec_fn=registers.as_user(JOHN, 64999, GROUP))
        self.decide('F-3')
        self.assertIn('records: 3', self.verify_rows(preexec_fn=jane)['register'][1])
        self.assertEqual(self.rights(), (0, GROUP, 0o660))
        rows = self.sql(('SELECT account FROM record ORDER BY number',))
        self.assertEqual(rows, [('uid %d' % JANE,), ('uid %d' % JOHN,), ('root',)])
        self.assertEqual(sorted(os.listdir(self.folder)), ['register.db', 'register.db-journal', 'terrier.db',
                                                           'terrier.db-shm', 'terrier.db-wal'])

    def test_a_large_entry_needs_no_other_right_either(self):
        self.make()
        self.enter('many', 500, 2000, preexec_fn=registers.as_user(JANE, GROUP))
        self.assertIn('records: 2500', self.verify_rows(preexec_fn=registers.as_user(JOHN, GROUP))['register'][1])

    def test_who_may_only_read_reads(self):
        self.make()
        self.decide('F-1')
        for path in (self.register, self.register + '-journal'):
            os.chmod(path, 0o664)
        reader = registers.as_user(JOHN, READERS)
        self.assertIn('records: 1', self.verify_rows(preexec_fn=reader)['register'][1])
        self.assertIn('decision 1', self.enter('list', preexec_fn=reader))
        self.refused(self.fill('entry', 'asset', 'asset_id=X', preexec_fn=reader), 1, 'cannot be written', self.register,
                     'group %d' % GROUP)
        self.assertIn('records: 1', self.verify_rows()['register'][1])

    def test_who_may_not_read_is_told_which_group_may(self):
        self.make()
        self.decide('F-1')
        result = self.verify(preexec_fn=registers.as_user(JOHN, READERS))
        self.refused(result, 1, 'cannot be read', 'group %d' % GROUP)

    def test_a_group_that_may_not_write_is_told_whom_to_ask(self):
        self.make(0o640)
        self.decide('F-1')
        member = registers.as_user(JANE, GROUP)
        self.assertIn('records: 1', self.verify_rows(preexec_fn=member)['register'][1])
        self.refused(self.fill('entry', 'asset', 'asset_id=X', preexec_fn=member), 1, 'cannot be written', 'ask root',
                     'chgrp %d %s; chmod 0660 %s' % (GROUP, self.register, self.register))
        os.chown(self.register, 0, 0)
        os.chmod(self.register, 0o664)
        self.refused(self.fill('entry', 'asset', 'asset_id=X', preexec_fn=member), 1, 'chgrp terrier-register')

    def test_a_place_where_nobody_may_make_files_says_what_to_ask_for(self):
        jane = registers.as_user(JANE, GROUP)
        self.refused(self.fill('entry', 'asset', 'asset_id=X', preexec_fn=jane), 1, 'cannot be made',
                     'install -g terrier-register -m 0660 /dev/null ' + self.register)
        self.assertFalse(os.path.exists(self.register))
        self.make()
        os.unlink(self.register + '-journal')
        self.refused(self.fill('entry', 'asset', 'asset_id=X', preexec_fn=jane), 1, 'register.db-journal', 'does not exist',
                     'install -g %d -m 0660 /dev/null' % GROUP)
        self.assertEqual(os.path.getsize(self.register), 0)
        with open(self.register + '-journal', 'w'):
            os.chmod(self.register + '-journal', 0o600)
        self.refused(self.fill('entry', 'asset', 'asset_id=X', preexec_fn=jane), 1, 'register.db-journal',
                     'cannot be written')

    def test_a_new_register_is_for_its_group_whatever_the_umask(self):
        for mask in (0o000, 0o077, 0o777):
            old = os.umask(mask)
            try:
                self.decide('F-1')
            finally:
                os.umask(old)
            mode = self.rights()[2]
            self.assertEqual(mode, 0o660)
            for path in (self.register, self.register + '-journal'):
                os.unlink(path)

    def test_the_journal_of_root_is_for_the_group(self):
        """SQLite makes the journal of an empty file anew where it may."""
        self.make()
        self.decide('F-1')
        self.assertEqual(self.rights(), (0, GROUP, 0o660))
        os.unlink(self.register + '-journal')
        self.decide('F-2')
        self.assertEqual(self.rights(), (0, GROUP, 0o660))
        self.decide('F-3', preexec_fn=registers.as_user(JANE, GROUP))

    def test_the_owners_folder_keeps_the_group_too(self):
        """Not root, but the owner of a folder, and a member of the register's group and of another first."""
        os.chown(self.folder, JANE, JANE)
        self.make()
        for path in (self.register, self.register + '-journal'):
            os.chown(path, JANE, GROUP)
        self.decide('F-1', preexec_fn=registers.as_user(JANE, READERS, GROUP))
        self.assertEqual(self.rights(), (JANE, GROUP, 0o660))

    def test_a_link_to_the_register_finds_its_journal(self):
        self.make()
        link = self.path('link.db')
        os.symlink(self.register, link)
        result = registers.run(registers.FILLREGISTER, link, 'entry', 'asset', 'asset_id=X',
                               preexec_fn=registers.as_user(JANE, GROUP))
        self.assertEqual((result.status, result.err), (0, ''))
        self.assertIn('records: 1', self.verify_rows()['register'][1])
        self.assertFalse(os.path.exists(link + '-journal'))

    def start(self, *args, **more):
        process = subprocess.Popen([registers.FILLREGISTER, self.register, *args], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, **more)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def is_hot(self):
        """True when a write was cut short: its journal has not been emptied."""
        with open(self.register + '-journal', 'rb') as file:
            return file.read(1) not in (b'', b'\0')

    def test_a_kill_loses_nothing_that_was_in(self):
        self.make()
        jane, reader = registers.as_user(JANE, GROUP), registers.as_user(JOHN, READERS)
        said, told, chance = 0, 0, random.Random(4)
        for path in (self.register, self.register + '-journal'):
            os.chmod(path, 0o664)
        for turn in range(50):
            process = self.start('on', preexec_fn=jane)
            self.assertIn(b'F-', process.stdout.readline())
            time.sleep(chance.random() * 0.02)
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().count(b'\n')
            process.wait()
            said += 1 + rest
            hot, result = self.is_hot(), self.verify(preexec_fn=reader)
            if hot:
                told += 1
                self.refused(result, 1, 'cut short', 'member of the group %d' % GROUP, 'terrier verify')
                result = self.verify(preexec_fn=jane)
            self.assertEqual((result.status, result.err), (0, ''), turn)
            self.assertEqual(self.verify_rows(preexec_fn=reader)['register'][0], 'sound')
        count, last = self.sql(('SELECT count(*), max(number) FROM record',))[0]
        self.assertEqual(count, last)
        self.assertLessEqual(said, count)
        self.assertLessEqual(count, said + 50)
        print('# killed with a write on its way: %d of 50' % told)

    def test_a_write_cut_short_is_undone_by_who_may_and_told_to_others(self):
        self.make()
        jane, reader = registers.as_user(JANE, GROUP), registers.as_user(JOHN, READERS)
        self.decide('F-1')
        with open(self.register, 'rb') as file:
            before = file.read()
        self.tear()
        self.assertTrue(self.is_hot())
        for path in (self.register, self.register + '-journal'):
            os.chmod(path, 0o664)
        self.refused(self.verify(preexec_fn=reader), 1, 'cut short', 'group %d' % GROUP)
        self.assertIn('records: 1', self.verify_rows(preexec_fn=jane)['register'][1])
        with open(self.register, 'rb') as file:
            self.assertEqual(file.read(), before)
        self.assertEqual(self.rights(), (0, GROUP, 0o664))
        self.assertIn('records: 1', self.verify_rows(preexec_fn=reader)['register'][1])
        self.tear()
        self.decide('F-2', preexec_fn=jane)
        self.assertIn('records: 2', self.verify_rows(preexec_fn=reader)['register'][1])

    def tear(self):
        """A process that dies when its write has reached the file and is not committed."""
        script = ('import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None);'
                  'db.execute("PRAGMA journal_mode = PERSIST"); db.execute("PRAGMA cache_size = 1");'
                  'db.execute("PRAGMA cache_spill = 1"); db.execute("BEGIN");'
                  'db.execute("UPDATE record SET body = hex(randomblob(200000))");'
                  'db.execute("INSERT INTO record SELECT number + 1, made_us, account, source, type, id,'
                  ' hex(randomblob(900000)), previous, hash FROM record WHERE number = 1");'
                  'os.kill(os.getpid(), 9)')
        subprocess.run(['python3', '-c', script, self.register], check=False)

    def test_two_writers_make_one_chain(self):
        self.make()
        jane, john = ([f'F-{uid}-{i}' for i in range(20)] for uid in (JANE, JOHN))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(self.decide, flow, preexec_fn=registers.as_user(uid, GROUP))
                         for pair in zip(jane, john) for uid, flow in zip((JANE, JOHN), pair)]:
                done.result()
        self.assertIn('records: 40', self.verify_rows()['register'][1])
        self.assertEqual(sorted(row[0] for row in self.sql(('SELECT id FROM record',))), sorted(jane + john))

    def test_a_new_register_is_given_to_its_group(self):
        """With a list of groups of our own, in a namespace of our own."""
        with open('/etc/group', encoding='utf-8') as file:
            groups = self.path('group')
            with open(groups, 'w', encoding='utf-8') as out:
                out.write(file.read() + 'terrier-register:x:%d:\n' % GROUP)
        result = registers.run('unshare', '-m', 'sh', '-c', 'mount --bind "$0" /etc/group && exec "$@"', groups,
                               registers.FILLREGISTER, self.register, 'entry', 'asset', 'asset_id=X')
        if 'unshare' in result.err or 'mount' in result.err:
            self.skipTest('no mount namespace: ' + result.err)
        self.assertEqual((result.status, result.err), (0, ''))
        self.assertEqual(self.rights(), (0, GROUP, 0o660))


class Waiting(registers.Case):
    def test_a_second_writer_waits_for_the_first(self):
        self.decide('F-1')
        script = ('import sqlite3, sys, time; db = sqlite3.connect(sys.argv[1], isolation_level=None);'
                  'db.execute("BEGIN IMMEDIATE"); print("held", flush=True); time.sleep(float(sys.argv[2]));'
                  'db.execute("ROLLBACK")')
        with subprocess.Popen(['python3', '-c', script, self.register, '1.5'], stdout=subprocess.PIPE) as holder:
            holder.stdout.readline()
            start = time.monotonic()
            self.decide('F-2')
            self.assertGreater(time.monotonic() - start, 0.8)
        self.assertIn('records: 2', self.verify_rows()['register'][1])

    def test_who_waits_ten_seconds_is_told(self):
        self.decide('F-1')
        script = ('import sqlite3, sys, time; db = sqlite3.connect(sys.argv[1], isolation_level=None);'
                  'db.execute("BEGIN IMMEDIATE"); print("held", flush=True); time.sleep(60)')
        with subprocess.Popen(['python3', '-c', script, self.register], stdout=subprocess.PIPE) as holder:
            holder.stdout.readline()
            start = time.monotonic()
            result = self.fill('entry', 'asset', 'asset_id=X')
            took = time.monotonic() - start
            self.assertIn('records: 1', self.verify_rows()['register'][1])
            holder.kill()
        self.refused(result, 1, 'someone else is writing', 'try again')
        self.assertTrue(9 < took < 20, took)


class Account(registers.Case):
    def account(self, **more):
        self.decide('F-1', **more)
        return self.sql(('SELECT account FROM record ORDER BY number DESC LIMIT 1',))[0][0]

    @registers.needs_root
    def test_root_by_way_of_sudo_has_a_name(self):
        self.assertEqual(self.account(), 'root')
        self.assertEqual(self.account(env={'SUDO_USER': 'jane'}), 'root for jane')
        self.assertEqual(self.account(env={'SUDO_USER': 'root'}), 'root')
        self.assertEqual(self.account(env={'SUDO_USER': 'ja\nne\x1b'}), 'root for ja?ne?')
        self.assertEqual(self.account(env={'SUDO_USER': 'x' * 500}), 'root for ' + 'x' * 64)

    @registers.needs_root
    def test_nobody_else_is_who_the_environment_says(self):
        os.chmod(self.folder, 0o777)
        self.assertEqual(self.account(env={'SUDO_USER': 'jane'}, preexec_fn=registers.as_user(JANE, GROUP)), 'uid %d' % JANE)

    def test_no_syslog_is_no_failure(self):
        self.assertEqual(self.enter('audit', 'assets import', '3', ''), '')

    def logged(self, *command, **more):
        """The line that a command leaves in the system's log."""
        script = r'''
import os, socket, subprocess, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind('/dev/log')
log.settimeout(10)
done = subprocess.run(sys.argv[1:], check=True)
print(log.recv(1000).decode())
'''
        inside = 'mount -t tmpfs none /dev && : > /dev/null && exec python3 -c "$0" "$@"'
        result = registers.run('unshare', '-m', 'sh', '-c', inside, script, *command, **more)
        if 'unshare' in result.err or 'mount' in result.err:
            self.skipTest('no mount namespace: ' + result.err)
        self.assertEqual(result.status, 0, result.err)
        self.assertTrue(result.out.startswith('<%d>' % (10 << 3 | 5)), result.out)
        return result.out

    @registers.needs_root
    def test_a_line_reaches_the_system_log(self):
        line = self.logged(registers.FILLREGISTER, self.register, 'audit', 'review accept F-1\n', '12', 'abc', env={'SUDO_USER': 'jane'})
        self.assertRegex(line, r'terrier\[\d+\]: account root for jane, command review accept F-1\?, rows 12, hash abc\n$')

    @registers.needs_root
    def test_what_is_written_to_a_file_leaves_a_line_with_its_hash(self):
        line = self.logged(registers.TERRIER, 'flows', '--database', self.database, '--output', self.path('flows.csv'))
        with open(self.path('flows.csv'), 'rb') as file:
            made = hashlib.blake2b(file.read(), digest_size=32).hexdigest()
        self.assertRegex(line, r'command flows, rows 8, hash %s\n$' % made)


registers.main()
