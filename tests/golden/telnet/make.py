#!/usr/bin/env python3
"""Writes the Telnet captures of this folder and what `terrier flows` must say of them. All names are made up
(tests/tools/plants.py)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

CLIENT, SERVER = "10.77.30.21", "10.77.1.140"
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "connections messages bytes_to_destination bytes_to_source evidence").split()


def session(name, port):
    capture = Capture()
    t = capture.tcp(CLIENT + ":40001", "%s:%d" % (SERVER, port))
    sent = [0, 0]
    turns = [(1, b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23"), (0, b"\xff\xfb\x18\xff\xfa\x18\0xterm\xff\xf0"),
             (1, b"Welcome %s\r\nlogin: " % plants.SURNAME.encode()), (0, plants.USER.encode() + b"\r\n"),
             (1, b"Password: "), (0, plants.PASSWORD.encode() + b"\r\n"),
             (1, b"\r\n%s\r\n" % plants.PATIENT.encode()), (0, b"%s\r\n" % plants.NHS_SPACED.encode())]
    for side, data in turns:
        (t.client, t.server)[side](data)
        sent[side] += len(data)
    t.close()
    write(__file__, name, capture, [[CLIENT, SERVER, "both", "tcp", port, "Telnet", "inf.remote", "high", "no", 1, "",
                                     *sent, "protocol Telnet ×1"]], COLUMNS)


session("own", 23)
session("other", 2023)
