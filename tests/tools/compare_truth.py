#!/usr/bin/env python3
"""compare_truth.py TERRIERD TERRIER CAPTURES [NAME...]: reads every capture of a folder and holds what Terrier says of it
against what tshark said (CAPTURES/truth/NAME.conv.tsv): ends, transports and server ports of all conversations, and the
number of frames and of their octets. Prints every difference with the class of its reason; only the classes of
UNEXPLAINED make the exit status 1. A tool for the desk: it needs the captures, tshark and capinfos."""
import collections
import csv
import glob
import io
import ipaddress
import os
import subprocess
import sys
import tempfile

UNEXPLAINED = ('missing', 'extra', 'wrong side', 'frames', 'octets', 'status')
Conversation = collections.namedtuple('Conversation', 'proto stream a a_port b b_port pkts_ab pkts_ba first_seen names')


def run(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=300,
                          check=False)


def party(address):
    """An address as Terrier prints it when everything is own."""
    ip = ipaddress.ip_address(address)
    if address == '255.255.255.255':
        return '[broadcast]'
    if ip.is_unspecified or ip in ipaddress.ip_network('0.0.0.0/8'):  # "this network", RFC 1122 3.2.1.3
        return '[unspecified]'
    if ip.is_multicast:
        if ip.version == 6 and ip in ipaddress.ip_network('ff02::1:ff00:0/104'):
            return '[multicast ff02::1:ff00:0/104]'
        return '[multicast %s]' % ip
    return str(ip)


def read_truth(path):
    with open(path, encoding='utf-8') as table:
        lines = [line.rstrip('\n').split('\t') for line in table if not line.startswith('#')]
    for row in lines[1:]:
        yield Conversation(row[0], row[1], party(row[2]), row[3], party(row[4]), row[5], int(row[6]), int(row[8]),
                           row[10], row[14] if len(row) > 14 else '')


def payloads(pcap):
    """Octets of transport payload of each stream that tshark numbers: {(proto, stream): octets}."""
    sums = collections.Counter()
    for proto, field, where in (('tcp', 'tcp.len', 'tcp.hdr_len >= 20'), ('udp', 'udp.length', 'udp')):
        out = run('tshark', '-n', '-r', pcap, '-Y', where, '-T', 'fields', '-E', 'occurrence=l', '-e', proto + '.stream',
                  '-e', field).stdout.decode()
        for line in out.splitlines():
            stream, _, length = line.partition('\t')
            if stream and length:
                sums[proto, stream] += int(length) - (8 if proto == 'udp' else 0)
    return sums


def facts(pcap):
    """Frames and octets on the wire."""
    out = run('capinfos', '-M', '-T', '-r', '-c', '-d', pcap).stdout.decode().strip()
    fields = out.splitlines()[-1].split('\t') if out else ['', '0', '0']
    return [int(f) if f.isdigit() else 0 for f in fields[-2:]]


class Reading:
    """What Terrier says of one capture."""

    def __init__(self, terrierd, terrier, pcap):
        with tempfile.TemporaryDirectory() as folder:
            config, database = os.path.join(folder, 'terrier.conf'), os.path.join(folder, 'terrier.db')
            with open(config, 'w', encoding='ascii') as out:
                out.write('[networks]\nown = 0.0.0.0/0, ::/0\n')
            done = run(terrierd, '--read', pcap, '--database', database, '--config', config)
            self.status, self.said = done.returncode, done.stderr.decode()
            self.rows, self.frames, self.octets = [], 0, 0
            if not os.path.exists(database):
                return
            self.rows = self.table(terrier, 'flows', database)
            for row in self.table(terrier, 'status', database):
                if (row['part'], row['item']) == ('coverage', 'packets'):
                    self.frames = int(row['count'])
                if (row['part'], row['item']) == ('coverage', 'bytes'):
                    self.octets = int(row['count'])

    @staticmethod
    def table(terrier, command, database):
        out = run(terrier, command, '--database', database, '--format', 'csv').stdout.decode()
        return list(csv.DictReader(io.StringIO(out, newline='')))


