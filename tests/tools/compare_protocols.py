#!/usr/bin/env python3
"""compare_protocols.py TERRIERD TERRIER CAPTURES [NAME...]: the protocol that Terrier names for each conversation of a
folder of captures, beside what tshark (CAPTURES/truth/NAME.conv.tsv) and nDPI (CAPTURES/ndpi42_reference.tsv) say.
Prints what is missing or wrong, then a table by category (the first word of a file's name). -v also prints what neither
confirms. Exit 1 when a row with confidence `high` is wrong. A tool for the desk: it needs the captures."""
import collections
import csv
import glob
import io
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

# tshark's word to ours. What carries something else (TPKT, NBSS) is right for what it carries.
WORDS = {
    'KRB5': 'Kerberos', 'TLS': 'TLS', 'SSL': '', 'SSLv2': 'TLS', 'SSLv3': 'TLS', 'NBNS': 'NetBIOS', 'NBDS': 'NetBIOS',
    'BROWSER': 'NetBIOS', 'SMB Mailslot': 'NetBIOS', 'LANMAN': 'SMB1 NetBIOS', 'SMB2': 'SMB2 SMB3', 'SMB': 'SMB1', 'SMB Pipe': 'SMB1',
    'SMB3': 'SMB3', 'NBSS': 'SMB1 SMB2 SMB3 NetBIOS', 'RIPv1': 'RIP', 'RIPv2': 'RIP', 'BACnet-APDU': 'BACnet',
    'BACnet-NPDU': 'BACnet', 'BVLC': 'BACnet', 'PGSQL': 'PostgreSQL', 'MDNS': 'mDNS', 'SSHv2': 'SSH', 'SSHv1': 'SSH',
    'PNIO-CM': 'PROFINET DCERPC', 'TPKT': 'RDP H.323 S7comm MMS', 'TELNET': 'Telnet', 'Portmap': 'RPCbind',
    'MOUNT': 'NFS RPCbind', 'NFS CB': 'NFS', 'NLM': 'NFS', 'GQUIC': 'QUIC', 'RDPUDP': 'RDP', 'RDPUDP2': 'RDP', 'GIOP': 'Corba',
    'ZIOP': 'Corba', 'DB-LSP-DISC': 'Dropbox unknown', 'CAPWAP-Control': 'CAPWAP', 'CAPWAP-Data': 'CAPWAP', 'RSYNC': 'rsync',
    'RESP': 'Redis', 'MONGO': 'MongoDB', 'HL7': 'HL7v2', 'Syslog': 'syslog', 'SNMP': 'SNMP', 'WINS-Replication': 'WINS',
    'FTP-DATA': 'FTP', 'HSRPv2': 'HSRP', 'Modbus/TCP': 'Modbus', 'DSI': 'AFP', 'OCSP': 'HTTP', 'HTTP2': 'HTTP2', 'POP': 'POP3',
    'CLDAP': 'LDAP', 'iSCSI': 'iSCSI', 'EPM': 'DCERPC', 'DRSUAPI': 'DCERPC', 'ICMP': 'ICMP', 'RSH': 'rsh syslog',
    'Gryphon': 'unknown', 'GTP': 'GTP DTLS', 'VNC': 'VNC', 'SIP/SDP': 'SIP', 'RTCP': 'RTCP', 'LPD': 'LPD', 'MySQL': 'MySQL',
    'CIFS': 'SMB1', 'IPP': 'IPP', 'STUN': 'STUN', 'CFLOW': 'NetFlow', 'IGMPv2': 'IGMP', 'WebSocket': 'WebSocket HTTP',
    'MQTT': 'MQTT', 'ISAKMP': 'IPsec', 'ESP': 'IPsec ESP', 'NCP': 'unknown', 'SAMR': 'DCERPC', 'LSARPC': 'DCERPC',
    'RPC_NETLOGON': 'DCERPC', 'SRVSVC': 'SMB1 SMB2 SMB3 DCERPC', 'JSON-RPC': 'HTTP', 'WHO': 'unknown', 'ENIP': 'EtherNet-IP',
    'DB-LSP': 'Dropbox unknown', 'BJNP': 'BJNP', 'WLCCP': 'unknown', 'X11': 'X11',
}
# `SSL` alone is tshark's word for what stands on a port of TLS and is none it can read.
# What may well stand where tshark says the first: a layer more, or less.
ALSO = {'HTTP': 'SOAP FHIR DICOMweb WebSocket IPP HTTP2 ICAP', 'TLS': 'QUIC HTTP', 'LDAP': 'Kerberos', 'DTLS': 'CAPWAP', 'IGMP': 'CAPWAP'}
TRANSPORT = {'TCP', 'UDP', 'IPv4', 'IPv6', 'ARP', '802.11', 'Ethernet', 'DATA', 'ICMP', 'ICMPv6', 'IP', 'ERSPAN', 'GRE'}
Row = collections.namedtuple('Row', 'ends transport port protocol confidence')


def ours(known, word):
    """The set of our protocol names that a word of tshark's allows."""
    word = re.sub(r'\s*<.*', '', word)
    found = set()
    for part in word.split('/')[:1] if word not in WORDS else [word]:
        part = re.sub(r'^(TLS|DTLS)v[\d.]+$', r'\1', part)
        found |= set(WORDS.get(part, part if part in known else '').split())
    for name in list(found):
        found |= set(ALSO.get(name, '').split())
    return found


