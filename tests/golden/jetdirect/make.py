#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

CLIENT, PRINTER = "10.77.1.10", "10.77.40.5"
TEXT = plants.PATIENT.encode()
UEL = b"\x1b%-12345X"
JOBS = {
    "pjl": UEL + ('@PJL JOB NAME="%s"\r\n@PJL SET USERNAME="%s"\r\n@PJL ENTER LANGUAGE=PCL\r\n' %
                  (plants.FILE, plants.USER)).encode() + b"\x1bE" + TEXT * 100 + UEL,
    "postscript": b"%!PS-Adobe-3.0\n%%Title: " + plants.FILE.encode() + b"\n%%For: " + plants.USER.encode() + b"\n(" +
        TEXT + b") show\n",
    "label": b"^XA^FO50,50^FD" + TEXT + b"^FS^XZ",
}

for name, job in JOBS.items():
    c = Capture()
    t = c.tcp(CLIENT + ":40000", PRINTER + ":9100")
    t.client(job)
    t.server(b"@PJL USTATUS JOB\r\nNAME=\"%s\"\r\n" % plants.FILE.encode())
    t.client(job)
    t.close()
    write(__file__, name, c,
          [[CLIENT, PRINTER, "one_way", "tcp", 9100, "JetDirect", "inf.print", "high", "", 2 * len(job),
                               18 + 9 + len(plants.FILE), "protocol JetDirect ×1"]])
