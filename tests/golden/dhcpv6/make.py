#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

CLIENT, SERVER = "fd00::22", "fd00::5"


def option(code, value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack("!HH", code, len(value)) + value


def message(kind):
    vendor = struct.pack("!IH", 311, 8) + b"MSFT 5.0"
    return (bytes([kind]) + b"\x12\x34\x56" + option(1, b"\0\2\0\0\0\x09" + plants.USER.encode()) + option(16, vendor) +
            option(39, b"\0" + bytes([len(plants.SURNAME)]) + plants.SURNAME.encode() + b"\0") +
            option(15, plants.PATIENT) + option(14, b""))


c, up, down = Capture(), 0, 0
for ask, reply in ((1, 2), (3, 7)):
    c.udp("[%s]:546" % CLIENT, "[%s]:547" % SERVER, message(ask))
    c.udp("[%s]:547" % SERVER, "[%s]:546" % CLIENT, message(reply))
    up, down = up + len(message(ask)), down + len(message(reply))
write(__file__, "address", c, [[CLIENT, SERVER, "both", "udp", 547, "DHCPv6", "inf.addressing", "high", "", up, down,
                                "protocol DHCPv6 ×1"]])