def run(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                          timeout=300, check=False).stdout.decode()


def read_tsv(path):
    with open(path, encoding='utf-8') as table:
        return [line.rstrip('\n').split('\t') for line in table if not line.startswith('#')][1:]


def read_flows(terrierd, terrier, pcap, folder):
    config = os.path.join(folder, 'all.conf')
    database = os.path.join(folder, os.path.basename(pcap) + '.db')
    with open(config, 'w', encoding='ascii') as f:
        f.write('[networks]\nown = 0.0.0.0/0, ::/0\n')
    run(terrierd, '--config', config, '--read', pcap, '--database', database)
    text = run(terrier, 'flows', '--format', 'csv', '--database', database)
    return [Row(frozenset((r['source_address'], r['destination_address'])), r['transport'], r['server_port'], r['protocol'],
                r['confidence']) for r in csv.DictReader(io.StringIO(text))]


def is_right(protocol, allowed):
    return protocol in allowed or ('+' in protocol and protocol.split('+')[0] in allowed) or \
        ('TLS' in allowed and '+TLS' in protocol)


class Sums:
    def __init__(self):
        self.right = self.missing = self.wrong = self.high = self.other = self.ndpi_right = self.ndpi_said = 0


def ndpi_words(protocols):
    """Our protocol behind each of nDPI's names."""
    table = {}
    for row in protocols:
        for name in row['ndpi_names'].split(';'):
            table[name.lower()] = row['protocol']
    return table


def ndpi_of(table, label):
    """Ours for `20/MySQL` or `91.126/TLS.Google`."""
    names = label.split('/', 1)[-1].split('.')
    found = {table[n.lower()] for n in names if n.lower() in table}
    return found


def main():
    verbose = '-v' in sys.argv
    terrierd, terrier, captures, *wanted = [a for a in sys.argv[1:] if a != '-v']
    with open(os.path.join(HERE, '..', '..', 'data', 'protocols.csv'), encoding='utf-8', newline='') as f:
        protocols = list(csv.DictReader(f))
    known, words = {p['protocol'] for p in protocols}, ndpi_words(protocols)
    reference = collections.defaultdict(dict)
    for file, l4, a, b, label in (r for r in read_tsv(os.path.join(captures, 'ndpi42_reference.tsv')) if len(r) == 5):
        reference[os.path.basename(file)][l4.lower(), frozenset((a, b))] = label
    sums = collections.defaultdict(Sums)
    with tempfile.TemporaryDirectory() as folder:
        for pcap in sorted(glob.glob(os.path.join(captures, 'pcap', '*'))):
            name = os.path.basename(pcap)
            if wanted and not any(w in name for w in wanted):
                continue
            rows = read_flows(terrierd, terrier, pcap, folder)
            one = sums[name.split('-')[0]]
            said = collections.Counter()
            for c in read_tsv(os.path.join(captures, 'truth', name + '.conv.tsv')):
                transport, ends, ports = c[0], frozenset((c[2], c[4])), (c[3], c[5])
                seen = [w.rsplit(':', 1)[0] for w in c[14].split(',')] if len(c) > 14 else []
                allowed = set().union(*(ours(known, w) for w in seen if w not in TRANSPORT)) if seen else set()
                mine = [r for r in rows if r.ends == ends and r.transport == transport and r.port in ports] or \
                    [r for r in rows if r.ends == ends and r.transport == transport and r.port in ('', '21', '69', '135')]
                label = reference[name].get((transport, frozenset((f'{c[2]}:{c[3]}', f'{c[4]}:{c[5]}'))))
                if not allowed:
                    if mine and verbose and any(r.protocol != 'unknown' for r in mine):
                        said['unchecked', '', ' '.join(sorted({r.protocol + ':' + r.confidence for r in mine})), label] += 1
                    one.other += 1
                    continue
                if label is not None:
                    one.ndpi_said += 1
                    one.ndpi_right += any(is_right(p, allowed) for p in ndpi_of(words, label))
                if not mine:
                    continue # no payload: no row, by design
                if any(is_right(r.protocol, allowed) for r in mine):
                    one.right += 1
                    continue
                have = ' '.join(sorted({r.protocol + ':' + r.confidence for r in mine}))
                if all(r.protocol == 'unknown' for r in mine):
                    one.missing += 1
                    said['missing', ' '.join(sorted(allowed)), have, label] += 1
                    continue
                one.wrong += 1
                one.high += any(r.confidence == 'high' for r in mine)
                said['WRONG', ' '.join(sorted(allowed)), have, label] += 1
            for (what, allowed, have, label), n in sorted(said.items(), key=str):
                print(f'{what:9} {name}: {n} conversations, tshark {allowed or "-"}, ours {have}, nDPI {label}')
    print(f'\n{"category":12}{"right":>7}{"missing":>9}{"wrong":>7}{"wrong high":>12}   {"nDPI right of those it names":>30}')
    for name, s in sorted(sums.items()):
        print(f'{name:12}{s.right:>7}{s.missing:>9}{s.wrong:>7}{s.high:>12}   {s.ndpi_right:>22} of {s.ndpi_said}')
    return 1 if any(s.high for s in sums.values()) else 0


sys.exit(main())
