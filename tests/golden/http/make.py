#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import csv
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from mkpcap import Capture

HERE = os.path.dirname(os.path.abspath(__file__))
COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence messages "
           "bytes_to_destination bytes_to_source evidence").split()
CLIENT, SERVER = "10.77.1.10", "10.77.1.20"


class Case:
    """One connection; each request and its answer go to a row chosen by protocol, kind and way."""

    def __init__(self, port=8080, **options):
        self.capture, self.port, self.rows = Capture(), port, {}
        self.tcp = self.capture.tcp(CLIENT + ":40000", "%s:%d" % (SERVER, port), **options)

    def add(self, protocol, kind, confidence, way, evidence, up, down, messages=1):
        row = self.rows.setdefault((protocol, kind, confidence, way, evidence), [0, 0, 0])
        for i, n in enumerate((messages, up, down)):
            row[i] += n

    def ask(self, request, answer, protocol, kind, confidence, way, evidence):
        self.tcp.client(request)
        self.tcp.server(answer)
        self.add(protocol, kind, confidence, way, evidence, len(request), len(answer))

    def write(self, name):
        self.tcp.close()
        self.capture.write(os.path.join(HERE, name + ".pcap"))
        with open(os.path.join(HERE, name + ".expect"), "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            for (protocol, kind, confidence, way, evidence), (messages, up, down) in self.rows.items():
                ends = [SERVER, CLIENT] if way == "s2c" else [CLIENT, SERVER]
                sums = [down, up] if way == "s2c" else [up, down]
                writer.writerow(ends + ["both" if way == "both" else "one_way", "tcp", self.port, protocol, kind,
                                        confidence, messages] + sums + ["%s ×%d" % (evidence, messages)])


def request(line, body=b"", *fields):
    head = [line + " HTTP/1.1", "Host: 10.77.1.20", *fields]
    head += ["Content-Length: %d" % len(body)] if body else []
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


def answer(body=b"", status="200 OK", *fields):
    head = ["HTTP/1.1 " + status, "Server: example/1.0", *fields, "Content-Length: %d" % len(body)]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


FHIR, HTML = "Content-Type: application/fhir+json", "Content-Type: text/html"
SOAP = "Content-Type: text/xml"

c = Case(80)
c.ask(request("GET /index.html"), answer(b"<p>MSH|^~\\&|A|B|</p>" * 200, "200 OK", HTML), "HTTP", "inf.web", "high", "s2c", "protocol HTTP")
c.ask(request("GET /Patient/9434765919?x=zzcanary"), answer(b"<p>", "200 OK", HTML), "HTTP", "inf.web", "high", "s2c", "protocol HTTP")
c.ask(request("POST /upload", b"zzcanary" * 1000, "Content-Type: multipart/form-data; boundary=x"), answer(), "HTTP",
      "inf.web", "high", "c2s", "protocol HTTP")
c.write("web")

c = Case()
for i in range(3):
    c.ask(request("POST /fhir/R4/Patient", b"{\"zzcanary\":1}", FHIR), answer(b"{}", "201 Created", FHIR), "FHIR",
          "pat.identity", "high", "c2s", "FHIR Patient")
c.ask(request("GET /fhir/R4/Patient/zzcanary"), answer(b"{}" * 900, "200 OK", FHIR), "FHIR", "pat.identity", "high", "s2c", "FHIR Patient")
c.ask(request("GET /x/Patient/zzcanary/Observation"), answer(b"{}", "200 OK", FHIR), "FHIR", "clin.observation", "medium", "s2c", "FHIR Observation")
c.ask(request("POST /fhir/R4/Appointment/_search", b"date=zzcanary", "Content-Type: application/x-www-form-urlencoded"),
      answer(b"{}", "200 OK", FHIR), "FHIR", "pat.appointment", "high", "s2c", "FHIR Appointment")
c.write("fhir")

c = Case(8042)
UID = "1.2.826.0.1.3680043.8.498.1"
c.ask(request("GET /dicom-web/studies?PatientName=ZZCANARY*"), answer(b"[]", "200 OK", "Content-Type: application/dicom+json"),
      "DICOMweb", "img.query", "medium", "s2c", "HTTP /studies")
c.ask(request("GET /dicom-web/studies/%s/series/%s/instances/%s" % (UID, UID, UID)), answer(b"\0" * 9000), "DICOMweb",
      "img.study", "medium", "s2c", "HTTP /studies/{uid}/series/{uid}/instances/{uid}")
c.ask(request("GET /app/explorer.html"), answer(b"<p>", "200 OK", HTML), "HTTP", "inf.web", "high", "s2c", "protocol HTTP")
c.ask(request("POST /dicom-web/studies", b"\0" * 9000, "Content-Type: multipart/related; type=\"application/dicom\""),
      answer(b"{}"), "DICOMweb", "img.study", "medium", "c2s", "HTTP POST /studies")
c.write("dicomweb")

c = Case(8088)
c.ask(request("POST /xds", b"<zzcanary/>", SOAP, 'SOAPAction: "urn:ihe:iti:2007:RegistryStoredQuery"'), answer(b"<x/>"),
      "SOAP", "clin.document", "high", "s2c", "SOAP urn:ihe:iti:2007:RegistryStoredQuery")
BODY = (b'<s:Envelope><s:Header><a:Action>urn:nhs-itk:services:201005:getPatientDetails-v1-0</a:Action></s:Header>'
        b'<s:Body><nhs>zzcanary</nhs></s:Body></s:Envelope>')
c.ask(request("POST /itk", BODY, SOAP), answer(b"<x/>"), "SOAP", "pat.identity", "high", "s2c", "SOAP urn:nhs-itk:services:201005:getPatientDetails-v1-0")
c.write("soap")

# chunks, a hole in a body, and a beginning in the middle
c = Case(syn=False)
c.ask(request("GET /fhir/Slot"), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHTTP/\r\n2\r\n[]\r\n0\r\n\r\n", "FHIR",
      "pat.appointment", "high", "s2c", "FHIR Slot")
ASK, REPLY = request("GET /fhir/Slot"), answer(b"x" * 5000)
c.tcp.client(ASK)
c.tcp.server(REPLY[:1460])
c.tcp.drop(1)
c.tcp.server(REPLY[1460:2920])
c.tcp.server(REPLY[2920:])
c.add("FHIR", "pat.appointment", "high", "s2c", "FHIR Slot", len(ASK), len(REPLY) - 1460)
c.ask(request("GET /fhir/Slot"), answer(b"[]"), "FHIR", "pat.appointment", "high", "s2c", "FHIR Slot")
c.write("stream")
