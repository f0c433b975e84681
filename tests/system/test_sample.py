#!/usr/bin/env python3
"""The sample capture from file to map: test_sample.py TERRIERD TERRIER SAMPLE_DIR

What the sample's truth says about HL7 and DICOM is found, with its direction and exact count, and nothing else; the rows
are the same however the capture is read; no text of a patient is left anywhere."""
import contextlib
import csv
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zlib
from collections import Counter

TERRIERD, TERRIER, SAMPLE = (os.path.abspath(path) for path in sys.argv[1:4])
CAPTURE = os.path.join(SAMPLE, 'hospital.pcap.gz')
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, 'tools'))
import cut_middle  # noqa: E402
import pcap  # noqa: E402

LIMIT_S = 120

# What a message of the truth is called here: (protocol, beginning of the message, kind). The first that fits holds.
KINDS = [
    ('HL7v2/MLLP', r'ADT\^A(31|40)$', 'pat.identity'),
    ('HL7v2/MLLP', r'ADT\^', 'pat.encounter'),
    ('HL7v2/MLLP', r'SIU\^', 'pat.appointment'),
    ('HL7v2/MLLP', r'(QBP\^Q22|RSP\^K22)$', 'pat.identity'),
    ('HL7v2/MLLP', r'(ORM|OMG)\^', 'clin.order'),
    ('HL7v2/MLLP', r'ORU\^', 'clin.observation'),
    ('HL7v2/MLLP', r'MDM\^', 'clin.document'),
    ('HL7v2/MLLP', r'RDE\^', 'med.prescription'),
    ('DICOM', r'C-ECHO', 'inf.monitoring'),
    ('DICOM', r'C-STORE EncapsulatedPDF', 'img.report'),
    ('DICOM', r'C-STORE', 'img.study'),
    ('DICOM', r'C-FIND ModalityWorklist', 'img.workflow'),
    ('DICOM', r'C-(FIND|MOVE)', 'img.query'),
]
OF_THE_TRUTH = {'HL7v2/MLLP': 'HL7v2', 'DICOM': 'DICOM'}


def load_csv(path):
    with open(path, encoding='utf-8', newline='') as f:
        return list(csv.DictReader(f))


def kind_of(row):
    for protocol, pattern, kind in KINDS:
        if row['app_protocol'] == protocol and re.match(pattern, row['msg_type']):
            return kind
    raise AssertionError(f'no kind is known for {row}')


def wanted():
    """Of the truth: (source, destination, direction, port, protocol, kind) -> messages."""
    rows = Counter()
    for row in load_csv(os.path.join(SAMPLE, 'truth.csv')):
        if row['app_protocol'] not in OF_THE_TRUTH:
            continue
        ends = row['src_ip'], row['dst_ip']
        # a query is a message of its own, from the one who asks; the truth means what comes of it
        if row['info_dir'] == 's2c' and not row['msg_type'].startswith('QBP'):
            ends = ends[::-1]
        kind = kind_of(row)
        # a C-ECHO asks whether the other is there: it goes both ways
        direction = 'both' if kind == 'inf.monitoring' else 'one_way'
        protocol = OF_THE_TRUTH[row['app_protocol']]
        rows[(*ends, direction, row['server_port'], protocol, kind)] += int(row['count'])
    return rows


def streams(frames):
    """{(source, destination, source port, destination port): octets} of the TCP connections in these frames."""
    pieces = {}
    for _, frame in frames:
        key = pcap.connection(frame)
        if key is not None and key[2] == 6:
            at = 14 + (frame[14] & 15) * 4
            end = 14 + int.from_bytes(frame[16:18], 'big')
            ends = ['.'.join(map(str, frame[i:i + 4])) for i in (26, 30)]
            ports = [str(int.from_bytes(frame[at + i:at + i + 2], 'big')) for i in (0, 2)]
            sequence = int.from_bytes(frame[at + 4:at + 8], 'big')
            pieces.setdefault((*ends, *ports), {})[sequence] = frame[at + (frame[at + 12] >> 4) * 4:end]
    return {key: b''.join(segments[n] for n in sorted(segments)) for key, segments in pieces.items()}


STORE_ANSWERED = bytes.fromhex('00000001020000000180')  # (0000,0100) = 8001H: an object was stored


