#!/usr/bin/env python3
"""Bad input: every mistake has one line of its own, the exit status of CONTRACT, and loses nothing."""
import contextlib
import gzip
import os
import pty
import resource
import shutil
import signal
import sqlite3
import struct
import subprocess
import time
import unittest

import support
from mkpcap import Capture
from support import needs_root


def good_capture(client=support.PAS + ':40001', start=1795300000.0, codes=('ADT^A01', 'ADT^A08')):
    capture = Capture(start=start)
    support.hl7_talk(capture, codes, client=client)
    return capture


class Case(support.Case):
    def good(self, name='good.pcap', **options):
        return self.save(name, good_capture(**options))

    def nothing_written(self):
        self.assertEqual([name for name in os.listdir(self.folder) if 'terrier.db' in name], [])


class Files(Case):
    def test_a_missing_file(self):
        self.refused(self.daemon('--read', self.path('none.pcap')), 'none.pcap', 'No such file')
        self.nothing_written()

    def test_a_directory(self):
        self.refused(self.daemon('--read', self.folder), self.folder, 'directory')
        self.nothing_written()

    def test_what_is_no_capture(self):
        self.refused(self.daemon('--read', self.write('notes.txt', 'Dear colleague, please find attached')), 'notes.txt',
                     'not a capture file')
        self.nothing_written()

    def test_an_empty_file(self):
        self.refused(self.daemon('--read', self.write('empty.pcap', '')), 'empty.pcap', 'empty')
        self.nothing_written()

    def test_a_header_cut_short(self):
        self.refused(self.daemon('--read', self.write('short.pcap', b'\xd4\xc3\xb2\xa1\x02\0\x04\0')), 'short.pcap')
        self.nothing_written()

    def test_formats_of_others_name_the_tool_that_converts(self):
        self.refused(self.daemon('--read', self.write('sun.snoop', b'snoop\0\0\0\0\0\0\x02\0\0\0\x04')), 'snoop', 'editcap')
        self.refused(self.daemon('--read', self.write('x.pcap.xz', b'\xfd7zXZ\0\0\4')), 'xz -dc')
        self.nothing_written()

    def test_a_link_type_that_is_no_network(self):
        path = self.path('usb.pcap')
        good_capture().write(path, link=189)
        self.refused(self.daemon('--read', path), 'usb.pcap', '189')
        self.nothing_written()

    def test_a_file_that_may_not_be_read(self):
        path = self.good()
        os.chmod(path, 0)
        os.chmod(self.folder, 0o777)
        options = {'preexec_fn': support.as_nobody} if os.geteuid() == 0 else {}
        self.refused(self.daemon('--read', path, **options), 'good.pcap', 'Permission denied', status=1)
        self.nothing_written()

    def test_one_bad_file_of_two_writes_nothing(self):
        good, bad = self.good(), self.write('bad.pcap', 'no')
        self.refused(self.daemon('--read', good, bad), 'bad.pcap')
        self.refused(self.daemon('--read', bad, good), 'bad.pcap')
        self.refused(self.daemon('--read', good, self.path('none.pcap')), 'none.pcap')
        self.nothing_written()

    def test_two_bad_files_of_two_are_refused_too(self):
        self.assertEqual(self.daemon('--read', self.path('a'), self.path('b')).status, 2)

    def test_the_same_file_twice_in_one_call(self):
        good = self.good()
        copy = self.good('copy.pcap')
        for second in (good, copy):
            self.refused(self.daemon('--read', good, second), os.path.basename(second), 'leave one out')
        self.nothing_written()


