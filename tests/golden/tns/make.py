#!/usr/bin/env python3
"""Writes the captures of Oracle Net of this folder and what `terrier flows` must say of them. In every field that may not
be kept stand the values of plants.py."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from dbtalk import Case

from dbtalk import CLIENT, SERVER  # noqa: E402


def packet(kind, body):
    return struct.pack("!HHBBH", len(body) + 8, 0, kind, 0, 0) + body


def descriptor(service, host="ora01.trust.example", program="C:\\Users\\%s\\theatre.exe" % plants.USER):
    return ("(DESCRIPTION=(CONNECT_DATA=(%s)(CID=(PROGRAM=%s)(HOST=WARD7-PC1)(USER=%s)))"
            "(ADDRESS=(PROTOCOL=TCP)(HOST=%s)(PORT=1521)))" % (service, program, plants.USER, host)).encode()


def connect(data, inside=True):
    head = struct.pack("!HHHHHHHHHHIBB", 319, 300, 0xc41, 8192, 65535, 0x7f08, 0, 1, len(data), 58, 512, 0x41, 0x41)
    head += bytes(24)
    return packet(1, head + data) if inside else packet(1, head) + packet(6, b"\0\0" + data)


ACCEPT = packet(2, struct.pack("!HHHHHHHBB", 319, 0x801, 8192, 65535, 1, 0, 32, 0x41, 1) + bytes(8))
RESEND = packet(11, b"")
QUERY = packet(6, b"\0\0\x03\x5e" + plants.FREE_TEXT.encode() + b" select " + plants.PATIENT.encode())
ROWS = packet(6, b"\0\0\x06\x22" + plants.PATIENT.encode() * 20)


def session(case):
    for _ in range(3):
        case.client(QUERY)
        case.server(ROWS)


# asked to say it again, as servers do
case = Case("connect", 1526, "TNS")
case.client(connect(descriptor("SERVICE_NAME=theatre.trust.example")))
case.server(RESEND)
case.client(connect(descriptor("SERVICE_NAME=theatre.trust.example")))
case.server(ACCEPT)
case.client(packet(6, b"\0\0\x03\x76" + plants.USER.encode() + b"AUTH_TERMINAL" + b"WARD7-PC1"))
session(case)
case.write(__file__, "database theatre.trust.example ×1")

# a long descriptor has a packet of its own; cut anywhere
case = Case("long", 1521, "TNS", mss=40)
case.client(connect(descriptor("SID=MATER"), inside=False))
case.server(ACCEPT)
session(case)
case.write(__file__, "database MATER ×1")

# called like its user
case = Case("own", 1521, "TNS")
case.client(connect(descriptor("SERVICE_NAME=" + plants.USER)))
case.server(packet(4, b"\4\0" + struct.pack("!H", 25) + b"(DESCRIPTION=(ERR=12514))"))
case.write(__file__, "protocol TNS ×1")

# sent to another port of the same server: counted where it was agreed, by the way its octets go
case = Case("redirect", 1521, "TNS")
case.client(connect(descriptor("SERVICE_NAME=PHARM", SERVER)))
where = ("(ADDRESS=(PROTOCOL=tcp)(HOST=%s)(PORT=49155))" % SERVER).encode()
case.server(packet(5, struct.pack("!H", len(where)) + where))
case.tcp.close()
first, case.octets = case.octets, [0, 0]
case.tcp = case.capture.tcp(CLIENT + ":40001", SERVER + ":49155")
case.client(connect(descriptor("SERVICE_NAME=PHARM", SERVER)))
case.server(ACCEPT)
session(case)
case.write(__file__, case.row("database PHARM ×1", octets=first), case.row("database PHARM", "s2c", encrypted="unknown"))

case = Case("middle", 1521, "TNS", syn=False)
session(case)
case.write(__file__, "protocol TNS ×1")
