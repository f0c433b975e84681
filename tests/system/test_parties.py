#!/usr/bin/env python3
"""Who the ends are: inside hosts, outside parties, groups, segments; who serves and who asks; what makes a row."""
import csv
import io
import struct

import support
from mkpcap import Capture

PC, OUTSIDE = '10.77.30.21', '203.0.113.9'
DEFAULT = ''
HOUR = 1795302000.0  # 2026-11-21T23:00:00Z


def tls(capture, client, server, name=None, port=443):
    link = capture.tcp(client, '%s:%d' % (server, port))
    if name is not None:
        link.client(support.client_hello(name))
        link.server(support.server_hello())
    else:
        link.client(b'\x17\3\3\0\x40' + bytes(64))
        link.server(b'\x17\3\3\0\x40' + bytes(64))
    link.close()


def dns(capture, host, address, client=PC, server='10.77.1.5'):
    name = b''.join(bytes([len(label)]) + label.encode() for label in host.split('.')) + b'\0'
    capture.udp(client + ':50000', server + ':53', struct.pack('!6H', 1, 0x0100, 1, 0, 0, 0) + name + b'\0\1\0\1')
    capture.udp(server + ':53', client + ':50000', struct.pack('!6H', 1, 0x8180, 1, 1, 0, 0) + name + b'\0\1\0\1' +
                b'\xc0\x0c' + struct.pack('!2HIH', 1, 1, 60, 4) + bytes(int(n) for n in address.split('.')))


