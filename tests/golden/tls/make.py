#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

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
    write(__file__, name, c, [[CLIENT, SERVER, "both", "tcp", port, "TLS", kind, confidence, ""] + sums + [evidence]])


SERVER_13 = hello(2, extension(43, b"\x03\x04"))
DATA, FINISHED = record(23, bytes(3000)), record(23, bytes(53))
case("named", [client_hello(b"x.spineservices.nhs.uk", 1700), SERVER_13 + DATA, DATA], "nat.spine", "medium",
     evidence="name x.spineservices.nhs.uk ×1")
case("unnamed", [hello(1, extension(16, b"\0\x03\x02h2")), SERVER_13 + DATA, FINISHED + DATA, DATA], "unk.encrypted",
     "medium", 9443)
DATA = record(23, bytes(1200))
case("joined", [DATA, DATA + DATA, DATA], "unk.encrypted", "medium", 9443, syn=False)


def der(tag, *parts):
    body = b"".join(parts)
    length = bytes([len(body)]) if len(body) < 128 else struct.pack("!BH", 0x82, len(body))
    return bytes([tag]) + length + body


def certificate(name, *alternatives):
    """RFC 5280 4.1, unsigned: subject CN `name`, alternative names as given, (tag, text)."""
    def common_name(text):
        return der(0x30, der(0x31, der(0x30, der(6, b"\x55\x04\x03"), der(12, text.encode()))))
    dates = der(0x30, der(0x17, b"250101000000Z"), der(0x17, b"350101000000Z"))
    names = der(0x30, *(der(tag, text.encode()) for tag, text in alternatives))
    more = der(0xa3, der(0x30, der(0x30, der(6, b"\x55\x1d\x11"), der(4, names))))
    body = der(0x30, der(2, b"\x07"), der(0x30), common_name("CA"), dates, common_name(name), der(0x30), more)
    one = der(0x30, body)
    chain = len(one).to_bytes(3, "big") + one
    return record(22, b"\x0b" + (len(chain) + 3).to_bytes(3, "big") + len(chain).to_bytes(3, "big") + chain)


# A smart card's certificate, a mailbox among the server's names, a ticket and content: nothing of a person is kept.
TICKET = record(22, struct.pack("!I", 4 << 24 | 200) + plants.PATIENT.encode().ljust(200))
CONTENT = record(23, " ".join(plants.ALL).encode())
case("planted", [hello(1, extension(35, plants.USER.encode())),
                 hello(2, b"") + certificate("mail.trust.example", (0x82, "mail.trust.example"),
                                             (0x81, plants.MAILBOX + "@trust.example")) + record(22, b"\x0e\0\0\0"),
                 certificate(plants.FORENAME + " " + plants.SURNAME, (0x82, plants.USER), (0x81, plants.MAILBOX)) +
                 record(20, b"\1") + CONTENT, TICKET + record(20, b"\1") + CONTENT],
     "unk.encrypted", "low", evidence="name mail.trust.example ×1")
