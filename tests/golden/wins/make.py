#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

PULLER, OWNER = "10.77.1.5", "10.77.1.6"


def message(kind, body):
    return struct.pack("!IIII", 12 + len(body), 0x00007800, 7, kind) + body


# An association, and the names of a person (MS-WINSRA 2.2.10.1: name records).
names = b"".join(struct.pack("!I", 17) + name.upper().encode().ljust(15)[:15] + b"\x03" + bytes(17)
                 for name in (plants.SURNAME, plants.USER, plants.NHS_NUMBER))
asked = message(0, bytes(25)), message(3, struct.pack("!I", 2) + bytes(24))
answered = message(1, bytes(25)), message(3, struct.pack("!II", 3, 3) + names)
c = Capture()
t = c.tcp(PULLER + ":40000", OWNER + ":42")
for question, answer in zip(asked, answered):
    t.client(question)
    t.server(answer)
t.close()
write(__file__, "replication", c, [[PULLER, OWNER, "both", "tcp", 42, "WINS", "inf.addressing", "high", "",
                                    sum(map(len, asked)), sum(map(len, answered)), "protocol WINS ×1"]])

# The port alone proves nothing.
c = Capture()
t = c.tcp(PULLER + ":40001", OWNER + ":42")
t.client(b"\0\0\0\x0c" + bytes(12))
t.server(bytes(40))
t.close()
write(__file__, "other", c, [[PULLER, OWNER, "both", "tcp", 42, "WINS", "inf.addressing", "low", "", 16, 40,
                              "port tcp/42 ×1"]])
