#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from expect import row, write  # noqa: E402
from mkpcap import Capture  # noqa: E402
from plants import FREE_TEXT, MAILBOX, NHS_NUMBER, PASSWORD, PATIENT, SURNAME, USER  # noqa: E402

BED, BROKER, EPR = "10.77.50.12", "10.77.1.20", "10.77.1.60"
PORT = 1883


def text(s):
    return struct.pack("!H", len(s.encode())) + s.encode()


def packet(first, body):
    length, n = b"", len(body)
    while True:
        length += bytes([n & 0x7f | (0x80 if n > 127 else 0)])
        n >>= 7
        if n == 0:
            return bytes([first]) + length + body


def connect(level, will=False):
    """With every field that CONNECT has: client identifier, will, user and password name people."""
    properties = packet(0, b"\x26" + text("operator") + text(SURNAME))[1:] if level == 5 else b""
    body = text("MQIsdp" if level == 3 else "MQTT") + bytes([level, 0xc6 if will else 0xc2, 0, 60]) + properties
    body += text("bed12-" + USER)
    if will:
        body += (b"\0" if level == 5 else b"") + text("icu/%s/gone" % NHS_NUMBER) + text(FREE_TEXT)
    return packet(0x10, body + text(USER) + text(PASSWORD))


def publish(topic, payload, qos=0, level=4, properties=b""):
    body = text(topic) + (b"\0\x07" if qos else b"")
    return packet(0x30 | qos << 1, body + (packet(0, properties)[1:] if level == 5 else b"") + payload)


def ack(kind, level=4):
    return packet(kind << 4 | (2 if kind == 6 else 0), b"\0\x07")


def subscribe(topic, level=4):
    return packet(0x82, b"\0\x01" + (b"\0" if level == 5 else b"") + text(topic) + b"\x01")


CONNACK, SUBACK = b"\x20\x02\0\0", b"\x90\x03\0\x01\x01"
PING, PONG, BYE = b"\xc0\0", b"\xd0\0", b"\xe0\0"
VITALS = ("icu/%s/hr" % NHS_NUMBER, PATIENT.encode())


def vitals():
    """A bed publishes with each quality of service, to two roots; somebody else is told of it."""
    c = Capture()
    t = c.tcp(BED + ":40000", "%s:%d" % (BROKER, PORT))
    steps = [(connect(4, will=True), CONNACK), (publish(*VITALS), b""), (publish(*VITALS, qos=1), ack(4)),
             (publish(*VITALS, qos=2), ack(5)), (ack(6), ack(7)), (PING, PONG)]
    tail = [(publish("/alarm/" + MAILBOX, FREE_TEXT.encode(), qos=1), ack(4)), (BYE, b"")]
    for client, server in steps + tail:
        t.client(client)
        t.server(server)
    t.close()
    e = c.tcp(EPR + ":40001", "%s:%d" % (BROKER, PORT))
    e_client, e_server = connect(3) + subscribe("icu/" + SURNAME + "/#"), CONNACK + SUBACK
    e.client(e_client)
    e.server(e_server)
    e.server(publish(*VITALS) * 3)
    e.close()
    # PING waits for the alarm, whose octets come next in its direction
    icu = [sum(len(s[i]) for s in steps[:5]) for i in (0, 1)]
    alarm = [len(PING) + sum(len(s[0]) for s in tail), len(PONG) + len(tail[0][1])]
    forth, back = icu[0] + alarm[0], icu[1] + alarm[1]
    write(__file__, "vitals", c, [
        row(BED, BROKER, "one_way", PORT, "MQTT", "inf.messagebus", 4, forth, back, "topic icu ×3; alarm ×1"),
        row(BROKER, EPR, "one_way", PORT, "MQTT", "inf.messagebus", 3, len(e_server) + 3 * len(publish(*VITALS)),
            len(e_client), "topic icu ×3")])


def middle():
    """Version 5 with an alias; joined in the middle, a packet lost, large payloads in many segments."""
    c = Capture()
    t = c.tcp(BED + ":40000", "%s:%d" % (BROKER, 9001), syn=False)
    first = publish("ward/" + USER, PATIENT.encode(), level=5, properties=b"\x23\0\x01")
    large = publish("ward/" + USER, (PATIENT * 100).encode(), level=5)
    alias = publish("", b"x", level=5, properties=b"\x23\0\x01")
    t.client(first * 3)
    t.client(large)
    t.client(alias)
    t.drop(1)
    t.client(first)
    t.client(first * 3)
    t.close()
    total = 6 * len(first) + len(large) + len(alias)
    write(__file__, "middle", c, [
        row(BED, BROKER, "one_way", 9001, "MQTT", "inf.messagebus", 8, total, 0, "topic ward ×8")])


vitals()
middle()
