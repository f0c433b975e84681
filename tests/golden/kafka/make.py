#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from expect import row, write  # noqa: E402
from mkpcap import Capture  # noqa: E402
from plants import MAILBOX, NHS_NUMBER, PASSWORD, PATIENT, SURNAME, USER  # noqa: E402

LAB, BROKER, EPR = "10.77.1.30", "10.77.1.20", "10.77.1.60"
DEEP = "lab.%s.%s" % (SURNAME, NHS_NUMBER)
RECORDS = (PATIENT * 40).encode()


def string(text):
    return struct.pack("!H", len(text)) + text.encode()


def compact(text):
    return bytes([len(text) + 1]) + text.encode()


def request(api, version, number, body, compact_header=False):
    head = struct.pack("!HHI", api, version, number) + string("client-%s-%s" % (USER, MAILBOX))
    data = head + (b"\0" if compact_header else b"") + body
    return struct.pack("!I", len(data)) + data


def response(number, body):
    return struct.pack("!II", len(body) + 4, number) + body


def produce(number, topic):
    return request(0, 3, number, string("tx-" + USER) + struct.pack("!hII", -1, 30000, 1) + string(topic) +
                   struct.pack("!III", 1, 0, len(RECORDS)) + RECORDS)


def produce_compact(number, topic):
    return request(0, 9, number, compact("tx-" + USER) + struct.pack("!hI", -1, 30000) + b"\2" + compact(topic) + b"\2" +
                   bytes(4) + b"\xff\x20" + RECORDS, True)


def fetch(number, topic, version=11, session=0):
    body = struct.pack("!iiiiBiI", -1, 500, 1, 1 << 20, 0, session, 1 if session else 0)
    body += struct.pack("!I", 1) + string(topic) + struct.pack("!IIiqqi", 1, 0, 0, 0, 0, 9) if topic else bytes(4)
    return request(1, version, number, body + bytes(4) + string("rack-" + USER))


def fetched(number, topic):
    return response(number, struct.pack("!IHiI", 0, 0, 7, 1) + string(topic) + RECORDS)


NOTHING = struct.pack("!IHiI", 0, 0, 7, 0)


def play(t, turns):
    """Plays (client, server) turns; returns the octets of both."""
    for client, server in turns:
        t.client(client)
        t.server(server)
    t.close()
    return [sum(len(turn[i]) for turn in turns) for i in (0, 1)]


def broker():
    """A producer signs in and sends, in each form; a consumer fetches what there is, twice nothing."""
    c = Capture()
    sends = play(c.tcp(LAB + ":40000", BROKER + ":9092"), [
        (request(18, 0, 1, b""), response(1, bytes(40))),
        (request(17, 0, 2, string("PLAIN")), response(2, b"\0\0" + struct.pack("!I", 1) + string("PLAIN"))),
        (struct.pack("!I", len(USER + PASSWORD) + 2) + ("\0%s\0%s" % (USER, PASSWORD)).encode(), struct.pack("!I", 0)),
        (produce(3, DEEP), response(3, bytes(30))), (produce_compact(4, DEEP), response(4, bytes(30)))])
    gets = play(c.tcp(EPR + ":40001", BROKER + ":9092"), [
        (request(10, 0, 1, string("group-" + USER)), response(1, bytes(20))),
        (fetch(2, DEEP), fetched(2, DEEP)), (fetch(3, None, session=7), response(3, NOTHING)),
        (fetch(4, None, session=7), fetched(4, DEEP)), (fetch(5, None, session=7), response(5, NOTHING))])
    write(__file__, "broker", c, [
        row(LAB, BROKER, "one_way", 9092, "Kafka", "inf.messagebus", 2, *sends, "topic lab ×2"),
        row(BROKER, EPR, "one_way", 9092, "Kafka", "inf.messagebus", 2, gets[1], gets[0], "topic lab ×2")])


def middle():
    """Joined in the middle on any port; a hole in a batch of records, and one over the start of a request."""
    c = Capture()
    t = c.tcp(LAB + ":40000", BROKER + ":7777", syn=False)
    one = produce(1, DEEP)
    for start, lost, rest in ((one[:200], one[200:400], one[400:]), (one[:-200], one[-200:] + one[:200], one[200:])):
        t.client(start)
        t.drop(1)
        t.client(lost)
        t.client(rest)
    t.client(one)
    t.close()
    write(__file__, "middle", c, [row(LAB, BROKER, "one_way", 7777, "Kafka", "inf.messagebus", 3, 4 * len(one) - 600, 0,
                                      "topic lab ×3")])


broker()
middle()
