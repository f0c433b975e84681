#!/usr/bin/env python3
"""Ways to hand files over: pipes, compression, several at once, several workers; and what is said about it."""
import gzip
import os
import random
import re
import shutil
import subprocess
import unittest

import support
import mkpcap
from mkpcap import Capture

ALL = ('exchange_id source_address destination_address direction initiated_by transport server_port protocol kind_id '
       'confidence encrypted connections messages bytes_to_destination bytes_to_source first_seen last_seen evidence '
       'segment').split()
SUMMARY = (r'^terrierd: \d+ packets, \d+ bytes, \d+ flows, \d+ exchanges, \d+ dropped, unknown [\d.]+ % of flows, '
           r'[\d.]+ % of bytes\n$')


def busy_capture(start=1795300000.0, step=0.001):
    """Many hosts, several protocols, each link spread over the whole capture."""
    capture, dice = Capture(start=start, step=step), random.Random(7)
    links = [capture.tcp('10.77.%d.%d:%d' % (1 + i % 5, 10 + i, 40000 + i), '10.77.1.%d:%d' % (200 + i % 7, port))
             for i, port in enumerate([2575, 6661, 2575, 5001] * 10)]
    for turn in range(200):
        link = dice.choice(links)
        link.client(support.hl7(dice.choice(['ADT^A01', 'ORU^R01', 'SIU^S12', 'ORM^O01'])))
        link.server(support.hl7_ack())
        if turn % 9 == 0:
            capture.udp('10.77.3.%d:40000' % (turn % 40), '10.77.1.5:53', b'\0\1\1\0\0\1\0\0\0\0\0\0\3tie\5trust\7example'
                        b'\0\0\1\0\1')
    for link in links:
        link.close()
    return capture


def negotiating_capture():
    """What is told of a connection depends on others, or is known at its end only: FTP with data connections, TFTP, and
    SSH whose way goes by its octets; the sessions of some pairs of hosts mix."""
    capture = Capture()
    pairs = [('10.77.1.%d' % (10 + i), '10.77.1.%d' % (100 + i % 3)) for i in range(9)]
    controls = [capture.tcp(a + ':40000', b + ':21') for a, b in pairs]
    shells = [capture.tcp(a + ':40001', b + ':22') for a, b in pairs]
    for i, (control, shell) in enumerate(zip(controls, shells)):
        control.server(b'220 FTP ready\r\n')
        control.client(b'USER x\r\n')
        shell.server(b'SSH-2.0-OpenSSH_9.2\r\n')
        shell.client(b'SSH-2.0-OpenSSH_9.2\r\n')
    for turn in range(4):
        for i, ((a, b), control, shell) in enumerate(zip(pairs, controls, shells)):
            port, file = 50000 + 10 * i + turn, b'x' * 3000
            if (i + turn) % 2 == 0:
                control.client(b'EPSV\r\n')
                control.server(b'229 Entering (|||%d|)\r\n' % port)
                data, put = capture.tcp('%s:%d' % (a, 41000 + turn), '%s:%d' % (b, port)), 'client'
            else:
                control.client(b'PORT 10,77,1,%d,%d,%d\r\n' % (10 + i, port >> 8, port & 255))
                data, put = capture.tcp(b + ':20', '%s:%d' % (a, port)), 'server'
            control.client(b'STOR x\r\n' if turn < 2 else b'RETR x\r\n')
            control.server(b'150 go\r\n')
            shell.client(b'y' * 4000)
            getattr(data, put if turn < 2 else 'client' if put == 'server' else 'server')(file)
            data.close()
            if i % 2 == 0:
                shell.server(b'z' * 5000)
            control.server(b'226 done\r\n')
            capture.udp(a + ':45000', b + ':69', b'\0\1name\0octet\0')
            capture.udp('%s:%d' % (b, 46000 + turn), a + ':45000', b'\0\3\0\1small')
            capture.udp(a + ':45000', '%s:%d' % (b, 46000 + turn), b'\0\4\0\1')
    for link in controls + shells:
        link.close()
    return capture


