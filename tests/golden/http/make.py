#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import csv
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import h2
import plants
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

# what clinical systems put into HTTP, each with a patient in every other field
WHO = plants.PATIENT.encode()
QUERY = "?patient=%s&name=%s" % (plants.NHS_NUMBER, plants.SURNAME)
ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
SOAP12 = 'Content-Type: application/soap+xml; charset=utf-8; action="%s"' % ACTION
MTOM = ('Content-Type: multipart/related; type="application/xop+xml"; start-info="application/soap+xml"; boundary=b')
HEADER = "<s:Envelope><s:Header><a:MessageID>urn:uuid:%s</a:MessageID>%%s</s:Header><s:Body><n>%s</n></s:Body></s:Envelope>" % (
    plants.NHS_NUMBER, plants.PATIENT)
GP2GP = HEADER % ("<eb:ConversationId>%s</eb:ConversationId><eb:Service>urn:nhs:names:services:gp2gp</eb:Service>"
                  "<eb:Action>RCMR_IN010000UK05</eb:Action>" % (plants.FREE_TEXT * 250))
V2 = b"MSH|^~\\&|EPR|RXX|TIE|RYY|%b|%b|ORU^R01|%b|P|2.4\rPID|1||%b\r" % tuple(
    x.encode() for x in (plants.BORN, plants.PASSWORD, plants.NHS_NUMBER, plants.PATIENT))
V2XML = ("<?xml version='1.0'?><ADT_A05 xmlns='urn:hl7-org:v2xml'><MSH><MSH.3><HD.1>%s</HD.1></MSH.3><MSH.9><MSG.1>ADT</MSG.1>"
         "<MSG.2>A31</MSG.2></MSH.9></MSH><PID>%s</PID></ADT_A05>" % (plants.FREE_TEXT, plants.PATIENT)).encode()

c = Case()
c.ask(request("POST /xds", WHO, SOAP12), answer(), "SOAP", "clin.document", "high", "c2s", "SOAP " + ACTION)
c.ask(request("POST /xds", b"--b\r\nContent-Type: application/xop+xml\r\n\r\n" + (HEADER % ("<a:Action>%s</a:Action>" % ACTION)).encode(),
              MTOM), answer(), "SOAP", "clin.document", "high", "c2s", "SOAP " + ACTION)
c.write("soap12")

c = Case()
c.ask(request("POST /reliablemessaging", GP2GP.encode(), "Content-Type: multipart/related; type=\"text/xml\"; boundary=x",
              'SOAPAction: ""'), answer(), "SOAP", "gp.transfer", "high", "c2s", "Spine urn:nhs:names:services:gp2gp")
c.write("ebxml")

c = Case()
for media in ("x-application/hl7-v2+er7", "application/hl7-v2"):
    c.ask(request("POST /hl7/" + plants.USER, V2, "Content-Type: " + media), answer(V2), "HL7v2", "clin.observation", "medium",
          "c2s", "HL7 ORU^R01")
c.ask(request("POST /hl7", V2XML, "Content-Type: application/hl7-v2+xml"), answer(), "HL7v2", "pat.identity", "high", "c2s",
      "HL7 ADT^A31")
c.write("hl7")

c = Case()
for media in ("application/json+fhir", "application/xml+fhir;charset=utf-8", "application/fhir+xml"):
    c.ask(request("GET /x/Patient/%s%s" % (plants.NHS_NUMBER, QUERY)), answer(WHO, "200 OK", "Content-Type: " + media),
          "FHIR", "pat.identity", "high", "s2c", "FHIR Patient")
c.ask(request("POST /fhir/Patient/%s/$everything" % plants.NHS_NUMBER, WHO, FHIR), answer(WHO, "200 OK", FHIR), "FHIR",
      "clin.record", "medium", "s2c", "FHIR $everything")
c.ask(request("POST /fhir", WHO, FHIR), answer(WHO, "200 OK", FHIR), "FHIR", "clin.query", "low", "c2s", "FHIR Bundle")
c.write("fhir_forms")

c = Case(8042)
c.ask(request("POST /dicom-web/workitems?" + plants.NHS_NUMBER, WHO), answer(), "DICOMweb", "img.workflow", "medium", "c2s",
      "HTTP /workitems")
c.ask(request("GET /wado?requestType=WADO&studyUID=%s&patient=%s" % (UID, plants.SURNAME)), answer(WHO), "DICOMweb", "img.study",
      "medium", "s2c", "HTTP ?requestType=WADO")
c.write("dicomweb_forms")

