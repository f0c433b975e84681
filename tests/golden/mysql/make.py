#!/usr/bin/env python3
"""Writes the MySQL captures of this folder and what `terrier flows` must say of them. In every field that may not be kept
stand the values of plants.py."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from dbtalk import Case


def packet(number, body):
    return struct.pack("<I", len(body))[:3] + bytes([number]) + body


def greeting(version=b"8.0.36"):
    return packet(0, b"\x0a" + version + b"\0" + struct.pack("<I", 77) + b"scramble\0" +
                  struct.pack("<HBHHB", 0xffff, 255, 2, 0xdfff, 21) + bytes(10) + b"scramble2345\0" +
                  b"caching_sha2_password\0")


def text(value):
    return bytes([len(value)]) + value


ATTRIBUTES = b"".join(text(k) + text(v) for k, v in ((b"_client_name", b"libmysql"), (b"_os_user", plants.USER.encode()),
                                                   (b"program_name", b"labserver"), (b"_note", plants.PATIENT.encode())))
WITH_DB, SSL, PLAIN = 8, 0x800, 0x18a200


def answer(database, number=1, plugin=b"caching_sha2_password", scramble=bytes(32), flags=0):
    can = PLAIN | 0x1 | flags | (WITH_DB if database else 0)
    body = struct.pack("<IIB", can, 1 << 24, 255) + bytes(23) + plants.USER.encode() + b"\0" + text(scramble)
    body += database.encode() + b"\0" if database else b""
    return packet(number, body + plugin + b"\0" + bytes([len(ATTRIBUTES)]) + ATTRIBUTES)


OK = packet(2, b"\0\0\0\2\0\0\0")
QUERY = packet(0, b"\x03select * from p where n = '" + plants.PATIENT.encode() + plants.FREE_TEXT.encode() + b"'")
ROWS = packet(1, b"\1") + packet(2, text(b"def") + b"name") + packet(3, text(plants.PATIENT.encode())) + packet(4, b"\xfe\0\0\2\0")


def session(case, n=3):
    for _ in range(n):
        case.client(QUERY)
        case.server(ROWS)


case = Case("database", 3307, "MySQL", mss=90)
case.server(greeting())
case.client(answer("limsdb"))
case.server(OK)
session(case)
case.write(__file__, "database limsdb ×1")

# MariaDB; a password in the clear; the database is called like its user
case = Case("clear", 3306, "MySQL")
case.server(greeting(b"5.5.5-10.11.6-MariaDB-0+deb12u1"))
case.client(answer(plants.USER, plugin=b"mysql_native_password"))
case.server(packet(2, b"\xfemysql_clear_password\0"))
case.client(packet(3, plants.PASSWORD.encode() + b"\0"))
case.server(packet(4, b"\0\0\0\2\0\0\0"))
session(case)
case.write(__file__, "protocol MySQL ×1")

# a replica: data leaves the server
case = Case("replica", 3306, "MySQL")
case.server(greeting())
case.client(answer(""))
case.server(OK)
case.client(QUERY)
case.server(ROWS)
both = list(case.octets)
dump = packet(0, b"\x12" + struct.pack("<IHI", 4, 0, 9) + b"binlog.000001")
log = packet(1, b"\0" + plants.PATIENT.encode() * 100)
case.client(dump)
case.server(log)
case.write(__file__, case.row("protocol MySQL ×1", octets=both), case.row("protocol MySQL ×1", "s2c", [len(dump), len(log)]))


def record(kind, body):
    return bytes([kind, 3, 3]) + struct.pack("!H", len(body)) + body


hello = struct.pack("!H", 0x303) + bytes(33) + b"\0\2\x13\1\1\0" + struct.pack("!HHH", 4, 43, 0)
case = Case("tls", 3306, "MySQL+TLS")
case.server(greeting())
case.client(packet(1, struct.pack("<IIB", PLAIN | SSL | 1, 1 << 24, 255) + bytes(23)))
case.client(record(22, b"\1\0" + struct.pack("!H", len(hello)) + hello))
case.server(record(22, b"\2\0\0\x2e" + struct.pack("!H", 0x303) + bytes(33) + b"\x13\1\0\0\6\0\x2b\0\2\3\4"))
case.client(record(23, bytes(300)))
case.server(record(23, bytes(3000)))
case.write(__file__, case.row("protocol MySQL+TLS ×1", "s2c", encrypted="yes"))

case = Case("middle", 3306, "MySQL", syn=False)
session(case)
case.write(__file__, "protocol MySQL ×1")
