#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import ipaddress
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import COLUMNS, write
from mkpcap import Capture

PC, WINS = "10.77.30.22", "10.77.1.80"


def padded(text, suffix):
    return text.encode()[:15].ljust(15) + bytes([suffix])


def name(text, suffix):
    letters = bytes(65 + n for octet in padded(text, suffix) for n in (octet >> 4, octet & 15))
    return b"\x20" + letters + b"\0"


def query(text, suffix, kind=0x20):
    return struct.pack("!6H", 7, 0x0110, 1, 0, 0, 0) + name(text, suffix) + struct.pack("!2H", kind, 1)


def answer(text, suffix, data, kind=0x20):
    return (struct.pack("!6H", 7, 0x8580, 0, 1, 0, 0) + name(text, suffix) +
            struct.pack("!2HIH", kind, 1, 300, len(data)) + data)


def address(host, group=False):
    return struct.pack("!H", 0x8000 if group else 0) + ipaddress.ip_address(host).packed


def register(text, suffix, host, group=False):
    return (struct.pack("!6H", 7, 0x2910, 1, 0, 0, 1) + name(text, suffix) + struct.pack("!2H", 0x20, 1) + b"\xc0\x0c" +
            struct.pack("!2HIH", 0x20, 1, 300, 6) + address(host, group))


c, up, down = Capture(), 0, 0
for ask, reply in ((query("FS01", 0x20), answer("FS01", 0x20, address("10.77.1.81"))),
                   (query(plants.SURNAME, 0x03), answer(plants.SURNAME, 0x03, address("10.77.30.9"))),
                   (query(plants.USER.upper(), 0x00), answer(plants.USER.upper(), 0x00, address("10.77.30.9"))),
                   (query("ZZTRUST", 0x1c), answer("ZZTRUST", 0x1c, address("10.77.1.5", True))),
                   (query("*" + "\0" * 14, 0, 0x21),
                    answer("*" + "\0" * 14, 0, b"\x04" + padded("WINS01", 0x20) + b"\x04\0" + padded("ZZTRUST", 0) +
                           b"\x84\0" +
                           padded(plants.SURNAME, 3) + b"\x04\0" + padded(plants.USER.upper(), 0) + b"\x04\0" +
                           bytes(46), 0x21))):
    c.udp(PC + ":137", WINS + ":137", ask)
    c.udp(WINS + ":137", PC + ":137", reply)
    up, down = up + len(ask), down + len(reply)
write(__file__, "names", c, [[PC, WINS, "both", "udp", 137, "NetBIOS", "inf.addressing", "high", "", up, down,
                              "protocol NetBIOS ×1"]])

c, up = Capture(), 0
for data in (register("WARD7-PC1", 0x20, PC), register(plants.SURNAME, 0x03, PC),
             register(plants.FORENAME.upper(), 0, PC),
             register("ZZTRUST", 0x1b, PC)):
    c.udp(PC + ":137", "10.77.30.255:137", data)
    up += len(data)
write(__file__, "register", c,
      [["WARD7-PC1", PC, "10.77.30.255", "both", "udp", 137, "NetBIOS", "inf.addressing", "high", "", up, 0,
                                 "protocol NetBIOS ×1"]], ["source_name"] + COLUMNS)

c, up = Capture(), 0
for source, suffix in (("WARD7-PC2", 0x20), (plants.SURNAME, 0x03)):
    text = plants.FREE_TEXT.encode()
    data = (b"\x10\x0a\0\x07" + ipaddress.ip_address("10.77.30.23").packed +
            struct.pack("!HHH", 138, 68 + len(text), 0) +
            name(source, suffix) + name("ZZTRUST", 0x1c) + text)
    c.udp("10.77.30.23:138", "10.77.30.255:138", data)
    up += len(data)
write(__file__, "datagrams", c,
      [["10.77.30.23", "10.77.30.255", "both", "udp", 138, "NetBIOS", "inf.addressing", "high",
                                  "", up, 0, "protocol NetBIOS ×1"]])
