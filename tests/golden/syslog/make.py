#!/usr/bin/env python3
"""Makes the captures of this folder and what `terrier flows` should say of them."""
import csv
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import plants
from mkpcap import Capture

COLUMNS = ("source_address destination_address direction transport server_port protocol kind_id confidence encrypted messages "
           "bytes_to_destination bytes_to_source evidence").split()
SENDER, RELAY, COLLECTOR = "10.77.1.10", "10.77.1.11", "10.77.1.120"
TEXT = "%s %s (%s, born %s) of %s opened by %s/%s: %s %s" % (
    plants.FORENAME, plants.SURNAME, plants.NHS_NUMBER, plants.BORN_ISO, plants.POSTCODE, plants.USER, plants.PASSWORD,
    plants.FILE, plants.FREE_TEXT)
DATA = '[who@32473 user="%s" nhs="%s"]' % (plants.USER, plants.NHS_NUMBER)
AUDIT = ('<?xml version="1.0"?><AuditMessage><ActiveParticipant UserID="%s"/><ParticipantObjectIdentification '
         'ParticipantObjectID="%s" ParticipantObjectName="%s"/></AuditMessage>' % (plants.USER, plants.NHS_NUMBER, plants.SURNAME))
SYSLOG = ("syslog", "inf.monitoring", "protocol syslog ×%d")


def new(host, app, msgid="-", text=TEXT, process=plants.USER):
    return ("<86>1 2026-01-02T10:00:00.123Z %s %s %s %s %s \ufeff%s" % (host, app, process, msgid, DATA, text)).encode()


def old(host, text=TEXT, app="sshd[77]"):
    return ("<34>Oct 11 22:14:15 %s %s: %s" % (host, app, text)).encode()


class Case:
    def __init__(self):
        self.capture, self.rows = Capture(), {}

    def add(self, sender, transport, port, what, octets, messages=1, back=0):
        row = self.rows.setdefault((sender, transport, port) + what, [0, 0, 0])
        for i, n in enumerate((messages, octets, back)):
            row[i] += n

    def datagram(self, data, what=SYSLOG, sender=SENDER, port=514):
        self.capture.udp("%s:%d" % (sender, 40000), "%s:%d" % (COLLECTOR, port), data)
        self.add(sender, "udp", port, what, len(data))

    def write(self, name):
        self.capture.write(os.path.join(HERE, name + ".pcap"))
        with open(os.path.join(HERE, name + ".expect"), "w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            for (sender, transport, port, protocol, kind, shown), (messages, octets, back) in self.rows.items():
                writer.writerow([sender, COLLECTOR, "one_way", transport, port, protocol, kind, "high", "no", messages, octets,
                                 back, shown % messages])


c = Case()
for i in range(3):
    c.datagram(new("pas01", "zzapp"))
    c.datagram(old("pas01"))
c.datagram(old(plants.SURNAME, plants.FREE_TEXT, plants.FORENAME)[:-30])      # text where a host should be
c.datagram(("<189>72: Mar  3 19:57:17.371: %%LINK-5-CHANGED: %s" % TEXT).encode())
c.datagram(("<133>fw1: NetScreen device_id=%s" % TEXT).encode())
for host in ("ct01", "mr01.trust.example", "10.77.20.13"):                    # a relay
    c.datagram(new(host, "agent"), sender=RELAY)
c.write("udp")

c = Case()
ATNA = ("ATNA", "aud.trail", "syslog IHE+RFC-3881 ×%d")
for i in range(4):
    c.datagram(new("epr01", "EPR", "IHE+RFC-3881", AUDIT), ATNA)
c.datagram(new("epr01", "EPR"), SYSLOG)
c.datagram(old("ris01", AUDIT, "RIS"), ("ATNA", "aud.trail", "protocol ATNA ×%d"), sender=RELAY, port=5514)
c.write("audit")

c = Case()
for port, counted in ((601, True), (514, False)):
    t = c.capture.tcp("%s:40000" % SENDER, "%s:%d" % (COLLECTOR, port), mss=700)
    for text in (TEXT, TEXT * 20, "x" * 5000, TEXT):
        body = new("db01", "postgres", text=text)
        data = b"%d " % len(body) + body if counted else body + b"\n"
        t.client(data)
        c.add(SENDER, "tcp", port, SYSLOG, len(data))
    t.close()
c.write("tcp")

# joined in the middle, with a hole
c = Case()
t = c.capture.tcp("%s:40000" % SENDER, "%s:601" % COLLECTOR, syn=False, mss=700)
body = new("db01", "postgres", text="y" * 3000)
data = b"%d " % len(body) + body
t.client(data)
t.client(data[:700])
t.drop(1)
t.client(data[700:1400])
t.client(data[1400:])
t.client(data)
t.close()
c.add(SENDER, "tcp", 601, SYSLOG, 3 * len(data) - 700, 3)
c.write("middle")
