#!/usr/bin/env python3
"""Writes the TFTP captures of this folder and what `terrier flows` must say of them: a request and its transfer, which
has ports of its own, are one row. All names are made up (tests/tools/plants.py)."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

CLIENT, SERVER = "10.77.1.110", "10.77.1.120"
BODY = (plants.PATIENT.encode() + b"\r\n") * 30
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "connections messages bytes_to_destination bytes_to_source").split()


def transfer(capture, opcode, body, client=50001, server=33000, options=b""):
    """Octets of the client and the server."""
    ends = [(CLIENT, client), (SERVER, server)]
    sent = [0, 0]

    def say(side, data, port=None):
        (a, ap), (b, bp) = ends[side], ends[1 - side]
        capture.udp("%s:%d" % (a, ap), "%s:%d" % (b, port or bp), data)
        sent[side] += len(data)

    say(0, struct.pack("!H", opcode) + plants.FILE.encode() + b"\0octet\0" + options, 69)
    giver = 1 if opcode == 1 else 0
    if options:
        say(1, struct.pack("!H", 6) + options)
    elif opcode == 2:
        say(1, struct.pack("!HH", 4, 0))
    for number, at in enumerate(range(0, len(body) + 1, 512), 1):
        say(giver, struct.pack("!HH", 3, number) + body[at:at + 512])
        say(1 - giver, struct.pack("!HH", 4, number))
    return sent


def row(source, destination, connections, messages, to_destination, to_source):
    return [source, destination, "one_way", "udp", 69, "TFTP", "inf.fileshare", "high", "no", connections, messages,
            to_destination, to_source]


def case(name, opcode, body, options=b""):
    capture = Capture()
    up, down = transfer(capture, opcode, body, options=options)
    write(__file__, name, capture, [row(SERVER, CLIENT, 1, 1, down, up) if opcode == 1 else
                                    row(CLIENT, SERVER, 1, 1, up, down)], COLUMNS)


case("read", 1, BODY)
case("write", 2, BODY, b"blksize\x00512\x00")
case("small", 1, plants.NHS_NUMBER.encode())    # the way is the request's: there are too few octets to tell
