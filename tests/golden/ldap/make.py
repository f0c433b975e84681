#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from ber import (MS_KRB5, NTLM, ap_req, context, enumerated, gss_kerberos, integer, octets, sequence, spnego_answer,
                 spnego_init, tlv)
from expect import row, write
from mkpcap import Capture

CLIENT, SERVER = "10.77.1.60", "10.77.1.5"
USER_DN = f"CN={plants.SURNAME}\\, {plants.FORENAME},OU={plants.FREE_TEXT},OU=Staff,DC=trust,DC=example"


def message(number, operation, controls=b"", wide=False):
    return sequence(integer(number), operation, controls, wide=wide)


def bind(number, name, proof):
    return message(number, tlv(0x60, integer(3), octets(name), proof))


def simple(password):
    return tlv(0x80, password.encode())


def sasl(mechanism, token=None):
    return tlv(0xa3, octets(mechanism), octets(token) if token is not None else b"")


def result(number, tag, code=0, more=b""):
    return message(number, tlv(tag, enumerated(code), octets(""), octets(plants.FREE_TEXT), more), wide=True)


def search(number, base, scope=2, names=("cn", "mail"), value=plants.NHS_NUMBER):
    wanted = sequence(*(octets(n) for n in names))
    test = tlv(0xa3, octets("employeeID"), octets(value))
    return message(number, tlv(0x63, octets(base), enumerated(scope), enumerated(0), integer(0), integer(0),
                               tlv(1, b"\0"), test, wanted), context(0, sequence(octets(plants.USER))))


def attribute(name, *values):
    return sequence(octets(name), tlv(0x31, *(octets(v) for v in values)), wide=True)


def entry(number, name, *attributes):
    return message(number, tlv(0x64, octets(name), sequence(*attributes, wide=True), wide=True), wide=True)


def person(number):
    return entry(number, USER_DN, attribute("cn", plants.PATIENT), attribute("uid", plants.USER),
                 attribute("mail", plants.MAILBOX + "@trust.example"), attribute("userPassword", plants.PASSWORD),
                 attribute("description", plants.FREE_TEXT * 40))


def root(number):
    return entry(number, "", attribute("namingContexts", "DC=trust,DC=example"),
                 attribute("supportedControl", *("1.2.840.113556.1.4.%d" % i for i in range(40))),
                 attribute("dnsHostName", "dc01.trust.example"), attribute("currentTime", plants.BORN))


def modify(number):
    change = sequence(enumerated(2), attribute("description", plants.PATIENT))
    return message(number, tlv(0x66, octets(USER_DN), sequence(change)))


def sealed(data):
    """RFC 4121 4.2.6.2: a confidential token, with its length before it."""
    token = b"\x05\x04\x02\xff\0\0\0\x1c" + bytes(8) + data
    return struct.pack("!I", len(token)) + token


def case(name, turns, rows, port=389, **options):
    """`turns`: (from the server?, data); `rows`: (way, evidence, messages, octets of the client, of the server, more)."""
    c = Capture()
    t = c.tcp(CLIENT + ":40000", "%s:%d" % (SERVER, port), **options)
    for is_server, data in turns:
        (t.server if is_server else t.client)(data)
    t.close()
    finish(c, name, port, rows)


def finish(c, name, port, rows, transport="tcp"):
    table = []
    for way, evidence, messages, up, down, protocol, kind, encrypted in rows:
        ends, octets_of = ([SERVER, CLIENT], [down, up]) if way == "s2c" else ([CLIENT, SERVER], [up, down])
        table.append(row(*ends, "both" if way == "both" else "one_way", port, protocol, kind, messages, *octets_of,
                         evidence, encrypted=encrypted, transport=transport))
    write(__file__, name, c, table)


def length(*parts):
    return sum(len(p) for p in parts)


PLAIN = ("LDAP", "inf.directory", "no")

# A simple bind, two searches and a change, cut small.
ask, answer = [bind(1, USER_DN, simple(plants.PASSWORD)), search(2, USER_DN)], [result(1, 0x61), person(2), result(2, 0x65)]
change, changed = modify(3), result(3, 0x67)
case("search", [(0, ask[0]), (1, answer[0]), (0, ask[1]), (1, answer[1] + answer[2]), (0, change), (1, changed)],
     [("s2c", "LDAP ou=staff,dc=trust,dc=example ×1", 1, length(*ask), length(*answer)) + PLAIN,
      ("c2s", "protocol LDAP ×1", 1, len(change), len(changed)) + PLAIN], mss=11)

# The Spine Directory Service, on another port; the base is of a system, its filter is not read.
ask, answer = search(1, "uniqueIdentifier=%s,ou=Services,o=nhs" % plants.NHS_NUMBER), [person(1), result(1, 0x65)]
case("spine", [(0, ask), (1, answer[0] + answer[1])],
     [("s2c", "LDAP ou=services,o=nhs ×1", 1, len(ask), length(*answer), "LDAP", "nat.spine", "no")], port=10389)

# StartTLS: nothing before it was content, so there is no row in clear.
ask = message(1, tlv(0x77, tlv(0x80, b"1.3.6.1.4.1.1466.20037")))
answer = result(1, 0x78)
hello = bytes.fromhex("160303002d010000290303") + bytes(32) + b"\0\0\2\x13\1\1\0"
data = b"\x17\x03\x03\x02\x00" + bytes(512)
case("start_tls", [(0, ask), (1, answer), (0, hello), (1, data), (0, data)],
     [("both", "protocol LDAP+TLS ×1", "", length(ask, hello, data), length(answer, data), "LDAP+TLS", "inf.directory",
       "yes")])

