#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

PC, DEVICE = "10.77.30.22", "10.77.30.60"
TYPE = "urn:schemas-upnp-org:device:MediaRenderer:1"


def message(start, *fields):
    return ("\r\n".join((start,) + fields) + "\r\n\r\n").encode()


ask = message("M-SEARCH * HTTP/1.1", "HOST: 239.255.255.250:1900", 'MAN: "ssdp:discover"', "MX: 2", "ST: " + TYPE,
              "CPFN.UPNP.ORG: %s-laptop" % plants.SURNAME)
answer = message("HTTP/1.1 200 OK", "ST: " + TYPE, "USN: uuid:%s::%s" % (plants.NHS_NUMBER, TYPE),
                 "LOCATION: http://%s/%s" % (DEVICE, plants.FILE), "SERVER: %s UPnP/1.1" % plants.FORENAME)
alive = message("NOTIFY * HTTP/1.1", "HOST: 239.255.255.250:1900", "NT: uuid:" + plants.NHS_NUMBER, "NTS: ssdp:alive",
                "USN: uuid:" + plants.PATIENT)
c = Capture()
c.udp(PC + ":50000", "239.255.255.250:1900", ask)
c.udp(DEVICE + ":1900", PC + ":50000", answer)
c.udp(DEVICE + ":1900", "239.255.255.250:1900", alive)
ROW = ["udp", 1900, "SSDP", "inf.addressing", "high", ""]
GROUP = "[multicast 239.255.255.250]"
write(__file__, "search", c, [[PC, GROUP, "both"] + ROW + [len(ask), 0, "protocol SSDP ×1"],
                              [PC, DEVICE, "both"] + ROW + [0, len(answer), "protocol SSDP ×1"],
                              [DEVICE, GROUP, "both"] + ROW + [len(alive), 0, "protocol SSDP ×1"]])
