#!/usr/bin/env python3
"""Writes the VNC captures of this folder and what `terrier flows` must say of them. All names are made up
(tests/tools/plants.py)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

CLIENT, SERVER = "10.77.30.21", "10.77.1.120"
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "connections messages bytes_to_destination bytes_to_source").split()


def session(name, turns, protocol="VNC", encrypted="no", port=5900):
    capture = Capture()
    t = capture.tcp(CLIENT + ":40001", "%s:%d" % (SERVER, port))
    sent = [0, 0]
    for side, data in turns:
        (t.client, t.server)[side](data)
        sent[side] += len(data)
    t.close()
    write(__file__, name, capture, [[CLIENT, SERVER, "both", "tcp", port, protocol, "inf.remote", "high", encrypted, 1,
                                     "", *sent]], COLUMNS)


V38 = b"RFB 003.008\n"
DESKTOP = bytes(23) + bytes([len(plants.PATIENT)]) + plants.PATIENT.encode()
session("none", [(1, V38), (0, V38), (1, b"\1\1"), (0, b"\1"), (1, bytes(4)), (0, b"\1"), (1, DESKTOP)], port=5999)
session("password", [(1, V38), (0, V38), (1, b"\2\1\2"), (0, b"\2"), (1, bytes(16)), (0, plants.PASSWORD.encode()),
                     (1, bytes(4)), (0, b"\1"), (1, DESKTOP)])
session("oldest", [(1, V38), (0, b"RFB 003.003\n"), (1, b"\0\0\0\1"), (0, b"\1"), (1, DESKTOP)])
session("vencrypt", [(1, V38), (0, V38), (1, b"\1\x13"), (0, b"\x13"), (1, b"\0\2"), (0, b"\0\2"), (1, b"\0\1\0\0\1\5"),
                     (0, b"\0\0\1\5"), (1, b"\1"), (0, b"\x16\3\1" + bytes(300))], "VNC+TLS", "yes")
session("plain", [(1, V38), (0, V38), (1, b"\1\x13"), (0, b"\x13"), (1, b"\0\2"), (0, b"\0\2"), (1, b"\0\1\0\0\1\0"),
                  (0, b"\0\0\1\0"), (1, b"\1"), (0, (plants.USER + plants.PASSWORD).encode())])
