#!/usr/bin/env python3
"""Writes the HL7 v2 captures of this folder and beside each what `terrier flows` must say of it: NAME.expect holds the
columns that the capture decides. All names and messages are made up."""
import csv
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
from mkpcap import Capture  # noqa: E402

VT, END = b"\x0b", b"\x1c\r"
KEY = ["source_address", "destination_address", "direction", "transport", "server_port", "protocol", "kind_id"]
ALL = KEY + ["confidence", "messages", "bytes_to_destination", "bytes_to_source"]
COUNT = KEY + ["confidence", "messages"]


def msh(kind, delimiters="|^~\\&", sender="PAS^RXX", receiver="TIE^RYY", version="2.4"):
    sep, component = delimiters[0], delimiters[1]
    app, facility = sender.split("^")
    to_app, to_facility = receiver.split("^")
    fields = ["MSH", delimiters[1:], app, facility, to_app, to_facility, "20260102030405", "",
              kind.replace("^", component), "4711", "P", version]
    return (sep.join(fields) + "\r").encode()


def message(kind, body=b"EVN|A01\rPID|1||ZZ1^^^X||ZZTEST^ZZTEST\r", **options):
    return msh(kind, **options) + body


def ack(code="AA", kind="ACK"):
    return msh(kind, sender="TIE^RYY", receiver="PAS^RXX") + ("MSA|%s|4711\r" % code).encode()


def block(content):
    return VT + content + END


