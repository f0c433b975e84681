#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import csv
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from mkpcap import Capture

COLUMNS = ("source_address destination_address direction initiated_by transport server_port protocol kind_id confidence "
           "messages bytes_to_destination bytes_to_source evidence").split()
ANALYSER, HOST = "10.77.60.7", "10.77.1.30"
PLANTS = {"nhs": plants.NHS_NUMBER, "name": "%s^%s" % (plants.SURNAME, plants.FORENAME), "born": plants.BORN,
          "place": plants.POSTCODE, "text": plants.FREE_TEXT, "user": plants.USER, "word": plants.PASSWORD}


def header(sender, receiver):
    return "H|\\^&|%s|%s|%s^%s^%s|%s|||||%s^%s|%s|P|LIS2-A2|20260102030405\r" % (
        PLANTS["nhs"], PLANTS["word"], sender, PLANTS["user"], PLANTS["nhs"], PLANTS["place"], receiver, PLANTS["user"],
        PLANTS["text"])


PERSON = "P|1|{nhs}|{nhs}||{name}||{born}|F||{place}|||{user}\rC|1|L|{text}|G\r".format(**PLANTS)
ORDER = "O|1|{nhs}||^^^GLU|R||||||A||{text}\r".format(**PLANTS)
RESULT = "R|1|^^^GLU|{text}|mmol/L|||F||{user}\rC|1|I|{name}|G\r".format(**PLANTS)
MAKER = "M|1|{text}|{name}\r".format(**PLANTS)
QUERY = "Q|1|^{nhs}||ALL||||||||O\r".format(**PLANTS)
LAST = "L|1|N\r"


def frame(number, text, end=b"\x03"):
    body = b"%d" % (number % 8) + text.encode() + end
    return b"\x02" + body + b"%02X\r\n" % (sum(body) & 0xff)


class Case:
    """Conversations of one analyser; octets are summed by row."""

    def __init__(self, port=4000, opener=ANALYSER, **options):
        self.capture, self.port, self.opener, self.rows = Capture(), port, opener, {}
        self.is_known = options.get("syn", True)
        other = HOST if opener == ANALYSER else ANALYSER
        self.tcp = self.capture.tcp(opener + ":40000", "%s:%d" % (other, port), **options)

    def send(self, sender, data):
        (self.tcp.client if sender == self.opener else self.tcp.server)(data)

    def add(self, sender, kind, confidence, evidence, to, back, messages=1):
        row = self.rows.setdefault((sender, kind, confidence), [0, 0, 0, {}])
        for i, n in enumerate((messages, to, back)):
            row[i] += n
        row[3][evidence] = row[3].get(evidence, 0) + messages

    def session(self, sender, frames, kind, evidence):
        """Establishment, transfer, termination; each frame is acknowledged."""
        receiver = HOST if sender == ANALYSER else ANALYSER
        self.send(sender, b"\x05")
        self.send(receiver, b"\x06")
        for data in frames:
            self.send(sender, data)
            self.send(receiver, b"\x06")
        self.send(sender, b"\x04")
        self.add(sender, kind, "high", evidence, 2 + sum(map(len, frames)), 1 + len(frames))

    def write(self, name):
        self.tcp.close()
        self.capture.write(os.path.join(HERE, name + ".pcap"))
        with open(os.path.join(HERE, name + ".expect"), "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            for (sender, kind, confidence), (messages, to, back, evidence) in self.rows.items():
                ends = [sender, HOST if sender == ANALYSER else ANALYSER]
                shown = "ASTM " + "; ".join("%s ×%d" % e for e in sorted(evidence.items(), key=lambda e: (-e[1], e[0])))
                opened = "unknown" if not self.is_known else "source" if sender == self.opener else "destination"
                writer.writerow(ends + ["one_way", opened, "tcp", self.port, "ASTM", kind, confidence, messages, to, back,
                                        shown])


def framed(*records):
    return [frame(i + 1, r) for i, r in enumerate(records)]


# results to the host, a query, and the orders that answer it
for name, opener in (("analyser_opens", ANALYSER), ("host_opens", HOST)):
    c = Case(opener=opener)
    for _ in range(5):
        c.session(ANALYSER, framed(header("Mindray", "LIMS"), PERSON, ORDER, RESULT, RESULT, LAST), "lab.instrument", "R")
    c.session(ANALYSER, framed(header("Mindray", "LIMS"), QUERY, LAST), "lab.instrument", "Q")
    c.session(HOST, framed(header("LIMS", "Mindray"), PERSON, ORDER, ORDER, LAST), "lab.order", "O")
    c.session(ANALYSER, framed(header("Mindray", "LIMS"), MAKER, LAST), "lab.instrument", "H")
    c.write(name)

# a record over two frames, a frame that was damaged and sent again, and a large one
c = Case()
CUT = RESULT[:20], RESULT[20:]
good = [frame(1, header("Mindray", "LIMS")), frame(2, CUT[0], b"\x17"), frame(3, CUT[1]), frame(4, "C|1|L|" + "x" * 5000 + "\r"),
        frame(5, LAST)]
bad = frame(3, CUT[1]).replace(b"GLU", b"GLV").replace(b"\x03", b"\x03!", 1)[:-1]
c.send(ANALYSER, b"\x05")
c.send(HOST, b"\x06")
for data in good:
    if data is good[2]:
        c.send(ANALYSER, bad)
        c.send(HOST, b"\x15")
    c.send(ANALYSER, data)
    c.send(HOST, b"\x06")
c.send(ANALYSER, b"\x04")
c.add(ANALYSER, "lab.instrument", "high", "R", 2 + len(bad) + sum(map(len, good)), 2 + len(good))
c.write("again")

# records alone, as many instruments send them over TCP
c = Case(port=5100)
for _ in range(3):
    data = (header("Sysmex", "LIMS") + PERSON + ORDER + RESULT + LAST).encode()
    c.send(ANALYSER, data)
    c.add(ANALYSER, "lab.instrument", "medium", "R without frames", len(data), 0)
c.write("bare")

# joined in the middle of a session
c = Case(syn=False, port=4000)
data = [frame(4, RESULT), frame(5, LAST)]
for d in data:
    c.send(ANALYSER, d)
    c.send(HOST, b"\x06")
c.send(ANALYSER, b"\x04")
c.add(ANALYSER, "lab.instrument", "high", "R", sum(map(len, data)) + 1, 2)
c.session(ANALYSER, framed(header("Mindray", "LIMS"), PERSON, ORDER, RESULT, LAST), "lab.instrument", "R")
c.write("middle")
