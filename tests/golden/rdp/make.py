#!/usr/bin/env python3
"""Writes the RDP captures of this folder and what `terrier flows` must say of them. All names are made up
(tests/tools/plants.py)."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

CLIENT, SERVER = "10.77.30.21", "10.77.1.140"
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "connections messages bytes_to_destination bytes_to_source").split()


def unit(code, more):
    return struct.pack("!HHBBIB", 0x0300, 11 + len(more), 6 + len(more), code, 0, 0) + more


def record(kind, body):
    return bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body


def hello(kind, extra):
    body = b"\x03\x03" + bytes(range(32)) + b"\0" + extra
    return record(22, bytes([kind]) + len(body).to_bytes(3, "big") + body)


def session(name, agreed, port=3389, confidence="high"):
    capture = Capture()
    t = capture.tcp(CLIENT + ":40001", "%s:%d" % (SERVER, port))
    asked = unit(0xe0, b"Cookie: mstshash=%s\r\n" % plants.USER.encode() + struct.pack("<BBHI", 1, 0, 8, 11))
    told = unit(0xd0, struct.pack("<BBHI", 2, 0, 8, agreed))
    t.client(asked)
    t.server(told)
    if agreed:
        more = hello(1, b"\0\x02\xc0\x2f\x01\0\0\0") + record(23, bytes(400))
        back = hello(2, b"\xc0\x2f\0\0\0") + record(22, b"\x0e\0\0\0") + record(23, bytes(900))
    else:
        more = b"\x03\0\1\0" + (plants.PATIENT.encode() + bytes(256))[:252]
        back = b"\x03\0\1\0" + (plants.PASSWORD.encode() + bytes(256))[:252]
    t.client(more)
    t.server(back)
    t.close()
    write(__file__, name, capture, [[CLIENT, SERVER, "both", "tcp", port, "RDP", "inf.remote", confidence, "yes", 1, "",
                                     len(asked) + len(more), len(told) + len(back)]], COLUMNS)


session("nla", 2)
session("tls", 1, port=13389)
session("standard", 0)
