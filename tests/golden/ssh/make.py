#!/usr/bin/env python3
"""Writes the SSH captures of this folder and what `terrier flows` must say of them: the way goes by the octets. All names
are made up (tests/tools/plants.py)."""
import hashlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

CLIENT, SERVER = "10.77.1.80", "10.77.1.130"
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "connections bytes_to_destination bytes_to_source evidence").split()
NOISE = b"".join(hashlib.sha256(bytes([i])).digest() for i in range(40))


def session(port, up, down):
    capture = Capture()
    t = capture.tcp(CLIENT + ":40001", "%s:%d" % (SERVER, port))
    said = b"Only for %s, %s\r\nSSH-2.0-OpenSSH_9.2p1 %s %s\r\n" % tuple(
        x.encode() for x in (plants.USER, plants.NHS_SPACED, plants.SURNAME, plants.FREE_TEXT))
    asked = b"SSH-2.0-PuTTY_Release_0.78 %s@%s\r\n" % (plants.MAILBOX.encode(), plants.FORENAME.encode())
    t.server(said)
    t.client(asked)
    for _ in range(max(up, down)):
        if up > 0:
            t.client(NOISE)
        if down > 0:
            t.server(NOISE)
        up, down = up - 1, down - 1
    t.close()
    return capture, len(asked), len(said)


def write_session(case, port, up, down):
    capture, asked, said = session(port, up, down)
    to_server, to_client = asked + up * len(NOISE), said + down * len(NOISE)
    if up > 8 * max(down, 1):
        ends, way, octets = (CLIENT, SERVER), "one_way", (to_server, to_client)
    elif down > 8 * max(up, 1):
        ends, way, octets = (SERVER, CLIENT), "one_way", (to_client, to_server)
    else:
        ends, way, octets = (CLIENT, SERVER), "both", (to_server, to_client)
    write(__file__, case, capture, [[*ends, way, "tcp", port, "SSH", "inf.remote", "high", "yes", 1, *octets,
                                     "protocol SSH ×1"]], COLUMNS)


write_session("put", 22, 40, 0)
write_session("get", 22, 1, 900)
write_session("terminal", 22, 9, 20)