# A StartTLS that is refused.
refused = result(1, 0x78, 52)
asks, answers = search(2, "DC=trust,DC=example"), [person(2), result(2, 0x65)]
case("refused", [(0, ask), (1, refused), (0, asks), (1, answers[0] + answers[1])],
     [("s2c", "LDAP dc=trust,dc=example ×1", 1, length(ask, asks), length(refused, *answers)) + PLAIN])

def challenge(*pairs):
    """CHALLENGE_MESSAGE (MS-NLMP 2.2.1.2) with its target info."""
    info = b"".join(struct.pack("<HH", kind, 2 * len(text)) + text.encode("utf-16-le") for kind, text in pairs) + bytes(4)
    return b"NTLMSSP\0" + struct.pack("<IHHII", 2, 0, 0, 56, 0xe2898215) + bytes(16) + \
        struct.pack("<HHI", len(info), len(info), 56) + bytes(8) + info


# A ticket names the server; then all is sealed, and the server sends by far the most.
token = spnego_init(gss_kerberos(ap_req("TRUST.EXAMPLE", ("ldap", "dc01.trust.example", "trust.example"),
                                        plants.PATIENT.encode() * 8)), MS_KRB5, NTLM)
up = [bind(1, "", sasl("GSS-SPNEGO", token)), sealed(plants.PATIENT.encode())]
down = [result(1, 0x61, 0, tlv(0x87, spnego_answer(bytes(60)))), sealed(plants.PATIENT.encode() * 300)]
case("sealed", [(0, up[0]), (1, down[0]), (0, up[1]), (1, down[1])],
     [("s2c", "protocol LDAP ×1", 1, length(*up), length(*down), "LDAP", "inf.directory", "yes")])

# NTLM: the server says its names, the client those of its user.
user = "\0".join((plants.USER, plants.PATIENT)).encode("utf-16-le")
proof = b"NTLMSSP\0" + struct.pack("<I", 3) + bytes(52) + user
ours = challenge((2, "TRUST"), (1, "DC03"), (4, "trust.example"), (3, "dc03.trust.example"))
up = [bind(1, "", sasl("GSS-SPNEGO", spnego_init(b"NTLMSSP\0\1\0\0\0" + bytes(24), NTLM))),
      bind(2, "", sasl("GSS-SPNEGO", context(1, sequence(context(2, octets(proof)))))), search(3, "DC=trust,DC=example")]
down = [result(1, 0x61, 14, tlv(0x87, spnego_answer(ours))), result(2, 0x61), person(3) + result(3, 0x65)]
case("ntlm", [turn for pair in zip(((0, u) for u in up), ((1, d) for d in down)) for turn in pair],
     [("s2c", "LDAP dc=trust,dc=example ×1", 1, length(*up), length(*down)) + PLAIN])

# The rootDSE, also where what names the server lies far behind and is cut.
ask, answer = search(1, "", 0, ("dnsHostName",)), [root(1), result(1, 0x65)]
case("root", [(0, ask), (1, answer[0] + answer[1])],
     [("s2c", "protocol LDAP ×1", 1, len(ask), length(*answer)) + PLAIN], mss=13)

# Joined in the middle of an entry, with a hole in another.
lost = person(5)
c = Capture()
t = c.tcp(CLIENT + ":40000", SERVER + ":3268", syn=False, mss=500)
t.server(person(4)[700:])
t.server(person(5))
t.client(search(6, "DC=trust,DC=example"))
t.server(person(6)[:500])
t.drop(1)
t.server(person(6)[500:1000])
t.server(person(6)[1000:])
t.server(result(6, 0x65))
t.close()
finish(c, "middle", 3268, [("s2c", "LDAP dc=trust,dc=example ×1; protocol LDAP", 1, len(search(6, "DC=trust,DC=example")),
                            len(person(4)) - 700 + length(person(5), person(6), result(6, 0x65)) - 500) + PLAIN])

# Who is the domain's controller (MS-ADTS 6.3.3): the answer ends with the user who asked.
def dns(text):
    return b"".join(bytes([len(l)]) + l.encode() for l in text.split("."))


netlogon = struct.pack("<HHI", 23, 0, 0x3fd) + bytes(16) + dns("trust.example") + b"\0" + b"\xc0\x18" + \
    dns("dc02") + b"\xc0\x18" + dns("TRUST") + b"\0" + dns("DC02") + b"\0" + dns(plants.USER) + b"\0" + \
    (dns("Site1") + b"\0") * 2 + struct.pack("<IHH", 5, 0xffff, 0xffff)
c = Capture()
ask = search(7, "", 0, ("Netlogon",), plants.USER)
answer = entry(7, "", attribute("netlogon", netlogon)) + result(7, 0x65)
c.udp(CLIENT + ":40000", SERVER + ":389", ask)
c.udp(SERVER + ":389", CLIENT + ":40000", answer)
finish(c, "netlogon", 389, [("s2c", "protocol LDAP ×1", 1, len(ask), len(answer)) + PLAIN], "udp")
