#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from ber import KRB5, NTLM, ap_req, gss_kerberos, spnego_answer, spnego_init
from expect import row, write
from mkpcap import Capture

CLIENT, SERVER = "10.77.1.6", "10.77.1.5"
EPMAPPER = "e1af8308-5d1f-11c9-91a4-08002b14a0fa"
DRSUAPI = "e3514235-4b06-11d1-ab04-00c04fc2dcd2"
SAMR = "12345778-1234-abcd-ef00-0123456789ac"
SPOOLSS = "12345678-1234-abcd-ef00-0123456789ab"
EMSMDB = "a4f1db00-ca47-1067-b31f-00dd010662da"
NOBODYS = "6b3a5c1e-1111-4222-8333-943476591900"
PNIO = "dea00001-6c97-11d1-8271-00a02442df7d"
NDR = "8a885d04-1ceb-11c9-9fe8-08002b104860"
SECRET = (plants.PATIENT + plants.USER + plants.PASSWORD).encode("utf-16-le") + plants.FREE_TEXT.encode()


class Rpc:
    def __init__(self, little=True):
        self.little, self.mark = little, "<" if little else ">"

    def pack(self, form, *values):
        return struct.pack(self.mark + form, *values)

    def pdu(self, ptype, body, token=b"", flags=3, level=6, auth=9):
        trailer = struct.pack("BBBB", auth, level, 0, 0) + self.pack("I", 1) + token if token else b""
        return struct.pack("BBBB4s", 5, 0, ptype, flags, b"\x10\0\0\0" if self.little else bytes(4)) + \
            self.pack("HHI", 16 + len(body) + len(trailer), len(token), 7) + body + trailer

    def syntax(self, text, version=1):
        value = uuid.UUID(text)
        return (value.bytes_le if self.little else value.bytes) + self.pack("I", version)

    def bind(self, *interfaces, ptype=11, first=0, token=b"", **options):
        contexts = b"".join(self.pack("HBB", first + i, 1 + i % 2, 0) + self.syntax(text) + self.syntax(NDR, 2) * (1 + i % 2)
                            for i, text in enumerate(interfaces))
        return self.pdu(ptype, self.pack("HHIBBH", 5840, 5840, 0, len(interfaces), 0, 0) + contexts, token, **options)

    def bound(self, token=b"", ptype=12, **options):
        results = self.pack("BBHHH", 1, 0, 0, 0, 0) + self.syntax(NDR, 2)
        return self.pdu(ptype, self.pack("HHIH", 5840, 5840, 9, 4) + b"135\0" + bytes(2) + results, token, **options)

    def request(self, context, data=SECRET, flags=3):
        return self.pdu(0, self.pack("IHH", len(data), context, 3) + data, flags=flags)

    def response(self, context, data=SECRET, flags=3):
        return self.pdu(2, self.pack("IHH", len(data), context, 0) + data, flags=flags)


def length(parts):
    return sum(len(p) for p in parts)


def expect(c, name, rows, port, transport="tcp", protocol="DCERPC"):
    """`rows`: (kind, way, confidence, messages, octets of the client, of the server, encrypted, evidence)."""
    write(__file__, name, c, [row(CLIENT, SERVER, "both" if way == "both" else "one_way", port, protocol, kind, messages,
                                  up, down, evidence, confidence, encrypted, transport)
                              for kind, way, confidence, messages, up, down, encrypted, evidence in rows])


def case(name, turns, rows, port=49155, counted=135, **options):
    c = Capture()
    t = c.tcp(CLIENT + ":50000", "%s:%d" % (SERVER, port), **options)
    for is_server, data in turns:
        (t.server if is_server else t.client)(data)
    t.close()
    expect(c, name, rows, counted)


rpc = Rpc()
# Who hands out the ports.
up, down = [rpc.bind(EPMAPPER), rpc.request(0)], [rpc.bound(), rpc.response(0)]
case("mapper", [(0, up[0]), (1, down[0]), (0, up[1]), (1, down[1])],
     [("inf.remote", "both", "medium", 1, length(up), length(down), "no", "protocol DCERPC epmapper ×1")], 135)

