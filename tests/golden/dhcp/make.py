#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import ipaddress
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

CLIENT, SERVER, RELAY = "10.77.30.22", "10.77.1.5", "10.77.30.1"


def option(code, value):
    value = value.encode() if isinstance(value, str) else value
    return bytes([code, len(value)]) + value


def message(op, kind, relay="0.0.0.0"):
    head = struct.pack("!BBBBIHH", op, 1, 6, 0, 0x3903f326, 0, 0) + bytes(12) + ipaddress.ip_address(relay).packed
    head += b"\x02\0\0\0\0\x07".ljust(16, b"\0") + plants.USER.encode().ljust(64, b"\0")
    head += plants.FILE.encode().ljust(128, b"\0") + b"\x63\x82\x53\x63"
    return (head + option(53, bytes([kind])) + option(60, "MSFT 5.0") + option(12, plants.SURNAME + "-laptop") +
            option(81, b"\0\0\0" + plants.FORENAME.encode()) + option(61, b"\0" + plants.MAILBOX.encode()) +
            option(77, plants.NHS_NUMBER) + option(15, plants.FREE_TEXT) + b"\xff").ljust(300, b"\0")


ask, reply = message(1, 3), message(2, 5)
c = Capture()
c.udp(CLIENT + ":68", SERVER + ":67", ask)
c.udp(SERVER + ":67", CLIENT + ":68", reply)
write(__file__, "renew", c, [[CLIENT, SERVER, "both", "udp", 67, "DHCP", "inf.addressing", "high", "", len(ask),
                              len(reply), "protocol DHCP ×1"]])

# A relay speaks for its client from the server's port: only the message tells who asks. Seen from the answer on.
ask, reply = message(1, 1, RELAY), message(2, 2, RELAY)
c = Capture()
c.udp(SERVER + ":67", RELAY + ":67", reply)
c.udp(RELAY + ":67", SERVER + ":67", ask)
write(__file__, "relay", c, [[RELAY, SERVER, "both", "udp", 67, "DHCP", "inf.addressing", "high", "", len(ask),
                              len(reply), "protocol DHCP ×1"]])
