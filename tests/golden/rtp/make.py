#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

A, B = "10.77.30.40", "10.77.30.41"


def rtp(kind, sequence, source, size):
    return struct.pack("!BBHII", 0x80, kind, sequence & 0xffff, sequence * 160, source) + bytes(size)


def call(kind, size, both):
    c, n = Capture(), 0
    for i in range(60):
        c.udp(A + ":16384", B + ":16500", rtp(kind, 65500 + i, 0x1111, size))
        n += 12 + size
        if both:
            c.udp(B + ":16500", A + ":16384", rtp(kind, i, 0x2222, size))
    return c, n


c, n = call(0, 160, True)
write(__file__, "call", c, [[A, B, "both", "udp", "", "RTP", "inf.voice", "high", 1, n, n, "protocol RTP ×1"]])
c, n = call(8, 160, False)
write(__file__, "announcement", c,
      [[A, B, "one_way", "udp", "", "RTP", "inf.voice", "high", 1, n, 0, "protocol RTP ×1"]])
c, n = call(0, 170, True)
write(__file__, "secure", c, [[A, B, "both", "udp", "", "SRTP", "inf.voice", "high", 1, n, n, "protocol SRTP ×1"]])

# A sender report with its canonical name, which is user@host (RFC 3550 6.5.1).
cname = (plants.USER + "@" + A).encode()
item = bytes([1, len(cname)]) + cname + b"\0"
item += bytes(-len(item) % 4)
report = (struct.pack("!BBHI", 0x80, 200, 6, 0x1111) + bytes(20) +
          struct.pack("!BBHI", 0x81, 202, 1 + len(item) // 4, 0x1111) + item)
c = Capture()
c.udp(A + ":16385", B + ":16501", report)
c.udp(B + ":16501", A + ":16385", report)
write(__file__, "control", c, [[A, B, "both", "udp", "", "RTCP", "inf.voice", "high", 1, len(report), len(report),
                                "protocol RTCP ×1"]])
