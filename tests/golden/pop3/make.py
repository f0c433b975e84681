#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from expect import row, write  # noqa: E402
from mkpcap import Capture  # noqa: E402
from plants import FREE_TEXT, MAILBOX, PASSWORD, PATIENT, SURNAME, USER  # noqa: E402

PC, MAIL = "10.77.30.22", "10.77.1.100"
BODY = ("From: %s@trust.example\r\nSubject: %s\r\n\r\n" % (MAILBOX, SURNAME) + (PATIENT + FREE_TEXT + "\r\n") * 50 +
        "+OK\r\n..\r\n.\r\n").encode()
GREETING = b"+OK POP3 ready <%s.1@mail.trust.example>\r\n" % USER.encode()


def play(capture, turns, port=110):
    """Plays (client, server) turns; returns the octets of both."""
    t = capture.tcp(PC + ":40000", "%s:%d" % (MAIL, port))
    for client, server in turns:
        t.client(client)
        t.server(server)
    t.close()
    return [sum(len(turn[i]) for turn in turns) for i in (0, 1)]


def session():
    """Signs in each way and retrieves two mails, in a pipeline; one is not there."""
    turns = [(b"", GREETING), (b"CAPA\r\n", b"+OK\r\nUSER\r\nPIPELINING\r\n.\r\n"),
             (b"AUTH PLAIN\r\n", b"+ \r\n"),
             (base64.b64encode(("\0%s\0%s" % (USER, PASSWORD)).encode()) + b"\r\n", b"-ERR %s\r\n" % USER.encode()),
             (b"USER %s\r\nPASS %s\r\n" % (USER.encode(), PASSWORD.encode()), b"+OK\r\n+OK %s\r\n" % MAILBOX.encode()),
             (b"STAT\r\nLIST\r\nUIDL 1\r\nRETR 1\r\nDELE 1\r\nRETR 2\r\nRETR 9\r\nQUIT\r\n",
              b"+OK 2 99\r\n+OK\r\n1 50\r\n2 49\r\n.\r\n+OK 1 " + USER.encode() + b"\r\n+OK\r\n" + BODY +
              b"+OK\r\n+OK\r\n" + BODY + b"-ERR\r\n+OK\r\n")]
    c = Capture()
    octets = play(c, turns)
    write(__file__, "session", c, [row(MAIL, PC, "one_way", 110, "POP3", "inf.email", 2, octets[1], octets[0],
                                       "protocol POP3 ×2")])


def stls():
    c = Capture()
    data = b"\x17\x03\x03\x02\0" + bytes(512)
    octets = play(c, [(b"", GREETING), (b"STLS\r\n", b"+OK\r\n"), (data, data * 3)], 2110)
    write(__file__, "stls", c, [row(MAIL, PC, "one_way", 2110, "POP3+TLS", "inf.email", "", octets[1], octets[0],
                                    "protocol POP3+TLS ×1", encrypted="yes")])


session()
stls()
