#!/usr/bin/env python3
"""Writes the MongoDB captures of this folder and what `terrier flows` must say of them. In every field that may not be
kept stand the values of plants.py."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from dbtalk import Case


def message(opcode, body, answers=0):
    return struct.pack("<IIII", len(body) + 16, 7, answers, opcode) + body


def text(key, value):
    return b"\2" + key.encode() + b"\0" + struct.pack("<I", len(value.encode()) + 1) + value.encode() + b"\0"


def document(*elements):
    body = b"".join(elements) + b"\0"
    return struct.pack("<I", len(body) + 4) + body


def nested(key, *elements):
    return b"\3" + key.encode() + b"\0" + document(*elements)


def op_msg(*elements, answers=0, sequence=b""):
    return message(2013, struct.pack("<I", 0) + sequence + b"\0" + document(*elements), answers)


PATIENT = nested("filter", text("name", plants.PATIENT), text("$db", plants.SURNAME), b"\x10$limit\0\1\0\0\0")
ID = b"\7_id\0" + bytes(12) + b"\5data\0\3\0\0\0\0abc" + b"\x09when\0" + bytes(8)
FIND = op_msg(text("find", "patients"), ID, PATIENT, text("comment", plants.FREE_TEXT), text("$db", "epr"))
FOUND = op_msg(nested("cursor", PATIENT), b"\1ok\0" + struct.pack("<d", 1), answers=7)
HELLO = message(2004, b"\0\0\0\0admin.$cmd\0" + struct.pack("<iI", 0, 1) +
                document(b"\x10isMaster\0\1\0\0\0", nested("client", text("user", plants.USER))))
WELCOME = message(1, struct.pack("<IQII", 8, 0, 0, 1) + document(b"\x08ismaster\0\1"), 7)

# signs in with a password in the clear, then asks
case = Case("find", 27018, "MongoDB", mss=33)
case.client(HELLO)
case.server(WELCOME)
case.client(op_msg(b"\x10saslStart\0\1\0\0\0", text("mechanism", "PLAIN"),
                   text("payload", "\0%s\0%s" % (plants.USER, plants.PASSWORD)), text("$db", "admin")))
case.server(op_msg(b"\1ok\0" + struct.pack("<d", 1), answers=7))
for _ in range(3):
    case.client(FIND)
    case.server(FOUND)
case.write(__file__, "database admin ×1; epr")

# documents stand before the command
many = document(text("name", plants.PATIENT)) * 30
insert = op_msg(text("insert", "patients"), text("$db", "pathology"),
                sequence=b"\1" + struct.pack("<I", 4 + 10 + len(many)) + b"documents\0" + many)
case = Case("insert", 27017, "MongoDB")
case.client(insert)
case.server(op_msg(b"\x10n\0\x1e\0\0\0", answers=7))
case.write(__file__, "database pathology ×1")

case = Case("old", 27017, "MongoDB")
case.client(message(2004, b"\0\0\0\0theatre.lists\0" + struct.pack("<ii", 0, 5) + document(text("n", plants.PATIENT))))
case.server(message(1, struct.pack("<IQII", 8, 0, 0, 1) + document(text("n", plants.PATIENT)), 7))
case.write(__file__, "database theatre ×1")

# a name that is somebody's number is not kept
case = Case("number", 27017, "MongoDB")
case.client(op_msg(text("find", "x"), text("$db", plants.NHS_NUMBER)))
case.server(FOUND)
case.write(__file__, "protocol MongoDB ×1")
