#!/usr/bin/env python3
"""Makes the captures of printing (IPP) and what `terrier flows` should say of them."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

CLIENT, SERVER = "10.77.30.21", "10.77.1.80"
PAGES = b"%!PS-Adobe-3.0\n" + plants.PATIENT.encode() * 50


def attribute(tag, name, value):
    return struct.pack("!BH", tag, len(name)) + name.encode() + struct.pack("!H", len(value)) + value.encode()


def ipp(operation, uri):
    return (struct.pack("!BBHI", 2, 0, operation, 1) + b"\1" + attribute(0x47, "attributes-charset", "utf-8") +
            attribute(0x48, "attributes-natural-language", "en-gb") + attribute(0x45, "printer-uri", uri) +
            attribute(0x42, "requesting-user-name", plants.USER) + attribute(0x42, "job-name", plants.FILE) + b"\3")


def post(path, body, more=""):
    return ("POST %s HTTP/1.1\r\nHost: fs01:631\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n%s\r\n" %
            (path, len(body), more)).encode() + body


def ok(body):
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def answer():
    return ok(struct.pack("!BBHI", 2, 0, 0, 1) + b"\2" + attribute(0x42, "job-name", plants.FILE) + b"\3")


QUEUE, DEVICE = "ipp://fs01:631/printers/ZZWARD7Q", "ipp://10.77.1.80/ipp/print"
prints = [post("/printers/ZZWARD7Q", ipp(2, QUEUE) + PAGES), post("/printers/ZZWARD7Q", ipp(6, QUEUE) + PAGES)]
asks = [post("/printers/ZZWARD7Q", ipp(0x0b, QUEUE))]


def rows(protocol_text):
    sent, asked, reply = sum(map(len, prints)), sum(map(len, asks)), len(answer())
    return [[CLIENT, SERVER, "one_way", "tcp", 631, "IPP", "inf.print", "high", 2, sent, 2 * reply, protocol_text +
             " ×2"],
            [SERVER, CLIENT, "one_way", "tcp", 631, "IPP", "inf.print", "high", 1, reply, asked, protocol_text + " ×1"]]


for case, mss in (("queue", 1460), ("pieces", 11)):
    c = Capture()
    t = c.tcp(CLIENT + ":40000", SERVER + ":631", mss=mss)
    for request in asks + prints:
        t.client(request)
        t.server(answer())
    t.close()
    write(__file__, "ipp-" + case, c, rows("queue ZZWARD7Q"))

# The client waits before it sends the body; the printer's own path says nothing of it.
body = ipp(2, DEVICE) + PAGES
head, wait = post("/ipp/print", body, "Expect: 100-continue\r\n")[:-len(body)], b"HTTP/1.1 100 Continue\r\n\r\n"
c = Capture()
t = c.tcp(CLIENT + ":40001", SERVER + ":631")
t.client(head)
t.server(wait)
t.client(body)
t.server(answer())
t.close()
write(__file__, "ipp-expect", c,
      [[CLIENT, SERVER, "one_way", "tcp", 631, "IPP", "inf.print", "high", 1, len(head) + len(body),
                               len(wait) + len(answer()), "protocol IPP ×1"]])
