#!/usr/bin/env python3
"""Writes the DRDA captures of this folder and what `terrier flows` must say of them. In every field that may not be kept
stand the values of plants.py."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from dbtalk import Case


def ddm(codepoint, body):
    return struct.pack("!HH", len(body) + 4, codepoint) + body


def dss(kind, body, chained=False):
    return struct.pack("!HBBH", len(body) + 6, 0xd0, kind | (0x40 if chained else 0), 1) + body


def name(text, size=18, code="cp500"):
    return text.ljust(size).encode(code)


def session(case, database, code="cp500"):
    user, secret = plants.USER.upper().encode(code), plants.PASSWORD.encode(code)
    case.client(dss(1, ddm(0x1041, ddm(0x115e, name("WARD7-PC1 java")) + ddm(0x1404, bytes(8))), True) +
                dss(1, ddm(0x106d, ddm(0x11a2, b"\0\3") + ddm(0x2110, name(database, code=code)))))
    case.server(dss(2, ddm(0x1443, ddm(0x1147, name("QDB2/LINUXX8664"))), True) + dss(2, ddm(0x14ac, ddm(0x11a2, b"\0\3"))))
    case.client(dss(1, ddm(0x106e, ddm(0x11a2, b"\0\3") + ddm(0x2110, name(database, code=code)) + ddm(0x11a1, secret) +
                           ddm(0x11a0, user)), True) +
                dss(1, ddm(0x2001, ddm(0x2110, name(database, code=code)) + ddm(0x2135, name(plants.FREE_TEXT)))))
    case.server(dss(2, ddm(0x1219, ddm(0x1149, b"\0\0")), True) + dss(2, ddm(0x2201, ddm(0x1149, b"\0\0"))))
    for _ in range(3):
        case.client(dss(1, ddm(0x200c, b"")) + dss(3, ddm(0x2414, plants.PATIENT.encode())))
        case.server(dss(3, ddm(0x241b, plants.PATIENT.encode("cp500") * 9)))


case = Case("access", 50001, "DRDA", mss=70)
session(case, "MATERN")
case.write(__file__, "database MATERN ×1")

case = Case("utf8", 446, "DRDA")
session(case, "RADLIVE", "ascii")
case.write(__file__, "database RADLIVE ×1")

# called like its user
case = Case("own", 446, "DRDA")
session(case, plants.USER.upper())
case.write(__file__, "protocol DRDA ×1")