class Parties(support.Case):
    def read_capture(self, capture, *args, config=DEFAULT):
        return self.read(self.save('x.pcap', capture), *args, config=config)

    def ends(self, protocol=None):
        return sorted({(row['source_address'], row['destination_address']) for row in self.rows()
                       if protocol in (None, row['protocol'])})

    def test_an_outside_server_is_the_name_it_was_reached_by(self):
        capture = Capture()
        tls(capture, PC + ':40001', OUTSIDE, b'outlook.office365.com')
        tls(capture, PC + ':40002', '203.0.113.77', b'outlook.office365.com')
        self.read_capture(capture)
        self.assertEqual(self.ends('TLS'), [(PC, '[outlook.office365.com]')])
        self.assertNotIn(OUTSIDE, self.ask('flows', '--format=csv') + self.ask('hosts', '--format=csv'))

    def test_an_outside_server_is_the_name_of_an_earlier_answer(self):
        capture = Capture()
        dns(capture, 'portal.example', OUTSIDE)
        tls(capture, PC + ':40001', OUTSIDE)
        tls(capture, PC + ':40002', '203.0.113.10')
        dns(capture, 'late.example', '203.0.113.10')
        self.read_capture(capture)
        self.assertEqual(self.ends('TLS'), [(PC, '[203.0.113.0/24]'), (PC, '[portal.example]')])

    def test_an_earlier_answer_tells_the_kind_of_what_shows_no_name(self):
        capture = Capture()
        dns(capture, 'outlook.office365.com', OUTSIDE)
        tls(capture, PC + ':40001', OUTSIDE)
        tls(capture, PC + ':40002', '203.0.113.10')
        self.read_capture(capture)
        self.assertEqual(sorted(self.columns('destination_address', 'kind_id', 'confidence', 'evidence'))[1:],
                         [('[203.0.113.0/24]', 'unk.encrypted', 'medium', 'protocol TLS ×1'),
                          ('[outlook.office365.com]', 'inf.email', 'low', 'DNS outlook.office365.com ×1')])

    def names(self):
        return {row['address']: (row['name'], row['other_names'], row['names']) for row in self.rows('hosts')}

    def test_an_inside_host_has_no_name_of_an_outside_service(self):
        proxy, server = '10.77.1.99', '10.77.1.98'
        capture = Capture()
        tls(capture, PC + ':40001', proxy, b'outlook.office365.com', port=3129)
        tls(capture, PC + ':40002', proxy, b'news.example', port=3129)
        tls(capture, PC + ':40003', OUTSIDE, b'news.example')
        tls(capture, PC + ':40004', server, b'portal.trust.example')
        self.read_capture(capture, config=DEFAULT)
        names = self.names()
        self.assertEqual(names[proxy][0], '')
        self.assertIn('news.example', names[proxy][2])
        self.assertEqual(names[server][0], 'portal.trust.example')

    def test_a_name_that_clients_used_elsewhere_takes_none_from_its_host(self):
        capture = Capture()
        dns(capture, 'pas.trust.example', support.PAS)
        tls(capture, PC + ':40001', support.TIE, b'pas.trust.example')
        dns(capture, 'farm.trust.example', '10.77.1.61')
        dns(capture, 'farm.trust.example', '10.77.1.62')
        dns(capture, 'web1.trust.example', '10.77.1.61')
        for host in (support.PAS, '10.77.1.61', '10.77.1.62'):
            support.hl7_talk(capture, client=host + ':40001')
        self.read_capture(capture)
        names = self.names()
        self.assertEqual(names[support.PAS][0], 'pas.trust.example')
        self.assertEqual(names['10.77.1.61'][0], 'web1.trust.example')

    def test_the_order_of_sources_is_the_sites_and_contradictions_are_shown(self):
        capture = Capture()
        dns(capture, 'pas.trust.example', support.PAS)
        dns(capture, 'oldpas.trust.example', support.PAS)
        dns(capture, 'pas.trust.example', support.PAS)
        support.hl7_talk(capture)
        self.read_capture(capture)
        self.assertEqual(self.names()[support.PAS][:2], ('pas.trust.example', 'oldpas.trust.example'))
        self.database = self.path('other.db')
        self.read_capture(capture, config='[names]\norder = hl7, dns\n')
        self.assertEqual(self.names()[support.PAS][0], 'PAS^ZZ')

    def test_a_machine_that_talks_to_itself_has_names(self):
        capture = Capture()
        support.hl7_talk(capture, client='127.0.0.1:40001', server='127.0.0.1:2575')
        self.read_capture(capture)
        self.assertIn('hl7:TIE^ZZ', self.names()['127.0.0.1'][2])

    def test_names_cross_from_worker_to_worker(self):
        capture = Capture()
        for i in range(1, 40):
            dns(capture, 'host%d.example' % i, '203.0.113.%d' % i, client='10.77.30.%d' % i)
            tls(capture, '10.77.31.%d:40001' % i, '203.0.113.%d' % i)
        expected = sorted(('10.77.31.%d' % i, '[host%d.example]' % i) for i in range(1, 40))
        for workers in ('1', '3'):
            self.database = self.path(workers + '.db')
            self.read_capture(capture, '--workers', workers)
            self.assertEqual(self.ends('TLS'), expected)

    def test_other_organisations_inside_the_private_ranges(self):
        capture = Capture()
        tls(capture, PC + ':40001', '10.200.7.7')
        self.read_capture(capture, config='[networks]\noutside = 10.200.0.0/16\n')
        self.assertEqual(self.ends('TLS'), [(PC, '[10.200.7.0/24]')])

    def test_nothing_is_folded_when_all_is_own(self):
        capture = Capture()
        dns(capture, 'portal.example', OUTSIDE)
        tls(capture, PC + ':40001', OUTSIDE, b'outlook.office365.com')
        self.read_capture(capture, config=support.OWN_ALL)
        self.assertEqual(self.ends('TLS'), [(PC, OUTSIDE)])
        names = {row['address']: row['names'] for row in self.rows('hosts')}
        self.assertIn('outlook.office365.com', names[OUTSIDE])
        self.assertIn('portal.example', names[OUTSIDE])

    def test_groups_are_parties(self):
        capture = Capture()
        capture.udp(PC + ':514', '255.255.255.255:514', b'<34>1 2026-11-21T15:00:00Z pc app - ID1 - up')
        capture.udp(PC + ':514', '239.1.2.3:514', b'<34>1 2026-11-21T15:00:00Z pc app - ID1 - up')
        capture.udp('[fe80::21]:514', '[ff02::1:3]:514', b'<34>1 2026-11-21T15:00:00Z pc app - ID1 - up')
        self.read_capture(capture)
        self.assertEqual(self.ends(), [(PC, '[broadcast]'), (PC, '[multicast 239.1.2.3]'),
                                       ('fe80::21', '[multicast ff02::1:3]')])

    def test_segments_keep_equal_addresses_apart(self):
        capture, other = Capture(vlan=[310]), Capture(vlan=[20], start=1795300000.0305)
        support.hl7_talk(capture, ['ADT^A01'])
        support.hl7_talk(other, ['ADT^A08'] * 2)
        capture.frames = sorted(capture.frames + other.frames, key=lambda frame: frame[0])
        self.read_capture(capture, config=support.OWN_ALL + '[segment guest]\nvlan = 310\n')
        self.assertEqual(self.columns('segment', 'source_address', 'messages', 'connections'),
                         [('', support.PAS, '2', '1'), ('guest', support.PAS, '1', '1')])
        ids = self.columns('exchange_id')
        self.assertEqual(len(set(ids)), 2)
        self.assertEqual(sorted((row['segment'], row['address']) for row in self.rows('hosts')),
                         [('', support.PAS), ('', support.TIE), ('guest', support.PAS), ('guest', support.TIE)])

    def test_a_segment_of_another_sensor_does_not_apply(self):
        capture = Capture(vlan=[310])
        support.hl7_talk(capture)
        self.read_capture(capture, config=support.OWN_ALL + '[segment guest]\nsensor = elsewhere\nvlan = 310\n')
        self.assertEqual(self.columns('segment'), [('',)])