class Damage(Case):
    def check(self, content, messages):
        """Everything before the damage is kept, and everybody is told."""
        result = self.daemon('--read', self.write('cut.pcap', content))
        self.assertEqual((result.status, result.out), (1, ''))
        self.assertEqual(result.err.count('\n'), 2, result.err)
        self.assertIn('cut.pcap', result.err.splitlines()[0])
        self.assertIn('packet', result.err.splitlines()[0])
        self.assertRegex(result.err.splitlines()[1], r'^terrierd: \d+ packets')
        self.assertEqual(self.columns('kind_id', 'messages'), messages)
        self.assertEqual(len(self.runs()), 1)
        self.assertIn('incomplete', self.runs()[0])
        self.assertEqual(self.status()['coverage']['runs_incomplete'], 1)

    def content(self, **options):
        with open(self.good(**options), 'rb') as file:
            return file.read()

    @staticmethod
    def frame_at(content, number):
        """Where a frame's header begins."""
        at = 24
        for _ in range(number):
            at += 16 + struct.unpack('<I', content[at + 8:at + 12])[0]
        return at

    def cut(self):
        """Within the frame behind the first message and its answer."""
        whole = self.content()
        return whole[:self.frame_at(whole, 7) + 40]

    def test_cut_short(self):
        self.check(self.cut(), [('pat.encounter', '1')])

    def test_cut_between_two_frames_is_no_damage(self):
        whole = self.content()
        self.read(self.write('part.pcap', whole[:self.frame_at(whole, 7)]))
        self.assertEqual(self.columns('messages'), [('1',)])

    def test_cut_short_and_compressed(self):
        whole = gzip.compress(self.content(codes=['ADT^A01'] * 400), 0)
        self.assertGreater(len(whole), 150000)
        result = self.daemon('--read', self.write('cut.pcap.gz', whole[:100000]))
        self.assertEqual(result.status, 1)
        self.assertIn('cut.pcap.gz', result.err)
        self.assertGreater(int(self.columns('messages')[0][0]), 100)

    def test_a_length_that_cannot_be(self):
        whole = self.content()
        at = self.frame_at(whole, 7)
        self.check(whole[:at + 8] + b'\xff\xff\xff\x7f' + whole[at + 12:], [('pat.encounter', '1')])

    def test_the_files_after_a_damaged_one_are_read(self):
        cut = self.write('cut.pcap', self.cut())
        result = self.daemon('--read', cut, self.good('later.pcap', client='10.77.1.11:40001', start=1795300100.0))
        self.assertEqual(result.status, 1)
        self.assertEqual(self.columns('source_address', 'messages'), [('10.77.1.10', '1'), ('10.77.1.11', '2')])
        self.assertEqual(['incomplete' in run for run in self.runs()], [True, False])

    def test_a_damaged_file_is_known_again(self):
        cut = self.write('cut.pcap', self.cut())
        self.assertEqual(self.daemon('--read', cut).status, 1)
        self.refused(self.daemon('--read', cut), 'cut.pcap', '--again')


class Again(Case):
    def test_a_file_that_was_read_is_refused(self):
        path = self.good()
        self.read(path)
        self.refused(self.daemon('--read', path), 'good.pcap', '--again')
        os.rename(path, self.path('renamed.pcap'))
        self.refused(self.daemon('--read', self.path('renamed.pcap')), 'renamed.pcap', '--again')
        self.assertEqual(self.columns('messages'), [('2',)])

    def test_again_counts_twice_and_marks_both_runs(self):
        path = self.good()
        self.read(path)
        self.assertEqual(self.status()['coverage']['runs_counted_again'], 0)
        self.read(path, '--again')
        self.assertEqual(self.columns('messages', 'connections'), [('4', '2')])
        self.assertEqual(['again' in run for run in self.runs()], [True, True])
        self.assertIn('again', self.ask('flows'))

    def test_one_known_file_of_two_writes_nothing(self):
        path = self.good()
        self.read(path)
        other = self.good('other.pcap', client='10.77.1.11:40001')
        self.refused(self.daemon('--read', path, other), 'good.pcap', '--again')
        self.assertEqual(len(self.runs()), 1)


class CommandLine(Case):
    def test_mistakes(self):
        good = self.good()
        self.refused(self.daemon(), '--interface')
        self.refused(self.daemon(good), '--read')
        self.refused(self.daemon('--read', good, '--interface', 'lo'), '--read', '--interface')
        self.refused(self.daemon('--read', good, '--workers', '0'), '--workers')
        self.refused(self.daemon('--read', good, '--workers', '2x'), '--workers')
        self.refused(self.daemon('--read', good, '--filter', 'tcp prot 5'), '--filter', 'tcp prot 5')
        self.refused(self.daemon('--read', '-', good), 'standard input')
        self.assertEqual(self.daemon('--nonsense').status, 2)
        self.assertEqual(self.daemon('--read').status, 2)
        self.nothing_written()

    def test_a_signal_to_flush_loses_no_file(self):
        with open(self.good(), 'rb') as f:
            content = f.read()
        process = self.start('--read', '-', '--verbose', stdin=subprocess.PIPE)
        process.stdin.write(content[:500])
        process.stdin.flush()
        self.assertIn(b'reads -', process.stderr.readline())
        process.send_signal(signal.SIGUSR1)
        time.sleep(0.2)
        _, said = process.communicate(content[500:])
        self.assertEqual(process.returncode, 0, said)
        self.assertEqual(self.columns('messages'), [('2',)])

    def test_standard_input_that_is_a_terminal(self):
        ours, theirs = pty.openpty()
        try:
            self.refused(self.daemon('--read', '-', stdin=theirs), 'terminal')
        finally:
            os.close(ours)
            os.close(theirs)
        self.nothing_written()

    def test_an_interface_that_does_not_exist(self):
        result = self.daemon('--interface', 'terrier-none')
        if os.geteuid() == 0:
            self.refused(result, 'terrier-none')
        else:
            self.assertIn(result.status, (1, 2), result.err)
        self.nothing_written()

    @needs_root
    def test_an_interface_that_may_not_be_captured_on(self):
        os.chmod(self.folder, 0o777)
        self.refused(self.daemon('--interface', 'lo', preexec_fn=support.as_nobody), 'lo', 'CAP_NET_RAW', status=1)
        self.nothing_written()

    @needs_root
    def test_a_user_that_does_not_exist(self):
        self.refused(self.daemon('--interface', 'lo', '--user', 'zz-nobody'), 'zz-nobody', 'useradd')
        self.nothing_written()

    def test_help_and_versions(self):
        result = support.run(support.TERRIERD, '--help')
        self.assertEqual((result.status, result.err), (0, ''))
        self.assertLessEqual(result.out.count('\n'), 25)
        self.assertLessEqual(max(map(len, result.out.splitlines())), 80)
        result = support.run(support.TERRIERD, '--version')
        self.assertEqual((result.status, result.err), (0, ''))
        for library in ('libpcap', 'nDPI', 'SQLite'):
            self.assertIn(library, result.out)

    def test_check_says_what_would_run_and_writes_nothing(self):
        result = self.daemon('--check', config='[capture]\nexclude_vlans = 310\n')
        self.assertEqual((result.status, result.err), (0, ''))
        self.assertIn('310', result.out)
        self.nothing_written()


