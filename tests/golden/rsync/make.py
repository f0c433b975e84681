#!/usr/bin/env python3
"""Writes the rsync captures of this folder and what `terrier flows` must say of them. All names are made up
(tests/tools/plants.py)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

CLIENT, SERVER = "10.77.1.90", "10.77.1.130"
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "connections messages bytes_to_destination bytes_to_source evidence").split()
BODY = plants.PATIENT.encode() * 20


def case(name, module, evidence, is_pull=False, user=None, port=873):
    capture = Capture()
    t = capture.tcp(CLIENT + ":40001", "%s:%d" % (SERVER, port))
    sent = [0, 0]

    def say(side, data):
        (t.client, t.server)[side](data)
        sent[side] += len(data)

    say(1, b"@RSYNCD: 31.0 sha512 sha256 sha1 md5 md4\n")
    say(0, b"@RSYNCD: 31.0 sha512 sha256 sha1 md5 md4\n")
    say(0, module.encode() + b"\n")
    say(1, ("Hello %s\n" % plants.FORENAME).encode())
    if user:
        say(1, b"@RSYNCD: AUTHREQD Dl7eeYbDgjY\n")
        say(0, ("%s %s\n" % (user, plants.PASSWORD)).encode())
    say(1, b"@RSYNCD: OK\n")
    args = ["--server"] + (["--sender"] if is_pull else []) + ["-vlogDtpre.iLsfxCIvu", ".",
                                                               "%s/%s" % (module, plants.FILE), ""]
    say(0, b"".join(a.encode() + b"\0" for a in args))
    for _ in range(5):
        say(1 if is_pull else 0, BODY)
        say(0 if is_pull else 1, b"\4\0\0\7done")
    t.close()
    ends = (SERVER, CLIENT, sent[1], sent[0]) if is_pull else (CLIENT, SERVER, sent[0], sent[1])
    write(__file__, name, capture, [[*ends[:2], "one_way", "tcp", port, "rsync", "inf.fileshare", "high", "no", 1, "",
                                     *ends[2:], evidence]], COLUMNS)


case("push", "dbdump", "share dbdump ×1")
case("pull", "userdata", "share userdata ×1", is_pull=True, user=plants.USER, port=8730)
case("own", plants.USER, "protocol rsync ×1", is_pull=True, user=plants.USER)
case("number", plants.NHS_NUMBER, "protocol rsync ×1")
