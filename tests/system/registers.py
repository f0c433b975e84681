"""What the tests of the register share: a folder with both databases, and the programs that work on them.

A test file is run as `test_x.py FILLREGISTER TERRIER FILLDB`."""
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

FILLREGISTER, TERRIER, FILLDB = (os.path.abspath(path) for path in sys.argv[1:4])
LIMIT_S = 60


class Result:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()


def run(*args, **more):
    environment = dict(os.environ, LC_ALL='C')
    environment.pop('TERRIER_DATABASE', None)
    environment.pop('SUDO_USER', None)
    environment.update(more.pop('env', {}))
    return Result(subprocess.run([str(a) for a in args], capture_output=True, env=environment, timeout=LIMIT_S,
                                 stdin=subprocess.DEVNULL, check=False, **more))


def as_user(uid, *groups):
    """For preexec_fn: becomes a user of these groups for good."""
    def become():
        os.setgroups(groups[1:])
        os.setgid(groups[0])
        os.setuid(uid)
    return become


def needs_root(test):
    return unittest.skipUnless(os.geteuid() == 0, 'needs root')(test)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='terrier-test-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.chmod(self.folder, 0o755)
        self.database, self.register = self.path('terrier.db'), self.path('register.db')
        subprocess.run([FILLDB, self.database], check=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def fill(self, *args, **more):
        return run(FILLREGISTER, self.register, *args, **more)

    def enter(self, *args, **more):
        result = self.fill(*args, **more)
        self.assertEqual((result.status, result.err), (0, ''), args)
        return result.out

    def decide(self, flow, reason='agreed', **more):
        self.enter('entry', 'decision', 'id=' + flow, 'decision=accept', 'decided_by_role=Caldicott Guardian',
                   'reason=' + reason, **more)

    def verify(self, *args, **more):
        return run(TERRIER, 'verify', '--database', self.database, *args, **more)

    def verify_rows(self, *args, status=0, **more):
        """{part: (result, detail)} of a verification."""
        result = self.verify('--format', 'csv', *args, **more)
        self.assertEqual(result.status, status, result.err)
        self.assertEqual(result.err.count('\n'), 0 if status == 0 else 1, result.err)
        rows = [line.split(',', 2) for line in result.out.splitlines()]
        self.assertEqual(rows[0], ['part', 'result', 'detail'])
        return {part: (said, detail.strip('"')) for part, said, detail in rows[1:]}

    def refused(self, result, status, *words):
        """One clear line, and the exit status of CONTRACT."""
        self.assertEqual(result.status, status, result.err)
        self.assertEqual(result.err.count('\n'), 1, result.err)
        for word in words:
            self.assertIn(word, result.err)

    def sql(self, *statements, path=None):
        """Works on the register as anyone can who has the rights and any tool."""
        db = sqlite3.connect(path or self.register, isolation_level=None)
        db.execute('PRAGMA ignore_check_constraints = ON')
        rows = []
        for statement, *values in statements:
            rows = db.execute(statement, values).fetchall()
        db.close()
        return rows


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=2)
