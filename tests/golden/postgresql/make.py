#!/usr/bin/env python3
"""Writes the PostgreSQL captures of this folder and what `terrier flows` must say of them. In every field that may not be
kept stand the values of plants.py."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from dbtalk import Case


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


def startup(**parameters):
    body = struct.pack("!I", 0x30000)
    for key, value in parameters.items():
        body += key.encode() + b"\0" + value.encode() + b"\0"
    return struct.pack("!I", len(body) + 5) + body + b"\0"


SSL, GSS = struct.pack("!II", 8, 80877103), struct.pack("!II", 8, 80877104)
READY = message(b"Z", b"I")
PATIENT, TEXT = plants.PATIENT.encode(), plants.FREE_TEXT.encode()


def status(key, value):
    return message(b"S", key + b"\0" + value + b"\0")


WELCOME = (message(b"R", struct.pack("!I", 0)) + status(b"session_authorization", plants.USER.encode()) +
           status(b"server_version", b"15.4 (Debian 15.4-1)") + message(b"K", bytes(8)) + READY)
QUERY = message(b"Q", b"select * from p where n = '" + PATIENT + b" " + TEXT + b"'\0")
ROWS = (message(b"T", b"\0\1name\0" + bytes(18)) + message(b"D", struct.pack("!HI", 1, len(PATIENT)) + PATIENT) * 3 +
        message(b"C", b"SELECT 3\0") + READY)


def sign_in(case, **parameters):
    case.client(startup(**parameters))
    case.server(message(b"R", struct.pack("!I", 3)))
    case.client(message(b"p", plants.PASSWORD.encode() + b"\0"))
    case.server(WELCOME)


def query(case):
    case.client(QUERY)
    case.server(ROWS)


case = Case("query", 5433, "PostgreSQL", mss=50)
sign_in(case, user=plants.USER, database="epr_live", application_name="clinic list", options=plants.FREE_TEXT)
query(case)
case.client(message(b"X"))
case.write(__file__, "database epr_live ×1")

# the wish for encryption is refused; the database is called like its user, the application holds him
case = Case("own", 5432, "PostgreSQL")
case.client(GSS)
case.server(b"N")
case.client(SSL)
case.server(b"N")
sign_in(case, user=plants.USER, database=plants.USER, application_name="C:\\Users\\%s\\%s" % (plants.USER, plants.USER))
query(case)
case.write(__file__, "protocol PostgreSQL ×1")

# COPY out leaves the server; COPY in is told together with what goes both ways
case = Case("copy", 5432, "PostgreSQL")
sign_in(case, user=plants.USER, database="epr_live")
case.client(message(b"Q", b"COPY p FROM STDIN\0"))
case.server(message(b"G", b"\0\0\1\0\0"))
case.client(message(b"d", PATIENT + b"\n") * 40 + message(b"c"))
case.server(message(b"C", b"COPY 40\0") + READY)
ask, begin = message(b"Q", b"COPY p TO STDOUT\0"), message(b"H", b"\0\0\1\0\0")
out = message(b"d", PATIENT + b"\n") * 40 + message(b"c") + message(b"C", b"COPY 40\0") + READY
case.client(ask)
both = [case.octets[0], case.octets[1] + 5]
case.server(begin + out)
case.write(__file__, case.row("database epr_live ×2", octets=both), case.row("database epr_live ×1", "s2c", [0, len(out) + 5]))

# a standby
case = Case("standby", 5432, "PostgreSQL")
sign_in(case, user=plants.USER, database="replication", replication="true", application_name="walreceiver")
case.client(message(b"Q", b"START_REPLICATION 0/3000000\0"))
case.server(message(b"W", b"\0\0\0") + message(b"d", b"w" + bytes(24) + PATIENT * 20) * 5)
case.write(__file__, case.row("database replication ×1", "s2c"))


def record(kind, body):
    return bytes([kind, 3, 3]) + struct.pack("!H", len(body)) + body


hello = struct.pack("!H", 0x303) + bytes(33) + b"\0\2\x13\1\1\0" + struct.pack("!HHH", 4, 43, 0)
case = Case("tls", 5432, "PostgreSQL+TLS")
case.client(SSL)
case.server(b"S")
case.client(record(22, b"\1\0" + struct.pack("!H", len(hello)) + hello))
case.server(record(22, b"\2\0\0\x2e" + struct.pack("!H", 0x303) + bytes(33) + b"\x13\1\0\0\6\0\x2b\0\2\3\4"))
case.client(record(23, bytes(300)))
case.server(record(23, bytes(3000)))
case.write(__file__, case.row("protocol PostgreSQL+TLS ×1", "s2c", encrypted="yes"))

case = Case("middle", 5999, "PostgreSQL", syn=False)
for _ in range(3):
    query(case)
case.write(__file__, "protocol PostgreSQL ×1")

# a hole within the rows of an answer
case = Case("hole", 5432, "PostgreSQL")
sign_in(case, user=plants.USER, database="epr_live")
case.client(QUERY)
case.server(message(b"D", b"\0\1" + PATIENT * 10)[:100])
case.tcp.drop(1)
case.tcp.server(PATIENT * 3)
case.server(ROWS)
query(case)
case.write(__file__, "database epr_live ×1")