c = Case()
c.ask(request("POST /messageexchange/X26HC005/outbox", WHO, "Mex-From: X26HC005", "Mex-To: X26HC006",
              "Mex-WorkflowID: GP_REPORT", "Mex-FileName: " + plants.FILE, "Mex-LocalID: " + plants.NHS_NUMBER,
              "Mex-Subject: " + plants.SURNAME), answer(), "HTTP", "nat.mesh", "high", "c2s", "HTTP /messageexchange")
c.ask(request("GET /messageexchange/X26HC005/inbox/" + plants.NHS_NUMBER), answer(WHO), "HTTP", "nat.mesh", "high", "s2c",
      "HTTP /messageexchange")
c.write("mesh")

# the stream: pipelining, interim answers, answers without bodies, chunks with trailers
SLOT = ("FHIR", "pat.appointment", "high", "s2c", "FHIR Slot")
c = Case()
asks = [request("GET /fhir/Slot" + QUERY), request("HEAD /fhir/Slot"), request("GET /fhir/Slot"), request("GET /fhir/Slot")]
answers = [answer(WHO, "200 OK", FHIR), b"HTTP/1.1 200 OK\r\nContent-Length: 7000\r\n\r\n",
           b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7000\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n"]
c.tcp.client(b"".join(asks))
c.tcp.server(b"".join(answers))
for a, b in zip(asks, answers):
    c.add(*SLOT, len(a), len(b))
head = request("PUT /fhir/Slot/" + plants.NHS_NUMBER, b"", "Expect: 100-continue", FHIR, "Transfer-Encoding: chunked")
body = b"%x;ext=%b\r\n%b\r\n0\r\nX-End: %b\r\n\r\n" % (len(WHO), plants.SURNAME.encode(), WHO, plants.USER.encode())
c.tcp.client(head)
c.tcp.server(b"HTTP/1.1 100 Continue\r\n\r\n")
c.tcp.client(body)
c.tcp.server(answer(WHO, "201 Created", FHIR))
c.add("FHIR", "pat.appointment", "high", "c2s", "FHIR Slot", len(head + body),
      25 + len(answer(WHO, "201 Created", FHIR)))
c.ask(request("GET /fhir/Slot"), answer(b"[]"), *SLOT)
c.write("keep_alive")


def changed(name, port, ask, reply, after, rows):
    """A connection that goes on as something else; `rows` are of the columns COLUMNS leaves for it."""
    cap = Capture()
    t = cap.tcp(CLIENT + ":40000", "%s:%d" % (SERVER, port))
    t.client(ask)
    t.server(reply)
    for side, data in after:
        (t.client if side == 0 else t.server)(data)
    t.close()
    cap.write(os.path.join(HERE, name + ".pcap"))
    with open(os.path.join(HERE, name + ".expect"), "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow("source_address destination_address direction server_port protocol kind_id encrypted messages".split())
        writer.writerows(rows)


changed("websocket", 8080, request("GET /ws" + QUERY, b"", "Upgrade: websocket", "Connection: Upgrade"),
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", [(0, b"\x81\x05" + WHO), (1, b"\x81\x05" + WHO)],
        [[CLIENT, SERVER, "both", 8080, "WebSocket", "inf.web", "no", 0], [SERVER, CLIENT, "one_way", 8080, "HTTP", "inf.web", "no", 1]])
changed("tunnel", 3128, b"CONNECT mail.trust.example:443 HTTP/1.1\r\nProxy-Authorization: Basic %b\r\n\r\n" % plants.PASSWORD.encode(),
        b"HTTP/1.1 200 OK\r\n\r\n", [(0, b"\x16\x03\x01\0\x05hello"), (1, b"\x16\x03\x03\0\x05hello" + WHO)],
        [[CLIENT, SERVER, "both", 3128, "TLS", "inf.web", "yes", 1]])
UP, DOWN = h2.Encoder(), h2.Encoder()
changed("upgrade_h2c", 8080, request("GET /fhir/Slot", b"", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "Accept: application/fhir+json"),
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
        [(1, h2.SETTINGS), (0, h2.PREFACE + h2.SETTINGS),
         (1, h2.headers(1, DOWN.block([(":status", "200"), ("content-type", "application/fhir+json")])) + h2.data(1, WHO)),
         (0, h2.headers(3, UP.block([(":method", "GET"), (":path", "/fhir/Patient/" + plants.NHS_NUMBER)]), end_stream=True)),
         (1, h2.headers(3, DOWN.block([(":status", "200"), ("content-type", "application/fhir+json")])) + h2.data(3, WHO))],
        [[SERVER, CLIENT, "one_way", 8080, "FHIR", "pat.appointment", "no", 1],
         [SERVER, CLIENT, "one_way", 8080, "FHIR", "pat.identity", "no", 1]])
