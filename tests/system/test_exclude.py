#!/usr/bin/env python3
"""What the configuration excludes leaves no trace, however it is wrapped: privacy.md asks for it before anything else
sees the packet."""
import contextlib
import sqlite3
import struct

import support
import mkpcap
from mkpcap import Capture

HIDDEN, VISIBLE = '10.77.66.6', '10.77.1.10'
WRAPS = {'plain': (), 'qinq': mkpcap.tag(20, 0x88a8), 'vxlan': mkpcap.vxlan, 'erspan2': mkpcap.erspan(310),
         'erspan3': mkpcap.erspan3(310), 'gre': mkpcap.gre, 'gre_ethernet': mkpcap.gre_ethernet,
         'geneve': mkpcap.geneve, 'mpls': mkpcap.mpls, 'pppoe': mkpcap.pppoe, 'ip_in_ip': mkpcap.in_ipv4,
         'vxlan_in_erspan': [mkpcap.vxlan, mkpcap.erspan(310)]}


def dns_answer(host, address):
    name = b''.join(bytes([len(label)]) + label.encode() for label in host.split('.')) + b'\0'
    return (struct.pack('!6H', 1, 0x8180, 1, 1, 0, 0) + name + struct.pack('!2H', 1, 1) + b'\xc0\x0c' +
            struct.pack('!2HIH', 1, 1, 60, 4) + bytes(int(n) for n in address.split('.')))


def talk(capture, client, sender):
    link = capture.tcp(client + ':40001', support.TIE + ':2575')
    link.client(support.hl7('ADT^A01', sender))
    link.server(support.hl7('ACK', 'TIE^ZZ', sender))
    link.close()


def both(**options):
    """The hidden host's link and the visible one's, the same length; and a name for the hidden one's server port."""
    capture = Capture(**options)
    talk(capture, HIDDEN, 'HIDDEN^ZZ')
    talk(capture, VISIBLE, 'SHOWN^ZZ')
    capture.udp(HIDDEN + ':5353', '10.77.1.5:40000', b'HIDDEN')
    return capture


class Exclude(support.Case):
    def texts(self):
        """Every text and blob of the database, and the raw bytes of its files."""
        found = b''
        with contextlib.closing(sqlite3.connect(self.database)) as db:
            db.execute('PRAGMA wal_checkpoint(TRUNCATE)')
        with open(self.database, 'rb') as file:
            found += file.read()
        return found

    def nothing_of_the_hidden(self, name):
        content = self.texts()
        for trace in (b'HIDDEN', HIDDEN.encode(), bytes(int(n) for n in HIDDEN.split('.'))):
            self.assertNotIn(trace, content, name)
        self.assertIn(b'SHOWN', content, name)

    def check(self, name, capture, config, excluded):
        self.database = self.path(name + '.db')
        self.read(self.save(name + '.pcap', capture), config=support.OWN_ALL + '[capture]\n' + config + '\n')
        self.assertEqual(self.columns('source_address', 'messages'), [(VISIBLE, '1')], name)
        self.assertEqual(self.counter('excluded'), excluded, name)
        self.assertEqual(self.counter('packets'), len(capture.frames), name)
        self.nothing_of_the_hidden(name)
        shown = self.ask('status')
        self.assertIn(config.split('=')[1].strip(), shown, name)

    def test_the_traces_would_be_found(self):
        self.read(self.save('all.pcap', both()))
        content = self.texts()
        for trace in (b'HIDDEN', HIDDEN.encode(), bytes(int(n) for n in HIDDEN.split('.'))):
            self.assertIn(trace, content)

    def test_networks(self):
        n = len(both().frames) - (len(both().frames) - 1) // 2
        for name, wrap in WRAPS.items():
            self.check(name, both(wrap=wrap), 'exclude_networks = 10.77.66.0/24', n)
        self.check('vlan', both(vlan=[310]), 'exclude_networks = 10.77.66.0/24', n)

    def mixed(self, hidden_options, visible_options):
        capture, second = Capture(**hidden_options), Capture(start=1795300001.0, **visible_options)
        talk(capture, HIDDEN, 'HIDDEN^ZZ')
        talk(second, VISIBLE, 'SHOWN^ZZ')
        n = len(capture.frames)
        capture.frames += second.frames
        return capture, n

    def test_outer_addresses(self):
        for name in ('vxlan', 'gre', 'erspan2', 'geneve', 'ip_in_ip'):
            capture, n = self.mixed({'wrap': WRAPS[name]}, {})
            self.check(name, capture, 'exclude_networks = 198.51.100.0/31', n)

    def test_vlans(self):
        cases = {'vlan': {'vlan': [310]}, 'inner': {'vlan': [310], 'wrap': mkpcap.tag(20, 0x88a8)},
                 'outer': {'vlan': [20], 'wrap': mkpcap.tag(310, 0x88a8)},
                 'vxlan_inner': {'vlan': [310], 'wrap': mkpcap.vxlan},
                 'vxlan_outer': {'wrap': [mkpcap.vxlan, mkpcap.tag(310)]},
                 'erspan2': {'wrap': mkpcap.erspan(310)}, 'erspan3': {'wrap': mkpcap.erspan3(310)},
                 'gre_inner': {'vlan': [310], 'wrap': mkpcap.gre_ethernet},
                 'gre_outer': {'wrap': [mkpcap.gre, mkpcap.tag(310)]}}
        for name, options in cases.items():
            capture, n = self.mixed(options, {'vlan': [20]})
            self.check(name, capture, 'exclude_vlans = 310', n)

    def test_ports(self):
        for name, wrap in WRAPS.items():
            capture, visible = Capture(wrap=wrap), Capture(start=1795300001.0, wrap=wrap)
            link = capture.tcp(HIDDEN + ':40001', support.TIE + ':6661')
            link.client(support.hl7('ADT^A01', 'HIDDEN^ZZ'))
            link.close()
            n = len(capture.frames)
            talk(visible, VISIBLE, 'SHOWN^ZZ')
            capture.frames += visible.frames
            self.check(name, capture, 'exclude_ports = 6661', n)

    def test_fragments(self):
        capture = Capture(fragment=48)
        talk(capture, HIDDEN, 'HIDDEN^ZZ')
        self.assertGreater(len(capture.frames), 10)
        visible = Capture(start=1795300001.0)
        talk(visible, VISIBLE, 'SHOWN^ZZ')
        capture.frames += visible.frames
        self.database = self.path('fragments.db')
        self.read(self.save('fragments.pcap', capture), config=support.OWN_ALL +
                  '[capture]\nexclude_networks = 10.77.66.0/24\n')
        self.assertEqual(self.columns('source_address', 'messages'), [(VISIBLE, '1')])
        self.nothing_of_the_hidden('fragments')

    def test_an_answer_about_an_excluded_host_leaves_no_name(self):
        capture = Capture()
        talk(capture, VISIBLE, 'SHOWN^ZZ')
        capture.udp('10.77.1.5:53', VISIBLE + ':40000', dns_answer('hidden.trust.example', HIDDEN))
        capture.udp('10.77.1.5:53', VISIBLE + ':40000', dns_answer('tie.trust.example', support.TIE))
        self.read(self.save('dns.pcap', capture), config=support.OWN_ALL +
                  '[capture]\nexclude_networks = 10.77.66.0/24\n')
        content = self.texts()
        self.assertIn(b'tie.trust.example', content)
        for trace in (b'hidden', HIDDEN.encode(), bytes(int(n) for n in HIDDEN.split('.'))):
            self.assertNotIn(trace, content)


support.main()
