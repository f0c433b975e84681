#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

CLIENT, SERVER = "10.77.1.10", "10.77.1.80"
CONTROL = ("H%s-laptop\nP%s\nJ%s\nldfA001ward\nUdfA001ward\nN%s\n" %
           (plants.SURNAME, plants.USER, plants.FREE_TEXT, plants.FILE)).encode()
PAGES = b"\x1bE" + (plants.PATIENT.encode() + b"\r\n") * 200 + b"\x1bE"


def job(control=CONTROL, pages=PAGES):
    return [b"\2ZZWARD7Q\n", b"\2%d cfA001ward\n" % len(control), control + b"\0", b"\3%d dfA001ward\n" % len(pages),
            pages + b"\0"]


def talk(t, pieces):
    for piece in pieces:
        t.client(piece)
        t.server(b"\0")
    t.close()


size = sum(len(p) for p in job())
row = [CLIENT, SERVER, "one_way", "tcp", 515, "LPD", "inf.print", "high", 1, size, 5, "queue ZZWARD7Q ×1"]
c = Capture()
talk(c.tcp(CLIENT + ":721", SERVER + ":515"), job())
write(__file__, "job", c, [row])

c = Capture()
t = c.tcp(CLIENT + ":722", SERVER + ":515", mss=100)
pieces = job()
for piece in pieces:
    if piece is pieces[-1]:
        t.drop(3)
    t.client(piece)
    t.server(b"\0")
t.close()
write(__file__, "gap", c, [row[:9] + [size - 300] + row[10:]])

c = Capture()
t = c.tcp(CLIENT + ":723", SERVER + ":515")
ask = b"\4ZZWARD7Q %s\n" % plants.USER.encode()
reply = ("%s: active: %s\n" % (plants.USER, plants.FILE)).encode()
t.client(ask)
t.server(reply)
t.close()
write(__file__, "state", c,
      [[SERVER, CLIENT, "one_way", "tcp", 515, "LPD", "inf.print", "high", 1, len(reply), len(ask),
                              "queue ZZWARD7Q ×1"]])
