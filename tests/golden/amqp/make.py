#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from expect import row, write  # noqa: E402
from mkpcap import Capture  # noqa: E402
from plants import FREE_TEXT, MAILBOX, NHS_NUMBER, PASSWORD, PATIENT, SURNAME, USER  # noqa: E402

LAB, BROKER = "10.77.1.30", "10.77.1.20"
PORT = 5672


def short(text):
    return bytes([len(text.encode())]) + text.encode()


def long(data):
    return struct.pack("!I", len(data)) + data


def frame(kind, payload, channel=1):
    return struct.pack("!BHI", kind, channel, len(payload)) + payload + b"\xce"


def method(number, name, arguments, channel=1):
    return frame(1, struct.pack("!HH", number, name) + arguments, channel)


def table(**fields):
    return long(b"".join(short(k) + b"S" + long(v.encode()) for k, v in fields.items()))


def content(body=(PATIENT + FREE_TEXT).encode() * 20):
    properties = short("application/json") + table(user=USER, patient=NHS_NUMBER) + short(MAILBOX)
    return frame(2, struct.pack("!HHQH", 60, 0, len(body), 0xa010) + properties) + frame(3, body)


def publish(exchange, key):
    return method(60, 40, b"\0\0" + short(exchange) + short(key) + b"\0") + content()


def deliver(exchange, key):
    return method(60, 60, short("ctag-" + USER) + bytes(9) + short(exchange) + short(key)) + content()


def ack():
    return method(60, 80, bytes(8) + b"\0")


def play(capture, turns, client=LAB, port=PORT, **options):
    """Plays (client, server) turns; returns the octets of both."""
    t = capture.tcp(client + ":40000", "%s:%d" % (BROKER, port), **options)
    for a, b in turns:
        t.client(a)
        t.server(b)
    t.close()
    return [sum(len(turn[i]) for turn in turns) for i in (0, 1)]


def broker():
    """0-9-1 from the header on: to an exchange, to a queue, with confirmations; and from a queue."""
    deep = "lab.%s.%s" % (SURNAME, NHS_NUMBER)
    opening = [(b"AMQP\0\0\x09\x01", method(10, 10, b"\0\x09" + table(product="broker") + long(b"PLAIN") + long(b""), 0)),
               (method(10, 11, table(product="x" * 200, operator=USER) + short("PLAIN") +
                       long(("\0%s\0%s" % (USER, PASSWORD)).encode()) + short("en"), 0), b""),
               (method(10, 40, short("ward") + b"\0\0", 0), method(10, 41, b"\0", 0))]
    sends = [(publish(deep, deep), ack()), (publish(deep, deep), ack())]
    queue = [(publish("", "epr." + USER), ack())]
    gets = [(b"", deliver("amq.topic", "icu." + NHS_NUMBER)), (ack(), b""),
            (method(60, 70, b"\0\0" + short("q-" + USER) + b"\0"), method(60, 71, bytes(9) + short("icu") + short(deep) +
                                                                          bytes(4)) + content())]
    c = Capture()
    octets = play(c, opening + sends + queue + gets)
    back = [sum(len(g[0]) for g in gets), sum(len(g[1]) for g in gets)]
    write(__file__, "broker", c, [
        row(LAB, BROKER, "one_way", PORT, "AMQP", "inf.messagebus", 3, octets[0] - back[0], octets[1] - back[1],
            "topic lab ×2; epr ×1"),
        row(BROKER, LAB, "one_way", PORT, "AMQP", "inf.messagebus", 2, back[1], back[0], "topic icu ×2")])


def described(code, *fields):
    body = b"".join(fields)
    return b"\0\x53" + bytes([code]) + b"\xd0" + struct.pack("!II", len(body) + 4, len(fields)) + body


def text(s):
    return b"\xa1" + short(s)


def frame1(body, kind=0, channel=0):
    return struct.pack("!IBBH", 8 + len(body), 2, kind, channel) + body


NULL, HEAD1 = b"\x40", b"AMQP\0\x01\0\0"


def attach(handle, is_receiver, source, target):
    return frame1(described(0x12, text("link-" + USER), b"\x52" + bytes([handle]), b"\x41" if is_receiver else b"\x42",
                            NULL, NULL, described(0x28, text(source) if source else NULL),
                            described(0x29, text(target) if target else NULL)))


def transfer(handle, number):
    return frame1(described(0x14, b"\x52" + bytes([handle]), b"\x52" + bytes([number]), b"\xa0" + short(MAILBOX)) +
                  (PATIENT + FREE_TEXT).encode() * 10)


def links():
    """1.0 with SASL: a sender and a receiver on one connection."""
    sasl = frame1(described(0x41, b"\xa3" + short("PLAIN"), b"\xa0" + short("\0%s\0%s" % (USER, PASSWORD))), 1)
    opened = frame1(described(0x10, text("container-" + USER), text("mq.trust.example")))
    out, box = "lab/" + SURNAME, "icu." + NHS_NUMBER
    opening = [(b"AMQP\3\1\0\0", b"AMQP\3\1\0\0"), (sasl, frame1(described(0x44, b"\x50\0"), 1)), (HEAD1, HEAD1),
               (opened, opened), (attach(0, False, None, out), attach(0, True, None, out)),
               (attach(1, True, box, None), attach(1, False, box, None))]
    settled = frame1(described(0x15, b"\x41", b"\x52\x01"))
    sends = [(transfer(0, 1), settled), (transfer(0, 2), settled)]
    gets = [(b"", transfer(1, 1)), (settled, b"")]
    c = Capture()
    octets = play(c, opening + sends + gets)
    back = [len(settled), len(gets[0][1])]
    write(__file__, "links", c, [
        row(LAB, BROKER, "one_way", PORT, "AMQP", "inf.messagebus", 2, octets[0] - back[0], octets[1] - back[1],
            "topic lab ×2"),
        row(BROKER, LAB, "one_way", PORT, "AMQP", "inf.messagebus", 1, back[1], back[0], "topic icu ×1")])


def middle():
    """Joined in the middle, on any port, with a hole in a body and one over the start of a frame."""
    c = Capture()
    t = c.tcp(LAB + ":40000", BROKER + ":7777", syn=False)
    t.client(publish("lab." + USER, ""))
    large = publish("lab." + USER, "")
    for start, lost, rest in ((large[:100], large[100:200], large[200:]),
                              (large[:-300], large[-300:] + large[:100], large[100:])):
        t.client(start)
        t.drop(1)
        t.client(lost)
        t.client(rest)
    t.client(publish("lab." + USER, ""))
    t.close()
    total = 5 * len(large) - 100 - 400
    write(__file__, "middle", c, [row(LAB, BROKER, "one_way", 7777, "AMQP", "inf.messagebus", 4, total, 0, "topic lab ×4")])


broker()
links()
middle()