class Files(support.Case):
    def table(self):
        return self.columns(*ALL)

    def content(self, capture):
        with open(self.save('content.pcap', capture), 'rb') as file:
            return file.read()

    def other_database(self, name):
        self.database = self.path(name + '.db')

    def test_the_summary_is_one_line_and_nothing_else_is_said(self):
        result = self.read(self.save('a.pcap', busy_capture()))
        self.assertRegex(result.err, SUMMARY)
        frames = len(busy_capture().frames)
        self.assertTrue(result.err.startswith('terrierd: %d packets, ' % frames), result.err)
        self.assertEqual(self.counter('packets'), frames)
        self.assertEqual(self.counter('bytes'), sum(len(frame) for _, frame in busy_capture().frames))

    def test_standard_input_and_compressed_files_give_the_same_rows(self):
        content = self.content(busy_capture())
        self.read(self.path('content.pcap'))
        expected = self.table()
        self.assertGreater(len(expected), 40)
        for name, packed in (('gz', gzip.compress(content)), ('two-members', gzip.compress(content[:5000]) +
                                                              gzip.compress(content[5000:]))):
            self.other_database(name)
            self.read(self.write('wrong-name-%s.pcap' % name, packed))
            self.assertEqual(self.table(), expected, name)
            self.other_database(name + '-stdin')
            result = self.read('-', input=packed)
            self.assertRegex(result.err, SUMMARY)
            self.assertEqual(self.table(), expected, name)
            self.assertIn('standard input', self.runs()[0])
        self.other_database('plain-stdin')
        self.read('-', input=content)
        self.assertEqual(self.table(), expected)

    @unittest.skipUnless(shutil.which('zstd'), 'no zstd to compress with')
    def test_zstd(self):
        content = self.content(busy_capture())
        self.read(self.path('content.pcap'))
        expected = self.table()
        packed = subprocess.run(['zstd', '-q', '-c'], input=content, stdout=subprocess.PIPE, check=True).stdout
        self.other_database('zst')
        self.read(self.write('content.zst', packed))
        self.assertEqual(self.table(), expected)
        self.other_database('zst-stdin')
        self.read('-', input=packed)
        self.assertEqual(self.table(), expected)

    def test_the_same_input_may_be_piped_twice(self):
        content = self.content(busy_capture())
        self.read('-', input=content)
        once = {row[0]: int(row[ALL.index('connections')]) for row in self.table()}
        self.read('-', input=content)
        twice = {row[0]: int(row[ALL.index('connections')]) for row in self.table()}
        self.assertEqual(twice, {key: 2 * n for key, n in once.items()})

    def split(self, capture, n):
        """The capture in n files; names that sort against the order of time."""
        frames, paths = capture.frames, []
        for i in range(n):
            part = Capture()
            part.frames = frames[len(frames) * i // n:len(frames) * (i + 1) // n]
            paths.append(self.save('part-%d.pcap' % (n - i), part))
        return paths

    def test_files_are_read_in_order_of_time_however_they_are_named_and_given(self):
        self.read(self.save('whole.pcap', busy_capture()))
        expected = self.table()
        parts = self.split(busy_capture(), 5)
        for order in (parts, parts[::-1], parts[2:] + parts[:2]):
            self.other_database('-'.join(os.path.basename(p) for p in order))
            self.read(*order)
            self.assertEqual(self.table(), expected)
            self.assertEqual(len(self.runs()), 5)
            self.assertIn('part-5.pcap', self.runs()[0])

    def test_the_number_of_workers_changes_no_row(self):
        whole, parts = self.save('whole.pcap', busy_capture()), self.split(busy_capture(), 3)
        self.read(whole, '--workers', '1')
        expected = self.table()
        hosts = self.rows('hosts')
        counters = [row for row in self.rows('status') if row['part'] == 'coverage']
        for workers in ('2', '3', '7'):
            for name, files in (('whole', [whole]), ('split', parts)):
                self.other_database(workers + name)
                self.read(*files, '--workers', workers)
                self.assertEqual(self.table(), expected, (workers, name))
                self.assertEqual(self.rows('hosts'), hosts, (workers, name))
                self.assertEqual([row for row in self.rows('status') if row['part'] == 'coverage'], counters)

    def test_negotiated_connections_are_the_same_rows_however_they_are_read(self):
        expected = None
        for parts, workers in ((1, 1), (1, 3), (2, 1), (5, 2), (23, 1)):
            self.other_database('%d-%d' % (parts, workers))
            self.read(*self.split(negotiating_capture(), parts), '--workers', str(workers))
            expected = expected or self.table()
            self.assertEqual(self.table(), expected, (parts, workers))
        rows = self.rows()
        self.assertEqual({row['server_port'] for row in rows}, {'21', '22', '69'})
        self.assertEqual({row['direction'] for row in rows if row['server_port'] != '22'}, {'one_way'})
        self.assertEqual({row['direction'] for row in rows if row['server_port'] == '22'}, {'one_way', 'both'})
        self.assertEqual(sum(int(row['messages']) for row in rows if row['server_port'] == '21'), 36)

    def test_a_filter_is_applied_and_recorded(self):
        path = self.save('a.pcap', busy_capture())
        self.read(path, '--filter', 'tcp port 6661')
        self.assertEqual(set(self.columns('server_port')), {('6661',)})
        self.assertIn('tcp port 6661', self.ask('status', '--format=csv'))

    def test_copies_of_a_mirror_are_counted_once_and_reported(self):
        for name, copy in (('same', lambda frame: frame), ('vlan', mkpcap.tag(310)), ('routed', mkpcap.routed),
                           ('erspan', mkpcap.erspan())):
            self.other_database(name)
            capture = Capture(copy=copy)
            support.hl7_talk(capture, ['ADT^A01'] * 5)
            self.read(self.save(name + '.pcap', capture))
            self.assertEqual(self.columns('messages', 'connections', 'bytes_to_destination'),
                             [('5', '1', str(5 * len(support.hl7())))], name)
            self.assertEqual(self.counter('packets'), len(capture.frames), name)
            self.assertEqual(self.counter('duplicates'), len(capture.frames) // 2, name)

    def test_pcapng_and_nanoseconds(self):
        capture = Capture()
        support.hl7_talk(capture)
        self.read(self.save('micro.pcap', capture))
        expected = self.table()
        with open(self.path('micro.pcap'), 'rb') as file:
            content = file.read()
        nano, at = [b'\x4d\x3c\xb2\xa1' + content[4:24]], 24
        while at < len(content):
            length = int.from_bytes(content[at + 8:at + 12], 'little')
            fraction = int.from_bytes(content[at + 4:at + 8], 'little') * 1000
            nano.append(content[at:at + 4] + fraction.to_bytes(4, 'little') + content[at + 8:at + 16 + length])
            at += 16 + length
        self.other_database('nano')
        self.read(self.write('nano.pcap', b''.join(nano)))
        self.assertEqual(self.table(), expected)
        self.other_database('ng')
        self.read(self.write('x.pcapng', pcapng(capture)))
        self.assertEqual(self.table(), expected)

    def test_progress_only_on_a_terminal(self):
        result = self.read(self.save('a.pcap', busy_capture()))
        self.assertEqual(re.findall(r'\r|\x1b', result.err), [])
        ours, theirs = os.openpty()
        with subprocess.Popen([support.TERRIERD, '--read', self.path('a.pcap'), '--database', self.path('c.db')],
                              stderr=theirs, stdin=subprocess.DEVNULL) as process:
            self.assertEqual(process.wait(20), 0)
        os.close(theirs)
        shown = os.read(ours, 65536).decode()
        os.close(ours)
        self.assertIn('a.pcap', shown)
        self.assertIn('packets/s', shown)


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = (len(body) + 12).to_bytes(4, 'little')
    return kind.to_bytes(4, 'little') + size + body + size


def pcapng(capture):
    """Section header, one interface in microseconds, enhanced packets."""
    out = [block(0x0a0d0d0a, b'\x4d\x3c\x2b\x1a\1\0\0\0' + b'\xff' * 8), block(1, b'\1\0\0\0\0\0\4\0')]
    for when, frame in capture.frames:
        time = int(round(when * 1e6))
        out.append(block(6, b''.join(n.to_bytes(4, 'little') for n in (0, time >> 32, time & 0xffffffff, len(frame),
                                                                     len(frame))) + frame))
    return b''.join(out)


support.main()
