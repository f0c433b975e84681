#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import COLUMNS, write
from mkpcap import Capture

MANAGER, AGENT = "10.77.1.120", "10.77.40.5"
SECRET = plants.PASSWORD.encode()


def tlv(tag, body):
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    return bytes([tag, 0x82]) + struct.pack("!H", len(body)) + body


def integer(n):
    return tlv(2, n.to_bytes(max(1, (n.bit_length() + 8) // 8), "big"))


def text(s):
    return tlv(4, s if isinstance(s, bytes) else s.encode())


def oid(dotted):
    numbers = [int(n) for n in dotted.split(".")]
    out = bytes([numbers[0] * 40 + numbers[1]])
    for n in numbers[2:]:
        septets = [n & 127]
        while n > 127:
            n >>= 7
            septets.insert(0, n & 127 | 128)
        out += bytes(septets)
    return tlv(6, out)


def variables(pairs):
    return tlv(0x30, b"".join(tlv(0x30, oid(name) + value) for name, value in pairs))


SYSTEM = [("1.3.6.1.2.1.1.2.0", oid("1.3.6.1.4.1.8072.3.2.10")), ("1.3.6.1.2.1.1.5.0", text(plants.SURNAME)),
          ("1.3.6.1.2.1.1.6.0", text(plants.PATIENT)), ("1.3.6.1.2.1.1.4.0", text(plants.MAILBOX))]


def pdu(tag, pairs):
    return tlv(tag, integer(77) + integer(0) + integer(0) + variables(pairs))


def message(version, body):
    return tlv(0x30, integer(version) + text(SECRET) + body)


def message3(flags, body):
    usm = tlv(0x30, text(b"\x80\0\x1f\x88\x80abc") + integer(3) + integer(9) + text(plants.USER) + text(bytes(12)) +
              text(bytes(8)))
    return tlv(0x30, integer(3) + tlv(0x30, integer(5) + integer(65507) + text(bytes([flags])) + integer(3)) +
               text(usm) + body)


def scoped(inner):
    return tlv(0x30, text(b"\x80\0\x1f\x88\x80abc") + text(plants.FREE_TEXT) + inner)


def talk(capture, port, ask, reply):
    capture.udp("%s:%d" % (MANAGER, port), AGENT + ":161", ask)
    capture.udp(AGENT + ":161", "%s:%d" % (MANAGER, port), reply)
    return len(ask), len(reply)


asked = [(name, tlv(5, b"")) for name, _ in SYSTEM]
for case, version in (("v1", 0), ("v2c", 1)):
    c = Capture()
    up, down = talk(c, 40000, message(version, pdu(0xa0, asked)), message(version, pdu(0xa2, SYSTEM)))
    write(__file__, case, c, [[AGENT, MANAGER, "one_way", "udp", 161, "SNMP", "inf.monitoring", "high", "", down, up,
                               "protocol SNMP ×1"]])

c = Capture()
ups, downs = zip(talk(c, 40001, message3(4, scoped(pdu(0xa0, []))), message3(0, scoped(pdu(0xa8, [])))),
                 talk(c, 40001, message3(7, text(bytes(range(64)))), message3(3, text(bytes(range(90))))))
write(__file__, "v3", c, [[AGENT, MANAGER, "one_way", "udp", 161, "SNMP", "yes", sum(downs), sum(ups)]],
      COLUMNS[:6] + ["encrypted", "bytes_to_destination", "bytes_to_source"])

c = Capture()
s = message(1, pdu(0xa3, SYSTEM[1:]))
up, down = talk(c, 40002, s, message(1, pdu(0xa2, SYSTEM[1:])))
write(__file__, "set", c, [[MANAGER, AGENT, "one_way", "udp", 161, "SNMP", "inf.monitoring", "high", "", up, down,
                            "protocol SNMP ×1"]])

c = Capture()
one = message(0, tlv(0xa4, oid("1.3.6.1.4.1.9.1.1") + tlv(0x40, bytes([10, 77, 40, 5])) + integer(6) + integer(1) +
                     tlv(0x43, b"\x10") + variables(SYSTEM[1:])))
two = message(1, pdu(0xa7, [("1.3.6.1.2.1.1.3.0", tlv(0x43, b"\x10")),
                            ("1.3.6.1.6.3.1.1.4.1.0", oid("1.3.6.1.4.1.9.9.41.2.0.1"))] + SYSTEM[1:]))
c.udp(AGENT + ":50000", MANAGER + ":162", one)
c.udp(AGENT + ":50000", MANAGER + ":162", two)
write(__file__, "trap", c, [[AGENT, MANAGER, "one_way", "udp", 162, "SNMP", "inf.monitoring", "high", "",
                             len(one) + len(two), 0, "protocol SNMP ×1"]])
