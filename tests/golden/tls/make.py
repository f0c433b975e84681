#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import csv
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from mkpcap import Capture

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence messages "
           "bytes_to_destination bytes_to_source evidence").split()
CLIENT, SERVER = "10.77.1.10", "10.77.1.20"


def extension(kind, data):
    return struct.pack("!HH", kind, len(data)) + data


def record(kind, data):
    return struct.pack("!BHH", kind, 0x0303, len(data)) + data


def hello(kind, extensions):
    body = b"\x03\x03" + bytes(32) + b"\0" + (b"\0\x02\x13\x01\x01\0" if kind == 1 else b"\x13\x01\0")
    body += struct.pack("!H", len(extensions)) + extensions
    return record(22, struct.pack("!I", kind << 24 | len(body)) + body)


def client_hello(name, padding=0):
    sni = b"\0" + struct.pack("!H", len(name)) + name
    return hello(1, extension(51, bytes(padding)) + extension(0, struct.pack("!H", len(sni)) + sni) +
                 extension(16, b"\0\x03\x02h2"))


def case(name, segments, kind, confidence, port=443, evidence="protocol TLS ×1", **options):
    c, sums = Capture(), [0, 0]
    t = c.tcp(CLIENT + ":40000", "%s:%d" % (SERVER, port), **options)
    for i, data in enumerate(segments):
        (t.server if i % 2 else t.client)(data)
        sums[i % 2] += len(data)
    t.close()
    c.write(os.path.join(HERE, name + ".pcap"))
    with open(os.path.join(HERE, name + ".expect"), "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerow([CLIENT, SERVER, "both", "tcp", port, "TLS", kind, confidence, ""] + sums + [evidence])


SERVER_13 = hello(2, extension(43, b"\x03\x04"))
DATA, FINISHED = record(23, bytes(3000)), record(23, bytes(53))
case("named", [client_hello(b"x.spineservices.nhs.uk", 1700), SERVER_13 + DATA, DATA], "nat.spine", "medium",
     evidence="name x.spineservices.nhs.uk ×1")
case("unnamed", [hello(1, extension(16, b"\0\x03\x02h2")), SERVER_13 + DATA, FINISHED + DATA, DATA], "unk.encrypted",
     "medium", 9443)
DATA = record(23, bytes(1200))
case("joined", [DATA, DATA + DATA, DATA], "unk.encrypted", "medium", 9443, syn=False)
