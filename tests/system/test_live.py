#!/usr/bin/env python3
"""Live capture in a network namespace of its own: a pair of virtual cards, terrierd at one end, a sender at the other.
Needs root; skipped with the reason where namespaces cannot be made."""
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
import unittest

import support
from mkpcap import Capture

REPLAY = os.path.join(support.HERE, os.pardir, 'tools', 'replay.py')
WAIT_S = 20
SETTLE_S = 0.3  # the kernel holds frames back for 100 ms, and takes them with it when the interface goes


def ip(*args):
    return subprocess.run(['ip', *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def why_not():
    if os.geteuid() != 0:
        return 'needs root'
    if shutil.which('ip') is None:
        return 'needs ip(8)'
    name = 'terrier-' + secrets.token_hex(4)
    made = ip('netns', 'add', name)
    ip('netns', 'del', name)
    return 'no network namespaces here: ' + made.stderr.decode().strip() if made.returncode != 0 else ''


@unittest.skipIf(why_not(), why_not())
class Live(support.Case):
    def setUp(self):
        super().setUp()
        self.space = 'terrier-' + secrets.token_hex(4)
        self.assertEqual(ip('netns', 'add', self.space).returncode, 0)
        self.addCleanup(ip, 'netns', 'del', self.space)
        self.inside('sh', '-c', 'for f in all default; do echo 1 >/proc/sys/net/ipv6/conf/$f/disable_ipv6; done 2>&-; :')
        nobody = pwd.getpwnam('nobody')
        os.mkdir(self.path('data'))
        os.chmod(self.folder, 0o755)
        os.chown(self.path('data'), nobody.pw_uid, nobody.pw_gid)
        self.database = self.path('data/terrier.db')
        self.add_pair('a')

    def inside(self, *args):
        subprocess.run(['ip', 'netns', 'exec', self.space, *args], check=True)

    def add_pair(self, name):
        """Frames sent on NAME0 arrive at NAME1."""
        self.inside('ip', 'link', 'add', name + '0', 'type', 'veth', 'peer', 'name', name + '1')
        for end in '0', '1':
            self.inside('ip', 'link', 'set', name + end, 'up')

    def listen(self, *interfaces, config=support.OWN_ALL):
        args = [arg for interface in interfaces for arg in ('--interface', interface)]
        self.errors = open(self.path('errors'), 'w+b')  # pylint: disable=consider-using-with
        self.addCleanup(self.errors.close)
        process = subprocess.Popen(
            ['ip', 'netns', 'exec', self.space, support.TERRIERD, *args, '--user', 'nobody', '--sensor', 'test',
             '--database', self.database, '--config', self.write('terrier.conf', config)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors)
        self.addCleanup(self.finish, process)
        self.wait_for(process, lambda: self.sockets(process) == len(interfaces) and os.path.exists(self.database))
        return process

    def sockets(self, process):
        """Packet sockets of the namespace."""
        with open('/proc/%d/net/packet' % process.pid, encoding='ascii') as table:
            return len(table.readlines()) - 1

    def said(self):
        with open(self.path('errors'), encoding='utf-8') as file:
            return file.read()

    def wait_for(self, process, is_true):
        deadline = time.monotonic() + WAIT_S
        while not is_true():
            self.assertIsNone(process.poll(), self.said())
            self.assertLess(time.monotonic(), deadline, self.said())
            time.sleep(0.05)

    def send(self, interface, *captures):
        paths = [c if isinstance(c, str) else self.save('send%d.pcap' % i, c) for i, c in enumerate(captures)]
        self.inside(sys.executable, REPLAY, interface, *paths)

    def stop(self, process, how=signal.SIGTERM):
        process.send_signal(how)
        out, _ = process.communicate(timeout=WAIT_S)
        self.assertEqual((process.returncode, out), (0, b''), self.said())

    def flush_until(self, process, is_true):
        def flushed():
            process.send_signal(signal.SIGUSR1)
            return is_true()
        self.wait_for(process, flushed)

    def link(self, client, n=50, **options):
        capture = Capture()
        support.hl7_talk(capture, ['ADT^A01', 'ORU^R01'] * (n // 2), client=client + ':40001', **options)
        return capture

    @staticmethod
    def joined():
        """A connection joined in the middle, on ports that nobody knows: who serves stays a guess."""
        capture = Capture()
        talk = capture.tcp('10.77.30.21:20001', '10.77.1.50:39999', syn=False)
        talk.client(b'\x77ask' * 20)
        talk.server(b'\x99say' * 20)
        return capture

    def messages(self):
        sums = {}
        for row in self.rows():
            sums[row['source_address']] = sums.get(row['source_address'], 0) + int(row['messages'] or 0)
        return sums

    def test_counts_are_exact_and_term_flushes(self):
        process = self.listen('a1')
        capture = self.link('10.77.1.10', 400)
        self.send('a0', capture)
        self.stop(process)
        self.assertEqual(self.columns('kind_id', 'messages', 'connections', 'bytes_to_destination'),
                         [(kind, '200', '1', str(200 * len(support.hl7()))) for kind in
                          ('clin.observation', 'pat.encounter')])
        self.assertEqual(self.counter('packets'), len(capture.frames))
        self.assertEqual(self.counter('bytes'), sum(len(frame) for _, frame in capture.frames))
        self.assertEqual((self.counter('kernel_drops'), self.counter('duplicates')), (0, 0))
        self.assertIn('complete', self.runs()[0])
        self.assertIn('a1', self.runs()[0])
        self.assertRegex(self.said(), r'(?m)^terrierd: %d packets, ' % len(capture.frames))
        self.assertEqual(os.stat(self.database).st_uid, pwd.getpwnam('nobody').pw_uid)

    def test_the_same_rows_as_from_the_file(self):
        golden = [os.path.join(support.GOLDEN, *name) for name in (('hl7', 'one_link.pcap'), ('dicom', 'store.pcap'),
                                                                  ('packet', 'vxlan6.pcap'), ('http', 'fhir.pcap'))]
        columns = ('source_address', 'destination_address', 'server_port', 'protocol', 'kind_id', 'connections',
                   'messages', 'bytes_to_destination', 'bytes_to_source', 'evidence')
        process = self.listen('a1')
        for path in golden:
            self.send('a0', path)
        self.stop(process, signal.SIGINT)
        live = self.columns(*columns)
        self.database = self.path('file.db')
        self.read(*golden)
        self.assertEqual(live, self.columns(*columns))

    def test_usr1_makes_rows_visible_and_changes_no_sum(self):
        process = self.listen('a1')
        capture = self.link('10.77.1.10', 100)
        half = Capture()
        half.frames, rest = capture.frames[:len(capture.frames) // 2], capture.frames[len(capture.frames) // 2:]
        self.send('a0', half)
        self.flush_until(process, lambda: 48 <= self.messages().get('10.77.1.10', 0) <= 52)
        for _ in range(5):
            process.send_signal(signal.SIGUSR1)
            time.sleep(0.1)
        half.frames = rest
        self.send('a0', half)
        self.stop(process)
        self.assertEqual(self.columns('messages', 'connections'), [('50', '1'), ('50', '1')])
        self.assertEqual(len(self.runs()), 1)

    def test_two_interfaces(self):
        self.add_pair('b')
        process = self.listen('a1', 'b1')
        self.send('a0', self.link('10.77.1.10', 60))
        self.send('b0', self.link('10.77.1.11', 80))
        self.stop(process)
        self.assertEqual(self.messages(), {'10.77.1.10': 60, '10.77.1.11': 80})

    def test_segments_by_interface(self):
        self.add_pair('b')
        process = self.listen('a1', 'b1', config=support.OWN_ALL + '[segment annex]\ninterface = b1\n')
        self.send('a0', self.link('10.77.1.10', 60))
        self.send('b0', self.link('10.77.1.10', 80))
        self.stop(process)
        self.assertEqual(self.columns('segment', 'messages'), [('', '30'), ('', '30'), ('annex', '40'), ('annex', '40')])

    def test_an_interface_that_goes_away_is_waited_for(self):
        process = self.listen('a1')
        self.send('a0', self.joined(), self.link('10.77.1.10'))
        time.sleep(SETTLE_S)
        self.inside('ip', 'link', 'del', 'a0')
        self.wait_for(process, lambda: 'gone: waiting' in self.said())
        self.wait_for(process, lambda: self.messages().get('10.77.1.10') == 50)
        self.add_pair('a')
        self.wait_for(process, lambda: 'listening' in self.said() and self.sockets(process) == 1)
        self.send('a0', self.link('10.77.1.11'))
        self.flush_until(process, lambda: self.messages().get('10.77.1.11') == 50)
        self.stop(process)
        self.assertEqual({k: v for k, v in self.messages().items() if v}, {'10.77.1.10': 50, '10.77.1.11': 50})
        ends = {(row['source_address'], row['destination_address'], row['bytes_to_destination'], row['bytes_to_source'])
                for row in self.rows() if row['protocol'] == 'unknown'}
        self.assertEqual(len(ends), 1)
        self.assertEqual(set(list(ends)[0]), {'10.77.30.21', '10.77.1.50', '80'})
        self.assertIn('a1', self.runs()[0])
        self.assertIn('away', self.runs()[0])

    def test_stopped_while_the_interface_is_away(self):
        process = self.listen('a1')
        self.send('a0', self.link('10.77.1.10'))
        time.sleep(SETTLE_S)
        self.inside('ip', 'link', 'del', 'a0')
        self.wait_for(process, lambda: 'gone: waiting' in self.said())
        self.stop(process)
        self.assertEqual(self.messages(), {'10.77.1.10': 50})

    def children(self, process):
        with open('/proc/%d/task/%d/children' % (process.pid, process.pid), encoding='ascii') as file:
            return [int(pid) for pid in file.read().split()]

    def test_a_sensor_that_dies_is_started_again(self):
        process = self.listen('a1')
        self.send('a0', self.link('10.77.1.10'))
        self.flush_until(process, lambda: self.messages().get('10.77.1.10') == 50)
        storer, sensor = self.children(process)
        os.kill(sensor, signal.SIGABRT)  # the sanitizers turn others into an exit status
        self.wait_for(process, lambda: len(self.children(process)) == 2 and sensor not in self.children(process))
        self.assertIn(storer, self.children(process))
        self.send('a0', self.link('10.77.1.11'))
        self.stop(process)
        self.assertEqual(self.messages(), {'10.77.1.10': 50, '10.77.1.11': 50})
        self.assertIn(f'killed by signal {signal.SIGABRT:d}', self.said())

    def test_killed_outright_it_keeps_what_was_flushed_and_starts_again(self):
        process = self.listen('a1')
        self.send('a0', self.joined(), self.link('10.77.1.10'))
        self.flush_until(process, lambda: self.messages().get('10.77.1.10') == 50)
        before = self.rows()
        self.assertEqual(len(before), 3)
        process.kill()
        process.wait()
        self.assertEqual(self.rows(), before)
        time.sleep(0.3)
        process = self.listen('a1')
        self.send('a0', self.link('10.77.1.11'))
        self.stop(process)
        self.assertEqual(sorted(row['exchange_id'] for row in self.rows() if row in before),
                         sorted(row['exchange_id'] for row in before))
        self.assertEqual(self.messages()['10.77.1.11'], 50)
        self.assertEqual(['not ended' in run for run in self.runs()], [True, False])

    def test_it_sends_nothing(self):
        process = self.listen('a1')
        self.send('a0', self.link('10.77.1.10', 20))
        self.stop(process)
        path = '/sys/class/net/a1/statistics/tx_packets'
        sent = subprocess.run(['ip', 'netns', 'exec', self.space, 'cat', path], stdout=subprocess.PIPE, check=True)
        self.assertEqual(sent.stdout.strip(), b'0')

    def test_an_interface_that_is_missing_at_the_start_is_refused(self):
        result = support.run('ip', 'netns', 'exec', self.space, support.TERRIERD, '--interface', 'a1', '--interface',
                             'none7', '--database', self.database, '--user', 'nobody', '--config',
                             self.write('terrier.conf', support.OWN_ALL))
        self.refused(result, 'none7')
        self.assertEqual(os.listdir(self.path('data')), [])


support.main()