def visible(frames):
    """What is left of HL7 and DICOM in these frames: (source, destination, server port, protocol) -> messages. An object
    counts where it was answered."""
    ports = {row['server_port']: row['app_protocol'] for row in load_csv(os.path.join(SAMPLE, 'truth.csv'))}
    counts = Counter()
    for (source, destination, sport, dport), octets in streams(frames).items():
        port = dport if dport in ports else sport
        if ports.get(port) == 'HL7v2/MLLP':
            types = re.findall(rb'\x0bMSH\|(?:[^|\r]*\|){7}([A-Z]{3})', octets)
            counts[source, destination, port, 'HL7v2'] += sum(t != b'ACK' for t in types)
        elif ports.get(port) == 'DICOM':
            counts[destination, source, port, 'DICOM'] += octets.count(STORE_ANSWERED)
    return +counts


def found(rows):
    """The same of our rows."""
    counts = Counter()
    for row in rows:
        if row['protocol'] in OF_THE_TRUTH.values():
            counts[(row['source_address'], row['destination_address'], row['direction'], row['server_port'],
                    row['protocol'], row['kind_id'])] += int(row['messages'])
    return counts


def unpacked_pdf(content):
    """The text of a PDF's compressed streams, and what is around them."""
    parts = re.split(rb'stream\r?\n(.*?)\nendstream', content, flags=re.S)
    for i in range(1, len(parts), 2):
        try:
            parts[i] = zlib.decompress(parts[i])
        except zlib.error:
            pass
    return b'\n'.join(parts)


