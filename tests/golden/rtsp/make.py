#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import base64
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import plants
from expect import write
from mkpcap import Capture

RECORDER, CAMERA = "10.77.50.5", "10.77.50.31"
URL = "rtsp://%s:%s@%s:554/%s" % (plants.USER, plants.PASSWORD, CAMERA, plants.SURNAME)
BASIC = base64.b64encode(("%s:%s" % (plants.USER, plants.PASSWORD)).encode()).decode()
SDP = ("v=0\r\no=%s 0 0 IN IP4 %s\r\ns=%s\r\nm=video 0 RTP/AVP 96\r\n" % (plants.USER, CAMERA,
                                                                          plants.FREE_TEXT)).encode()


def request(method, more=""):
    return ("%s %s RTSP/1.0\r\nCSeq: 2\r\nAuthorization: Basic %s\r\n%s\r\n" % (method, URL, BASIC, more)).encode()


def answer(more="", body=b""):
    length = "Content-Length: %d\r\n" % len(body) if body else ""
    return ("RTSP/1.0 200 OK\r\nCSeq: 2\r\nServer: GStreamer RTSP server\r\nSession: %s\r\n%s%s\r\n" %
            (plants.FREE_TEXT, more, length)).encode() + body


def frame(n):
    return b"$\0" + struct.pack("!H", n) + bytes(i & 255 for i in range(n))


inside = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
opening = [(request("DESCRIBE"), answer("", SDP)), (request("SETUP", inside), answer(inside)),
           (request("PLAY"), answer())]
up, down = sum(len(a) for a, _ in opening), sum(len(b) for _, b in opening)
for case, options, lost in (("inside", {}, 0), ("pieces", {"mss": 37}, 0), ("gap", {}, 2)):
    c = Capture()
    t = c.tcp(RECORDER + ":40000", CAMERA + ":554", **options)
    for a, b in opening:
        t.client(a)
        t.server(b)
    for i in range(20):
        if i == 10 and lost:
            t.drop(lost)
        t.server(frame(1200))
    t.client(frame(40) + request("TEARDOWN"))
    t.server(answer())
    t.close()
    write(__file__, case, c, [[CAMERA, RECORDER, "one_way", "tcp", 554, "RTSP", "ot.cctv", "high", 4,
                               down + (20 - lost) * 1204 + len(answer()), up + 44 + len(request("TEARDOWN")),
                               "protocol RTSP ×4"]])

# Media beside the connection, on ports that it agrees: the same row.
beside = "Transport: RTP/AVP;unicast;client_port=50000-50001"
opening[1] = (request("SETUP", beside + "\r\n"), answer(beside + ";server_port=6000-6001\r\n"))
c = Capture()
t = c.tcp(RECORDER + ":40001", CAMERA + ":554")
for a, b in opening:
    t.client(a)
    t.server(b)
for i in range(20):
    c.udp(CAMERA + ":6000", RECORDER + ":50000", struct.pack("!BBHII", 0x80, 96, i, 0, 7) + bytes(1000))
t.close()
up, down = sum(len(a) for a, _ in opening), sum(len(b) for _, b in opening)
COMMON = ["ot.cctv", "high", 3, down, up, "protocol RTSP ×3"]
write(__file__, "beside", c, [[CAMERA, RECORDER, "one_way", "tcp", 554, "RTSP"] + COMMON,
                              [CAMERA, RECORDER, "one_way", "udp", 554, "RTSP", "ot.cctv", "high", "", 20 * 1012, 0,
                               "protocol RTSP"]])
