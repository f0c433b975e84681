#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

PHONE, SERVER = "10.77.30.40", "10.77.1.90"
WHO = '"%s %s" <sip:%s@voice.trust.example;tag=%s>' % (plants.FORENAME, plants.SURNAME, plants.NHS_NUMBER, plants.USER)


def sdp(host, port):
    return ("v=0\r\no=%s 1 1 IN IP4 %s\r\ns=%s\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/AVP 0 8 101\r\n" %
            (plants.USER, host, plants.FREE_TEXT, host, port)).encode()


def message(start, more="", body=b""):
    head = ("%s\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bK%s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s@x\r\nCSeq: 1 INVITE\r\n"
            "Contact: <sip:%s@%s>\r\nSubject: %s\r\n%sContent-Length: %d\r\n\r\n" %
            (start, PHONE, plants.USER, WHO, WHO, plants.MAILBOX, plants.MAILBOX, PHONE, plants.PATIENT, more, len(body)))
    return head.encode() + body


SDP = "Content-Type: application/sdp\r\n"
TO = "sip:%s@voice.trust.example" % plants.MAILBOX
talk = [(0, message("REGISTER sip:voice.trust.example SIP/2.0",
                    'User-Agent: Cisco-CP8841/12.5 %s\r\nAuthorization: Digest username="%s", response="%s"\r\n' %
                    (plants.SURNAME, plants.USER, plants.PASSWORD))),
        (1, message("SIP/2.0 200 OK", "Server: Asterisk PBX 18.4 %s\r\n" % plants.USER)),
        (0, message("INVITE %s SIP/2.0" % TO, SDP, sdp(PHONE, 16384))),
        (1, message("SIP/2.0 180 Ringing")),
        (1, message("SIP/2.0 200 OK", SDP, sdp(SERVER, 30000))),
        (0, message("ACK %s SIP/2.0" % TO))]
bye = [(1, message("BYE %s SIP/2.0" % TO)), (0, message("SIP/2.0 200 OK"))]
ends = [PHONE + ":5060", SERVER + ":5060"]


def size(pieces, side):
    return sum(len(p) for s, p in pieces if s == side)


def rtp(sequence, source):
    return struct.pack("!BBHII", 0x80, 0, sequence & 0xffff, sequence * 160, source) + bytes(160)


# A call whose media run between the two that arranged it: one row, under SIP's port.
c = Capture()
for side, data in talk:
    c.udp(ends[side], ends[1 - side], data)
for i in range(20):
    c.udp(PHONE + ":16384", SERVER + ":30000", rtp(65530 + i, 0x1111))
    c.udp(SERVER + ":30000", PHONE + ":16384", rtp(i, 0x2222))
for side, data in bye:
    c.udp(ends[side], ends[1 - side], data)
media = 20 * 172
write(__file__, "call", c, [[PHONE, SERVER, "both", "udp", 5060, "SIP", "inf.voice", "high", 4,
                             size(talk + bye, 0) + media, size(talk + bye, 1) + media, "protocol SIP ×4"]])

# The same signalling over TCP, in pieces, with the keep-alives of RFC 5626.
c = Capture()
t = c.tcp(PHONE + ":40000", SERVER + ":5060", mss=50)
for side, data in talk + bye:
    (t.client if side == 0 else t.server)(data + b"\r\n\r\n")
t.close()
pieces = [(side, data + b"\r\n\r\n") for side, data in talk + bye]
write(__file__, "tcp", c, [[PHONE, SERVER, "both", "tcp", 5060, "SIP", "inf.voice", "high", 4, size(pieces, 0),
                            size(pieces, 1), "protocol SIP ×4"]])
