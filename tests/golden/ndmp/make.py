#!/usr/bin/env python3
"""Writes the NDMP captures of this folder and what `terrier flows` must say of them. All names are made up
(tests/tools/plants.py)."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants  # noqa: E402
from expect import write  # noqa: E402
from mkpcap import Capture  # noqa: E402

CLIENT, SERVER = "10.77.1.130", "10.77.1.80"
BODY = (plants.PATIENT.encode() + b"\r\n") * 300
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted "
           "connections messages bytes_to_destination bytes_to_source").split()


def text(s):
    data = s.encode()
    return struct.pack("!I", len(data)) + data + bytes(-len(data) % 4)


def number(*values):
    return struct.pack("!%dI" % len(values), *values)


class Talk:
    def __init__(self, capture, port=10000):
        self.tcp = capture.tcp(CLIENT + ":40001", "%s:%d" % (SERVER, port))
        self.sent, self.n = [0, 0], 0

    def say(self, side, kind, code, body=b"", cut=0):
        self.n += 1
        message = number(self.n, 0x692f0000, kind, code, self.n - 1 if kind else 0, 0) + body
        if cut:    # in fragments of a record
            data = number(cut) + message[:cut] + number(0x80000000 | len(message) - cut) + message[cut:]
        else:
            data = number(0x80000000 | len(message)) + message
        (self.tcp.client, self.tcp.server)[side](data)
        self.sent[side] += len(data)

    def ask(self, code, body=b"", reply=b"", error=0):
        self.say(0, 0, code, body)
        self.say(1, 1, code, number(error) + reply)


def job(name, code, port=10000, refused=False):
    """A job whose data goes to a mover on the client's own host, over a connection that is agreed on the way."""
    capture = Capture()
    t = Talk(capture, port)
    t.say(1, 0, 0x502, number(0, 4) + text("Hello " + plants.FORENAME))
    t.ask(0x900, number(4))
    t.ask(0x901, number(1) + text(plants.USER) + text(plants.PASSWORD))
    t.ask(0x100, reply=text("fs01.trust.example") + text("Linux") + text(plants.FREE_TEXT) + text(plants.NHS_NUMBER))
    t.ask(0x40a, number(1, 1, 0x0a4d0182, 41000, 0))    # connect to 10.77.1.130:41000
    paths = number(2) + text("FILESYSTEM") + text("/home/" + plants.USER) + text("USER") + text(plants.USER)
    t.ask(code, text("dump") + paths, error=9 if refused else 0)
    data = [0, 0]
    if not refused:
        d = capture.tcp(SERVER + ":40005", CLIENT + ":41000")
        if code == 0x401:
            d.client(BODY)
            data[1] = len(BODY)
        else:
            d.server(BODY)
            data[0] = len(BODY)
        d.close()
        history = text(plants.FILE) * 60
        t.say(1, 0, 0x703, number(60) + history, cut=700)
        t.say(1, 0, 0x602, text("dumping %s" % plants.PATIENT))
    t.ask(0x902)
    t.tcp.close()
    up, down = t.sent[0] + data[0], t.sent[1] + data[1]
    common = ["tcp", port, "NDMP", "inf.backup", "high", "no", 1]
    if refused:
        rows = [[CLIENT, SERVER, "both", *common, 0, up, down]]
    elif code == 0x401:
        rows = [[SERVER, CLIENT, "one_way", *common, 1, down, up]]
    else:
        rows = [[CLIENT, SERVER, "one_way", *common, 1, up, down]]
    write(__file__, name, capture, rows, COLUMNS)


job("backup", 0x401)
job("recovery", 0x402, port=10001)
job("refused", 0x401, refused=True)
