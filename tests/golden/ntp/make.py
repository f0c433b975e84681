#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

CLIENT, SERVER = "10.77.1.80", "10.77.1.5"


def packet(mode, stratum):
    return struct.pack("!BBbb", 4 << 3 | mode, stratum, 6, -20) + bytes(44)


# Joined at the answer, both ports alike: only the mode tells who asked.
ask, reply = packet(3, 0), packet(4, 2)
c = Capture()
c.udp(SERVER + ":123", CLIENT + ":123", reply)
c.udp(CLIENT + ":123", SERVER + ":123", ask)
write(__file__, "answer", c, [[SERVER, CLIENT, "one_way", "udp", 123, "NTP", "inf.time", "high", "", 48, 48,
                               "protocol NTP ×1"]])

c = Capture()
c.udp(CLIENT + ":123", SERVER + ":123", packet(1, 3))
c.udp(SERVER + ":123", CLIENT + ":123", packet(1, 3))
write(__file__, "peers", c, [[CLIENT, SERVER, "both", "udp", 123, "NTP", "inf.time", "high", "", 48, 48,
                              "protocol NTP ×1"]])

# ntpq's readvar: variables are text.
text = b'leap=0,stratum=2,refid="%s"' % plants.SURNAME.encode()
text = text.ljust((len(text) + 3) // 4 * 4)
ask, reply = struct.pack("!BBHHHHH", 0x16, 2, 1, 0, 0, 0, 0), struct.pack("!BBHHHHH", 0x16, 0x82, 1, 0, 0, 0,
                                                                          len(text)) + text
c = Capture()
c.udp(CLIENT + ":40000", SERVER + ":123", ask)
c.udp(SERVER + ":123", CLIENT + ":40000", reply)
write(__file__, "control", c, [[SERVER, CLIENT, "one_way", "udp", 123, "NTP", "inf.time", "high", "", len(reply),
                                len(ask), "protocol NTP ×1"]])
