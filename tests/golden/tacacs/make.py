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

CLIENT, SERVER = "10.77.1.1", "10.77.1.5"


def packet(kind, number, body, flags=0, minor=1):
    return struct.pack("!BBBBII", 0xc0 | minor, kind, number, flags, 0x12345678, len(body)) + body


def start(user, text):
    """An authentication START for PAP (RFC 8907 5.1): the password is its data."""
    return bytes([1, 1, 2, 1, len(user), 4, 9, len(text)]) + user + b"tty0" + b"10.77.1.9" + text


def case(name, turns, port=49, **options):
    c, sums = Capture(), [0, 0]
    t = c.tcp(CLIENT + ":40000", "%s:%d" % (SERVER, port), **options)
    for i, data in enumerate(turns):
        (t.server if i % 2 else t.client)(data)
        sums[i % 2] += len(data)
    t.close()
    write(__file__, name, c, [row(CLIENT, SERVER, "both", port, "TACACS", "inf.directory", "", *sums,
                                  "protocol TACACS ×1")])


SIGN_IN = start(plants.USER.encode(), plants.PASSWORD.encode())
REPLY = b"\1\0" + struct.pack("!HH", len(plants.FREE_TEXT), 0) + plants.FREE_TEXT.encode()
case("clear", [packet(1, 1, SIGN_IN, 1), packet(1, 2, REPLY, 1)], mss=5 + 12)
case("obfuscated", [packet(2, 1, plants.PATIENT.encode()), packet(2, 2, bytes(20)),
                    packet(3, 1, plants.FREE_TEXT.encode(), 4), packet(3, 2, bytes(5), 4)], 4949)
case("middle", [packet(1, 3, plants.PASSWORD.encode()), packet(1, 4, bytes(6))], syn=False)
