#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from expect import row, write  # noqa: E402
from mkpcap import Capture  # noqa: E402
from plants import FREE_TEXT, PASSWORD, PATIENT, SURNAME, USER  # noqa: E402

LAB, BROKER, REMOTE = "10.77.1.30", "10.77.1.20", "10.77.1.21"
MESSAGE = (PATIENT + FREE_TEXT) * 8


class Segments:
    """Makes segments in one code page and byte order."""

    def __init__(self, codec="ascii", little=True, tag="TSHM"):
        self.codec, self.order, self.tag = codec, "<" if little else ">", tag

    def text(self, text, size=0):
        return text.ljust(size).encode(self.codec)

    def segment(self, kind, body, flags=0x30):
        many = struct.pack("!II", 1, 2) if self.tag == "TSHM" else b""
        rest = bytes([2 if self.order == "<" else 1, kind, flags, 0]) + bytes(8)
        rest += struct.pack(self.order + "IHH", 0x222, 437 if self.codec == "ascii" else 500, 0)
        return self.text(self.tag) + struct.pack("!I", 8 + len(many) + len(rest) + len(body)) + many + rest + body

    def initial(self):
        return self.segment(1, self.text("ID  ") + bytes([13, 0, 0, 0]) + bytes(16) + self.text("LAB.SVRCONN", 20) +
                            bytes(4) + self.text("QM1", 48) + bytes(100), 0x31)

    def user(self):
        return self.segment(8, self.text("UID ") + self.text(USER, 12) + self.text(PASSWORD, 12) + self.text(USER, 64))

    def call(self, kind, body=b"", handle=0, completion=0):
        return self.segment(kind, struct.pack("!I", 16 + len(body)) +
                            struct.pack(self.order + "III", completion, 0, handle) + body)

    def object(self, name):
        return (self.text("OD  ") + struct.pack(self.order + "II", 1, 1) + self.text(name, 48) + self.text("", 48) +
                self.text("AMQ." + USER, 48) + self.text(USER, 12))

    def descriptor(self):
        return self.text("MD  ") + bytes(200) + self.text(USER, 12) + self.text(SURNAME, 32) + self.text(MESSAGE)


def play(capture, turns, server=BROKER, port=1414, **options):
    """Plays (client, server) turns; returns the octets of both."""
    t = capture.tcp(LAB + ":40000", "%s:%d" % (server, port), **options)
    for a, b in turns:
        t.client(a)
        t.server(b)
    t.close()
    return [sum(len(turn[i]) for turn in turns) for i in (0, 1)]


def client(name, s):
    """A client puts to a queue, puts one to another, and gets; once there is nothing."""
    deep = "LAB.OUT." + SURNAME
    opening = [(s.initial(), s.initial()), (s.user(), s.segment(5, bytes(8))),
               (s.call(0x81, s.text("QM1", 48) + s.text("app-" + USER, 28)), s.call(0x91)),
               (s.call(0x83, s.object(deep)), s.call(0x93, s.object(deep), 2))]
    puts = [(s.call(0x86, s.descriptor(), 2), s.call(0x96, s.descriptor()[:200], 2)),
            (s.call(0x86, s.descriptor(), 2), s.call(0x96, s.descriptor()[:200], 2)),
            (s.call(0x87, s.object("EPR.IN." + USER) + s.descriptor()), s.call(0x97))]
    gets = [(s.call(0x85, s.descriptor()[:216], 2), s.call(0x95, s.descriptor(), 2)),
            (s.call(0x85, s.descriptor()[:216], 2), s.call(0x95, b"", 2, 2)), (s.call(0x82), s.call(0x92))]
    c = Capture()
    octets = play(c, opening + puts + gets)
    back = sum(len(g[1]) for g in gets)
    write(__file__, name, c, [
        row(LAB, BROKER, "one_way", 1414, "IBM-MQ", "inf.messagebus", 3, octets[0], octets[1] - back,
            "topic LAB ×2; EPR ×1"),
        row(BROKER, LAB, "one_way", 1414, "IBM-MQ", "inf.messagebus", 1, back, 0, "topic LAB ×1")])


def managers():
    """A queue manager sends to another, joined in the middle, on any port; a message in two segments, a hole."""
    s = Segments("cp500", False, "TSH ")
    head = s.text("MSH ") + bytes(16) + s.text("XQH ") + bytes(4) + s.text("RIS.IN." + SURNAME, 48) + s.text("QM2", 48)
    whole = s.segment(4, head + s.descriptor())
    parts = s.segment(4, head + s.descriptor(), 0x10) + s.segment(4, s.text(MESSAGE), 0x20)
    c = Capture()
    t = c.tcp(LAB + ":40000", REMOTE + ":1515", syn=False)
    t.client(whole)
    t.client(parts)
    t.client(whole[:300])
    t.drop(1)
    t.client(whole[300:] + whole[:100])
    t.client(whole[100:])
    t.client(whole)
    t.close()
    total = 4 * len(whole) + len(parts) - (len(whole) - 200)
    write(__file__, "managers", c, [row(LAB, REMOTE, "one_way", 1515, "IBM-MQ", "inf.messagebus", 4, total, 0,
                                        "topic RIS ×4")])


client("client", Segments())
client("mainframe", Segments("cp500", False, "TSH "))
managers()
