#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from expect import row, write  # noqa: E402
from mkpcap import Capture  # noqa: E402
from plants import FILE, FREE_TEXT, MAILBOX, PASSWORD, PATIENT, SURNAME, USER  # noqa: E402

PC, MAIL = "10.77.30.21", "10.77.1.100"
BODY = ("From: %s@trust.example\r\nSubject: %s\r\n\r\n" % (MAILBOX, SURNAME) + (PATIENT + FREE_TEXT + "\r\n") * 50 +
        "* 1 FETCH (BODY[] {9}\r\n").encode()
GREETING = b"* OK [CAPABILITY IMAP4rev1 STARTTLS] mail.trust.example ready\r\n"


def fetched(number):
    return (b'* %d FETCH (ENVELOPE ("%s" "%s") BODY[] {%d}\r\n' %
            (number, PATIENT.encode() * 4, FILE.encode(), len(BODY)) + BODY + b" FLAGS (\\Seen))\r\n")


def play(capture, turns, port=143, **options):
    """Plays (client, server) turns; returns the octets of both."""
    t = capture.tcp(PC + ":40000", "%s:%d" % (MAIL, port), **options)
    for client, server in turns:
        t.client(client)
        t.server(server)
    t.close()
    return [sum(len(turn[i]) for turn in turns) for i in (0, 1)]


def session():
    """Signs in both ways, reads two mails and stores one."""
    plain = base64.b64encode(("\0%s\0%s" % (USER, PASSWORD)).encode())
    turns = [(b"", GREETING), (b"a1 CAPABILITY\r\n", b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na1 OK\r\n"),
             (b"a2 AUTHENTICATE PLAIN\r\n", b"+ \r\n"), (plain + b"\r\n", b"a2 NO %s\r\n" % USER.encode()),
             (b"a3 LOGIN {%d}\r\n" % len(USER), b"+ go\r\n"),
             (b"%s \"%s\"\r\n" % (USER.encode(), PASSWORD.encode()), b"a3 OK\r\n"),
             (b"a4 SELECT \"%s\"\r\n" % SURNAME.encode(), b"* 2 EXISTS\r\n* OK [UIDVALIDITY 1]\r\na4 OK\r\n"),
             (b"a5 SEARCH SUBJECT %s\r\n" % SURNAME.encode(), b"* SEARCH 1 2\r\na5 OK\r\n"),
             (b"a6 FETCH 1:2 (ENVELOPE BODY[])\r\n", fetched(1) + fetched(2) + b"a6 OK\r\n")]
    store = [(b"a7 APPEND Sent {%d}\r\n" % len(BODY), b"+ go\r\n"), (BODY + b"\r\n", b"a7 OK [APPENDUID 1 2]\r\n"),
             (b"a8 LOGOUT\r\n", b"* BYE\r\na8 OK\r\n")]
    c = Capture()
    octets = play(c, turns + store)
    # what is sent after the store belongs to it, and so does all else the client said; the server sent the rest
    write(__file__, "session", c, [
        row(MAIL, PC, "one_way", 143, "IMAP", "inf.email", 2, octets[1], 0, "protocol IMAP ×2"),
        row(PC, MAIL, "one_way", 143, "IMAP", "inf.email", 1, octets[0], 0, "protocol IMAP ×1")])


def middle():
    """Joined within a mail, on another port; a segment of the second mail is lost."""
    c = Capture()
    t = c.tcp(PC + ":40000", MAIL + ":1143", syn=False)
    t.server(b"\r\n" + BODY[-300:] + b")\r\na6 OK\r\n")
    t.client(b"a7 UID FETCH 2 (BODY[])\r\n")
    t.server(fetched(2))
    t.server(fetched(3)[:1460])
    t.drop(1)
    t.server(fetched(3)[1460:])
    t.server(fetched(4) + b"a7 OK\r\n")
    t.close()
    # the octets before the first mail are the next one's, as are the client's
    total = 302 + 10 + 3 * len(fetched(2)) + 7 - 1460
    write(__file__, "middle", c, [row(MAIL, PC, "one_way", 1143, "IMAP", "inf.email", 3, total, 25, "protocol IMAP ×3")])


def starttls():
    c = Capture()
    data = b"\x17\x03\x03\x02\0" + bytes(512)
    octets = play(c, [(b"", GREETING), (b"1 STARTTLS\r\n", b"1 OK\r\n"), (data, data * 40)])
    write(__file__, "starttls", c, [row(MAIL, PC, "one_way", 143, "IMAP+TLS", "inf.email", "", octets[1], octets[0],
                                        "protocol IMAP+TLS ×1", encrypted="yes")])


session()
middle()
starttls()
