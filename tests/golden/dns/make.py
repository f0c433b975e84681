#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import ipaddress
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

CLIENT, SERVER = "10.77.1.10", "10.77.1.5"


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def query(ident, host, kind=1):
    return struct.pack("!6H", ident, 0x0100, 1, 0, 0, 0) + name(host) + struct.pack("!2H", kind, 1)


def answer(ident, host, address, kind=1):
    data = ipaddress.ip_address(address).packed
    return (struct.pack("!6H", ident, 0x8180, 1, 1, 0, 0) + name(host) + struct.pack("!2H", kind, 1) +
            b"\xc0\x0c" + struct.pack("!2HIH", kind, 1, 60, len(data)) + data)


c, up, down = Capture(), 0, 0
for i, (host, address, kind) in enumerate((("pacs.trust.example", "10.77.1.50", 1), ("epr.trust.example", "fd00::60", 28),
                                           ("9434765919.trust.example", "10.77.1.51", 1))):
    q, a = query(i + 1, host, kind), answer(i + 1, host, address, kind)
    c.udp("%s:%d" % (CLIENT, 40000 + i), SERVER + ":53", q)
    c.udp(SERVER + ":53", "%s:%d" % (CLIENT, 40000 + i), a)
    up, down = up + len(q), down + len(a)
write(__file__, "udp", c, [[SERVER, CLIENT, "one_way", "udp", 53, "DNS", "inf.dns", "high", "", down, up, "protocol DNS ×3"]])

# A host registers itself (RFC 2136): the zone, then the record.
u = (struct.pack("!6H", 9, 0x2800, 1, 0, 1, 0) + name("trust.example") + struct.pack("!2H", 6, 1) +
     name(plants.SURNAME + "-laptop.trust.example") + struct.pack("!2HIH", 1, 1, 1200, 4) +
     ipaddress.ip_address(CLIENT).packed)
a = struct.pack("!6H", 9, 0xa800, 1, 0, 0, 0) + name("trust.example") + struct.pack("!2H", 6, 1)
c = Capture()
c.udp(CLIENT + ":40009", SERVER + ":53", u)
c.udp(SERVER + ":53", CLIENT + ":40009", a)
write(__file__, "update", c, [[CLIENT, SERVER, "one_way", "udp", 53, "DNS", "inf.dns", "high", "", len(u), len(a),
                   "protocol DNS ×1"]])

# mDNS: what people call their devices stands before the service.
m = (struct.pack("!6H", 0, 0x8400, 0, 1, 0, 0) + name("_ipp._tcp.local") + struct.pack("!2HIH", 12, 1, 4500, 0x12) +
     bytes([15]) + (plants.FORENAME + "s printer")[:15].ljust(15).encode() + b"\xc0\x0c")
c = Capture()
c.udp(CLIENT + ":5353", "224.0.0.251:5353", m)
write(__file__, "mdns", c, [[CLIENT, "[multicast 224.0.0.251]", "both", "udp", 5353, "mDNS", "inf.addressing", "high", "", len(m), 0,
                 "protocol mDNS ×1"]])

c, up, down = Capture(), 0, 0
t = c.tcp(CLIENT + ":40000", SERVER + ":53", mss=7)
for i in range(2):
    q, a = query(i + 1, "pacs.trust.example"), answer(i + 1, "pacs.trust.example", "10.77.1.50")
    t.client(struct.pack("!H", len(q)) + q)
    t.server(struct.pack("!H", len(a)) + a)
    up, down = up + len(q) + 2, down + len(a) + 2
t.close()
write(__file__, "tcp", c, [[SERVER, CLIENT, "one_way", "tcp", 53, "DNS", "inf.dns", "high", "", down, up, "protocol DNS ×1"]])
