#!/usr/bin/env python3
"""Writes the Redis captures of this folder and what `terrier flows` must say of them. In every field that may not be kept
stand the values of plants.py."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from dbtalk import Case


def command(*parts):
    octets = [p if isinstance(p, bytes) else p.encode() for p in parts]
    return b"*%d\r\n" % len(octets) + b"".join(b"$%d\r\n%s\r\n" % (len(o), o) for o in octets)


def ask(case, *parts, answer=b"+OK\r\n"):
    case.client(command(*parts))
    case.server(answer)


VALUE = plants.PATIENT.encode() + b"\r\n*1\r\n$4\r\nAUTH\r\n" + bytes(3000)

case = Case("session", 6390, "Redis", mss=60)
ask(case, "AUTH", plants.USER, plants.PASSWORD)
ask(case, "SELECT", "3")
ask(case, "SET", "session:" + plants.NHS_NUMBER, VALUE)
ask(case, "GET", plants.SURNAME, answer=b"$%d\r\n%s\r\n" % (len(VALUE), VALUE))
case.client(command("SET", plants.FREE_TEXT, "1") + command("PING"))
case.server(b"+OK\r\n+PONG\r\n")
case.write(__file__, "protocol Redis ×1")

case = Case("hello", 6379, "Redis")
ask(case, "HELLO", "3", "AUTH", plants.USER, plants.PASSWORD, answer=b"%1\r\n+proto\r\n:3\r\n")
ask(case, "get", plants.SURNAME, answer=b"_\r\n")
case.write(__file__, "protocol Redis ×1")

case = Case("inline", 6379, "Redis")
case.client(b"PING\r\n")
case.server(b"+PONG\r\n")
case.client(b"AUTH %s\r\n" % plants.PASSWORD.encode())
case.server(b"+OK\r\n")
case.write(__file__, "protocol Redis ×1")

# a replica: data leaves the server
case = Case("replica", 6379, "Redis")
ask(case, "PING", answer=b"+PONG\r\n")
ask(case, "REPLCONF", "listening-port", "6380")
both = list(case.octets)
sync = command("PSYNC", "?", "-1")
log = b"+FULLRESYNC " + b"a" * 40 + b" 0\r\n$4000\r\nREDIS0011" + plants.PATIENT.encode() * 50
case.client(sync)
case.server(log)
case.write(__file__, case.row("protocol Redis ×1", octets=both), case.row("protocol Redis ×1", "s2c", [len(sync), len(log)]))