class Configuration(Case):
    def test_every_mistake_is_named_at_once(self):
        config = ('[networks]\nown = 10.0.0.0/8, 10.300.0.0/16\n[capture]\nexclude_vlan = 5\nexclude_ports = 70000\n'
                  '[zones]\n[retention]\nhours = soon\n')
        for mode in (['--check'], ['--read', self.good()]):
            result = self.daemon(*mode, config=config)
            self.assertEqual((result.status, result.out), (2, ''))
            lines = result.err.splitlines()
            self.assertEqual([line for line in lines if not line.startswith('terrierd: ')], [])
            self.assertEqual(len(lines), 5, result.err)
            for number, word in ((2, '10.300.0.0/16'), (4, 'exclude_vlans'), (5, '70000'), (6, 'zone'), (8, 'soon')):
                self.assertTrue([line for line in lines if 'terrier.conf: line %d:' % number in line and word in line],
                                (number, word, result.err))
        self.nothing_written()

    def test_a_missing_configuration(self):
        result = support.run(support.TERRIERD, '--check', '--config', self.path('none.conf'))
        self.refused(result, 'none.conf')

    def test_an_unknown_dissector(self):
        self.refused(self.daemon('--check', config='[dissectors]\noff = hl8\n'), 'hl8', '--list-dissectors')


def private_mounts():
    """Why this test may not mount something of its own; empty when it may."""
    if os.geteuid() != 0:
        return 'needs root'
    if shutil.which('unshare') is None or support.run('unshare', '-m', 'true').status != 0:
        return 'needs mount namespaces'
    return ''


