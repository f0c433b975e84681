#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from expect import row, write
from mkpcap import Capture

NAS, SERVER = "10.77.1.110", "10.77.1.5"
PATIENT = plants.PATIENT.encode()


def attribute(kind, value):
    value = value if isinstance(value, bytes) else value.encode()
    return bytes([kind, len(value) + 2]) + value


def packet(code, *attributes):
    body = attribute(80, bytes(16)) + b"".join(attributes)
    return struct.pack("!BBH", code, 7, 20 + len(body)) + bytes(range(16)) + body


USER = [attribute(1, plants.USER), attribute(4, bytes([10, 77, 1, 110])), attribute(31, plants.NHS_NUMBER),
        attribute(30, plants.FREE_TEXT), attribute(24, PATIENT)]


def case(name, port, turns, way=(NAS, SERVER)):
    c, sums = Capture(), [0, 0]
    ends = [way[0] + ":40000", "%s:%d" % (way[1], port)]
    for is_answer, data in turns:
        c.udp(ends[is_answer], ends[1 - is_answer], data)
        sums[is_answer] += len(data)
    write(__file__, name, c, [row(*way, "both", port, "RADIUS", "inf.directory", "", *sums, "protocol RADIUS ×1",
                                  transport="udp")])


case("access", 1812, [(0, packet(1, *USER, attribute(2, plants.PASSWORD.ljust(16, "\0")), attribute(32, "portal.trust.example"))),
                      (1, packet(2, attribute(18, plants.FREE_TEXT), attribute(25, PATIENT)))])
case("eap", 11812, [(0, packet(1, *USER, attribute(79, b"\2\1\0\x0c\1" + plants.USER.encode()), attribute(32, plants.NHS_NUMBER))),
                    (1, packet(11, attribute(79, PATIENT))),
                    (0, packet(1, *USER, attribute(79, PATIENT))), (1, packet(3, attribute(18, plants.FREE_TEXT)))])
case("accounting", 1646, [(0, packet(4, *USER, attribute(32, "wlc01"), attribute(44, plants.BORN)) + bytes(3)),
                          (1, packet(5))])
case("disconnect", 3799, [(0, packet(40, *USER)), (1, packet(41))], (SERVER, NAS))