class Sides(support.Case):
    """Captures that begin in the middle: nobody saw who opened the connection."""

    def sides(self):
        return sorted((row['source_address'], row['destination_address'], row['server_port'], row['direction'],
                       row['initiated_by']) for row in self.rows())

    def joined(self, client, server, says, answers, times=3, server_first=True, start=1795300000.0, capture=None):
        capture = capture if capture is not None else Capture(start=start)
        link = capture.tcp(client, server, syn=False)
        for _ in range(times):
            if server_first:
                link.server(answers)
                link.client(says)
            else:
                link.client(says)
                link.server(answers)
        return capture

    def test_a_known_port_serves(self):
        capture = self.joined(PC + ':61000', '10.77.1.50:1433', b'\1\0\x77' * 30, b'\4\0\x99' * 30)
        self.read(self.save('x.pcap', capture))
        self.assertEqual([s[:3] for s in self.sides()], [(PC, '10.77.1.50', '1433')])

    def test_a_dissector_knows(self):
        capture = self.joined('10.77.1.10:5000', '10.77.1.20:61000', b'GET /index.html HTTP/1.1\r\nHost: x\r\n\r\n',
                              b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>')
        self.read(self.save('x.pcap', capture))
        self.assertEqual([s[:4] for s in self.sides()], [('10.77.1.20', '10.77.1.10', '61000', 'one_way')])

    def test_the_direction_of_messages_does_not_depend_on_the_side_that_serves(self):
        capture = self.joined(support.PAS + ':5000', support.TIE + ':61000', support.hl7(), support.hl7_ack())
        self.read(self.save('x.pcap', capture))
        self.assertEqual([s[:2] + s[3:] for s in self.sides()], [(support.PAS, support.TIE, 'one_way', 'unknown')])

    def test_the_end_that_many_meet_at_serves(self):
        capture = Capture()
        for i in range(10):
            self.joined('10.77.30.%d:%d' % (20 + i, 20000 + 7 * i), '10.77.1.50:39999', b'\x77ask' * 20,
                        b'\x99say' * 20, server_first=i % 2 == 0, capture=capture)
        self.read(self.save('x.pcap', capture))
        self.assertEqual({s[2] for s in self.sides()}, {'39999'})
        self.assertEqual({s[1] for s in self.sides()} | {s[0] for s in self.sides()},
                         {'10.77.30.%d' % (20 + i) for i in range(10)} | {'10.77.1.50'})
        self.assertEqual(len(self.sides()), 10)

    def later_evidence(self):
        """One joined connection on unknown ports; later another to the same end, with its SYN."""
        capture = self.joined(PC + ':20001', '10.77.1.50:39999', b'\x77ask' * 20, b'\x99say' * 20)
        capture.now += 60
        link = capture.tcp('10.77.30.22:20002', '10.77.1.50:39999')
        link.client(b'\x77ask' * 20)
        link.server(b'\x99say' * 20)
        link.close()
        return capture

    def test_evidence_that_comes_later_in_the_file_counts(self):
        self.read(self.save('x.pcap', self.later_evidence()))
        self.assertEqual({s[2] for s in self.sides()}, {'39999'})
        self.assertEqual(len(self.sides()), 2)

    def test_evidence_that_comes_in_the_next_file_counts(self):
        whole = self.later_evidence()
        self.read(self.save('whole.pcap', whole))
        expected = self.sides()
        paths = []
        for i, frames in enumerate((whole.frames[:8], whole.frames[8:])):
            part = Capture()
            part.frames = frames
            paths.append(self.save('%d.pcap' % i, part))
        self.database = self.path('parts.db')
        self.read(*paths)
        self.assertEqual(self.sides(), expected)

    def test_a_joined_connection_says_so(self):
        self.read(self.save('x.pcap', self.joined(PC + ':20001', '10.77.1.50:39999', b'\x77ask' * 20, b'\x99' * 80)))
        self.assertEqual({s[4] for s in self.sides()}, {'unknown'})
        self.assertEqual(self.counter('flows_midstream'), 1)


class Rows(support.Case):
    def hosts(self):
        return {row['address']: row for row in self.rows('hosts')}

    def test_a_scan_makes_counters_and_no_rows(self):
        capture = Capture()
        for i in range(1, 101):
            link = capture.tcp('10.77.9.9:%d' % (40000 + i), '10.77.1.%d:445' % i, syn=False)
            link._segment(0, b'', 0x02)
            if i % 2:
                link._segment(1, b'', 0x14)
        self.read(self.save('scan.pcap', capture))
        self.assertEqual(self.rows(), [])
        hosts = self.hosts()
        self.assertEqual(hosts['10.77.9.9']['empty_out'], '100')
        self.assertEqual((hosts['10.77.1.7']['empty_in'], hosts['10.77.1.8']['empty_in']), ('1', '1'))

    def test_datagrams_that_nobody_answers_or_claims_make_no_row(self):
        capture = Capture()
        for i in range(1, 6):
            capture.udp('10.77.9.9:40000', '10.77.1.%d:39999' % i, b'\x77\x88\x99\xaa' * 5)
        self.read(self.save('x.pcap', capture))
        self.assertEqual(self.rows(), [])
        self.assertEqual(self.hosts()['10.77.9.9']['unanswered_out'], '5')

    def test_the_same_datagrams_answered_make_one(self):
        capture = Capture()
        capture.udp('10.77.9.9:40000', '10.77.1.1:39999', b'\x77\x88\x99\xaa' * 5)
        capture.udp('10.77.1.1:39999', '10.77.9.9:40000', b'\x11\x88\x99\xaa' * 5)
        self.read(self.save('x.pcap', capture))
        self.assertEqual(self.columns('source_address', 'destination_address', 'server_port', 'protocol', 'kind_id'),
                         [('10.77.9.9', '10.77.1.1', '39999', 'unknown', 'unk.other')])

    def test_syslog_that_is_never_answered_does(self):
        capture = Capture()
        for i in range(3):
            capture.udp('10.77.1.30:40000', '10.77.1.7:514', b'<34>1 2026-11-21T15:00:0%dZ lims app - ID1 - up' % i)
        self.read(self.save('x.pcap', capture))
        self.assertEqual(self.columns('source_address', 'destination_address', 'server_port', 'protocol', 'direction'),
                         [('10.77.1.30', '10.77.1.7', '514', 'syslog', 'one_way')])

    def test_an_hour_boundary_parts_volumes_and_not_connections(self):
        capture = Capture(start=HOUR - 1)
        link = capture.tcp(support.PAS + ':40001', support.TIE + ':2575')
        for i in range(3):
            link.client(support.hl7())
            link.server(support.hl7_ack())
            capture.now = HOUR + 1 + i
        link.close()
        self.read(self.save('x.pcap', capture))
        self.assertEqual(self.columns('connections', 'messages', 'bytes_to_destination'),
                         [('1', '3', str(3 * len(support.hl7())))])
        row = self.rows()[0]
        self.assertEqual((row['first_seen'], row['last_seen']), ('2026-11-21T22:59:59Z', '2026-11-21T23:00:02Z'))
        shown = csv.DictReader(io.StringIO(self.ask('explain', row['exchange_id'], '--format=csv'), newline=''))
        hours = [(r['value'], r['messages']) for r in shown if r['part'] == 'volume']
        self.assertEqual(hours, [('2026-11-21T22:00:00Z', '1'), ('2026-11-21T23:00:00Z', '2')])
        early = self.rows('flows', '--until', '2026-11-21T23:00:00Z')
        self.assertEqual([r['messages'] for r in early], ['1'])


support.main()
