#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

STATION, DEVICE = "10.77.60.5", "10.77.60.20"
TEXT = plants.PATIENT.encode().ljust(64)[:64]


def adu(ident, body):
    return struct.pack("!HHHB", ident, 0, len(body) + 1, 1) + body


reads = [(adu(i, b"\3\0\0\0\x20"), adu(i, b"\3\x40" + TEXT)) for i in range(3)]
writes = [(adu(9, b"\x10\0\0\0\x20\x40" + TEXT), adu(9, b"\x10\0\0\0\x20"))]
fault = [(adu(10, b"\3\xff\xff\0\1"), adu(10, b"\x83\2"))]


def total(pairs, side):
    return sum(len(pair[side]) for pair in pairs)


def rows():
    return [[DEVICE, STATION, "one_way", "tcp", 502, "Modbus", "ot.building", "high", 4, total(reads + fault, 1),
             total(reads + fault, 0), "protocol Modbus ×4"],
            [STATION, DEVICE, "one_way", "tcp", 502, "Modbus", "ot.building", "high", 1, total(writes, 0),
             total(writes, 1), "protocol Modbus ×1"]]


for case, options in (("whole", {}), ("middle", {"syn": False})):
    c = Capture()
    t = c.tcp(STATION + ":40000", DEVICE + ":502", **options)
    for ask, reply in reads + writes + fault:
        t.client(ask)
        t.server(reply)
    t.close()
    write(__file__, case, c, rows())