def write(name, capture, columns, rows):
    capture.write(os.path.join(HERE, name + ".pcap"))
    with open(os.path.join(HERE, name + ".expect"), "w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(columns)
        table.writerows(sorted(rows))


def row(source, destination, port, kind, confidence, messages, *octets):
    return [source, destination, "one_way", "tcp", port, "HL7v2", kind, confidence, messages, *octets]


PAS, TIE = "10.77.1.10", "10.77.1.20"


def talk(capture, kinds, port=2575, answer=None, **options):
    """A conversation in which every message is answered; returns octets sent and answered by kind."""
    t = capture.tcp("%s:40001" % PAS, "%s:%d" % (TIE, port), **options)
    octets = {}
    for kind in kinds:
        sent, answered = block(message(kind)), block(ack() if answer is None else answer)
        t.client(sent)
        t.server(answered)
        a, b, n = octets.get(kind, (0, 0, 0))
        octets[kind] = (a + len(sent), b + len(answered), n + 1)
    t.close()
    return octets


def one_link():
    """One link carries admissions, results and orders; each is acknowledged."""
    c = Capture()
    o = talk(c, ["ADT^A01", "ORU^R01", "ADT^A01", "ORM^O01", "SIU^S12", "ORU^R01", "ADT^A01"])
    rows = [row(PAS, TIE, 2575, kind, confidence, o[code][2], o[code][0], o[code][1])
            for code, kind, confidence in (("ADT^A01", "pat.encounter", "high"), ("SIU^S12", "pat.appointment", "high"),
                                           ("ORU^R01", "clin.observation", "medium"),
                                           ("ORM^O01", "clin.order", "medium"))]
    write("one_link", c, ALL, rows)


def cut():
    """Segments of one octet, of seven, and a start and an end of block in segments of their own; any port."""
    c, total = Capture(), [0, 0, 0]
    for mss in (1, 7):
        for a in talk(c, ["ADT^A01", "ADT^A01"], port=17001, mss=mss).values():
            total = [x + y for x, y in zip(total, a)]
    t = c.tcp("%s:40002" % PAS, "%s:17001" % TIE)
    for part in (VT, message("ADT^A02"), END):
        t.client(part)
    t.server(block(ack()))
    t.close()
    total = [total[0] + len(block(message("ADT^A02"))), total[1] + len(block(ack())), total[2] + 1]
    write("cut", c, ALL, [row(PAS, TIE, 17001, "pat.encounter", "high", total[2], total[0], total[1])])


def many():
    """Several messages in a segment, answered together; one message in hundreds of segments; IPv6 in a VLAN."""
    c = Capture(vlan=[5])
    a, b = "fd00:77::10", "fd00:77::20"
    t = c.tcp("[%s]:40001" % a, "[%s]:6661" % b)
    small = block(message("ADT^A31")) * 3
    large = block(message("MDM^T02", b"OBX|1|ED|||^^^Base64^" + b"QUJD" * 30000 + b"\r"))
    t.client(small)
    t.server(block(ack()) * 3)
    t.client(large)
    t.server(block(ack()))
    t.close()
    n = len(block(ack()))
    write("many", c, ALL, [row(a, b, 6661, "pat.identity", "high", 3, len(small), 3 * n),
                           row(a, b, 6661, "clin.document", "high", 1, len(large), n)])


def delimiters():
    """MSH-1 and MSH-2 say what the delimiters are."""
    c = Capture()
    t = c.tcp("%s:40001" % PAS, "%s:5001" % TIE)
    sent = block(message("ADT^A40", b"PID$1$\r", delimiters="$%*!@")) + \
        block(message("RDE^O11", b"PID|1|\r", delimiters="|^~\\&#", version="2.7"))
    t.client(sent)
    t.server(block(ack()) * 2)
    t.close()
    write("delimiters", c, COUNT, [row(PAS, TIE, 5001, "pat.identity", "high", 1),
                                   row(PAS, TIE, 5001, "med.prescription", "high", 1)])


def query():
    """A query and its response are two messages, each in its own direction."""
    c = Capture()
    t = c.tcp("%s:40001" % PAS, "%s:3600" % TIE)
    asked = block(message("QBP^Q22^QBP_Q21", b"QPD|IHE PDQ Query\rRCP|I\r"))
    told = block(msh("RSP^K22^RSP_K21") + b"MSA|AA|4711\rQAK|1|OK\rPID|1\r")
    for _ in range(2):
        t.client(asked)
        t.server(told)
    admitted = block(message("ADT^A01"))
    t.client(admitted)
    t.server(block(ack()))
    t.close()
    write("query", c, ALL, [row(PAS, TIE, 3600, "pat.identity", "high", 2, 2 * len(asked), 0),
                            row(TIE, PAS, 3600, "pat.identity", "high", 2, 2 * len(told), 0),
                            row(PAS, TIE, 3600, "pat.encounter", "high", 1, len(admitted), len(block(ack())))])


def pulled():
    """The receiver opens the connection: information still goes with the message."""
    c = Capture()
    t = c.tcp("%s:40001" % TIE, "%s:7000" % PAS)
    sent = block(message("ORU^R01"))
    t.server(sent)
    t.client(block(ack()))
    t.close()
    write("pulled", c, ALL, [row(PAS, TIE, 7000, "clin.observation", "medium", 1, len(sent), len(block(ack())))])


def framing():
    """Commit blocks, a hybrid-protocol block, other line ends, a missing last mark, UTF-16."""
    c = Capture()
    t = c.tcp("%s:40001" % PAS, "%s:2575" % TIE)
    for answer in (b"\x06", b"\x15"):
        t.client(block(message("ADT^A01")))
        t.server(block(answer))
    t.client(VT + b"D23\r" + message("ADT^A02") + b"00099123" + END)
    t.server(block(b"N23\rR00006123"))
    t.client(VT + message("ADT^A03").replace(b"\r", b"\n") + END)
    t.server(block(ack().replace(b"\r", b"\r\n")))
    t.client(VT + message("ADT^A08")[:-1] + b"\x1c" + VT + message("ADT^A08") + END)
    t.server(block(ack()) * 2)
    t.client(VT + message("ADT^A11").decode().encode("utf-16-le") + END)
    t.close()
    write("framing", c, COUNT, [row(PAS, TIE, 2575, "pat.encounter", "high", 7)])


def batch():
    """Each message of a batch counts; a stream without framing is divided at MSH."""
    c = Capture()
    t = c.tcp("%s:40001" % PAS, "%s:2575" % TIE)
    t.client(block(b"FHS|^~\\&|PAS|RXX\rBHS|^~\\&|PAS|RXX\r" + message("ADT^A28") * 3 + b"BTS|3\rFTS|1\r"))
    t.server(block(b"BHS|^~\\&|TIE|RYY\r" + ack() * 3 + b"BTS|3\r"))
    t.close()
    t = c.tcp("%s:40002" % PAS, "%s:2576" % TIE)
    t.client(message("DFT^P03") + message("DFT^P03"))
    t.server(ack() + ack())
    t.client(message("DFT^P03"))
    t.server(ack())
    t.close()
    write("batch", c, KEY + ["confidence", "messages"], [row(PAS, TIE, 2575, "pat.identity", "high", 3),
                                                         row(PAS, TIE, 2576, "fin.billing", "high", 3)])


def middle():
    """Joined in the middle of a message: it is not counted, those behind it are."""
    c = Capture()
    t = c.tcp("%s:40001" % PAS, "%s:2575" % TIE, syn=False)
    t.client(message("ORU^R01")[60:] + END)
    t.server(block(ack()))
    for _ in range(5):
        t.client(block(message("ADT^A01")))
        t.server(block(ack()))
    write("middle", c, COUNT, [row(PAS, TIE, 2575, "pat.encounter", "high", 5)])


def hole():
    """A segment inside a long message is lost, then a whole one of its tail and the next header."""
    c = Capture()
    t = c.tcp("%s:40001" % PAS, "%s:2575" % TIE)
    long = block(message("ORU^R01", b"OBX|1|TX|||" + b"text " * 2000 + b"\r"))
    t.client(long[:2920])
    t.drop(1)
    t.client(long[2920:])
    t.server(block(ack()))
    t.client(long)
    t.server(block(ack()))
    t.client(block(message("ADT^A01")))
    t.drop(1)
    t.server(block(ack()))
    t.client(block(message("ADT^A01")))
    t.server(block(ack()))
    t.close()
    write("hole", c, COUNT, [row(PAS, TIE, 2575, "clin.observation", "medium", 2),
                             row(PAS, TIE, 2575, "pat.encounter", "high", 2)])


def unreadable():
    """MSH-9 that is none: a message all the same."""
    c = Capture()
    t = c.tcp("%s:40001" % PAS, "%s:2575" % TIE)
    t.client(block(message("ADT^A01")))
    t.server(block(ack()))
    t.client(block(msh("") + b"PID|1\r"))
    t.server(block(ack("AE")))
    t.close()
    write("unreadable", c, KEY + ["messages"],
          [r[:7] + r[8:] for r in (row(PAS, TIE, 2575, "pat.encounter", "high", 1),
                                   row(PAS, TIE, 2575, "clin.hl7v2", "high", 1))])


for make in (one_link, cut, many, delimiters, query, pulled, framing, batch, middle, hole, unreadable):
    make()


# ---- plants (tests/tools/plants.py) in all that may not be kept ----

import plants  # noqa: E402


def planted_message(kind, sender="PAS", receiver="TIE"):
    """All fields of MSH but those that name systems and kinds, and every other segment, hold what identifies."""
    name = "%s^%s" % (plants.SURNAME, plants.FORENAME)
    address = "1 Quillfeather Lane^^%s^^%s" % (plants.SURNAME, plants.POSTCODE)
    msh_fields = ["MSH", "^~\\&", "%s^%s" % (sender, plants.SURNAME), "RXX&%s^%s" % (plants.NHS_NUMBER, plants.BORN),
                  "%s^%s" % (receiver, plants.USER), "RYY^%s" % plants.FILE, plants.BORN + "0304",
                  "%s^%s" % (plants.USER, plants.PASSWORD), kind, plants.NHS_NUMBER, "P^" + plants.FORENAME,
                  "2.5^" + plants.FREE_TEXT, plants.BORN, plants.NHS_SPACED, "AL", "NE", "GBR", "UNICODE UTF-8",
                  name, "", plants.MAILBOX + "@trust.example", name]
    segments = ["|".join(msh_fields), "EVN|A01|%s|||%s^%s" % (plants.BORN, plants.USER, plants.SURNAME),
                "PID|1|%s|%s^^^NHS||%s||%s|M|||%s||0%s|%s@trust.example" % (
                    plants.NHS_SPACED, plants.NHS_NUMBER, name, plants.BORN, address, plants.NHS_NUMBER, plants.MAILBOX),
                "NK1|1|%s|WIFE|%s" % (name, address), "PV1|1|I|WARD7|||||%s^%s" % (plants.USER, plants.SURNAME),
                "ORC|NW|%s|||||||%s" % (plants.NHS_NUMBER, plants.BORN_ISO), "OBR|1|%s||%s" % (plants.NHS_NUMBER, name),
                "DG1|1||%s" % plants.FREE_TEXT, "IN1|1|%s|%s" % (plants.NHS_NUMBER, name), "GT1|1||%s" % name,
                "OBX|1|TX|%s||%s\rMSH says %s|||%s" % (plants.FREE_TEXT, plants.PATIENT, plants.PASSWORD, plants.BORN_ISO),
                "NTE|1||%s" % plants.FREE_TEXT, "ZXX|%s|%s|%s" % (plants.PATIENT, plants.FILE, plants.PASSWORD)]
    return ("\r".join(segments) + "\r").encode()


def planted_ack(code):
    head = planted_message("ACK", "TIE", "PAS").split(b"\r", maxsplit=1)[0]
    return head + ("\rMSA|%s|%s|%s\rERR|%s|%s\r" % (code, plants.NHS_NUMBER, plants.PATIENT, plants.FREE_TEXT,
                                                 plants.PATIENT)).encode()


def planted():
    """Nothing of a person is kept: framed, in a batch, in UTF-16, cut anywhere, and with a hole at any place."""
    c = Capture()
    for i, mss in enumerate((1460, 7)):
        t = c.tcp("%s:4000%d" % (PAS, i), "%s:2575" % TIE, mss=mss)
        for kind, code in (("ADT^A01^" + plants.FORENAME, "AA"), ("ORU^R01^%s" % plants.SURNAME, "AE")):
            t.client(block(planted_message(kind)))
            t.server(block(planted_ack(code)))
        t.close()
    t = c.tcp("%s:40003" % PAS, "%s:2575" % TIE)
    head = "|^~\\&|PAS^%s|RXX|TIE|RYY|%s|%s|%s.%s|%s|%s\r" % (
        plants.SURNAME, plants.BORN, plants.PASSWORD, plants.FILE, plants.NHS_NUMBER, plants.FREE_TEXT, plants.NHS_SPACED)
    t.client(block(("FHS" + head + "BHS" + head).encode() + planted_message("ADT^A01") * 2 + b"BTS|2\rFTS|1\r"))
    t.client(VT + planted_message("ADT^A01").decode().encode("utf-16-le") + END)
    t.close()
    t = c.tcp("%s:40004" % PAS, "%s:2577" % TIE, mss=50)
    for i in range(20):
        t.client(block(planted_message("ADT^A01")))
        t.drop(1 + i % 9)
    t.client(block(planted_message("ADT^A01")))
    t.close()
    write("planted", c, KEY, [row(PAS, TIE, port, kind, "", 0)[:len(KEY)] for port, kind in (
        (2575, "pat.encounter"), (2575, "clin.observation"), (2577, "pat.encounter"))])


planted()