# Two interfaces on a port that was handed out, fragments, cut small. A ticket names the server; what is called is
# encrypted.
token = spnego_init(gss_kerberos(ap_req("TRUST.EXAMPLE", ("ldap", "dc01.trust.example"), SECRET)), KRB5)
up = [rpc.bind(DRSUAPI, SAMR, token=token), rpc.request(0, flags=1), rpc.request(0, flags=2), rpc.request(1)]
down = [rpc.bound(), rpc.response(0), rpc.response(1, SECRET * 9)]
case("directory", [(0, up[0]), (1, down[0]), (0, up[1] + up[2]), (1, down[1]), (0, up[3]), (1, down[2])],
     [("inf.directory", "both", "high", 2, length(up), length(down), "yes",
       "protocol DCERPC drsuapi ×1; DCERPC samr ×1")], mss=23)

# Printing, and then an interface that is none of those we know; the least octet last; signed in by NTLM.
rpc = Rpc(little=False)
challenge = b"NTLMSSP\0" + struct.pack("<IHHII", 2, 0, 0, 56, 0xe2898215) + bytes(16) + struct.pack("<HHI", 50, 50, 56) + \
    bytes(8) + struct.pack("<HH", 3, 42) + "print01.trust.example".encode("utf-16-le") + bytes(4)
up = [rpc.bind(SPOOLSS, token=b"NTLMSSP\0\1\0\0\0" + bytes(24), level=5, auth=10), rpc.request(0),
      rpc.bind(NOBODYS, ptype=14, first=4), rpc.request(4)]
down = [rpc.bound(challenge, level=5, auth=10), rpc.response(0), rpc.bound(ptype=15), rpc.response(4)]
case("print", [turn for pair in zip(((0, u) for u in up), ((1, d) for d in down)) for turn in pair],
     [("inf.print", "c2s", "high", 1, length(up[:2]), length(down[:2]), "no", "protocol DCERPC spoolss ×1"),
      ("inf.remote", "both", "medium", 1, length(up[2:]), length(down[2:]), "no", "protocol DCERPC ×1")], 1026)

# Joined in the middle, on a port of its own, with a hole in a result and one between two.
rpc = Rpc()
c = Capture()
t = c.tcp(CLIENT + ":50000", SERVER + ":6001", syn=False, mss=400)
t.client(rpc.request(1))
big = rpc.response(1, SECRET * 9)
t.server(big[:400])
t.drop(1)
t.server(big[400:700])
t.server(big[700:])
t.client(rpc.bind(EMSMDB, ptype=14, first=1))
t.drop(1)
t.server(rpc.bound(ptype=15))
t.client(rpc.request(1))
t.server(rpc.response(1))
t.close()
expect(c, "middle", [
    ("inf.email", "both", "high", 1, length([rpc.bind(EMSMDB, ptype=14), rpc.request(1)]), len(rpc.response(1)), "no",
     "protocol DCERPC emsmdb ×1"),
    ("inf.remote", "both", "medium", 1, len(rpc.request(1)), len(big) - 300, "no", "protocol DCERPC ×1")], 6001)

# PROFINET: connectionless, each packet says its interface.
def datagram(ptype, data, little=True):
    mark, value = ("<", uuid.UUID(PNIO).bytes_le) if little else (">", uuid.UUID(PNIO).bytes)
    return struct.pack("BBBB4s", 4, ptype, 0x20, 0, b"\x10\0\0\0" if little else bytes(4)) + bytes(16) + value + bytes(16) + \
        struct.pack(mark + "IIIHHHHHBB", 0, 1, 0, 0, 0xffff, 0xffff, len(data), 0, 0, 0) + data


c = Capture()
c.udp(CLIENT + ":49155", SERVER + ":34964", datagram(0, SECRET))
c.udp(SERVER + ":34964", CLIENT + ":49155", datagram(2, SECRET * 2, False))
expect(c, "profinet", [("ot.building", "both", "high", 1, 80 + len(SECRET), 80 + 2 * len(SECRET), "no",
                        "protocol PROFINET ×1")], 34964, "udp", "PROFINET")
