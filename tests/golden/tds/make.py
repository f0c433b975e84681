#!/usr/bin/env python3
"""Writes the TDS captures of this folder and what `terrier flows` must say of them. In every field that may not be kept
stand the values of plants.py."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from dbtalk import Case


def packet(kind, body, ident=1, last=True):
    return struct.pack("!BBHHBB", kind, 1 if last else 0, len(body) + 8, 0, ident, 0) + body


def prelogin(kind, encryption, instance=b"MSSQLServer\0"):
    values = [struct.pack("!IH", 0x0f000000, 0), bytes([encryption]), instance, b"\0\0\0\1"]
    at, head = 5 * len(values) + 1, b""
    for token, value in enumerate(values):
        head += struct.pack("!BHH", token, at, len(value))
        at += len(value)
    return packet(kind, head + b"\xff" + b"".join(values))


def hidden(text):
    """2.2.6.4: half octets swapped, then 0xa5: no encryption."""
    return bytes((b << 4 & 0xf0 | b >> 4) ^ 0xa5 for b in text.encode("utf-16-le"))


def login7(database, application, server="sql01.trust.example\\EPR"):
    fields = ["WARD7-PC1", plants.USER, None, application, server, "", "ODBC", "", database]
    table, text = b"", b""
    for field in fields:
        octets = hidden(plants.PASSWORD) if field is None else field.encode("utf-16-le")
        table += struct.pack("<HH", 94 + len(text), len(octets) // 2)
        text += octets
    attach = plants.FILE.encode("utf-16-le")
    table += b"\2\0\0\0\0\1" + struct.pack("<HHHHHHI", 94, 0, 94 + len(text), len(attach) // 2, 94, 0, 0)
    text += attach
    body = struct.pack("<IIIIIBBBBiI", 0x74000004, 4096, 7, 100, 0, 0xe0, 3, 0, 0, 0, 0x809) + table + text
    return struct.pack("<I", len(body) + 4) + body


def change(database):
    new = database.encode("utf-16-le")
    value = bytes([1, len(database)]) + new + b"\0"
    return b"\xe3" + struct.pack("<H", len(value)) + value


DONE = b"\xfd\0\0\0\0" + bytes(8)
HEADERS = struct.pack("<IIHQI", 22, 18, 2, 0, 1)
QUERY = packet(1, HEADERS + ("select * from p where n = '%s' or x = '%s'" %
                             (plants.PATIENT, plants.FREE_TEXT)).encode("utf-16-le"))
ROWS = packet(4, b"\x81\1\0\0\0\0\0\x09\0\xa7\x40\0\x09\x04\xd0\0\x34\1n\0\xd1" + plants.PATIENT.encode() + DONE)


def session(case):
    for _ in range(3):
        case.client(QUERY)
        case.server(ROWS)


# LOGIN7 in the clear, the application called after the client's computer, the login in three packets
case = Case("login", 1433, "TDS")
case.client(prelogin(18, 2))
case.server(prelogin(4, 2))
login = login7("EPR_LIVE", "Ward view on WARD7-PC1")
case.client(packet(16, login[:100], 1, False) + packet(16, login[100:200], 2, False) + packet(16, login[200:], 3))
case.server(packet(4, change("EPR_LIVE") + DONE))
session(case)
case.write(__file__, "database EPR_LIVE ×1")

# no database in the login: the server says which one it is
case = Case("default", 49733, "TDS")
case.client(packet(16, login7("", "Theatres")))
case.server(packet(4, change("THEATRE") + DONE))
session(case)
case.write(__file__, "database THEATRE ×1")

# a database that is called like its user is not named
case = Case("own", 1433, "TDS")
case.client(packet(16, login7(plants.USER.upper(), plants.USER)))
case.server(packet(4, change(plants.USER) + DONE))
session(case)
case.write(__file__, "protocol TDS ×1")

# only the login is encrypted: what comes after it tells the database
case = Case("login-only", 1433, "TDS")
case.client(prelogin(18, 0))
case.server(prelogin(4, 0))
case.client(packet(18, b"\x16\3\1\0\4\1\0\0\0"))
case.server(packet(18, b"\x16\3\1\0\4\2\0\0\0"))
case.client(b"\x17\3\3\1\0" + bytes(range(256)))
case.server(packet(4, change("PATHOLOGY") + DONE))
session(case)
case.write(__file__, "database PATHOLOGY ×1")

# all is encrypted
case = Case("encrypted", 1433, "TDS+TLS")
case.client(prelogin(18, 1))
case.server(prelogin(4, 1))
case.client(packet(18, b"\x16\3\1\0\4\1\0\0\0"))
case.server(packet(18, b"\x16\3\1\0\4\2\0\0\0"))
case.client(b"\x17\3\3\1\0" + bytes(range(256)))
case.server(b"\x17\3\3\1\0" + bytes(range(256)))
case.write(__file__, case.row("protocol TDS+TLS ×1", encrypted="yes"))


def fixed(text, size=30):
    octets = text.encode()
    return octets.ljust(size, b"\0") + bytes([len(octets)])


# Sybase: a login of fixed fields, what stands behind a field's end is no part of it
record = fixed("WARD7-PC1") + fixed(plants.USER) + fixed(plants.PASSWORD) + fixed("4711")
record += b"\3\1\6\x0a\9\1\0\0\0".ljust(9, b"\0")[:9] + bytes(7)
record += b"Lab view".ljust(10, b"\0") + plants.SURNAME.encode().ljust(20, b"\0") + b"\x08" + fixed("LABSYB01")
record += fixed("", 255) + b"\5\0\0\0" + fixed("ctlib", 10) + bytes(4) + bytes(3) + fixed("us_english")
record = record.ljust(568, b"\0")
case = Case("sybase", 5000, "TDS")
case.client(packet(2, record[:504], 1, False) + packet(2, record[504:], 2))
case.server(packet(4, b"\xad\x0e\0\5\5\0\0\0\4ASE \x10\0\0\0\xfd\0\0\0\0\0\0\0\0"))
case.client(packet(15, b"\x21\x20\0\0\0\0" + plants.FREE_TEXT.encode()))
case.server(packet(4, b"\xd1" + plants.PATIENT.encode() + b"\xfd\0\0\0\0\0\0\0\0"))
case.write(__file__, "protocol TDS ×1")

# joined in the middle, on a port of its own
case = Case("middle", 50123, "TDS", syn=False)
session(case)
case.write(__file__, "protocol TDS ×1")
