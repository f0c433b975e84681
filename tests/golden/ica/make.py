#!/usr/bin/env python3
"""Writes the Citrix captures of this folder and what `terrier flows` must say of them. All names are made up
(tests/tools/plants.py)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

CLIENT, SERVER = "10.77.30.21", "10.77.1.150"
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "connections messages bytes_to_destination bytes_to_source evidence").split()


def session(name, port, turns):
    capture = Capture()
    t = capture.tcp(CLIENT + ":40001", "%s:%d" % (SERVER, port))
    sent = [0, 0]
    for side, data in turns:
        (t.client, t.server)[side](data)
        sent[side] += len(data)
    t.close()
    write(__file__, name, capture, [[CLIENT, SERVER, "both", "tcp", port, "ICA", "inf.remote", "high", "no", 1, "", *sent,
                                     "protocol ICA ×1"]], COLUMNS)


MARK = b"\x7f\x7fICA\0"
session("ica", 1494, [(1, MARK), (0, MARK), (0, b"\1\x97\0WFICA32.EXE" + plants.USER.encode()), (1, plants.PATIENT.encode())])
session("cgp", 2598, [(0, b"\x1aCGP/01\0\0\x12Citrix.TcpProxyService" + plants.USER.encode()),
                      (1, b"\x1aCGP/01\0" + plants.PATIENT.encode())])
