#!/usr/bin/env python3
"""An auditor who may only read: asks before, during and after a run, and after the daemon was killed."""
import os
import signal
import subprocess
import time

import support
from mkpcap import Capture


class Reader(support.Case):
    """As root, questions are asked as nobody; otherwise by whoever runs this, with the right to write taken away."""

    def setUp(self):
        super().setUp()
        self.home = self.path('terrier')
        os.mkdir(self.home, 0o755)
        os.chmod(self.folder, 0o755)
        self.database = os.path.join(self.home, 'terrier.db')

    def publish(self):
        """What a umask of 022 in the daemon's unit, or a common group, comes to."""
        for name in os.listdir(self.home):
            os.chmod(os.path.join(self.home, name), 0o644)

    def audit(self):
        """Messages by source address, as the auditor sees them."""
        self.publish()
        if os.geteuid() == 0:
            rows = self.rows('flows', preexec_fn=support.as_nobody)
            self.ask('status', preexec_fn=support.as_nobody)
        else:
            os.chmod(self.home, 0o555)
            rows = self.rows('flows')
            self.ask('status')
            os.chmod(self.home, 0o755)
        return {row['source_address']: int(row['messages']) for row in rows}

    def feed(self, process, content):
        process.stdin.write(content)
        process.stdin.flush()

    def wait_until(self, is_true, what):
        deadline = time.monotonic() + 20
        while not is_true():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.05)

    def capture(self, client, start):
        capture = Capture(start=start)
        support.hl7_talk(capture, ['ADT^A01', 'ADT^A08'], client=client + ':40001')
        path = self.save(client + '.pcap', capture)
        os.chmod(path, 0o644)
        with open(path, 'rb') as file:
            return path, file.read()

    def test_before_during_and_after_a_run(self):
        first, _ = self.capture('10.77.1.11', 1795300000.0)
        _, second = self.capture('10.77.1.12', 1795300100.0)
        self.read(first)
        self.assertEqual(self.audit(), {'10.77.1.11': 2})
        process = self.start('--read', '-', stdin=subprocess.PIPE)
        self.feed(process, second[:-100])
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        self.assertEqual(self.audit(), {'10.77.1.11': 2})
        self.feed(process, second[-100:])
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(self.audit(), {'10.77.1.11': 2, '10.77.1.12': 2})

    def test_after_the_daemon_was_killed(self):
        first, _ = self.capture('10.77.1.11', 1795300000.0)
        _, second = self.capture('10.77.1.12', 1795300100.0)
        self.read(first)
        process = self.start('--read', '-', stdin=subprocess.PIPE)
        self.feed(process, second[:-100])
        time.sleep(0.5)
        process.kill()
        self.assertEqual(process.wait(), -signal.SIGKILL)
        self.assertEqual(self.audit(), {'10.77.1.11': 2})
        third, _ = self.capture('10.77.1.13', 1795300200.0)
        self.wait_until(lambda: self.daemon('--read', third).status == 0, 'the database stays locked')
        self.assertEqual(self.audit(), {'10.77.1.11': 2, '10.77.1.13': 2})

    def test_a_copy_of_the_file_alone(self):
        first, _ = self.capture('10.77.1.11', 1795300000.0)
        self.read(first)
        copy = os.path.join(self.folder, 'copy')
        os.mkdir(copy, 0o755)
        with open(self.database, 'rb') as file:
            content = file.read()
        self.database = os.path.join(copy, 'filed.db')
        with open(self.database, 'wb') as file:
            file.write(content)
        self.home = copy
        self.assertEqual(self.audit(), {'10.77.1.11': 2})
        self.assertEqual(os.listdir(copy), ['filed.db'])

    @support.needs_root
    def test_who_may_not_even_read_is_told_so(self):
        first, _ = self.capture('10.77.1.11', 1795300000.0)
        self.read(first)
        self.assertEqual(os.stat(self.database).st_mode & 0o007, 0)
        result = support.run(support.TERRIER, 'flows', '--database', self.database, preexec_fn=support.as_nobody)
        self.assertEqual((result.status, result.out, result.err.count('\n')), (1, '', 1), result.err)
        self.assertIn('Permission denied', result.err)


support.main()
