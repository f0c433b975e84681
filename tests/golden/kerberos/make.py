#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from ber import ap_req, kdc_reply, kdc_request, krb_error
from expect import row, write
from mkpcap import Capture

CLIENT, SERVER = "10.77.30.21", "10.77.1.5"
REALM, SECRET = "TRUST.EXAMPLE", (plants.PATIENT + plants.PASSWORD + plants.FREE_TEXT).encode()

EXCHANGES = [  # what is asked for, and how the ticket is encrypted
    (("krbtgt", REALM), 18),
    (("cifs", "fs01.trust.example"), 17),
    (("MSSQLSvc", "db01.trust.example:1433"), 23),
    ((plants.USER,), 18),                     # user to user
    (("zq", plants.USER), 18),                # a class nobody knows
    (("HTTP", plants.NHS_NUMBER), 18),
]


def messages(server, etype, padata=SECRET):
    ticket = 10 if server[0] == "krbtgt" else 12
    return (kdc_request(ticket, REALM, server, plants.USER, padata),
            kdc_reply(ticket + 1, REALM, server, plants.USER, SECRET * 3, etype))


def expect(c, name, transport, up, down, connections=1, port=88):
    write(__file__, name, c, [row(CLIENT, SERVER, "both", port, "Kerberos", "inf.directory", "", up, down,
                                  "protocol Kerberos ×%d" % connections, transport=transport)])


def length(parts):
    return sum(len(p) for p in parts)


# Over UDP; the first is refused.
c = Capture()
up, down = [kdc_request(10, REALM, ("krbtgt", REALM), plants.USER, b"")], \
    [krb_error(REALM, ("krbtgt", REALM), plants.USER, plants.FREE_TEXT)]
for server, etype in EXCHANGES:
    request, reply = messages(server, etype)
    up.append(request)
    down.append(reply)
for i, (request, reply) in enumerate(zip(up, down)):
    c.udp("%s:%d" % (CLIENT, 40000 + i), SERVER + ":88", request)
    c.udp(SERVER + ":88", "%s:%d" % (CLIENT, 40000 + i), reply)
expect(c, "udp", "udp", length(up), length(down), len(up))

# Over TCP, cut small, with more pre-authentication data than are kept.
c, up, down = Capture(), [], []
t = c.tcp(CLIENT + ":40000", SERVER + ":88", mss=37)
for server, etype in EXCHANGES:
    for tell, said, message in zip((t.client, t.server), (up, down), messages(server, etype, SECRET * 9)):
        said.append(struct.pack("!I", len(message)) + message)
        tell(said[-1])
t.close()
expect(c, "tcp", "tcp", length(up), length(down))

# A hole in a ticket.
c = Capture()
request, reply = messages(*EXCHANGES[1])
t = c.tcp(CLIENT + ":40000", SERVER + ":88", mss=400)
t.client(struct.pack("!I", len(request)) + request)
data = struct.pack("!I", len(reply)) + reply
t.server(data[:400])
t.drop(1)
t.server(data[400:500])
t.server(data[500:])
t.close()
expect(c, "hole", "tcp", len(request) + 4, len(data) - 100)

# A password is changed.
c = Capture()
ticket = ap_req(REALM, ("kadmin", "changepw"), SECRET)
request = struct.pack("!HHH", 6 + len(ticket) + len(SECRET), 0xff80, len(ticket)) + ticket + SECRET
reply = struct.pack("!HHH", 6 + len(SECRET), 1, 0) + SECRET
c.udp(CLIENT + ":40000", SERVER + ":464", request)
c.udp(SERVER + ":464", CLIENT + ":40000", reply)
expect(c, "password", "udp", len(request), len(reply), 1, 464)
