#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from expect import row, write  # noqa: E402
from mkpcap import Capture  # noqa: E402
from plants import BORN_ISO, FILE, FREE_TEXT, MAILBOX, NHS_SPACED, PASSWORD, PATIENT, SURNAME, USER  # noqa: E402

PAS, MAIL = "10.77.1.10", "10.77.1.100"
HEAD = ("From: %s <%s@trust.example>\r\nSubject: %s %s\r\nContent-Disposition: attachment; filename=%s\r\n\r\n" %
        (SURNAME, MAILBOX, NHS_SPACED, BORN_ISO, FILE)).encode()
BODY = HEAD + (PATIENT + "\r\n" + FREE_TEXT + "\r\n..\r\n").encode() * 40 + b".\r\n"
GREETING = b"220 mail.trust.example ESMTP\r\n"
EHLO = (b"EHLO pas.trust.example\r\n", b"250-mail.trust.example\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN\r\n")


def b64(text):
    return base64.b64encode(text.encode()) + b"\r\n"


def mail_from():
    return ("MAIL FROM:<%s@trust.example> SIZE=9\r\n" % MAILBOX).encode()


def rcpt(domain, local=MAILBOX):
    return ("RCPT TO:<%s@%s> ORCPT=rfc822;%s@orcpt.example\r\n" % (local, domain, USER)).encode()


def talk(capture, turns, port=25, **options):
    """Plays (client, server) turns; returns the octets of both."""
    t = capture.tcp(PAS + ":40000", "%s:%d" % (MAIL, port), **options)
    for client, server in turns:
        t.client(client)
        t.server(server)
    t.close()
    return [sum(len(turn[i]) for turn in turns) for i in (0, 1)]


def mail_row(octets, messages, evidence, port=25):
    return row(PAS, MAIL, "one_way", port, "SMTP", "inf.email", messages, *octets, evidence)


def submission():
    """With a password in clear, each way; step by step; two domains, and one that is refused."""
    turns = [(b"", GREETING), EHLO, (b"AUTH LOGIN\r\n", b"334 VXNlcm5hbWU6\r\n"), (b64(USER), b"334 UGFzc3dvcmQ6\r\n"),
             (b64(PASSWORD), b"535 no\r\n"), (b"AUTH PLAIN " + b64("\0%s\0%s" % (USER, PASSWORD)), b"235 ok\r\n"),
             (mail_from(), b"250 ok\r\n"), (rcpt("refused.example"), b"550 no such %s\r\n" % MAILBOX.encode()),
             (rcpt("nhs.net", '"%s at \\"home\\" <x@y>"' % SURNAME), b"250 ok\r\n"), (rcpt("gp.example"), b"250 ok\r\n"),
             (b"DATA\r\n", b"354 go\r\n"), (BODY, b"250 2.0.0 Ok: queued as %s\r\n" % USER.encode()),
             (("VRFY %s\r\n" % MAILBOX).encode(), ("252 %s <%s@trust.example>\r\n" % (SURNAME, MAILBOX)).encode()),
             (b"QUIT\r\n", b"221 bye\r\n")]
    c = Capture()
    octets = talk(c, turns, 587)
    write(__file__, "submission", c, [mail_row(octets, 1, "mail nhs.net ×1; gp.example", 587)])


def pipelined():
    """Two mails in a few segments, one of them in chunks; the second is refused in the end, a third is not."""
    half = len(BODY) // 2
    chunks = (b"BDAT %d\r\n" % half + BODY[:half] + b"BDAT %d LAST\r\n" % (len(BODY) - half) + BODY[half:])
    turns = [(b"", GREETING), EHLO,
             (mail_from() + rcpt("gp.example") + b"DATA\r\n", b"250 ok\r\n250 ok\r\n354 go\r\n"),
             (BODY + mail_from() + rcpt("spam.example") + b"DATA\r\n", b"250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"),
             (BODY + mail_from() + rcpt("lab.example") + chunks,
              b"554 no\r\n250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n"), (b"QUIT\r\n", b"221 bye\r\n")]
    c = Capture()
    octets = talk(c, turns)
    write(__file__, "pipelined", c, [mail_row(octets, 2, "mail gp.example ×1; lab.example ×1; spam.example")])


def one_side():
    """Only what the client says was captured; the mail is believed to have been taken."""
    c = Capture()
    octets = talk(c, [(EHLO[0] + mail_from() + rcpt("gp.example") + b"DATA\r\n", b""), (BODY, b""),
                      (b"QUIT\r\n", b"")], syn=False)
    write(__file__, "one_side", c, [mail_row(octets, 1, "mail gp.example ×1")])


def middle():
    """Joined within a mail, which is not counted; of three more, in many segments, the second has a hole."""
    c = Capture()
    t = c.tcp(PAS + ":40000", MAIL + ":25", syn=False)
    client, server, taken = mail_from() + rcpt("gp.example") + b"DATA\r\n", b"250 ok\r\n250 ok\r\n354 go\r\n", b"250 ok\r\n"
    parts = [BODY[i:i + 120] for i in range(0, len(BODY), 120)]  # more than are held back behind a hole
    t.client(BODY[-200:])
    t.server(taken)
    sums = [200, len(taken)]
    for lost in (None, 1, None):
        t.client(client)
        t.server(server)
        for i, part in enumerate(parts):
            t.drop(i == lost)
            t.client(part)
        t.server(taken)
        sums[0] += len(client) + len(BODY) - (len(parts[lost]) if lost else 0)
        sums[1] += len(server + taken)
    t.close()
    write(__file__, "middle", c, [mail_row(sums, 3, "mail gp.example ×3")])


def starttls():
    """What follows is TLS: the row says so, and that the mail goes to the server."""
    c = Capture()
    data = b"\x17\x03\x03\x02\0" + bytes(512)
    octets = talk(c, [(b"", GREETING), EHLO, (b"STARTTLS\r\n", b"220 go\r\n"), (data, data), (data, data)])
    write(__file__, "starttls", c, [row(PAS, MAIL, "one_way", 25, "SMTP+TLS", "inf.email", "", *octets,
                                        "protocol SMTP+TLS ×1", encrypted="yes")])


submission()
pipelined()
one_side()
middle()
starttls()
