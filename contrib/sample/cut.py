#!/usr/bin/env python3
"""Cuts the sample out of a recording of the whole laboratory: cut.py LAB.pcap LAB.truth.csv

Writes hospital.pcap.gz and truth.csv beside this script. Whole connections go and nothing inside one does, so what is
left of the truth stays exact. Gone is bulk that shows nothing which a smaller connection does not show.
"""
import csv
import os
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'tests', 'tools'))
import pcap  # noqa: E402

# client, server, port, beginning of the truth's msg_type, octets that the connection has at least
DROPPED = [
    ('10.77.20.11', '10.77.1.50', 104, 'C-STORE CTImageStorage', 1000000),
    ('10.77.30.21', '10.77.1.50', 104, 'C-GET', 1000000),
    ('10.77.1.50', '10.77.30.21', 11113, 'C-STORE CTImageStorage', 1000000),  # what the C-MOVE asked for
    ('10.77.20.12', '10.77.1.50', 2762, 'C-STORE MRImageStorage', 1000000),
    ('10.77.1.30', '10.77.250.10', 22, 'sftp', 200000),
    ('10.77.1.130', '10.77.1.80', 2049, 'v4 read', 200000),
]


def is_dropped(connection, octets):
    if connection is None:
        return False
    ends = {(socket.inet_ntoa(address), port) for address, port in connection[:2]}
    for client, server, port, _, least in DROPPED:
        if (server, port) in ends and client in {address for address, _ in ends} and octets >= least:
            return True
    return False


def cut_capture(source, target):
    header, frames = pcap.read(source)
    octets = {}
    for _, frame in frames:
        connection = pcap.connection(frame)
        octets[connection] = octets.get(connection, 0) + len(frame)
    gone = {connection for connection in octets if is_dropped(connection, octets[connection])}
    if len(gone) != len(DROPPED):
        sys.exit(f'{source}: {len(gone)} connections to drop, wanted {len(DROPPED)}: was this recorded by another lab?')
    pcap.write(target, header, [f for f in frames if pcap.connection(f[1]) not in gone])


def cut_truth(source, target):
    with open(source, encoding='utf-8', newline='') as f:
        rows = list(csv.reader(f))
    column = {name: i for i, name in enumerate(rows[0])}

    def is_gone(row):
        key = row[column['src_ip']], row[column['dst_ip']], row[column['server_port']]
        return any(key == (client, server, str(port)) and row[column['msg_type']].startswith(message)
                   for client, server, port, message, _ in DROPPED)

    with open(target, 'w', encoding='utf-8', newline='') as f:
        csv.writer(f, lineterminator='\n').writerows(row for row in rows if not is_gone(row))


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    cut_capture(sys.argv[1], os.path.join(HERE, 'hospital.pcap.gz'))
    cut_truth(sys.argv[2], os.path.join(HERE, 'truth.csv'))
