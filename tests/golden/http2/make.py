#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import base64
import csv
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import h2
import plants
from mkpcap import Capture

COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id messages "
           "evidence").split()
CLIENT, SERVER, PORT = "10.77.1.10", "10.77.1.20", 8080
FHIR = "application/fhir+json"
BODY = plants.PATIENT.encode() * 30
UID = "1.2.826.0.1.3680043.8.498.12345678901234567890123456789012345678"


class Case:
    """One connection. Each request goes to a row chosen by protocol, kind and way."""

    def __init__(self, port=PORT, preface=True, huffman=True, never=("authorization", "cookie", ":path"), **options):
        self.capture, self.rows, self.port, self.stream = Capture(), {}, port, -1
        self.total = [0, 0]
        self.up, self.down = h2.Encoder(huffman, never), h2.Encoder(huffman)
        self.tcp = self.capture.tcp(CLIENT + ":40000", "%s:%d" % (SERVER, port), **options)
        if preface:
            self.client(h2.PREFACE + h2.SETTINGS + h2.WINDOW)
            self.server(h2.SETTINGS + h2.SETTINGS_ACK)
            self.client(h2.SETTINGS_ACK)

    def client(self, data):
        self.tcp.client(data)
        self.total[0] += len(data)

    def server(self, data):
        self.tcp.server(data)
        self.total[1] += len(data)

    def expect(self, protocol, kind, way, evidence):
        key = (protocol, kind, way)
        texts = self.rows.setdefault(key, {})
        texts[evidence] = texts.get(evidence, 0) + 1

    def request(self, method, path, fields=(), body=b"", **frame):
        self.stream += 2
        fields = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "fhir.trust.example:8080"),
                  ("user-agent", "x/1 " + plants.USER), ("cookie", "session=" + plants.PASSWORD)] + list(fields)
        block = self.up.block(fields)
        return h2.headers(self.stream, block, end_stream=not body, **frame) + (h2.data(self.stream, body) if body else b"")

    def answer(self, stream, media, body=BODY, status="200", fields=(), trailers=(), **frame):
        fields = [(":status", status), ("server", "nginx/1.2")] + ([("content-type", media)] if media else []) + list(fields)
        out = h2.headers(stream, self.down.block(fields), end_stream=not body, **frame)
        if body:
            out += h2.data(stream, body, end_stream=not trailers)
        if trailers:
            out += h2.headers(stream, self.down.block(trailers), end_stream=True)
        return out

    def ask(self, method, path, fields, media, what, body=b"", **frame):
        self.client(self.request(method, path, fields, body, **frame))
        self.server(self.answer(self.stream, media))
        self.expect(*what)

    def write(self, name):
        self.tcp.close()
        self.capture.write(os.path.join(HERE, name + ".pcap"))
        with open(os.path.join(HERE, name + ".expect"), "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            for (protocol, kind, way), texts in self.rows.items():
                ends = [SERVER, CLIENT] if way == "s2c" else [CLIENT, SERVER]
                word = {"FHIR": "FHIR", "HTTP2": "name", "DICOMweb": "HTTP"}[protocol]
                word = "protocol" if "HTTP2" in texts else "HTTP" if FHIR in texts else word
                shown = "%s %s" % (word, "; ".join("%s ×%d" % e for e in sorted(texts.items(), key=lambda e: (-e[1], e[0]))))
                writer.writerow(ends + ["one_way", "tcp", self.port, protocol, kind, sum(texts.values()), shown])


SEARCH = "/fhir/R4/Patient?family=%s&identifier=%s" % (plants.SURNAME, plants.NHS_NUMBER)
READ = "/fhir/R4/Patient/%s" % plants.NHS_NUMBER
BASIC = ("authorization", "Basic " + base64.b64encode(("%s:%s" % (plants.USER, plants.PASSWORD)).encode()).decode())
PATIENT_GOT = ("FHIR", "pat.identity", "s2c", "Patient")
PATIENT_SENT = ("FHIR", "pat.identity", "c2s", "Patient")
SLOT = ("FHIR", "pat.appointment", "s2c", "Slot")
WEB = ("HTTP2", "inf.web", "s2c", "fhir.trust.example")

for name, options in (("fhir", {}), ("plain_text", {"huffman": False}), ("all_indexed", {"never": ()})):
    c = Case(**options)
    for i in range(12):
        c.ask("GET", SEARCH, [("accept", FHIR), BASIC], FHIR, PATIENT_GOT)
        c.ask("GET", READ, [("accept", FHIR)], FHIR, PATIENT_GOT)
    c.ask("POST", "/fhir/R4/Patient", [("content-type", FHIR)], FHIR, PATIENT_SENT, BODY)
    # a path that is only referred to, after so much else that it is forgotten, leaves the medium
    what = ("FHIR", "clin.query", "c2s", FHIR) if name == "all_indexed" else PATIENT_SENT
    c.ask("PUT", READ, [("content-type", FHIR)], FHIR, what, BODY)
    c.ask("POST", "/fhir/R4/Appointment/_search", [("content-type", "application/x-www-form-urlencoded")], FHIR,
          ("FHIR", "pat.appointment", "s2c", "Appointment"), BODY)
    c.ask("GET", "/page/" + plants.FILE, [("accept", "text/html")], "text/html", WEB)
    c.write(name)

c = Case(8042)
c.ask("GET", "/dicom-web/studies?PatientName=" + plants.SURNAME, [], "application/dicom+json",
      ("DICOMweb", "img.query", "s2c", "/studies"))
c.ask("GET", "/dicom-web/studies/%s/series/%s/instances/%s" % (UID, UID, UID), [], "multipart/related",
      ("DICOMweb", "img.study", "s2c", "/studies/{uid}/series/{uid}/instances/{uid}"))
c.ask("POST", "/dicom-web/studies", [("content-type", "multipart/related; type=\"application/dicom\"")],
      "application/dicom+json", ("DICOMweb", "img.study", "c2s", "POST /studies"), b"\0" * 50000)
c.write("dicomweb")

# many at once, in any order; padding, priorities, continuations, a push, an early answer, trailers
c = Case()
asked = []
for i in range(5):
    path = "/fhir/Slot?x=%d" % i if i % 2 else "/x/Patient/%d" % i
    c.client(c.request("GET", path, pad=20 if i == 1 else None, priority=i == 2, split=7 if i == 3 else 0))
    asked.append((c.stream, SLOT if i % 2 else ("FHIR", "pat.identity", "s2c", "Patient")))
c.server(h2.frame(5, 4, asked[0][0], b"\0\0\0\2" + c.down.block([(":method", "GET"), (":path", "/style.css")])))
for stream, what in reversed(asked):
    early = h2.headers(stream, c.down.block([(":status", "103"), ("link", plants.FREE_TEXT)]))
    c.server(early + c.answer(stream, FHIR, trailers=[("x-end", plants.SURNAME)], pad=3))
    c.expect(*what)
c.server(h2.frame(0x10, 0, 0, b"unknown types pass") + h2.frame(6, 0, 0, bytes(8)))
c.client(h2.frame(6, 1, 0, bytes(8)) + h2.frame(7, 0, 0, bytes(8)))
c.write("streams")

# a hole in a body loses nothing; one in a head loses what the table knew, and what then is only referred to is no kind
c = Case(never=())
for _ in range(2):
    c.ask("GET", "/fhir/Slot", [("accept", FHIR)], FHIR, SLOT)
c.client(c.request("GET", "/fhir/Slot", [("accept", FHIR)]))
reply = c.answer(c.stream, FHIR, b"x" * 6000)
c.server(reply[:1460])
c.tcp.drop(1)
c.server(reply[1460:2920])
c.server(reply[2920:])
c.expect(*SLOT)
c.ask("GET", "/fhir/Slot", [("accept", FHIR)], FHIR, SLOT)
c.tcp.drop(1)
lost = c.request("GET", "/fhir/Schedule", [("accept", FHIR)])
c.client(lost)
c.ask("GET", "/fhir/Slot", [("accept", FHIR)], "text/html", ("HTTP2", "inf.web", "s2c", "HTTP2"))
c.ask("GET", "/fhir/Patient/%s" % plants.NHS_NUMBER, [("accept", FHIR)], FHIR, PATIENT_GOT)
c.write("holes")
