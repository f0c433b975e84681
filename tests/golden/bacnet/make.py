#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

STATION, CONTROLLER = "10.77.60.5", "10.77.60.10"


def link(function, body):
    return struct.pack("!BBH", 0x81, function, 4 + len(body)) + body


# ReadProperty of an object's name (clause 15.5): the answer is text that may name a room and who is in it.
ask = link(0x0a, b"\1\4" + b"\0\5\1\x0c\x0c\x02\x3f\xff\xff\x19\x4d")
text = plants.PATIENT.encode()
reply = link(0x0a, b"\1\0" + b"\x30\1\x0c\x0c\x02\x3f\xff\xff\x19\x4d\x3e\x75" + bytes([len(text) + 1, 0]) + text +
             b"\x3f")
c = Capture()
c.udp(CONTROLLER + ":47808", STATION + ":47808", reply)
c.udp(STATION + ":47808", CONTROLLER + ":47808", ask)
write(__file__, "read", c, [[STATION, CONTROLLER, "both", "udp", 47808, "BACnet", "ot.building", "high", "", len(ask),
                             len(reply), "protocol BACnet ×1"]])

whois = link(0x0b, b"\1\x20\xff\xff\0\xff\x10\x08")
c = Capture()
c.udp(STATION + ":47808", "10.77.60.255:47808", whois)
write(__file__, "whois", c, [[STATION, "10.77.60.255", "both", "udp", 47808, "BACnet", "ot.building", "high", "",
                              len(whois), 0, "protocol BACnet ×1"]])