class Sample(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix='terrier-test-')
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.config = os.path.join(SAMPLE, 'terrier.conf')
        cls.said = cls.read('terrier.db', [CAPTURE])
        cls.flows = cls.ask('terrier.db', 'flows', '--format', 'csv')

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def command(cls, database, files, *more):
        return [TERRIERD, '--read', *files, '--database', cls.path(database), '--config', cls.config, '--sensor', 'test',
                *more]

    @classmethod
    def read(cls, database, files, *more):
        done = subprocess.run(cls.command(database, files, *more), capture_output=True, timeout=LIMIT_S,
                              stdin=subprocess.DEVNULL)
        if done.returncode != 0 or done.stdout:
            raise AssertionError(f'{more} {done}')
        return done.stderr

    @classmethod
    def ask(cls, database, *args):
        done = subprocess.run([TERRIER, *args, '--database', cls.path(database)], capture_output=True, timeout=LIMIT_S,
                              stdin=subprocess.DEVNULL, env=dict(os.environ, LC_ALL='C.UTF-8', TERM='dumb'))
        if done.returncode != 0 or done.stderr:
            raise AssertionError(f'{args} {done}')
        return done.stdout

    def same_rows(self, database):
        self.assertEqual(self.ask(database, 'flows', '--format', 'csv').decode(), self.flows.decode())

    def test_connections_joined_in_the_middle_lose_only_what_was_before(self):
        header, frames = pcap.read(CAPTURE)
        frames = cut_middle.cut(frames)
        pcap.write(self.path('middle.pcap'), header, frames)
        self.read('middle.db', [self.path('middle.pcap')])
        rows = list(csv.DictReader(self.ask('middle.db', 'flows', '--format', 'csv').decode().splitlines()))
        ways = {row[:2] + row[3:] for row in found(csv.DictReader(self.flows.decode().splitlines()))
                if row[2] == 'one_way'}
        counts = Counter()
        for row in rows:
            if row['protocol'] in OF_THE_TRUTH.values() and int(row['messages']) and row['direction'] == 'one_way':
                key = row['source_address'], row['destination_address'], row['server_port'], row['protocol']
                self.assertIn((*key, row['kind_id']), ways)
                if row['protocol'] == 'HL7v2' or row['kind_id'] in ('img.study', 'img.report'):
                    counts[key] += int(row['messages'])
        self.assertEqual(sorted(counts.items()), sorted(visible(frames).items()))
        self.assertGreater(sum(counts.values()), 20)

    def test_hl7_and_dicom_are_what_was_sent_and_nothing_else(self):
        rows = list(csv.DictReader(self.flows.decode().splitlines()))
        self.assertEqual(sorted(found(rows).items()), sorted(wanted().items()))

    def test_each_kind_of_traffic_of_a_hospital_is_named(self):
        rows = list(csv.DictReader(self.flows.decode().splitlines()))
        protocols = {row['protocol'] for row in rows}
        for protocol in ('HL7v2', 'DICOM', 'DICOMweb', 'FHIR', 'SOAP', 'SMB2', 'PostgreSQL', 'SMTP', 'DNS', 'TLS', 'HTTP'):
            self.assertIn(protocol, protocols)

    def test_what_deserves_attention_in_the_sample_is_found(self):
        rows = list(csv.DictReader(self.ask('terrier.db', 'findings', '--format', 'csv').decode().splitlines()))
        found = {(row['rule_id'], about) for row in rows for about in re.findall(r'10\.77\.1\.\d+', row['what_was_observed'])}
        for wanted in (('clinical.clear.outside', '10.77.1.20'), ('smb1', '10.77.1.80'), ('telnet', '10.77.1.140'),
                       ('clinical.clear.zones', '10.77.1.50')):
            self.assertIn(wanted, found)
        self.assertLess(len(rows), 30)
        self.assertEqual(len({row['finding_id'] for row in rows}), len(rows))

    def test_a_second_reading_gives_the_same_rows(self):
        self.read('second.db', [CAPTURE])
        self.same_rows('second.db')

    def test_the_number_of_workers_changes_no_row(self):
        for n in ('1', '2', '3'):
            with self.subTest(workers=n):
                self.read(f'workers{n}.db', [CAPTURE], '--workers', n)
                self.same_rows(f'workers{n}.db')

    def test_a_capture_in_two_files_gives_the_rows_of_the_whole(self):
        header, frames = pcap.read(CAPTURE)
        for at in (len(frames) // 3, len(frames) // 2):
            with self.subTest(at=at):
                halves = [self.path(f'{at}-{part}.pcap') for part in (1, 2)]
                pcap.write(halves[0], header, frames[:at])
                pcap.write(halves[1], header, frames[at:])
                self.read(f'split{at}.db', halves)
                self.same_rows(f'split{at}.db')

    def test_no_text_of_a_patient_is_left_anywhere(self):
        with open(os.path.join(SAMPLE, 'canaries.txt'), 'rb') as f:
            canaries = [line.strip() for line in f if line.strip()]
        self.assertGreater(len(canaries), 20)
        places = {'stderr': self.said}
        for command, formats in (('flows', 'table csv json'), ('hosts', 'table csv json'), ('kinds', 'table csv json'),
                                 ('findings', 'table csv json'), ('status', 'table csv json'), ('map', 'svg dot pdf drawio graphml mermaid')):
            for form in formats.split():
                places[f'{command} {form}'] = self.ask('terrier.db', command, '--format', form)
        for view in ('network', 'ig', 'public'):
            places[f'map {view}'] = self.ask('terrier.db', 'map', '--format', 'svg', '--view', view)
        for row in csv.DictReader(self.flows.decode().splitlines()):
            places[row['exchange_id']] = self.ask('terrier.db', 'explain', row['exchange_id'])
        for name in sorted(os.listdir(self.folder)):
            if name.startswith('terrier.db'):
                with open(self.path(name), 'rb') as f:
                    places[name] = f.read()
        places['map pdf'] = unpacked_pdf(places['map pdf'])  # png is the same picture, of which a search finds only noise
        for place, content in places.items():
            lower = content.lower()
            for canary in canaries:
                self.assertNotIn(canary.lower(), lower, f'{canary.decode()} in {place}')

    def test_the_capture_does_hold_the_texts_of_patients(self):
        content = b''.join(frame for _, frame in pcap.read(CAPTURE)[1])
        for canary in (b'ZZCANARYSMITH', b'9990000018'):
            self.assertIn(canary, content)

    def read_when_free(self, database):
        """Reads the capture; of a killed reading the storer may need a moment to be gone."""
        until = time.monotonic() + LIMIT_S / 2
        while True:
            again = subprocess.run(self.command(database, [CAPTURE]), capture_output=True, timeout=LIMIT_S,
                                   stdin=subprocess.DEVNULL)
            if b'another terrierd' not in again.stderr or time.monotonic() > until:
                return again
            time.sleep(0.1)

    def test_a_reading_that_was_killed_is_as_if_it_had_never_been(self):
        begun = time.monotonic()
        self.read('timed.db', [CAPTURE], '--workers', '1')
        whole = time.monotonic() - begun
        killed = 0
        for part in (0.05, 0.3, 0.6, 0.8):
            database = f'killed{part}.db'
            with self.subTest(part=part):
                with subprocess.Popen(self.command(database, [CAPTURE], '--workers', '1'), stdin=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, start_new_session=True) as job:
                    time.sleep(whole * part)
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(job.pid, signal.SIGKILL)
                    was_killed = job.wait() != 0
                killed += was_killed
                # killed behind its last commit, it was read already and says so
                again = self.read_when_free(database)
                self.assertTrue(again.returncode == 0 or b'--again' in again.stderr, again)
                self.same_rows(database)
        self.assertGreater(killed, 0)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