@unittest.skipIf(private_mounts(), private_mounts())
class Mounts(Case):
    """Where the path is fixed, or a disk must be small: in a mount namespace of its own."""

    def within(self, script, *args):
        return support.run('unshare', '-m', 'sh', '-c', script, 'sh', *args)

    def check_catalogue(self, name, content):
        """With the site's own rows in the only place where they are looked for."""
        return self.within('mount -t tmpfs terrier-test /etc && mkdir -p /etc/terrier/catalogue.d && '
                           'cp "$1" /etc/terrier/catalogue.d/ && exec "$2" --check',
                           self.write(name, content), support.TERRIERD)

    def test_a_wrong_row_of_the_catalogue(self):
        head = 'kind_id,evidence_type,pattern,direction,source,match,confidence,verified\n'
        good = 'clin.order,hl7v2.msh9,ZZO^Z01,msg,site,exact,high,V\n'
        result = self.check_catalogue('evidence.csv', head + good)
        self.assertEqual((result.status, result.err), (0, ''))
        for right, wrong, named in (('clin.order', 'clin.oder', 'clin.oder'), ('exact', 'exakt', 'exact, prefix'),
                                    ('high', 'hihg', 'medium, high'), ('hl7v2.msh9', 'hl7.msh', 'hl7.msh')):
            bad = good.replace('Z01', 'Z02').replace(right, wrong)
            result = self.check_catalogue('evidence.csv', head + good + bad)
            self.refused(result, 'evidence.csv', 'line 3', wrong, named)

    def test_a_disk_that_runs_full(self):
        many = Capture()
        for i in range(1500):
            support.hl7_talk(many, client='10.77.%d.%d:40001' % (2 + i // 250, 1 + i % 250))
        result = self.within(
            'mount -t tmpfs -o size=400k terrier-test "$1" && cd "$1" && '
            '"$2" --read "$4" --database x.db && "$2" --read "$5" --database x.db; echo "status $?"; '
            'exec "$3" flows --database x.db --format csv', self.folder_for_mount(), support.TERRIERD, support.TERRIER,
            self.good(), self.save('many.pcap', many))
        status, *rows = result.out.splitlines()
        self.assertEqual(status, 'status 1', result.err)
        self.assertIn('disk full', result.err)
        self.assertEqual(len(rows), 2, rows)

    def folder_for_mount(self):
        os.mkdir(self.path('small'))
        return self.path('small')


class Databases(Case):
    def test_a_database_of_another_program(self):
        with contextlib.closing(sqlite3.connect(self.database)) as other:
            other.execute('CREATE TABLE t (a)')
            other.execute('INSERT INTO t VALUES (1)')
            other.commit()
        with open(self.database, 'rb') as file:
            before = file.read()
        self.refused(self.daemon('--read', self.good()), 'terrier.db', 'another program')
        with open(self.database, 'rb') as file:
            self.assertEqual(file.read(), before)
        self.assertEqual(support.run(support.TERRIER, 'flows', '--database', self.database).status, 2)

    def test_a_text_file_instead_of_a_database(self):
        self.write('terrier.db', 'shopping list\n' * 100)
        self.refused(self.daemon('--read', self.good()), 'terrier.db')
        with open(self.database, encoding='ascii') as file:
            self.assertTrue(file.read().startswith('shopping list'))

    def test_a_newer_database(self):
        self.read(self.good())
        with contextlib.closing(sqlite3.connect(self.database)) as db:
            db.execute('PRAGMA user_version = 1000')
        self.refused(self.daemon('--read', self.good('b.pcap', client='10.77.1.11:1')), 'terrier.db', 'newer')
        result = support.run(support.TERRIER, 'flows', '--database', self.database)
        self.assertEqual(result.status, 2)
        self.assertIn('newer', result.err)

    def test_a_folder_that_does_not_exist(self):
        self.database = self.path('none/terrier.db')
        self.refused(self.daemon('--read', self.good()), 'none')

    def test_a_folder_that_may_not_be_written(self):
        path = self.good()
        os.chmod(path, 0o644)
        os.mkdir(self.path('closed'), 0o755)
        os.chmod(self.folder, 0o755)
        self.write('terrier.conf', support.OWN_ALL)
        self.database = self.path('closed/terrier.db')
        if os.geteuid() == 0:
            options = {'preexec_fn': support.as_nobody}
        else:
            os.chmod(self.path('closed'), 0o555)
            options = {}
        self.refused(self.daemon('--read', path, **options), 'closed', 'write')

    def test_verbose_says_what_is_read_and_when_it_is_kept(self):
        path = self.good()
        result = self.daemon('--read', path, '--verbose')
        self.assertEqual(result.status, 0, result.err)
        self.assertIn('worker 0 reads ' + path, result.err)
        self.assertIn('storer: committed: ', result.err)
        self.assertNotIn('committed', self.daemon('--read', path, '--again').err)

    def is_locked_by_child(self, pid):
        """True when the storer, not yet the parent that only looks, holds the database."""
        inode = ':%d' % os.stat(self.database).st_ino
        with open('/proc/locks', encoding='ascii') as locks:
            return any(fields[1] == 'FLOCK' and fields[5].endswith(inode) and fields[4] != str(pid)
                       for fields in map(str.split, locks) if len(fields) > 5)

    def test_two_daemons_on_one_database(self):
        self.read(self.good())
        process = self.start('--read', '-', stdin=subprocess.PIPE)
        other = self.good('b.pcap', client='10.77.1.11:1')
        deadline = time.monotonic() + 30
        while not self.is_locked_by_child(process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        result = self.daemon('--read', other, '--again')
        self.refused(result, 'terrier.db', 'another terrierd')

    def limited(self, octets):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (octets, octets))
        return limit

    def test_a_full_disk_loses_nothing_that_was_there(self):
        self.read(self.good())
        before = self.columns('exchange_id', 'messages')
        many = Capture(start=1795300200.0)
        for i in range(1500):
            support.hl7_talk(many, client='10.77.%d.%d:40001' % (2 + i // 250, 1 + i % 250))
        path = self.save('many.pcap', many)
        size = os.path.getsize(self.database)
        result = self.daemon('--read', path, preexec_fn=self.limited(size + 65536))
        self.assertEqual(result.status, 1, result.err)
        self.assertTrue(result.err.startswith('terrierd: '), result.err)
        self.assertIn('disk full', result.err)
        self.assertEqual(self.columns('exchange_id', 'messages'), before)
        self.read(path)
        self.assertEqual(len(self.columns('exchange_id')), 1501)

    def test_a_disk_too_full_to_begin(self):
        result = self.daemon('--read', self.good(), preexec_fn=self.limited(8192))
        self.refused(result, 'disk full', status=1)
        self.nothing_written()


support.main()
