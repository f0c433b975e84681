"""What the tests of whole programs share: running terrierd and terrier, asking for rows, giving rights up.

A test file is run as `test_x.py TERRIERD TERRIER`. Each Case has a folder of its own, so files and tests may run at the
same time and as any user; what needs root or network namespaces is skipped with the reason."""
import contextlib
import csv
import io
import json
import os
import pwd
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(HERE, os.pardir, 'golden')
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, os.pardir, 'tools'))
TERRIERD, TERRIER = (os.path.abspath(path) for path in sys.argv[1:3])
OWN_ALL = '[networks]\nown = 0.0.0.0/0, ::/0\n'
VT, END = b'\x0b', b'\x1c\r'
LIMIT_S = 60
PAS, TIE = '10.77.1.10', '10.77.1.20'


def hl7(code='ADT^A01', sender='PAS^ZZ', receiver='TIE^ZZ'):
    """One HL7 message in its MLLP block."""
    app, facility = sender.split('^')
    to_app, to_facility = receiver.split('^')
    return VT + ('MSH|^~\\&|%s|%s|%s|%s|20260102030405||%s|4711|P|2.4\rEVN|A01\rPID|1||ZZ1||ZZTEST^ZZTEST\r' % (
        app, facility, to_app, to_facility, code)).encode() + END


def hl7_ack():
    return hl7('ACK', 'TIE^ZZ', 'PAS^ZZ')


def hl7_talk(capture, codes=('ADT^A01',), client=PAS + ':40001', server=TIE + ':2575', **options):
    """A link on which each message is acknowledged."""
    link = capture.tcp(client, server, **options)
    for code in codes:
        link.client(hl7(code))
        link.server(hl7_ack())
    link.close()


def client_hello(name):
    """TLS 1.3 with this server name; server_hello() agrees and sends a record."""
    def extension(kind, data):
        return struct.pack('!HH', kind, len(data)) + data
    sni = b'\0' + struct.pack('!H', len(name)) + name
    extensions = extension(0, struct.pack('!H', len(sni)) + sni) + extension(16, b'\0\x03\x02h2')
    body = b'\x03\x03' + bytes(32) + b'\0' + b'\0\2\x13\1\1\0' + struct.pack('!H', len(extensions)) + extensions
    body = struct.pack('!I', 1 << 24 | len(body)) + body
    return struct.pack('!BHH', 22, 0x0303, len(body)) + body


def server_hello():
    extensions = struct.pack('!HHH', 43, 2, 0x0304)
    body = b'\x03\x03' + bytes(32) + b'\0\x13\1\0' + struct.pack('!H', len(extensions)) + extensions
    body = struct.pack('!I', 2 << 24 | len(body)) + body
    return struct.pack('!BHH', 22, 0x0303, len(body)) + body + b'\x17\3\3\0\x40' + bytes(64)


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out.decode(), err.decode()


def as_nobody():
    """For preexec_fn: gives root up for good."""
    user = pwd.getpwnam('nobody')
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def run(*args, **more):
    environment = dict(os.environ, LC_ALL='C')
    environment.pop('TERRIER_DATABASE', None)
    if 'input' not in more:
        more.setdefault('stdin', subprocess.DEVNULL)
    done = subprocess.run([str(a) for a in args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment,
                          timeout=LIMIT_S, **more)
    return Result(done.returncode, done.stdout, done.stderr)


def needs_root(test):
    return unittest.skipUnless(os.geteuid() == 0, 'needs root')(test)


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='terrier-test-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.database = self.path('terrier.db')

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), 'wb') as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def save(self, name, capture):
        capture.write(self.path(name))
        return self.path(name)

    def daemon(self, *args, config=OWN_ALL, **more):
        """Runs terrierd on this test's database to its end."""
        return run(TERRIERD, '--database', self.database, '--config', self.write('terrier.conf', config),
                   '--sensor', 'test', *args, **more)

    def start(self, *args, config=OWN_ALL, **more):
        """Starts terrierd; it is killed when the test ends."""
        process = subprocess.Popen([TERRIERD, '--database', self.database, '--config',
                                    self.write('terrier.conf', config), '--sensor', 'test', *args],
                                   stderr=subprocess.PIPE, stdout=subprocess.PIPE, **more)
        self.addCleanup(self.finish, process)
        return process

    @staticmethod
    def finish(process):
        if process.poll() is None:
            process.kill()
        with contextlib.suppress(BrokenPipeError):
            process.communicate()

    def read(self, *args, **more):
        """Reads captures, which must succeed."""
        result = self.daemon('--read', *args, **more)
        self.assertEqual((result.status, result.out), (0, ''), result.err)
        return result

    def ask(self, *args, **more):
        result = run(TERRIER, *args, '--database', self.database, **more)
        self.assertEqual((result.status, result.err), (0, ''), args)
        return result.out

    def rows(self, command='flows', *args, **more):
        out = self.ask(command, '--format=csv', *args, **more)
        return list(csv.DictReader(io.StringIO(out, newline='')))

    def columns(self, *names, command='flows'):
        """The named columns of all rows, sorted."""
        return sorted(tuple(row[name] for name in names) for row in self.rows(command))

    def status(self):
        return json.loads(self.ask('status', '--format=json'))

    def counter(self, name):
        """One of the coverage counters, over all runs."""
        for row in self.rows('status'):
            if row['part'] == 'coverage' and row['item'] == name:
                return int(row['count'])
        raise AssertionError('no counter ' + name)

    def runs(self):
        return [row['value'] for row in self.rows('status') if row['part'] == 'run']

    def refused(self, result, *words, status=2):
        """One clear line, and the exit status of CONTRACT."""
        self.assertEqual(result.status, status, result.err)
        self.assertEqual(result.out, '')
        self.assertTrue(result.err.startswith('terrierd: '), result.err)
        self.assertEqual(result.err.count('\n'), 1, result.err)
        for word in words:
            self.assertIn(word, result.err)


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