def key_of(row):
    return row['transport'], frozenset((row['source_address'], row['destination_address'])), row['server_port']


def server_ports(conversation):
    """Ports that may be the server's, by who was seen to begin."""
    c = conversation
    if c.proto == 'tcp' and c.first_seen == 'SYN':
        return [c.b_port]
    if c.proto == 'tcp' and c.first_seen == 'SYNACK':
        return [c.a_port]
    return [c.a_port, c.b_port]


def why_missing(c, octets, is_damaged):
    if octets == 0:
        return 'no payload'
    if is_damaged:
        return 'behind the damage'
    if 'GTP' in c.names:
        return 'tunnel not followed'
    if c.proto == 'udp' and (c.pkts_ab == 0 or c.pkts_ba == 0):
        return 'unanswered'
    if 'FTP-DATA' in c.names or 'TFTP' in c.names or 'RTP' in c.names:
        return 'data connection'
    return 'missing'


def compare(reading, truth, octets):
    """Differences as (class, text)."""
    rows = {key_of(row): row for row in reading.rows}
    explained = set()
    for c in truth:
        ends = frozenset((c.a, c.b))
        found = [(c.proto, ends, port) for port in (c.a_port, c.b_port) if (c.proto, ends, port) in rows]
        explained.update(found)
        text = '%s %s:%s - %s:%s %s %s' % (c.proto, c.a, c.a_port, c.b, c.b_port, c.first_seen, c.names)
        if not found:
            yield why_missing(c, octets[c.proto, c.stream], reading.status == 1), text
        elif not any(key[2] in server_ports(c) for key in found):
            yield 'wrong side', text
    for key, row in rows.items():
        if key not in explained and row['transport'] in ('tcp', 'udp'):
            yield 'tunnel not followed' if row['server_port'] == '2152' else 'extra', '%s %s' % (row['transport'], ' '.join(row[c] for c in (
                'source_address', 'destination_address', 'server_port', 'protocol', 'connections')))


def check(terrierd, terrier, pcap, truth_path):
    reading = Reading(terrierd, terrier, pcap)
    if reading.status == 2 or reading.status < 0 or not reading.said:
        yield ('refused' if reading.status == 2 else 'status'), '%d %s' % (reading.status, reading.said.strip())
        return
    if reading.status == 1:
        yield 'damaged', reading.said.splitlines()[0]
    else:
        frames, octets = facts(pcap)
        if reading.frames != frames:
            yield 'frames', '%d, capinfos says %d' % (reading.frames, frames)
        if reading.octets != octets:
            yield 'octets', '%d, capinfos says %d' % (reading.octets, octets)
    yield from compare(reading, list(read_truth(truth_path)), payloads(pcap))


def main():
    terrierd, terrier, folder = sys.argv[1:4]
    sums = collections.Counter()
    for sub in ('pcap', 'malformed'):
        for pcap in sorted(glob.glob(os.path.join(folder, sub, '*'))):
            name = os.path.basename(pcap)
            truth = os.path.join(folder, 'truth', '' if sub == 'pcap' else sub, name + '.conv.tsv')
            if (len(sys.argv) > 4 and name not in sys.argv[4:]) or not os.path.exists(truth):
                continue
            for kind, text in check(terrierd, terrier, pcap, truth):
                if sub == 'malformed' and kind in ('extra', 'octets'):
                    kind += ' of mutated headers'  # tshark groups and sums what is broken in its own way
                sums[kind] += 1
                print('%s: %s: %s' % (name, kind, text), flush=True)
    print('sums:', ', '.join('%s %d' % item for item in sorted(sums.items())))
    return 1 if any(sums[kind] for kind in UNEXPLAINED) else 0


sys.exit(main())
